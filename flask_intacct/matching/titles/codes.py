"""How much an equal account number or type tells: learnt from the records themselves, without any label.

Records with one and the same unequalled name on both sides are almost surely the same. How often their numbers and
types agree, against how often those of any two records do, says what agreement and conflict weigh here: two unrelated
ways of numbering switch the number off by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..columns import Array, Column
from ..text.folding import fold, split

_PLACES = 8
EQUAL, PADDED, WITHIN = 6, 5, 4
"""Levels of agreement: equal; equal but for noughts at the end; one begins with the other, or with its first four
signs. Below: as many first signs are equal."""
_LEVELS = 7
_BELIEF = 6.0
"""Weight, in pairs, of what is believed of numbers before any record was seen."""
_BELIEVED = np.array([0.15, 0.05, 0.05, 0.05, 0.05, 0.05, 0.6])
_SAMPLE = 200_000
_TYPES_BELIEF = 4.0


class Codes:
    """The numbers of the records of both sides."""

    def __init__(self, codes: Sequence[str], ours: int) -> None:
        plain = ["".join(split(fold(code)))[:24] for code in codes]
        self.ours, self.plain = ours, plain
        self.equal = Column(plain, ours)
        self.padded = Column((code.rstrip("0") or code for code in plain), ours)
        self.signs: Array = np.zeros((len(plain), _PLACES), np.int32)
        for at, code in enumerate(plain):
            self.signs[at, : len(code)] = [ord(sign) for sign in code[:_PLACES]]
        self.heads = [Column((code[:size] if len(code) >= size else "" for code in plain), ours) for size in (3, 4)]
        self.weight: Array = np.zeros(_LEVELS)

    def level(self, left: Array, right: Array) -> Array:
        """The level of agreement of each pair; of no meaning where a number is missing."""
        one, two = self.signs[left], self.signs[right]
        same = (one == two) & (one > 0)
        first = same.cumprod(axis=1).sum(axis=1)
        shorter = np.minimum((one > 0).sum(axis=1), (two > 0).sum(axis=1))
        found = np.minimum(first, 3)
        found = np.where((first >= 4) | ((first == shorter) & (first >= 2)), WITHIN, found)
        found = np.where(self.padded.same(left, right), PADDED, found)
        return np.asarray(np.where(self.equal.same(left, right), EQUAL, found))

    def learn(self, left: Array, right: Array) -> None:
        """Take pairs that are the same beyond doubt as the measure."""
        known = self.equal.known(left, right)
        agreed = np.bincount(self.level(left[known], right[known]), minlength=_LEVELS)
        share = (agreed + _BELIEF * _BELIEVED) / (agreed.sum() + _BELIEF)
        self.weight = np.log(share / self._by_chance())

    def _by_chance(self) -> Array:
        one, two = _any_pairs(self.ours, len(self.equal.ids) - self.ours)
        known = self.equal.known(one, two)
        found = np.bincount(self.level(one[known], two[known]), minlength=_LEVELS).astype(np.float64)
        return np.asarray((found + 0.5) / (found.sum() + 0.5 * _LEVELS))

    def tells(self, left: Array, right: Array) -> Array:
        """Nats for (or, negative, against) each pair."""
        return np.asarray(np.where(self.equal.known(left, right), self.weight[self.level(left, right)], 0.0))


class Types:
    """The sorts of account of both sides, which need not have the same names. Where a side gives some of its accounts
    no type, that is a sort too: which ones those are tells something."""

    def __init__(self, types: Sequence[str], ours: int) -> None:
        self.column = Column(types, ours)
        size = len(self.column.values)
        self.weight: Array = np.zeros((size, size))

    def learn(self, left: Array, right: Array) -> None:
        """Take pairs that are the same beyond doubt as the measure."""
        ids, column = self.column.ids, self.column
        if not column.ours[1:].any() or not column.theirs[1:].any():
            return
        size = len(column.values)
        seen = np.zeros((size, size))
        np.add.at(seen, (ids[left], ids[right]), 1)
        one, two = column.ours / max(1, column.split), column.theirs / max(1, len(ids) - column.split)
        chance = np.outer(one, two) + 1e-4
        alike = np.diag(np.diag(chance)) / max(1e-9, np.diag(chance)[1:].sum())
        believed = 0.2 * chance / chance.sum() + 0.8 * alike
        believed[0], believed[:, 0] = chance[0], chance[:, 0]
        share = (seen + _TYPES_BELIEF * believed) / (seen.sum() + _TYPES_BELIEF * believed.sum())
        self.weight = np.log(share / chance)
        np.fill_diagonal(self.weight[1:, 1:], np.maximum(0, np.diag(self.weight)[1:]))

    def tells(self, left: Array, right: Array) -> Array:
        """Nats for (or, negative, against) each pair."""
        ids = self.column.ids
        return np.asarray(np.clip(self.weight[ids[left], ids[right]], -3, 3))


def _any_pairs(ours: int, theirs: int) -> tuple[Array, Array]:
    """Pairs of rows without regard to what they are, the same ones every time."""
    if not ours or not theirs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    every = ours * theirs
    at = np.arange(min(every, _SAMPLE), dtype=np.int64)
    at = at if every <= _SAMPLE else (at * 2_654_435_761) % every
    return at // theirs, ours + at % theirs
