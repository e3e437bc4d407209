"""Words that turn a name into its opposite: such names look much alike, and are never the same."""

from __future__ import annotations

from itertools import pairwise

from .folding import split
from .lexicon import CONCEPT

_AXES = """
from by | to
receivable receivables debtor debtors forderung forderungen creance creances | payable payables creditor
    creditors verbindlichkeit verbindlichkeiten dette dettes
received receipt receipts erhaltene recu recus ontvangen erhallna | receivable receivables
paid betaald betalda | payable payables
received receipt receipts erhaltene recu recus ontvangen erhallna | paid payment payments geleistete verse
    verses betaald betalda
income revenue revenues produit produits ertrag ertrage intakter opbrengst opbrengsten ingresos ricavi |
    expense expenses cost costs charge charges aufwand aufwendungen kostnader kosten gastos costi
sale sales vente ventes verkauf verkoop verkopen venta ventas vendite | purchase purchases achat achats
    einkauf inkoop inkopen compra compras acquisti
input | output
profit profits gain gains gewinn gewinne vinst plusvalue | loss losses verlust verluste forlust perte pertes
opening | closing
within before under below less < bis moins inside | after over above more exceeding > uber mehr grosser plus
    outside
short kurzfristig kurzfristige court kortfristig kortfristiga | long langfristig langfristige langfristiga
debit | credit
asset assets actif | liability liabilities passif
cost costs | depreciation amortisation amortization
north northern | south southern | east eastern | west western
upper | lower | ground | basement
first 1st | second 2nd | third 3rd | fourth 4th | fifth 5th
left | right
front | rear back
residential | commercial
tenant tenants | landlord landlords owner owners | contractor contractors
employer employers | employee employees
goods waren biens bienes beni goederen | service services dienstleistung dienstleistungen prestations
    servicios servizi diensten
gbp sterling | eur euro euros | usd dollar dollars | chf | sek | nok | dkk
monthly | quarterly | annual annually yearly
january | february | march | april | may | june | july | august | september | october | november | december
advance | arrears
taxable | exempt
freehold | leasehold
fixed | variable
gross brutto brut | net netto
surplus | deficit
"""
"""One per line, further lines of it indented; each names what excludes each other."""
_POLES: dict[str, list[tuple[int, int]]] = {}
for _axis, _line in enumerate(_AXES.replace("\n   ", "").split("\n")):
    for _pole, _group in enumerate(_line.split("|")):
        for _word in _group.split():
            _POLES.setdefault(_word, []).append((_axis, _pole))
_NOT = frozenset({
    "not", "non", "nicht", "kein", "keine", "ohne", "ej", "icke", "inte", "niet", "sans", "sin", "senza", "utan",
    "without", "n", "o",
})  # fmt: skip
"""With the letters they are cut to in charts of accounts."""
_DENYING = ("un", "in", "im", "ir", "il", "non", "dis", "nicht")
_LEAST = 5
"""Letters of a word that a syllable may turn round: "insured", "direct"."""
_WHERE = frozenset(["=eu", "=import", "=export", "=reverse"])


def opposites(ours: str, theirs: str) -> tuple[str, str] | None:
    """The first two words by which two folded names say the opposite of each other ("" for none on one side)."""
    one, two = _words(ours), _words(theirs)
    mine, other = sorted(one - two), sorted(two - one)
    for word in mine:
        for rival in other:
            if _denies(word, rival) or _denies(rival, word):
                return word, rival
            if any(
                axis == beside and pole != away and not _both(axis, one, two)
                for axis, pole in _POLES.get(word, ())
                for beside, away in _POLES.get(rival, ())
            ):
                return word, rival
    denied = _denied(ours, two), _denied(theirs, one)
    return denied if any(denied) else None


def trade(ours: str, theirs: str) -> str:
    """What only one of two names of taxes says of where goods go or who owes: "eu", "import", "export", "reverse"."""
    one, two = ({CONCEPT.get(word, "") for word in _told(name)} & _WHERE for name in (ours, theirs))
    return ", ".join(sorted(found[1:] for found in one ^ two))


def _told(folded: str) -> frozenset[str]:
    words = _words(folded)
    # "Inversión del sujeto pasivo" is reverse charge, "bienes de inversión" are capital goods.
    return words if "sujeto" in words else words - {"inversion"}


def _words(folded: str) -> frozenset[str]:
    return frozenset([*split(folded), *(sign for sign in "<>" if sign in folded)])


def _denied(folded: str, other: frozenset[str]) -> str:
    """The word by which a name denies what the other says: "non" of "non-taxable" and "taxable"."""
    if not other.isdisjoint(_NOT):
        return ""
    words = split(folded)
    return next((word for word, next_ in pairwise(words) if word in _NOT and next_ in other), "")


def _denies(word: str, other: str) -> bool:
    return len(other) >= _LEAST and word.endswith(other) and word[: -len(other)] in _DENYING


def _both(axis: int, one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether the names have a pole of an axis in common, so that it doesn't set them apart."""
    first, second = ({at for word in words for at in _POLES.get(word, ()) if at[0] == axis} for words in (one, two))
    return bool(first & second)
