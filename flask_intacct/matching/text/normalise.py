"""What stays of a name, a number or an address when the way of writing it is taken away. "" means: says nothing."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_LONGEST = 300
"""No more of a name, an address or a number is looked at, so that work stays bounded."""

_SIGNS = re.compile("[^a-z0-9]+")

_DIGITS = 20
"""More digits than any rate has."""

_LEGAL = frozenset({
    "ltd", "limited", "plc", "llp", "lp", "llc", "inc", "incorporated", "corp", "corporation", "co", "company", "cic",
    "cio", "gmbh", "ag", "kg", "sa", "sarl", "sas", "bv", "nv", "ab", "as", "oy", "srl", "spa", "sl", "pty", "pte",
    "unltd", "unlimited",
})  # fmt: skip
_SHORT = {
    "limited": "ltd",
    "incorporated": "inc",
    "corporation": "corp",
    "co": "company",
    "unlimited": "unltd",
}
_SPLIT_LEGAL = re.compile(r"\b(?:l\.?\s?t\.?\s?d|p\.?\s?l\.?\s?c|l\.?\s?l\.?\s?p|l\.?\s?p)\b\.?", re.IGNORECASE)
_TAX_PREFIX = re.compile(r"^(?:VATREGISTRATION|VATREG|VAT|TAX)?(?:NUMBER|NO)?(?:GB|XI)?(?=\d)")
_NO_NUMBER = re.compile(r"^(.)\1*$")
_NUMBERS = re.compile(r"[;,/|&]|\bor\b", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:ext(?:ension)?|x|#)[ .:]*\d{1,6}\D*$", re.IGNORECASE)
_NO_DIGITS = re.compile(r"[^0-9]+")
_CALLING = re.compile(r"[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3}")
"""Country calling codes (ITU-T E.164): of one digit, of two, and all others of three."""
_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_UNIT = re.compile(r"\b(?:unit|flat|apartment|apt|suite|shop|room|studio|plot|bay) (?:no )?(\w*\d\w*|[a-z])\b")
_COUNTRIES = {
    spelling: spellings.split(", ")[0]
    for spellings in (
        "united kingdom, uk, gb, gbr, great britain, england, scotland, wales, northern ireland",
        "ireland, ie, irl, eire, republic of ireland",
        "united states, us, usa, united states of america",
        "canada, ca, can",
        "australia, au, aus",
        "new zealand, nz, nzl",
        "south africa, za, zaf",
        "france, fr, fra",
        "germany, de, deu, deutschland",
        "austria, at, aut, osterreich",
        "switzerland, ch, che, schweiz, suisse, svizzera",
        "netherlands, nl, nld, nederland, the netherlands, holland",
        "belgium, be, bel, belgie, belgique",
        "luxembourg, lu, lux, luxemburg",
        "spain, es, esp, espana",
        "italy, it, ita, italia",
    )
    for spelling in spellings.split(", ")
}
_TREATMENTS = (
    ("reverse charge", ("reverse charge", "reverse charged", "domestic reverse", "drc")),
    ("exempt", ("exempt", "exemption", "exempted")),
    (
        "outside the scope",
        ("outside", "out of scope", "not in scope", "no vat", "no tax", "non vat", "non taxable", "not vatable"),
    ),
    ("zero-rated", ("zero", "zero rated", "nil rated", "0 rated")),
)


def words(text: str) -> str:
    """Letters and digits in small words: case, accents, punctuation and "&" are gone."""
    plain = text[:_LONGEST]
    if plain.isascii():  # the same, at a fraction of the time
        return " ".join(_SIGNS.sub(" ", plain.lower().replace("&", " and ").replace("'", "")).split())
    plain = unicodedata.normalize("NFKD", plain).casefold()
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    plain = plain.replace("&", " and ").replace("'", "").replace("’", "")
    return " ".join("".join(mark if mark.isalnum() else " " for mark in plain).split())


def party(name: str) -> str:
    """The name of a person or company without its legal form and a leading "the"."""
    left = _joined(name)
    while len(left) > 1 and (left[-1] in _LEGAL or left[-1] == "and"):
        left.pop()
    if len(left) > 1 and left[0] == "the":
        left = left[1:]
    return " ".join(left)


def legal_form(name: str) -> str:
    """The legal form at the end of a name in its short form: "Oak Ltd" and "Oak LLP" are two parties."""
    last = _joined(name)[-1:]
    return _SHORT.get(last[0], last[0]) if last and last[0] in _LEGAL else ""


def _joined(name: str) -> list[str]:
    """The words of a name, legal forms written with dots put together."""
    together = _SPLIT_LEGAL.sub(lambda found: "".join(filter(str.isalpha, found[0])), name[:_LONGEST])
    return words(together).split()


def category(name: str) -> str:
    """The name of a tracking category or dimension, in the singular."""
    plain = words(name)
    if plain.endswith("ies"):
        return plain[:-3] + "y"
    if plain.endswith(("sses", "xes")):
        return plain[:-2]
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


def code(text: str) -> str:
    """A code without case; parts may be set apart by any sign."""
    return words(text)


def email(text: str) -> str:
    """An e-mail address in small letters."""
    found = _MAIL.search(text[:_LONGEST].casefold())
    return found[0].removeprefix("mailto:").strip(".,;") if found else ""


def tax_number(text: str) -> str:
    """A VAT number: letters and digits, without the British prefix; other countries keep theirs."""
    plain = "".join(mark for mark in text[:_LONGEST].upper() if mark.isascii() and mark.isalnum())
    plain = _TAX_PREFIX.sub("", plain)
    if len(plain) < 5 or not any(mark.isdigit() for mark in plain) or _NO_NUMBER.match(plain):
        return ""
    return plain


def postcode(text: str) -> str:
    """A postcode without blanks."""
    return words(text).replace(" ", "")


def country(text: str) -> str:
    """A country by one name, however it is spelt. A code that is not known to stand for a name says nothing: one side
    may write "PT", the other "Portugal"."""
    plain = words(text)
    return _COUNTRIES.get(plain, plain if len(plain) > 3 else "")


def phone(text: str) -> str:
    """A telephone number as it is dialled within its country, at most its last nine digits: "+44 (0)20 7946 0018" and
    "020 7946 0018" are one. Of several numbers the first counts; one of less than seven digits says nothing."""
    first = ""
    for part in _NUMBERS.split(text[:_LONGEST]):
        first += part  # "02/123 45 67" is one number, "0161 496 0000 / 07700 900000" are two
        if len(_digits(first)) >= 7:
            break
    digits = _digits(_EXTENSION.sub("", first))
    if first.strip(" (").startswith("+") or digits.startswith("00"):
        digits = _CALLING.sub("", digits.lstrip("0"), count=1)
    elif len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]  # as North America writes its long-distance prefix
    digits = digits.lstrip("0")[-9:]
    return digits if len(digits) >= 7 else ""


def _digits(text: str) -> str:
    return _NO_DIGITS.sub("", text)


def unit(*texts: str) -> str:
    """The unit or flat that a name or an address speaks of: one tenant may be there once per unit."""
    found = _UNIT.search(words(" ".join(text[:_LONGEST] for text in texts)))
    return found[1] if found else ""


def rate(value: Decimal | None) -> str:
    """A rate in per cent, without noughts at its end; what is no number, or none of a tax, says nothing."""
    if value is None or not value.is_finite() or (value and abs(value.adjusted()) >= _DIGITS):
        return ""
    return format((value + 0).normalize(), "f") if value else "0"


def document_number(text: str) -> str:
    """A document number or reference without case, blanks and separators."""
    return words(text).replace(" ", "")


def treatment(*texts: str) -> str:
    """Why a tax is 0 %, or who owes it, where the name says so; at 0 % these are different taxes."""
    said = f" {' '.join(words(text[:_LONGEST]) for text in texts)} "
    for name, signs in _TREATMENTS:
        if any(f" {sign} " in said for sign in signs):
            return name
    return ""
