"""Our own side: a link per record of the host and role, with what the record was like when it was last read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import accounts, kinds, presence
from ..choices import ARCHIVED, LINKED, ORPHANED, RETIRED, UNDECIDED
from ..ledger import APPROVED, AWAITING_APPROVAL, PAID, ZERO, Document, Ref, TaxType, dump, folded
from ..links import local_ref
from ..models import Connection, Link, transition
from . import retire, unreadable
from .slice import Slice

NO_TAX = "no_tax"
"""Source of the row that stands for lines without a tax type: a VAT company wants a tax detail for them too."""

SENT = (AWAITING_APPROVAL, APPROVED, PAID)
"""Statuses of documents that go out; drafts and voided ones do not."""

UNLISTED = "unlisted"
"""Where a connection's facts count the words of the host that its description does not list, per kind."""

BATCH = 200


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


def snapshot(slice_: Slice) -> None:
    """Make a link for every record that has to be decided, refresh those there are, and orphan those that went."""
    use = _use(slice_)
    taxes = bool(slice_.connection.facts.get("taxes"))
    for kind in kinds.MATCHED:
        if kind in slice_.place.get("kinds", ()) or not slice_.state.host.has(kind):
            continue
        found, bad = unreadable.values(slice_, kind)
        rows = list(_rows(slice_, kind, use, found)) if kind != kinds.TAX_TYPE or taxes else []
        seen: set[int] = set()
        there = {value.ref for value, _, _ in rows}
        for at in range(0, len(rows), BATCH):
            with slice_.transaction() as session:
                batch = [value.ref.id for value, _, _ in rows[at : at + BATCH]]
                known = _known(session, slice_.connection.id, kind, batch)
                for value, role, facts in rows[at : at + BATCH]:
                    seen.add(_upsert(session, slice_, known, kind, value, role, facts))
                slice_.progress(session, done=len(rows[at : at + BATCH]))
        with slice_.transaction() as session:
            mine = (
                Link.connection_id == slice_.connection.id,
                Link.kind == kind,
                Link.state.not_in((ARCHIVED, ORPHANED)),
            )
            unread = {Ref(*error.ref) for error in bad}
            gone = set(session.scalars(select(Link.id).where(*mine))) - seen
            for link_id in gone:
                link = session.get_one(Link, link_id)
                if local_ref(link) in unread:
                    continue  # it is there, only it can't be read
                if link.own_role and local_ref(link) in there:
                    continue  # a person chose this role; the host's own has a row beside it, for what is to be sent
                transition(link, ORPHANED, "nothing is to be decided for it")
                link.exclusive = None
            _keep_words(session.get_one(Connection, slice_.connection.id), kind, found, use)
            slice_.progress(session, place={"kinds": [*slice_.place.get("kinds", ()), kind]})


def deleted(slice_: Slice) -> None:
    """Retire the links of rows that are gone, however they went: by plain SQL no session of the host sees it."""
    query = select(Link.kind, Link.source, Link.local_id).where(
        Link.connection_id == slice_.connection.id, Link.local_id.not_like(f"{RETIRED}%"), Link.source != NO_TAX
    )
    with slice_.state.transaction() as session:
        found = session.execute(query.order_by(Link.kind, Link.source, Link.id)).all()
    for at in range(0, len(found), presence.AT_ONCE):
        retire_gone(slice_, found[at : at + presence.AT_ONCE])


