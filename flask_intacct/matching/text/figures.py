"""The figures of a name: what tells "Block D" from "Block E", and "Flat 12, 3 High St" from "Flat 3, 12 High St"."""

from __future__ import annotations

import re
from typing import NamedTuple

from .lexicon import STOP

_FIGURE = re.compile(r"\d+(?:[.,]\d+)?(?:[a-h](?![^\W_]))?")
"""With a letter as houses and paragraphs have it; later ones are mostly units: "1j" is a year."""
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
ROMAN = frozenset(["i", "v", *_ROMAN])
_COUNT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
COUNTED = {word: str(at) for at, word in enumerate(_COUNT, 1)}
_UNITS = "unit flat apartment apt appt suite shop room studio plot bay whg wohnung garage"
_BLOCKS = "block blk phase stage floor level wing tower building bldg haus schedule sch stair core gate house"
_NUMBERED = {word: word for word in _BLOCKS.split()} | dict.fromkeys(_UNITS.split(), "unit")
_NUMBERED |= {"blk": "block", "bldg": "building", "sch": "schedule", "garage": "garage"}
_BOUND = re.compile(
    rf"\b({'|'.join(_NUMBERED)})(?:[ .:#]*(?:no\b[. ]*)?(\d+[a-z]?)|[ .:#]+([a-z]|{'|'.join(_ROMAN)}))(?![^\W_]|[.,]\d)"
)
_BEFORE = re.compile(r"(?:^|[-–—,:(] ?)([a-z])[ -](block|wing|core|tower)(?![^\W_])")
_LAST = re.compile(r"[\s\-–—]([a-z])(?=\s*(?:$|[-–—,;:()\[\]/]))")


class Figures(NamedTuple):
    """`rest` is the text without its figures; `found` are all of them, `bound` those that say what they number."""

    rest: str
    found: set[str]
    bound: set[str]


def figures(plain: str) -> Figures:
    """Take the figures out of a folded name: numbers with a letter after them, and single letters that number."""
    found: set[str] = set()
    bound: set[str] = set()

    def named(match: re.Match[str]) -> str:
        figure = plain_figure(match[2]) if match[2] else _ROMAN.get(match[3], match[3].replace("i", "1"))
        found.add(figure)
        bound.add(f"{_NUMBERED[match[1]]} {figure}")
        return f"{match[1]} "

    rest = _BOUND.sub(named, plain)
    for match in _BEFORE.finditer(rest):
        found.add(match[1])
        bound.add(f"{match[2]} {match[1]}")
    found.update(match[1] for match in _LAST.finditer(rest) if match[1] in STOP)
    found.update(plain_figure(figure) for figure in _FIGURE.findall(rest))
    return Figures(_FIGURE.sub(" ", rest), found, bound)


def numeral(word: str) -> str:
    """A Roman numeral of several letters or a numeral in letters as a number, any other word as it is."""
    return _ROMAN.get(word) or COUNTED.get(word, word)


def plain_figure(figure: str) -> str:
    """A figure without noughts that say nothing: "007" is "7", "5,50" is "5.5"."""
    whole, _, part = figure.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return f"{whole.lstrip('0') or '0'}{'.' if part else ''}{part}"
