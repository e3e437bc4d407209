"""Who may be matched with whom before anything is compared: the groups within which records compete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import fields

from .. import kinds
from ..ledger import Contact, Ref, TaxType, TrackingOption, Value


def eligible(
    kind: str, locals: Iterable[Value], remotes: Iterable[Value], taken: Container[Ref], entity: str
) -> tuple[list[Value], list[Value]]:
    """Both sides in order, each record once; Intacct's without inactive, taken, and unreachable ones."""
    exclusive = kinds.kind(kind, kinds.roles(kind)[0]).exclusive
    theirs = [
        value
        for value in in_order(remotes)
        if value.active and not (exclusive and value.ref in taken) and _reachable(value, entity)
    ]
    return in_order(locals), theirs


def in_order(values: Iterable[Value]) -> list[Value]:
    """By reference, each once. Of one that is there twice, in whatever order, the inactive one counts."""
    groups: dict[Ref, list[Value]] = defaultdict(list)
    for value in values:
        groups[value.ref].append(value)
    return [min(groups[ref], key=_whole) if len(groups[ref]) > 1 else groups[ref][0] for ref in sorted(groups)]


def _whole(value: Value) -> tuple[bool, list[str]]:
    facts = (getattr(value, field.name) for field in fields(value))
    return value.active, [repr(sorted(fact) if isinstance(fact, frozenset) else fact) for fact in facts]


def _reachable(value: Value, entity: str) -> bool:
    above = value.entity if isinstance(value, Contact | TrackingOption) else ""
    return not entity or above in ("", entity)


def slots(
    kind: str, ours: list[Value], theirs: list[Value], categories: Mapping[Ref, Ref]
) -> Iterator[tuple[str, list[Value], list[Value]]]:
    """The groups within which records compete: one per role; for options one per category."""
    if kind == kinds.TRACKING_OPTION:
        mine, others = _by_category(ours), _by_category(theirs)
        for category in sorted(mine):
            if category in categories:
                yield "", mine[category], others.get(categories[category], [])
        return
    for role in kinds.roles(kind):
        yield role, [value for value in ours if _plays(value, role)], [v for v in theirs if _plays(v, role)]


def _plays(value: Value, role: str) -> bool:
    return not role or not isinstance(value, TaxType | Contact) or role in value.roles


def _by_category(values: list[Value]) -> dict[Ref, list[Value]]:
    groups: dict[Ref, list[Value]] = defaultdict(list)
    for value in values:
        if isinstance(value, TrackingOption):
            groups[value.category].append(value)
    return groups
