"""Text as it is compared: small letters without accents, cut to a length that bounds all later work."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 240
"""Characters looked at of any one field."""

_LETTERS = str.maketrans(
    dict.fromkeys(range(0x300, 0x370))
    | {ord("æ"): "ae", ord("œ"): "oe", ord("ø"): "o", ord("ł"): "l", ord("đ"): "d", ord("ð"): "d", ord("þ"): "th"}
    | {ord("ı"): "i", ord("ə"): "a", ord("ħ"): "h", ord("ŧ"): "t"}
    | dict.fromkeys(map(ord, "'`´’‘ʻʼʹ"))
)
_APOSTROPHES = str.maketrans(dict.fromkeys(map(ord, "'`")))
_ENDINGS = ("ungen", "en", "er", "ar", "or", "es", "e", "s", "x", "n", "a", "i", "o")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """`text` without case, accents and apostrophes; other signs stay."""
    text = text[:LONGEST]
    if text.isascii():
        return text.lower().translate(_APOSTROPHES)
    return unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)[: 2 * LONGEST]


def split(folded: str) -> list[str]:
    """The words of a folded text: runs of letters and digits."""
    return _WORD.findall(folded)


def stem(word: str) -> str:
    """A word without the endings of number and gender, in the manner of most European languages: "services" and
    "service", "fordringar" and "fordring" have one stem."""
    if len(word) > 4 and word[-1] == "y":
        word = f"{word[:-1]}i"
    while len(word) > 4:
        ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= 4), "")
        if not ending:
            break
        word = word[: -len(ending)] + ("ung" if ending == "ungen" else "")
    return word
