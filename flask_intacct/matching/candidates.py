"""Which pairs are worth a closer look: those that share telling keys, the best few per record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse

from .columns import Array, Words

_ROWS = 1500
"""Records of ours at a time: bounds memory."""
_CROWD, _CROWD_SHARE, _CROWD_LEAST = 300, 0.02, 60
"""A key in more of Intacct's records than this (number; share, but never under so many) finds nothing."""
_FRACTION = 0.3
"""A candidate has at least this part of the weight of the record's best one."""

_PRIME = np.uint64(1_099_511_628_211)
"""By which runs of letters are told apart, modulo 2 ** 64."""

Family = tuple[Array, float]
"""Keys of one sort, one row per record with 0 for none, and what a shared key counts of its nats."""


def word_keys(words: Words, letters: int, *, head: bool) -> Array:
    """The first or last letters of each word as keys; a shorter word has none."""
    known: dict[str, int] = {"": 0}
    ends = ["" if len(word) < letters else word[:letters] if head else word[-letters:] for word in words.vocabulary]
    number = np.fromiter((known.setdefault(end, len(known)) for end in ends), np.int64, len(ends))
    return np.asarray(number[words.ids])


def grams(texts: Sequence[str], size: int = 3, most: int = 160) -> Array:
    """The runs of `size` letters of each text as keys, each once, those of its first `most` letters."""
    padded = [f" {text[:most]} " if text else "" for text in texts]
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    counts = np.maximum(0, lengths - size + 1)
    row = np.repeat(np.arange(len(padded)), counts)
    place = np.arange(len(row)) - np.repeat(counts.cumsum() - counts, counts)
    start = (lengths.cumsum() - lengths)[row] + place
    run = np.zeros(len(row), np.uint64)
    for at in range(size):
        run = run * _PRIME + letters[start + at]
    keys = np.zeros((len(padded), max(1, int(counts.max(initial=0)))), np.int32)
    keys[row, place] = np.unique(run, return_inverse=True)[1] + 1
    keys.sort(axis=1)
    keys[:, 1:][keys[:, 1:] == keys[:, :-1]] = 0
    return keys


def matrix(families: Sequence[Family], ours: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Records by keys, ours weighted by what a key tells, Intacct's with ones; keys of one side only are left out."""
    marks, factors = [], []
    start = 0
    every = sum(int(np.count_nonzero(family)) for family, _ in families) + 1  # no fewer than there are keys
    for family, factor in families:
        wide = family.reshape(len(family), -1)
        row, column = np.nonzero(wide)
        found, number = np.unique(wide[row, column], return_inverse=True)
        marks.append(row * every + (number + start))
        factors.append(np.full(len(found), factor))
        start += len(found)
    records = len(families[0][0])
    single = np.concatenate(marks)
    del marks, row, column, number
    single.sort()  # much faster than unique, which hashes
    single = single[np.diff(single, prepend=-1) > 0]
    row, key = (single // every).astype(np.int32), (single % every).astype(np.int32)
    del single
    mine = np.bincount(key[row < ours], minlength=start)
    other = np.bincount(key[row >= ours], minlength=start)
    crowd = max(_CROWD_LEAST, min(_CROWD, _CROWD_SHARE * (records - ours)))
    useful = (mine > 0) & (other > 0) & (other <= crowd)
    tells = np.concatenate(factors) * np.log1p((records - ours) / np.maximum(1, other))
    keep = useful[key]
    row, key = row[keep], key[keep]
    shape = (records, max(1, start))
    built = sparse.csr_array((np.ones(len(row), np.float32), (row, key)), shape=shape)
    left = sparse.csr_array(built[:ours])
    left.data = tells[left.indices].astype(np.float32)
    return left, sparse.csr_array(built[ours:])


def best(
    families: Sequence[Family], ours: int, most: int, allowed: Callable[[Array, Array], Array]
) -> tuple[Array, Array]:
    """The pairs to look at: per record of ours at most `most` of Intacct's, as rows of the common table.

    :param allowed: Says of pairs of rows which may be considered.
    """
    left, right = matrix(families, ours)
    back = sparse.csr_array(right.T)
    found: list[tuple[Array, Array]] = []
    for at in range(0, ours, _ROWS):
        product = sparse.csr_array(left[at : at + _ROWS] @ back)
        if product.nnz:
            found.append(_top(product, at, ours, most, allowed))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([one for one, _ in found]), np.concatenate([two for _, two in found])


def _top(
    product: sparse.csr_array, start: int, ours: int, most: int, allowed: Callable[[Array, Array], Array]
) -> tuple[Array, Array]:
    counts = np.diff(product.indptr)
    row = np.repeat(np.arange(product.shape[0]), counts)
    column, weight = product.indices, product.data
    highest = np.zeros(product.shape[0], np.float32)
    filled = np.flatnonzero(counts)
    highest[filled] = np.maximum.reduceat(weight, product.indptr[filled])
    keep = np.flatnonzero(weight >= _FRACTION * highest[row])
    keep = keep[allowed(row[keep] + start, column[keep] + ours)]
    row, column, weight = row[keep], column[keep], np.round(weight[keep], 3)
    order = np.lexsort((column, -weight, row))
    row, column = row[order], column[order]
    first = np.searchsorted(row, np.arange(product.shape[0]))
    rank = np.arange(len(row)) - first[row]
    return row[rank < most] + start, column[rank < most].astype(np.int64) + ours
