"""Suggestions where a code, tax number, e-mail or name is equal, and is so for one record on each side only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping

from .. import kinds
from ..ledger import Ref, Value
from ..messages import Message
from . import slots
from .evidence import LEADS, Facts, facts, judge, vetoed
from .suggestion import Suggestion

__all__ = ["Suggestion", "suggest"]

Known = tuple[Mapping[Ref, Facts], Mapping[Ref, Facts]]

_CROWD = 20
"""More records that share one fact are not told apart by it."""
_CLOSE, _TIE = 60, 50
"""What is left of a confidence when a rival is within ten points, or as good."""


def suggest(
    kind: str,
    locals: Iterable[Value],
    remotes: Iterable[Value],
    *,
    taken: Container[Ref] = frozenset(),
    rejected: Container[tuple[Ref, Ref]] = frozenset(),
    categories: Mapping[Ref, Ref] | None = None,
    entity: str = "",
) -> list[Suggestion]:
    """At most one suggestion per local record and role, and per Intacct record where a kind is used at most once.

    Inactive records, those of another entity or direction, and pairs with another rate, treatment at 0 %, or kind of
    account are never suggested. The order of the records makes no difference.

    :param taken: Intacct records that are used already; without effect for kinds that may share.
    :param rejected: Pairs (local, remote) that a person refused.
    :param categories: For options: the dimension, ``Ref("DIMENSION", object)``, that each local category is matched
        to; an option of any other category gets no suggestion.
    :param entity: The connection's entity; "" is the top level, where every entity's records may be used.
    """
    exclusive = kinds.kind(kind, kinds.roles(kind)[0]).exclusive
    ours, theirs = slots.eligible(kind, locals, remotes, taken, entity)
    known = (
        {value.ref: facts(kind, value) for value in ours},
        {value.ref: facts(kind, value) for value in theirs},
    )
    found: list[Suggestion] = []
    for role, mine, others in slots.slots(kind, ours, theirs, categories or {}):
        found += _slot(kind, role, mine, others, known, rejected, exclusive)
    return sorted(found, key=lambda one: (one.local, one.role))


def _slot(
    kind: str,
    role: str,
    ours: list[Value],
    theirs: list[Value],
    known: Known,
    rejected: Container[tuple[Ref, Ref]],
    exclusive: bool,
) -> list[Suggestion]:
    codes = {value.ref: value.code for value in theirs}
    pairs: dict[tuple[Ref, Ref], tuple[int, tuple[Message, ...]]] = {}
    for lead in LEADS[kind]:
        for pair in _unique(kind, lead, ours, theirs, known, rejected):
            if pair not in pairs:
                pairs[pair] = judge(kind, known[0][pair[0]], known[1][pair[1]], codes[pair[1]])
    rivals: dict[tuple[int, Ref], list[tuple[int, Ref]]] = defaultdict(list)
    for (mine, other), (confidence, _) in pairs.items():
        rivals[0, mine].append((confidence, other))
        if exclusive:
            rivals[1, other].append((confidence, mine))
    used: set[tuple[int, Ref]] = set()
    chosen = []
    for (mine, other), (confidence, reasons) in sorted(pairs.items(), key=lambda item: (-item[1][0], item[0])):
        if (0, mine) in used or (1, other) in used:
            continue
        used |= {(0, mine), (1, other)} if exclusive else {(0, mine)}
        second = sorted((-sure, ref) for sure, ref in rivals[0, mine] if ref != other)
        against = [-sure for sure, _ in second] + [sure for sure, ref in rivals.get((1, other), ()) if ref != mine]
        best = max(against, default=0)
        if best >= confidence:
            confidence, reasons = min(confidence, _TIE), (*reasons[:2], Message("but.tie"))
        elif best > confidence - 10:
            confidence, reasons = min(confidence, _CLOSE), (*reasons[:2], Message("but.close"))
        runner_up = second[0][1] if second else None
        chosen.append(Suggestion(mine, role, other, confidence, reasons, runner_up))
    return chosen


def _unique(
    kind: str,
    lead: str,
    ours: list[Value],
    theirs: list[Value],
    known: Known,
    rejected: Container[tuple[Ref, Ref]],
) -> Iterator[tuple[Ref, Ref]]:
    """Pairs that share a fact which, vetoes aside, neither shares with any other."""
    here, there = _index(lead, ours, known[0]), _index(lead, theirs, known[1])
    for fact, mine in here.items():
        others = there.get(fact, [])
        if not others or len(mine) > _CROWD or len(others) > _CROWD:
            continue
        fits = [
            (one, other)
            for one in mine
            for other in others
            if (one, other) not in rejected and not vetoed(kind, known[0][one], known[1][other])
        ]
        left, right = Counter(one for one, _ in fits), Counter(other for _, other in fits)
        yield from ((one, other) for one, other in fits if left[one] == right[other] == 1)


def _index(lead: str, values: list[Value], known: Mapping[Ref, Facts]) -> dict[str, list[Ref]]:
    index: dict[str, list[Ref]] = defaultdict(list)
    for value in values:
        fact = known[value.ref][lead]
        if fact:
            index[fact].append(value.ref)
    return index
