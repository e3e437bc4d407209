"""The records that the matching itself fails for, by a mistake in it: each is left out, and the others are matched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..ledger import Value

Compare = Callable[[Sequence[Value]], object]


@dataclass(frozen=True, slots=True)
class Spoiled:
    """One such record.

    :param ours: Is it of the host, not of Intacct?
    :param error: What was raised for it.
    """

    value: Value
    ours: bool
    error: Exception


def among(values: Sequence[Value], ours: bool, compare: Compare) -> Iterator[Spoiled]:
    """Those for which a comparison fails, found by halves.

    :param compare: Compares records with themselves.
    """
    try:
        compare(values)
        return
    except Exception as error:
        # A mistake may raise anything.
        if len(values) == 1:
            yield Spoiled(values[0], ours, error)
            return
    half = len(values) // 2
    for some in (values[:half], values[half:]):
        yield from among(some, ours, compare)
