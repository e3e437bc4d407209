"""Which records of both sides are the same: ledger values in, suggestions out. Pure: no database, no Flask."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec

from .. import kinds
from ..ledger import Contact, Ref, TrackingOption, Value
from . import equal
from .spoiled import Spoiled, among
from .suggestion import Suggestion
from .text import normalise

__all__ = ["Spoiled", "Suggestion", "available", "suggest"]

_REACH = {"same.tax", "same.email"}
_OTHER_NAME = 60
"""The most that is said of contacts of one VAT number or e-mail whose names have little in common."""
_NEEDED = ("numpy", "scipy", "rapidfuzz")


def available() -> bool:
    """Whether the extra ``[matching]`` is installed. Without it only what is equal and unique is suggested."""
    return all(find_spec(name) is not None for name in _NEEDED)


def suggest(
    kind: str,
    locals: Iterable[Value],
    remotes: Iterable[Value],
    *,
    taken: Container[Ref] = frozenset(),
    rejected: Container[tuple[Ref, Ref]] = frozenset(),
    categories: Mapping[Ref, Ref] | None = None,
    entity: str = "",
    aside: Callable[[Spoiled], None] | None = None,
) -> list[Suggestion]:
    """At most one suggestion per local record and role, and per Intacct record and role.

    Inactive records, those of another entity, role or direction, and pairs with another rate, treatment at 0 %, or
    kind of account are never suggested. The order of the records makes no difference.

    :param taken: Intacct records that are used already; without effect for kinds that may share.
    :param rejected: Pairs (local, remote) that a person refused.
    :param categories: For options: the dimension, ``Ref("DIMENSION", object)``, that each local category is matched
        to; an option of any other category gets no suggestion.
    :param entity: The connection's entity; "" is the top level, where every entity's records may be used.
    :param aside: Told of each record that a mistake in the matching fails for, which is then left out. Without it, and
        where it is no single record, that raises.
    """
    ours, theirs = list(locals), list(remotes)
    while True:
        try:
            return _suggest(kind, ours, theirs, taken, rejected, categories, entity)
        except Exception:
            # A mistake may raise anything.
            bad = [] if aside is None else [*_spoiled(kind, ours, True), *_spoiled(kind, theirs, False)]
            if aside is None or not bad:
                raise
        for one in bad:
            aside(one)
        ours = _without(ours, [one.value for one in bad if one.ours])
        theirs = _without(theirs, [one.value for one in bad if not one.ours])


def _spoiled(kind: str, values: Sequence[Value], ours: bool) -> Iterator[Spoiled]:
    def compare(some: Sequence[Value]) -> None:
        categories = {value.category: value.category for value in some if isinstance(value, TrackingOption)}
        _suggest(kind, some, [replace(value, active=True) for value in some], (), (), categories, "")

    return among(values, ours, compare) if values else iter(())


def _without(values: Sequence[Value], bad: Sequence[Value]) -> list[Value]:
    refs = {value.ref for value in bad}
    return [value for value in values if value.ref not in refs]


def _suggest(
    kind: str,
    locals: Sequence[Value],
    remotes: Sequence[Value],
    taken: Container[Ref],
    rejected: Container[tuple[Ref, Ref]],
    categories: Mapping[Ref, Ref] | None,
    entity: str,
) -> list[Suggestion]:
    if not available():
        return equal.suggest(
            kind, locals, remotes, taken=taken, rejected=rejected, categories=categories, entity=entity
        )
    from .engine import suggest as by_evidence

    ours, theirs = list(locals), remotes
    found = by_evidence(kind, ours, theirs, taken=taken, rejected=rejected, categories=categories, entity=entity)
    if kind not in (kinds.TAX_TYPE, kinds.CONTACT):
        return found
    # "VAT 20%" shares no word with "Standard Rate", but may be the only one of its rate and direction on both sides;
    # and who has another name now may still have the VAT number.
    slots, used = {(one.local, one.role) for one in found}, {one.remote for one in found}
    free = [value for value in theirs if value.ref not in used]
    if kind == kinds.CONTACT:
        told = {fact for value in free for fact in _facts(value)}
        ours = [value for value in ours if not told.isdisjoint(_facts(value))]
    only = equal.suggest(kind, ours, free, taken=taken, rejected=rejected, entity=entity)
    if kind == kinds.CONTACT:
        reached = [one for one in only if _REACH & {reason.id for reason in one.reasons}]
        only = [replace(one, confidence=min(one.confidence, _OTHER_NAME)) for one in reached]
    more = (one for one in only if (one.local, one.role) not in slots)
    return sorted([*found, *more], key=lambda one: (one.local, one.role))


def _facts(value: Value) -> list[str]:
    if not isinstance(value, Contact):
        return []
    facts = (normalise.email(value.email), normalise.tax_number(value.tax_number))
    return [fact for fact in facts if fact]
