"""The name of an account, a tax type or a tracking value, taken apart into words and figures."""

from __future__ import annotations

import re
from typing import NamedTuple

from .folding import LONGEST, fold, split
from .lexicon import CONCEPT, CUT_LETTERS, QUALIFIER, SHORT, STOP

_FIGURE = re.compile(r"\d+(?:[.,]\d+)?")
_ROMAN = re.compile(r"^(?:i{1,3}|iv|v|vi{1,3}|ix)$")
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
    return _title(name, CONCEPT)


def _title(name: str, meaning: dict[str, str]) -> Title:
    plain = fold(_ELISION.sub("", _ACRONYM.sub(_joined, name[:LONGEST])))
    plain = _CUT_LETTER.sub(lambda found: f" {CUT_LETTERS.get(found[1], '')} ", plain)
    if not meaning:
        plain = _SHORT.sub(lambda found: SHORT[found[0]], plain)
    brackets = " ".join(_BRACKET.findall(plain))
    outside = _BRACKET.sub(" ", plain) if brackets else plain
    figures: set[str] = set()
    main = _words(outside, meaning, figures)
    tail = _words(PART.split(outside)[-1], meaning, set())
    return Title(main + _words(brackets, meaning, figures), len(main), tuple(sorted(figures)), tail or main)


def _words(plain: str, meaning: dict[str, str], figures: set[str]) -> list[str]:
    found = _FIGURE.findall(plain)
    if found:
        figures.update(_plain(figure) for figure in found)
        plain = _FIGURE.sub(" ", plain)
    words = split(plain)
    figures.update(
        word for word in words if (len(word) == 1 or _ROMAN.match(word)) and word not in STOP and word not in meaning
    )
    kept = [word for word in words if word not in STOP and not _ROMAN.match(word)]
    return [meaning.get(word, word) for word in kept or words]


def _joined(found: re.Match[str]) -> str:
    """ "T.V.A." as "TVA"."""
    return found[0].replace(".", "")


def _plain(figure: str) -> str:
    whole, _, part = figure.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return f"{whole.lstrip('0') or '0'}{'.' if part else ''}{part}"
