"""The rows of the host that want a link each: a row per role that it plays, or that a document to be sent uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import kinds
from ..choices import LINKED, SUSPENDED
from ..ledger import Ref, TaxType
from ..models import Link, LinkUse
from . import unreadable
from .job_context import JobContext
from .link_values import NO_TAX
from .snapshot import SENT

Use = Mapping[tuple[str, Ref, str], int]
"""How many documents to be sent use each of our records, in which role."""


def used(session: Session, connection_id: int) -> Use:
    """Count it, as the documents were last read."""
    query = (
        select(LinkUse.kind, LinkUse.source, LinkUse.local_id, LinkUse.role, func.count())
        .join(LinkUse.link)
        .where(
            LinkUse.connection_id == connection_id,
            Link.seen_at > 0,
            Link.status.in_(SENT),
            Link.state.not_in((LINKED, SUSPENDED)),
        )
        .group_by(LinkUse.kind, LinkUse.source, LinkUse.local_id, LinkUse.role)
    )
    found = session.execute(query)
    return Counter({(kind, Ref(source, local_id), role): number for kind, source, local_id, role, number in found})


_ROLES = tuple(dict.fromkeys(role for kind in kinds.each() for role in kinds.roles(kind.name)))
"""In the order of the registry: sales before purchases."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One record in one role, which wants a link."""

    value: Any
    role: str
    to_send: int

    @property
    def key(self) -> tuple[str, int, str, int]:
        """Its place in the order of rows: that of whole numbers, for most ids are such."""
        return (self.value.ref.source, len(self.value.ref.id), self.value.ref.id, _ROLES.index(self.role))

    def link(self, known: Mapping[tuple[str, str, str], Link]) -> Link | None:
        """Its link among these, by source, local id and role: its own, or one in another role that came from Intacct
        or that a person chose."""
        ref, role = self.value.ref, self.role
        link = known.get((ref.source, ref.id, role))
        if link is not None or self.to_send:
            return link
        moved = (
            other
            for (source, local_id, _), other in known.items()
            if (source, local_id) == ref and (other.origin == "intacct" or other.own_role)
        )
        return next(moved, None)


@dataclass(frozen=True, slots=True)
class Rows:
    """The host's rows of a kind, as they are now.

    :param slots: In order; `order` holds their keys, and `of` those of each row.
    :param unread: Rows that can't be read.
    """

    found: Sequence[Any]
    slots: Sequence[Slot]
    order: Sequence[tuple[str, int, str, int]]
    of: Mapping[Ref, Sequence[Slot]]
    unread: Collection[Ref]

    @classmethod
    def read(cls, job: JobContext, kind: str, use: Use, *, again: bool) -> Rows:
        """Read them.

        :param again: What can't be read is counted once more in its issue.
        """
        found, bad = unreadable.values(job, kind, again=again)
        wanted = kind != kinds.TAX_TYPE or bool(job.connection.facts.get("taxes"))
        slots = sorted(_slots(job, kind, use, found), key=attrgetter("key")) if wanted else []
        of: dict[Ref, list[Slot]] = {}
        for slot in slots:
            of.setdefault(slot.value.ref, []).append(slot)
        return cls(found, slots, [slot.key for slot in slots], of, {Ref(*error.ref) for error in bad})


def _slots(job: JobContext, kind: str, use: Use, found: Iterable[Any]) -> Iterable[Slot]:
    """What is joined stays, and archived records open a slot where a document to be sent uses them."""
    joined = _joined(job, kind)
    for value in found:
        for role in _roles(kind, value, use, joined):
            to_send = use[kind, value.ref, role]
            if value.active or to_send or (value.ref, role) in joined:
                yield Slot(value, role, to_send)
    if kind == kinds.TAX_TYPE:
        for role in kinds.roles(kind):
            to_send = use[kind, Ref(NO_TAX, NO_TAX), role]
            if to_send or (Ref(NO_TAX, NO_TAX), role) in joined:
                value = TaxType(ref=Ref(NO_TAX, NO_TAX), name="No tax", rate=Decimal(0), roles=frozenset([role]))
                yield Slot(value, role, to_send)


def _joined(job: JobContext, kind: str) -> set[tuple[Ref, str]]:
    query = select(Link.source, Link.local_id, Link.role).where(
        Link.connection_id == job.connection.id, Link.kind == kind, Link.state == LINKED
    )
    with job.state.reading() as session:
        return {(Ref(source, local_id), role) for source, local_id, role in session.execute(query)}


def _roles(kind: str, value: Any, use: Use, joined: set[tuple[Ref, str]]) -> Iterable[str]:
    roles = kinds.roles(kind)
    if roles == ("",):
        return roles
    return [role for role in roles if role in value.roles or use[kind, value.ref, role] or (value.ref, role) in joined]
