"""The rows of the host that want a link each: a row per role that it plays, or that a document to be sent uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any

from sqlalchemy import select

from .. import kinds
from ..choices import LINKED
from ..ledger import APPROVED, AWAITING_APPROVAL, PAID, ZERO, Document, Ref, TaxType
from ..models import Link
from . import unreadable
from .slice import Slice

NO_TAX = "no_tax"
"""Source of the row that stands for lines without a tax type: a VAT company wants a tax detail for them too."""

SENT = (AWAITING_APPROVAL, APPROVED, PAID)
"""Statuses of documents that go out; drafts and voided ones do not."""


@dataclass(slots=True)
class Use:
    """How the documents to be sent use our records: a count per (kind, ref, role); and words that nobody listed."""

    counted: Counter[tuple[str, Ref, str]] = field(default_factory=Counter)
    unlisted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, document: Document) -> None:
        shape = kinds.shape(document.kind)
        seen: set[tuple[str, Ref, str]] = set()
        if document.contact is not None:
            seen.add((kinds.CONTACT, document.contact, shape.contact_role))
        for line in document.lines:
            if line.account is not None:
                seen.add((kinds.ACCOUNT, line.account, ""))
            if line.tax_type is not None:
                seen.add((kinds.TAX_TYPE, line.tax_type, shape.tax_role))
            elif line.tax == ZERO:
                seen.add((kinds.TAX_TYPE, Ref(NO_TAX, NO_TAX), shape.tax_role))
            seen.update((kinds.TRACKING_OPTION, option, "") for option in line.options)
        self.counted.update(seen)

    @classmethod
    def read(cls, slice_: Slice, *, again: bool) -> Use:
        """Count it anew.

        :param again: What can't be read is counted once more in its issue.
        """
        use = cls()
        connection = slice_.connection
        if connection.with_transactions:
            with slice_.state.transaction() as session:
                query = select(Link.source, Link.local_id).where(
                    Link.connection_id == connection.id, Link.kind.in_(kinds.documents()), Link.state == LINKED
                )
                sent = {Ref(source, local_id) for source, local_id in session.execute(query)}
            for kind in kinds.documents():
                found, _ = unreadable.documents(slice_, kind, again=again)
                for document in found:
                    use.unlisted.update((kind, word) for word in document.unlisted)
                    if document.status in SENT and document.ref not in sent:
                        use.add(document)
        return use


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
            if (source, local_id) == ref and (other.origin == "intacct" or other.role not in self.value.roles)
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
    def read(cls, slice_: Slice, kind: str, use: Use, *, again: bool) -> Rows:
        """Read them.

        :param again: What can't be read is counted once more in its issue.
        """
        found, bad = unreadable.values(slice_, kind, again=again)
        wanted = kind != kinds.TAX_TYPE or bool(slice_.connection.facts.get("taxes"))
        slots = sorted(_slots(slice_, kind, use, found), key=attrgetter("key")) if wanted else []
        of: dict[Ref, list[Slot]] = {}
        for slot in slots:
            of.setdefault(slot.value.ref, []).append(slot)
        return cls(found, slots, [slot.key for slot in slots], of, {Ref(*error.ref) for error in bad})


def _slots(slice_: Slice, kind: str, use: Use, found: Iterable[Any]) -> Iterable[Slot]:
    """What is joined stays, and archived records open a slot where a document to be sent uses them."""
    joined = _joined(slice_, kind)
    for value in found:
        for role in _roles(kind, value, use, joined):
            to_send = use.counted[kind, value.ref, role]
            if value.active or to_send or (value.ref, role) in joined:
                yield Slot(value, role, to_send)
    if kind == kinds.TAX_TYPE:
        for role in kinds.roles(kind):
            to_send = use.counted[kind, Ref(NO_TAX, NO_TAX), role]
            if to_send or (Ref(NO_TAX, NO_TAX), role) in joined:
                value = TaxType(ref=Ref(NO_TAX, NO_TAX), name="No tax", rate=Decimal(0), roles=frozenset([role]))
                yield Slot(value, role, to_send)


def _joined(slice_: Slice, kind: str) -> set[tuple[Ref, str]]:
    query = select(Link.source, Link.local_id, Link.role).where(
        Link.connection_id == slice_.connection.id, Link.kind == kind, Link.state == LINKED
    )
    with slice_.state.transaction() as session:
        return {(Ref(source, local_id), role) for source, local_id, role in session.execute(query)}


def _roles(kind: str, value: Any, use: Use, joined: set[tuple[Ref, str]]) -> Iterable[str]:
    roles = kinds.roles(kind)
    if roles == ("",):
        return roles
    return [
        role
        for role in roles
        if role in value.roles or use.counted[kind, value.ref, role] or (value.ref, role) in joined
    ]