def retire_gone(slice_: Slice, links: Iterable[Any]) -> int:
    """Retire those of these links (their kind, source and local id are looked at) whose row is gone; gives how many."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for link in links:
        grouped.setdefault((link.kind, link.source), []).append(link.local_id)
    host, gone = slice_.state.host, dict[tuple[str, str], set[str]]()
    for (kind, source), local_ids in grouped.items():
        local = host.local(kind, source)  # None for what is no longer described, of which nothing can be said
        if local is not None:
            with presence.connection(host.session, local) as connection:
                gone[kind, source] = presence.gone(connection, local, local_ids)
    if not any(gone.values()):
        return 0
    with slice_.transaction() as session:
        return retire.retire(session, gone)


def _use(slice_: Slice) -> Use:
    use = Use()
    connection = slice_.connection
    if connection.with_transactions:
        with slice_.state.transaction() as session:
            query = select(Link.source, Link.local_id).where(
                Link.connection_id == connection.id, Link.kind.in_(kinds.documents()), Link.state == LINKED
            )
            sent = {Ref(source, local_id) for source, local_id in session.execute(query)}
        for kind in kinds.documents():
            found, _ = unreadable.documents(slice_, kind)
            for document in found:
                use.unlisted.update((kind, word) for word in document.unlisted)
                if document.status in SENT and document.ref not in sent:
                    use.add(document)
    return use


def _keep_words(connection: Connection, kind: str, found: Iterable[Any], use: Use) -> None:
    """Remember which words of the host nobody listed, and how often each was met."""
    counted = Counter((kind, word) for value in found for word in value.unlisted) + use.unlisted
    fresh = {kind, *kinds.documents()}
    words = {name: met for name, met in connection.facts.get(UNLISTED, {}).items() if name not in fresh}
    for (name, word), number in sorted(counted.items()):
        words.setdefault(name, {})[word] = number
    if words != connection.facts.get(UNLISTED, {}):
        connection.facts = {**connection.facts, UNLISTED: words}


def _rows(slice_: Slice, kind: str, use: Use, found: Iterable[Any]) -> Iterable[tuple[Any, str, dict[str, Any]]]:
    """(value, role, facts) of every slot; what is joined stays, and archived records open one where a document to be
    sent uses them."""
    joined = _joined(slice_, kind)
    for value in found:
        for role in _roles(kind, value, use, joined):
            to_send = use.counted[kind, value.ref, role]
            if value.active or to_send or (value.ref, role) in joined:
                yield value, role, dump(value) | {"to_send": to_send}
    if kind == kinds.TAX_TYPE:
        for role in kinds.roles(kind):
            to_send = use.counted[kind, Ref(NO_TAX, NO_TAX), role]
            if to_send or (Ref(NO_TAX, NO_TAX), role) in joined:
                value = TaxType(ref=Ref(NO_TAX, NO_TAX), name="No tax", rate=Decimal(0), roles=frozenset([role]))
                yield value, role, dump(value) | {"to_send": to_send}


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


def _known(session: Session, connection_id: int, kind: str, local_ids: list[str]) -> dict[tuple[str, str, str], Link]:
    query = select(Link).where(Link.connection_id == connection_id, Link.kind == kind, Link.local_id.in_(local_ids))
    return {(link.source, link.local_id, link.role): link for link in session.scalars(query)}


def _upsert(
    session: Session,
    slice_: Slice,
    known: dict[tuple[str, str, str], Link],
    kind: str,
    value: Any,
    role: str,
    facts: dict[str, Any],
) -> int:
    link = known.get((value.ref.source, value.ref.id, role))
    if link is None:
        moved = [
            other
            for (source, local_id, _), other in known.items()
            if (source, local_id) == value.ref and (other.origin == "intacct" or other.role not in value.roles)
        ]
        if moved and not facts["to_send"]:
            link = moved[0]  # it came from Intacct in one role, or a person chose another role than the host's
            if not link.own_role:
                return link.id
        else:
            link = Link(
                connection_id=slice_.connection.id,
                kind=kind,
                source=value.ref.source,
                local_id=value.ref.id,
                role=role,
                state=UNDECIDED,
            )
            session.add(link)
    elif link.state == ORPHANED:
        transition(link, UNDECIDED, "it is to be decided again")
        link.object, link.record_key = "", ""
        link.overrides, link.own_role = [], ""
    link.label = value.label[:255]
    link.detail = " · ".join(_details(kind, facts))[:255]
    link.search = folded(value.code, value.name, facts.get("email", ""), facts.get("tax_number", ""))[:500]
    link.parent = value.category.id if kind == kinds.TRACKING_OPTION else ""
    if link.state == ARCHIVED and facts["to_send"]:
        transition(link, UNDECIDED, "a new document uses it")  # the decision no longer holds
    link.facts = facts
    session.flush()
    return link.id


def _details(kind: str, facts: dict[str, Any]) -> Iterable[str]:
    if kind == kinds.TAX_TYPE and "rate" in facts:
        yield f"{facts['rate'].rstrip('0').rstrip('.') if '.' in facts['rate'] else facts['rate']} %"
    if kind == kinds.ACCOUNT:
        yield from filter(None, [accounts.described(facts.get("type", ""), facts.get("control", ""))])
    for name in ("email", "tax_number", "postcode"):
        if facts.get(name):
            yield facts[name]
    if facts["to_send"]:
        yield f"used by {facts['to_send']} document{'s' if facts['to_send'] > 1 else ''} to send"
