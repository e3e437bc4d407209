"""The name and the address of a person or company, taken apart into what can agree or conflict."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..text.folding import fold, split
from ..text.legal_forms import ANYWHERE, FIRST, LEGAL, SILENT, joined, shortened

_SHORT = {
    "intl": "international", "internat": "international", "internatl": "international", "natl": "national",
    "hldg": "holding", "hldgs": "holding", "hdgs": "holding", "holdings": "holding", "grp": "group", "gp": "group",
    "groupe": "group", "groep": "group", "gruppe": "group", "grupo": "group", "gruppo": "group", "svc": "services",
    "svcs": "services", "srvcs": "services", "srvs": "services", "mgmt": "management", "mgt": "management",
    "mgnt": "management", "mngt": "management", "assoc": "associates", "assocs": "associates", "bros": "brothers",
    "bk": "bank", "mfg": "manufacturing", "mfrs": "manufacturers", "engg": "engineering", "engrg": "engineering",
    "inds": "industries", "ind": "industries", "prods": "products", "invs": "investments", "invts": "investments",
    "ents": "enterprises", "ctr": "centre", "center": "centre", "dept": "department", "govt": "government",
    "univ": "university", "hosp": "hospital", "pharm": "pharmaceuticals", "pharms": "pharmaceuticals",
    "pharma": "pharmaceuticals", "tech": "technologies", "techs": "technologies", "technols": "technologies",
    "sys": "systems", "syst": "systems", "comm": "communications", "comms": "communications", "elec": "electric",
    "elect": "electric", "ins": "insurance", "fin": "financial", "finl": "financial", "props": "properties",
    "rlty": "realty", "constr": "construction", "const": "construction", "transp": "transport", "dist": "distribution",
    "distr": "distribution", "eqpt": "equipment", "equip": "equipment", "lab": "laboratories", "labs": "laboratories",
    "technology": "technologies", "res": "resources", "resource": "resources", "cia": "companhia", "genl": "general",
    "utd": "united", "amer": "american", "westn": "western", "soc": "societe", "ste": "societe",
}  # fmt: skip
"""What businesses shorten in their names, and words that neighbouring languages share."""
_BODIES = (
    (r"hm revenue (?:and|&) customs|(?:his|her) majestys revenue (?:and|&) customs", "hmrc"),
    (r"department for work (?:and|&) pensions", "dwp"),
    (r"london borough(?: of)?", "lb"),
    (r"royal borough(?: of)?", "rb"),
    (r"metropolitan borough(?: council)?(?: of)?", "mbc"),
)
_BODY = re.compile("|".join(rf"(\b(?:{pattern})(?![^\W_]))" for pattern, _ in _BODIES))
"""Authorities that are mostly written by their initials."""
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "sir",
        "dame",
        "rev",
        "herr",
        "frau",
        "mme",
        "mlle",
        "dhr",
        "mevr",
        "monsieur",
        "madame",
    ]
)
_TRADING = re.compile(
    r"\b(?:t/a|trading as|d[./]?b[./]?a\b\.?|doing business as|a[./]?k[./]?a\b\.?|formerly(?: known as)?)(?=\s|$)"
)
_CARE_OF = re.compile(r"\bc/o(?=\s)")
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]?")
_UNIT = re.compile(
    r"\b(?:unit|flat|apartment|apt|appt|appartement|suite|ste|shop|room|rm|studio|plot|bay|whg|wohnung|villa|lot|level|"
    r"units|top|apto|piso|int|interno)"
    r"(?:[ .:#]*(?:no[. ]*)?(?P<number>\d+[a-z]?)|[ .:#]+(?:no[. ]*)?(?P<letter>[a-z]\d*))(?![^\W_])"
)
_NUMBER = re.compile(r"^(\d+)[a-z]?$")
_WAYS = {
    "street": "st", "saint": "st", "road": "rd", "avenue": "ave", "av": "ave", "lane": "ln", "court": "ct",
    "boulevard": "blvd", "bd": "blvd", "bvd": "blvd", "square": "sq", "close": "cl", "drive": "dr", "place": "pl",
    "terrace": "tce", "ter": "tce", "crescent": "cr", "cres": "cr", "circuit": "cct", "parade": "pde",
    "highway": "hwy", "parkway": "pkwy", "strasse": "str", "straat": "str", "north": "n", "south": "s", "east": "e",
    "west": "w", "mount": "mt", "building": "bldg", "floor": "fl", "grove": "gr", "gardens": "gdns", "r": "rue",
    "plaza": "pl", "platz": "pl", "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
}  # fmt: skip
_DULL = frozenset(
    ["de", "la", "du", "des", "le", "les", "the", "of", "and", "et", "der", "die", "das", "van", "den", "no"]
)


class Party(NamedTuple):
    """`words` of the name, `other` those of a second name (trading name, brackets), legal form and unit; `given` is the
    first name, if this may be a person; `branch` are the words in brackets where these are all of `other`."""

    words: list[str]
    other: list[str]
    legal: str
    unit: str
    given: str
    branch: list[str]


class Address(NamedTuple):
    """`words` of street and building, `numbers` of the house (at most three), and the unit in it."""

    words: list[str]
    numbers: list[str]
    unit: str


def party(name: str) -> Party:
    """A name taken apart. What is left of "Mr John Smith" is "john smith", of "Oak Ltd t/a Elm" "oak" and "elm"."""
    plain = _BODY.sub(lambda body: f" {_BODIES[(body.lastindex or 1) - 1][1]} ", shortened(fold(name)))
    unit, other, bracketed = "", "", False
    found = _UNIT.search(plain)
    if found and found.start():
        unit = found["number"] or found["letter"]
        plain = plain[: found.start()] + " " + plain[found.end() :]
    care = _CARE_OF.search(plain)
    if care and care.start():
        plain = plain[: care.start()]
    trading = _TRADING.search(plain)
    if trading and trading.start() and plain[trading.end() :].strip():
        plain, other = plain[: trading.start()], plain[trading.end() :]
    if "(" in plain or "[" in plain:
        inside = " ".join(_BRACKET.findall(plain))
        outside = _BRACKET.sub(" ", plain)
        if split(outside):
            bracketed = not other
            plain, other = outside, other or inside
    words, legal = _without_form(split(plain))
    second, second_legal = _without_form(split(other)) if other else ([], "")
    legal = legal or second_legal
    return Party(
        words, second, legal, unit, "" if legal or other else _given(plain, words), second if bracketed else []
    )


def _given(plain: str, words: list[str]) -> str:
    """The first word, or the first after a comma, unless it is but an initial."""
    after = [word for word in split(plain.partition(",")[2]) if word in words]
    first = (after or words or [""])[0]
    return first if len(words) > 1 and len(first) > 2 else ""


def _without_form(words: list[str]) -> tuple[list[str], str]:
    if 1 in map(len, words):
        words = joined(words)
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    legal = ""
    end = len(words)
    while end > 1 and (words[end - 1] in LEGAL or words[end - 1] in SILENT):
        legal = LEGAL.get(words[end - 1], "") or legal
        end -= 1
    left = [words[0], *(word for word in words[1:end] if word not in ANYWHERE)] if end else []
    if len(left) > 1 and left[0] in FIRST:
        legal = legal or LEGAL[left[0]]
        left = left[1:]
    if not legal and len(left) < end:
        legal = next((LEGAL[word] for word in words[1:end] if word in ANYWHERE), "")
    if len(left) > 1 and left[0] == "the":
        left = left[1:]
    kept = [_SHORT.get(word, word) for word in left if word != "and"]
    return kept or left, legal


def address(*lines: str) -> Address:
    """A street address taken apart."""
    plain = fold(" , ".join(line for line in lines if line))
    if not plain:
        return Address([], [], "")
    unit = ""
    found = _UNIT.search(plain)
    if found:
        unit = found["number"] or found["letter"]
        plain = plain[: found.start()] + " " + plain[found.end() :]
    words: list[str] = []
    numbers: list[str] = []
    for word in split(plain):
        if number := _NUMBER.match(word):
            numbers.append(number[1])
            continue
        word = _WAYS.get(word, word)
        if word.endswith(("strasse", "straat")):
            word = word.removesuffix("asse").removesuffix("aat")
        if word not in _DULL:
            words.append(word)
    return Address(words, numbers[:3], unit)
