"""The evidence for a pair in words: at most three reasons, strongest first, and everything that speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..messages import Message
from .columns import Array, Column
from .evidence_table import Table

MOST = 3
_SAID = 0.15
"""Evidence of less than this many nats is not worth a word."""

Values = Callable[[int, int], dict[str, Any]]


def no_values(_left: int, _right: int) -> dict[str, Any]:
    return {}


def one_of(name: str, column: Column) -> Values:
    """A fact that both records have."""
    return lambda left, _right: {name: column.values[column.ids[left]]}


def two_of(column: Column) -> Values:
    """The facts of both records."""
    return lambda left, right: {"ours": column.values[column.ids[left]], "theirs": column.values[column.ids[right]]}


def crowd_of(column: Column) -> Values:
    """How many records have the fact."""

    def values(left: int, _right: int) -> dict[str, Any]:
        fact = column.ids[left]
        return {"count": int(max(column.ours[fact], column.theirs[fact]))}

    return values


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing to say of a pair.

    :ivar id: Of the message.
    :ivar when: Per pair: it is true.
    :ivar nats: Per pair: how much it tells; negative for a conflict.
    :ivar values: What goes into the places of the message, by the two rows of a pair.
    :ivar strong: One such reason is enough for a pair to be taken without looking.
    """

    id: str
    when: Array
    nats: Array
    values: Values = no_values
    strong: Array | bool = False


class Said(NamedTuple):
    """Per pair: the reasons, the conflicts, and whether a reason is strong."""

    reasons: list[tuple[Message, ...]]
    conflicts: list[tuple[Message, ...]]
    strong: Array


def nats(table: Table, weights: Mapping[str, float], *names: str) -> Array:
    """What some of the evidence tells of each pair."""
    total = np.zeros(table.pairs, np.float64)
    for name in names:
        total += weights.get(name, 0.0) * table.column(name)
    return total


def say(
    phrases: Sequence[Phrase],
    conflicts: Sequence[Phrase],
    left: Array,
    right: Array,
    otherwise: Callable[[int, int], Message],
) -> Said:
    """Say what is true of each pair; `otherwise` gives the reason where there is no other."""
    count = len(left)
    strong = np.zeros(count, bool)
    worth = np.zeros((len(phrases), count))
    for row, phrase in enumerate(phrases):
        strong |= phrase.when & phrase.strong
        worth[row] = np.where(phrase.when, np.maximum(phrase.nats, _SAID), 0)
    order = np.argsort(-np.round(worth, 6), axis=0, kind="stable")[:MOST].T.tolist()
    told = (worth > 0).T.tolist()
    ours, theirs = left.tolist(), right.tolist()
    reasons = [
        tuple(_message(phrases[at], ours[pair], theirs[pair]) for at in best if told[pair][at])
        or (otherwise(ours[pair], theirs[pair]),)
        for pair, best in enumerate(order)
    ]
    against: list[list[Message]] = [[] for _ in range(count)]
    for phrase in sorted(conflicts, key=lambda one: one.id):
        for pair in np.flatnonzero(phrase.when).tolist():
            against[pair].append(_message(phrase, ours[pair], theirs[pair]))
    return Said(reasons, [tuple(found) for found in against], strong)


def _message(phrase: Phrase, left: int, right: int) -> Message:
    return Message(phrase.id, **phrase.values(left, right))
