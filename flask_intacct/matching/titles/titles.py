"""The name of an account, a tax type or a tracking value, taken apart into words and figures."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..text.figures import COUNTED, ROMAN, figures, numeral
from ..text.folding import LONGEST, fold, split
from ..text.lexicon import CONCEPT, CUT_LETTERS, PLACES, QUALIFIER, SHORT, STOP

PART = re.compile(r"\s[-–—]+\s|[:>|]\s*|\s/\s")
_BRACKET = re.compile(r"[(\[][^()\[\]]*[)\]]?")
_ACRONYM = re.compile(r"\b(?:[^\W\d_a-zß-ÿ]\.){2,}")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|un|all|dall|dell|nell|sull)['’‘ʼ´`](?=\w)", re.IGNORECASE)
_CUT_LETTER = re.compile(r"(?<=[\w.,/ ])\b([a-z])\.(?=[\w§])")
_SHORT = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, sorted(SHORT, key=len, reverse=True)))})(?![\w])")


def qualifiers(words: list[str]) -> int:
    """Which words that turn the meaning of a name are in it, as bits: other, not, short or long term, provision."""
    found = 0
    for word in words:
        found |= QUALIFIER.get(word, 0)
    return found


class Title(NamedTuple):
    """`words`, of which the first `main` stand outside brackets, the sorted `figures` that must not conflict (`bound`:
    with what they number), and the words of the last part (`tail`) of a name like "Repairs - Roof" or "Repairs: Roof".
    """

    words: list[str]
    main: int
    figures: tuple[str, ...]
    bound: tuple[str, ...]
    tail: list[str]


def title(name: str) -> Title:
    """The name of an account."""
    return _title(name, {})


def place_title(name: str) -> Title:
    """The name of a tracking value, often a building: "12 Acacia Ave" and "Acacia Avenue 12" are one."""
    return _title(name, PLACES)


def tax_title(name: str) -> Title:
    """The name of a tax type; words of the trade mean the same in several languages."""
    return _title(name, CONCEPT)


def _title(name: str, meaning: dict[str, str]) -> Title:
    plain = fold(_ELISION.sub("", _ACRONYM.sub(_joined, name[:LONGEST])))
    plain = _CUT_LETTER.sub(lambda found: f" {CUT_LETTERS.get(found[1], '')} ", plain)
    if meaning is not CONCEPT:
        plain = _SHORT.sub(lambda found: SHORT[found[0]], plain)
    brackets = " ".join(_BRACKET.findall(plain))
    outside = _BRACKET.sub(" ", plain) if brackets else plain
    found: set[str] = set()
    bound: set[str] = set()
    main = _words(outside, meaning, found, bound)
    tail = _words(PART.split(outside)[-1], meaning, set(), set())
    words = main + _words(brackets, meaning, found, bound)
    return Title(words, len(main), tuple(sorted(found)), tuple(sorted(bound)), tail or main)


def _words(plain: str, meaning: dict[str, str], found: set[str], bound: set[str]) -> list[str]:
    rest, numbers, named = figures(plain)
    found |= numbers
    bound |= named
    words = split(rest)
    found.update(
        numeral(word)
        for word in words
        if (len(word) == 1 or word in ROMAN or word in COUNTED) and word not in STOP and word not in meaning
    )
    kept = [word for word in words if word not in STOP and word not in ROMAN and word not in COUNTED]
    return [meaning.get(word, word) for word in kept or words]


def _joined(found: re.Match[str]) -> str:
    """ "T.V.A." as "TVA"."""
    return found[0].replace(".", "")
