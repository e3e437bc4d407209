"""Facts of the records of both sides as arrays of numbers: our records first, Intacct's after them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .text.folding import stem

Array = NDArray[Any]


class Column:
    """One fact per record; equal facts have equal numbers, and 0 stands for no fact.

    :ivar ids: The number per record.
    :ivar values: What each number stands for.
    :ivar ours: How many of our records have each fact, and `theirs` how many of Intacct's.
    """

    def __init__(self, facts: Iterable[str], ours: int) -> None:
        known: dict[str, int] = {"": 0}
        self.ids: Array = np.fromiter((known.setdefault(fact, len(known)) for fact in facts), np.int32)
        self.values: list[str] = list(known)
        self.split = ours
        self.ours: Array = np.bincount(self.ids[:ours], minlength=len(known))
        self.theirs: Array = np.bincount(self.ids[ours:], minlength=len(known))

    def same(self, left: Array, right: Array) -> Array:
        """Per pair of rows: both have the fact, and it is equal."""
        mine = self.ids[left]
        return np.asarray((mine == self.ids[right]) & (mine > 0))

    def known(self, left: Array, right: Array) -> Array:
        """Per pair of rows: both have the fact."""
        return np.asarray((self.ids[left] > 0) & (self.ids[right] > 0))

    def crowd(self, rows: Array) -> Array:
        """How many records of the side where it is more frequent have the fact of each row."""
        return np.asarray(np.maximum(self.ours, self.theirs)[self.ids[rows]])


class Words:
    """Several words per record, each with its weight: what it tells, in nats.

    :ivar ids: Number of each word, one row per record, 0 where there is none.
    :ivar weights: Weight of each word of each record.
    :ivar vocabulary: The words by number.
    """

    def __init__(
        self, records: Sequence[Sequence[str]], most: int, side: Array | None = None, *, abbreviated: bool = False
    ) -> None:
        """
        :param most: Words kept per record.
        :param side: From which word on a record's words count half.
        :param abbreviated: A cut word tells what its letters tell, by the words that begin with them.
        """
        self.abbreviated = abbreviated
        self._openings: dict[str, float] = {}
        self._sorted: list[str] = []
        known: dict[str, int] = {"": 0}
        lengths = np.fromiter((min(len(words), most) for words in records), np.int32, len(records))
        flat = np.fromiter(
            (known.setdefault(word, len(known)) for words in records for word in words[:most]),
            np.int32,
            int(lengths.sum()),
        )
        width = max(1, int(lengths.max(initial=0)))
        mask = np.arange(width)[None, :] < lengths[:, None]
        self.ids: Array = np.zeros((len(records), width), np.int32)
        self.ids[mask] = flat
        self.vocabulary: list[str] = list(known)
        counts = np.bincount(flat, minlength=len(known))
        self.count: Array = counts
        self.records = max(1, int((lengths > 0).sum()))
        self.tells: Array = np.log1p(self.records / np.maximum(1, counts)).astype(np.float32)
        self.tells[0] = 0
        self.weights: Array = self.tells[self.ids]
        if side is not None:
            self.weights = np.where(np.arange(width)[None, :] < side[:, None], self.weights, self.weights * 0.5)
        self.total: Array = self.weights.sum(axis=1)
        self.size: Array = lengths
        self.letters: Array = np.array([len(word) for word in self.vocabulary], np.int16)
        self.first: Array = np.array([ord(word[0]) if word else 0 for word in self.vocabulary], np.int32)
        self.last: Array = np.array([ord(word[-1]) if word else 0 for word in self.vocabulary], np.int32)

    def share(self, left: Array, right: Array, counts: Array | None = None) -> Array:
        """Per pair of rows: a word is equal.

        :param counts: By the number of a word, whether it counts; else all do.
        """
        mine, other = self.ids[left], self.ids[right]
        same = (mine[:, :, None] == other[:, None, :]) & (mine > 0 if counts is None else counts[mine])[:, :, None]
        return np.asarray(same.any(axis=(1, 2)))

    def of(self, groups: Mapping[str, int]) -> Array:
        """The group, by stem, of each word of each record; 0 for those of none."""
        return np.array([groups.get(stem(word), 0) for word in self.vocabulary], np.int32)[self.ids]

    def opening(self, letters: str) -> float:
        """What it tells, in nats, that a word begins with some letters."""
        if not self._sorted:
            order = sorted(range(len(self.vocabulary)), key=self.vocabulary.__getitem__)
            self._sorted = [self.vocabulary[at] for at in order]
            self._sums = np.concatenate([[0], self.count[order].cumsum()])
        known = self._openings.get(letters)
        if known is None:
            start, end = bisect_left(self._sorted, letters), bisect_left(self._sorted, letters + "\U0010ffff")
            known = float(np.log1p(self.records / max(1, self._sums[end] - self._sums[start])))
            self._openings[letters] = known
        return known


def paired(one: Array, other: Array) -> Array:
    """Two facts as one number; 0 where either is missing."""
    both = one.astype(np.int64) * (int(other.max(initial=0)) + 1) + other
    return np.asarray(np.where((one > 0) & (other > 0), both, 0))
