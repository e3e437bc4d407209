"""Which records of both sides are the same: ledger values in, suggestions out. Pure: no database, no Flask."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from importlib.util import find_spec

from .. import kinds
from ..ledger import Contact, Ref, Value
from . import equal, normalise
from .suggestion import Suggestion

__all__ = ["Suggestion", "available", "suggest"]

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
) -> list[Suggestion]:
    """At most one suggestion per local record and role, and per Intacct record and role.

    Inactive records, those of another entity, role or direction, and pairs with another rate, treatment at 0 %, or
    kind of account are never suggested. The order of the records makes no difference.

    :param taken: Intacct records that are used already; without effect for kinds that may share.
    :param rejected: Pairs (local, remote) that a person refused.
    :param categories: For options: the dimension, ``Ref("DIMENSION", object)``, that each local category is matched
        to; an option of any other category gets no suggestion.
    :param entity: The connection's entity; "" is the top level, where every entity's records may be used.
    """
    if not available():
        return equal.suggest(
            kind, locals, remotes, taken=taken, rejected=rejected, categories=categories, entity=entity
        )
    from .engine import suggest as by_evidence

    ours, theirs = list(locals), list(remotes)
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
