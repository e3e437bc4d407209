"""The name of an account, a tax type or a tracking value, taken apart into words and figures."""

from __future__ import annotations

import re
from typing import NamedTuple

from .folding import fold, split

_FIGURE = re.compile(r"\d+(?:[.,]\d+)?")
_ROMAN = re.compile(r"^(?:i{1,3}|iv|v|vi{1,3}|ix)$")
_STOP = frozenset(
    [
        "and",
        "und",
        "et",
        "en",
        "och",
        "y",
        "e",
        "og",
        "the",
        "of",
        "de",
        "der",
        "die",
        "das",
        "des",
        "du",
        "den",
        "le",
        "la",
        "les",
        "l",
        "d",
        "a",
        "an",
        "for",
        "fur",
        "pour",
        "til",
        "av",
        "van",
        "zu",
        "zum",
        "zur",
        "in",
        "im",
        "aux",
        "au",
        "sur",
        "os",
        "da",
        "do",
        "dei",
        "della",
        "di",
        "il",
        "el",
        "los",
        "las",
        "por",
        "para",
        "con",
        "com",
        "med",
        "till",
        "vid",
    ]
)
_PART = re.compile(r"\s[-–—]+\s|[:>|]\s*|\s/\s")
_BRACKET = re.compile(r"[(\[][^()\[\]]*[)\]]?")

_CONCEPTS = {
    "eu": "eu ue eg intracommunautaire intracommunautaires intracom intracomm intra intracommunity intracomunitario "
    "intracomunitaria intracomunitarias intracomunitarios intracomunitari intracommunautair innergemeinschaftlich "
    "innergemeinschaftliche innergemeinschaftlicher innergem unionsinterne intraeu wewnatrzwspolnotowe ec cee",
    "import": "import imports importation importations einfuhr invoer importacion importaciones importazione "
    "importacao",
    "export": "export exports exportation exportations ausfuhr uitvoer exportacion exportaciones esportazione "
    "exportacao extracommunautaire extracomunitario extracom extra drittland",
    "purchase": "purchase purchases achat achats inkoop inkopen einkauf compra compras acquisto acquisti acquisition "
    "acquisitions input vorsteuer soportado soportados deductible deduct ded deductibles deducible credito erwerb",
    "sale": "sale sales vente ventes verkoop verkopen verkauf venta ventas vendita vendite output umsatzsteuer "
    "repercutido collectee coll collected collecte debito omzet leistung",
    "service": "service services prestation prestations dienst diensten dienstleistung dienstleistungen servicio "
    "servicios servizio servizi servicos servico s",
    "goods": "goods good bien biens marchandise marchandises goederen ware waren bienes beni bens m g",
    "capital": "capital investissement investissements investering investeringen immobilisation immobilisations immo "
    "immob investition inversion anlagen anlagevermogen investment investments bi",
    "reverse": "reverse verlegd verlegging autoliquidation isp inversion reversecharge rc cocontractant "
    "medecontractant",
    "exempt": "exempt exemption exonere exoneree exoneres exento exenta exenti esente esenti steuerfrei steuerfreie "
    "vrijgesteld isento isenta franchise",
    "reduced": "reduced reduit reduite reducido ermassigt ermassigter laag verlaagd ridotta reduzida intermediaire",
    "standard": "standard normal normale hoog regelsatz general ordinaria",
    "cost": "frais cost costs kosten spese gastos",
    "tax": "tva vat btw iva mwst ust tax taxe steuer moms imposta impuesto",
}
_CONCEPT = {word: f"={concept}" for concept, words in _CONCEPTS.items() for word in words.split()}

_QUALIFIERS = {
    "other": "other others divers diverse autre autres sonstige sonstiges sonstiger sonst ubrige ovriga ovrigt ovr "
    "andra annan overige andere altri altre altro otros otras otro outros outras div misc miscellaneous varios varie",
    "not": "not non no nicht ej icke inte kein keine ohne sans without sin senza utan niet hors un ohn ausser",
    "short": "short court courts kurzfristig kurzfristige kortfristig kortfristiga kortfr kort korte corto curto breve",
    "long": "long longs lang langfristig langfristige langfristiga langfr lange largo longo lungo noncurrent",
    "depreciation": "accumulated depreciation amortization amortissement amortissements amort abschreibung "
    "abschreibungen afschrijving afschrijvingen avskrivning avskrivningar avskr nedskrivningar nedskr depreciations "
    "deprec ammortamento amortizacion amortizacao amortizaciones",
    "provision": "provision provisions prov ruckstellung ruckstellungen avsattning voorziening accantonamento",
    "change": "change variation variations bestandsveranderung forandring forandringar mutatie variazione variacion",
    "income": "income revenue revenues produit produits ertrag ertrage erlose erlos intakt intakter ricavi ingresos "
    "baten opbrengst opbrengsten",
    "expense": "expense expenses charge charges aufwand aufwendungen kostnad kostnader costi gastos lasten kosten cout",
    "loss": "loss losses perte pertes verlust verluste forlust forluster perdita perdite perdidas verlies",
    "gain": "gain gains gewinn vinst vinster plusvalue plusvalues utile winst ganancia",
}
_QUALIFIER = {word: 1 << bit for bit, group in enumerate(_QUALIFIERS.values()) for word in group.split()}


def qualifiers(words: list[str]) -> int:
    """Which words that turn the meaning of a name are in it, as bits: other, not, short or long term, provision."""
    found = 0
    for word in words:
        found |= _QUALIFIER.get(word, 0)
    return found


class Title(NamedTuple):
    """`words`, of which the first `main` stand outside brackets, the sorted `figures` that must not conflict, and the
    words of the last part (`tail`) of a name like "Repairs - Roof" or "Repairs: Roof"."""

    words: list[str]
    main: int
    figures: tuple[str, ...]
    tail: list[str]


def title(name: str) -> Title:
    """The name of an account or a tracking value."""
    return _title(name, {})


def tax_title(name: str) -> Title:
    """The name of a tax type; words of the trade mean the same in several languages."""
    return _title(name, _CONCEPT)


def _title(name: str, meaning: dict[str, str]) -> Title:
    plain = fold(name)
    brackets = " ".join(_BRACKET.findall(plain))
    outside = _BRACKET.sub(" ", plain) if brackets else plain
    figures: set[str] = set()
    main = _words(outside, meaning, figures)
    tail = _words(_PART.split(outside)[-1], meaning, set())
    return Title(main + _words(brackets, meaning, figures), len(main), tuple(sorted(figures)), tail or main)


def _words(plain: str, meaning: dict[str, str], figures: set[str]) -> list[str]:
    found = _FIGURE.findall(plain)
    if found:
        figures.update(_plain(figure) for figure in found)
        plain = _FIGURE.sub(" ", plain)
    words = split(plain)
    figures.update(
        word for word in words if (len(word) == 1 or _ROMAN.match(word)) and word not in _STOP and word not in meaning
    )
    kept = [word for word in words if word not in _STOP and not _ROMAN.match(word)]
    return [meaning.get(word, word) for word in kept or words]


def _plain(figure: str) -> str:
    whole, _, part = figure.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return f"{whole.lstrip('0') or '0'}{'.' if part else ''}{part}"
