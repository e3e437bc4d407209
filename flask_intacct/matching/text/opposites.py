"""Words that turn a name into its opposite: such names look much alike, and are never the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
_GIVEN = """
christopher christian kristian | christine christina kristina kirsten
oliver | olivia
daniel | danielle daniela daniella
paul | paula pauline
louis lewis luis | louise louisa luisa
francis francisco franz franck | frances francesca franziska
simon | simone simona
martin | martina martine
gabriel | gabrielle gabriela gabriella
alexander alexandre alejandro aleksandr | alexandra alexandria alejandra aleksandra
andrew andreas andre andrei | andrea
michael michel miguel | michelle michaela
patrick patricio | patricia
george georg jorge giorgio | georgina georgia georgiana
joseph josef jose | josephine josefine josefa
stephen steven stefan stephan stephane | stephanie stefanie stefania
robert roberto | roberta
eric erik | erica erika
carl karl carlo carlos | carla karla
jean | jeanne jeannette
john johann johan juan | joan johanna joanna juana jane
adrian adriano | adriana adrienne
julian julius julien giulio julio | juliana julia julie juliette giulia
mario | maria marie
anthony antonio anton antoine | antonia antoinette
nicholas nicolas nikolas | nicole nicola
philip phillip philippe felipe | philippa
victor viktor | victoria viktoria
henry henri | henrietta
charles | charlotte charlene
claudio claudius | claudia claudine
emil | emily emilia emilie
frederick friedrich frederic | frederica friederike
gerald gerard | geraldine
harry | harriet
jack jacques | jacqueline
justin | justine justina
leon leonard | leona leonie
lucas lukas luke | lucy lucia lucie
manuel | manuela
marcel | marcella marcelle
max maximilian | maxine
norman | norma
pascal | pascale
peter pedro pierre | petra
rene | renee
samuel | samantha
theodore | theodora
valentin | valentina
william wilhelm | wilhelmina wilma
yves | yvette yvonne
ivan | ivana
amin | amina
karim | karima
samir | samira
amir | amira
aziz | aziza
nabil | nabila
rashid | rashida
khalid | khalida
farid | farida
malik | malika
salim | salima
hassan hasan | hussain hussein husain
"""
"""Given names that look alike, of people who often live at one address."""


def _poles(axes: str) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for axis, line in enumerate(axes.replace("\n   ", "").split("\n")):
        for pole, group in enumerate(line.split("|")):
            for word in group.split():
                found.setdefault(word, []).append((axis, pole))
    return found


_POLES, _NAMES = _poles(_AXES), _poles(_GIVEN)
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
    turned = [(word, root) for word in sorted(one - two) for root in _roots(word, two) if root in two - one]
    turned += [(root, word) for word in sorted(two - one) for root in _roots(word, one) if root in one - two]
    if turned:
        return turned[0]
    denied = _denied(ours, two), _denied(theirs, one)
    return _apart(_POLES, one, two) or (denied if any(denied) else None)


def given_names(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, str] | None:
    """Two given names that look alike and are not, in the words of two names."""
    return _apart(_NAMES, frozenset(ours), frozenset(theirs))


def _apart(
    poles: Mapping[str, list[tuple[int, int]]], one: frozenset[str], two: frozenset[str]
) -> tuple[str, str] | None:
    mine, other = (sorted(word for word in words if word in poles) for words in (one - two, two - one))
    for word in mine:
        for rival in other:
            for axis, pole in poles[word]:
                for beside, away in poles[rival]:
                    if axis == beside and pole != away and not _both(poles, axis, one, two):
                        return word, rival
    return None


def trade(ours: str, theirs: str) -> list[str]:
    """What only one of two names of taxes says of where goods go or who owes: "eu", "import", "export", "reverse"."""
    one, two = ({CONCEPT.get(word, "") for word in _told(name)} & _WHERE for name in (ours, theirs))
    return sorted(found[1:] for found in one ^ two)


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
    return next((word for word, next_ in pairwise(words) if word in _NOT and len(word) > 1 and next_ in other), "")


def _roots(word: str, other: frozenset[str]) -> list[str]:
    """What a word may deny: "insured" of "uninsured"; not where the other name denies it in a word: "non-profit"."""
    if not other.isdisjoint(_NOT):
        return []
    roots = [word[len(head) :] for head in _DENYING if word.startswith(head)]
    return [root for root in roots if len(root) >= _LEAST]


def _both(poles: Mapping[str, list[tuple[int, int]]], axis: int, one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether the names have a pole of an axis in common, so that it doesn't set them apart."""
    first, second = ({at for word in words for at in poles.get(word, ()) if at[0] == axis} for words in (one, two))
    return bool(first & second)
