"""Accounts named within those above them: "Industrial buildings" under "Land" may be "Land - Industrial buildings" on
the other side. Which stand above is read from the numbers: "21" and "210" above "2115", "5200" above "5210"."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..alignment import align
from ..columns import Array, Words
from .codes import Codes

_WORDS = 30
_BELIEF = 3.0
"""Weight, in pairs, of the belief that names are complete in themselves."""
_LEAST, _STEEP = 0.1, 5.0
"""Names above must explain this part of what differs in pairs of one number before they count, and how fast then."""


class Paths:
    """The names of all records, and once more with those of the accounts above them in front."""

    def __init__(self, names: Sequence[list[str]], codes: Codes) -> None:
        self.count = len(names)
        higher = above(codes)
        whole = [
            [*(word for at in rows for word in names[at]), *name] for rows, name in zip(higher, names, strict=True)
        ]
        self.any = any(higher)
        self.words = Words([*names, *whole], _WORDS, abbreviated=True)

    def explained(self, left: Array, right: Array, same_number: Array) -> Array:
        """Per pair, 0 to 1: what part of the words that only one of the names has stands above the other; 0 where this
        seldom explains how pairs of the same number differ."""
        if not self.any:
            return np.zeros(len(left))
        plain = align(self.words, left, right)
        up, down = align(self.words, left + self.count, right), align(self.words, left, right + self.count)
        total = np.maximum(1e-6, self.words.total)
        found = np.maximum((plain.right - up.right) / total[right], (plain.left - down.left) / total[left])
        found = np.clip(found, 0, 1) * (plain.cover > 0.2)
        telling = same_number & (plain.cover > 0.2) & (plain.cover < 0.85)
        trust = found[telling].sum() / (telling.sum() + _BELIEF)
        return np.asarray(found * np.clip(_STEEP * (trust - _LEAST), 0, 1))


def above(codes: Codes) -> list[list[int]]:
    """Per record the records of its own side that stand above it, topmost first."""
    found: list[list[int]] = []
    for start, end in ((0, codes.ours), (codes.ours, len(codes.plain))):
        side = list(enumerate(codes.plain[start:end], start))
        known = {code.rstrip("0"): at for at, code in reversed(side) if code}
        for at, code in side:
            heads = (known.get(code[:size]) for size in range(1, len(code.rstrip("0"))))
            found.append([head for head in heads if head is not None and head != at])
    return found
