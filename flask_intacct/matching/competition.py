"""One to one: what each pair is worth once every record may have one partner only."""

from __future__ import annotations

import numpy as np

from .columns import Array

_SWEEPS = 20
_DAMPING = 0.3
_LIMIT = 40.0


def marginals(left: Array, right: Array, scores: Array, lefts: int, rights: int) -> Array:
    """The probability of each pair, given that both records have at most one partner (belief propagation).

    `scores` are log-odds of a pair by itself. Two equally good candidates of a record get a half each.
    """
    weight = np.exp(np.clip(scores.astype(np.float64), -_LIMIT, _LIMIT))
    to_right = np.full(len(weight), 1.0)
    to_left = np.full(len(weight), 1.0)
    for _ in range(_SWEEPS):
        to_right = _free(left, weight * to_left, lefts) * (1 - _DAMPING) + to_right * _DAMPING
        to_left = _free(right, weight * to_right, rights) * (1 - _DAMPING) + to_left * _DAMPING
    odds = weight * to_right * to_left
    return np.asarray(odds / (1 + odds))


def _free(ends: Array, claims: Array, count: int) -> Array:
    """Per pair: the probability that its record is not claimed by any other pair."""
    total = np.bincount(ends, claims, count)
    return np.asarray(1 / (1 + np.maximum(0, total[ends] - claims)))


def assign(left: Array, right: Array, chances: Array, scores: Array, allowed: Array) -> Array:
    """The pairs to suggest, no record twice, best first: positions in the arrays."""
    order = np.lexsort((right, left, -scores, -np.round(chances, 9)))
    order = order[allowed[order]]
    used_left: set[int] = set()
    used_right: set[int] = set()
    chosen = []
    for at, mine, other in zip(order.tolist(), left[order].tolist(), right[order].tolist(), strict=True):
        if mine not in used_left and other not in used_right:
            used_left.add(mine)
            used_right.add(other)
            chosen.append(at)
    return np.array(chosen, np.int64)
