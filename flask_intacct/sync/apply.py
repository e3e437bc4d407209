"""Intacct's documents brought into the host."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..contents import Resolve
from ..errors import Refused
from ..host import Host
from ..ledger import DRAFT, PAID, VOID, Document, Ref
from ..messages import Message, noun
from ..models import Connection, Phase, Record, Run
from ..phases import Cursor, following
from ..standing import Standing
from ..translate import states
from . import arrivals, aside, coming, inbound, pairing, records, settled, unreadable
from .arrivals import Arrival
from .link_values import NO_TAX
from .maps import Maps
from .slice import Slice

log = logging.getLogger(__name__)

SET = 20
"""So many documents come into the host in one transaction."""


def bring_in(spec: kinds.Kind, slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Create in the host the documents of Intacct that are in scope and joined to nothing."""
    kind, tally = spec.name, settled.Tally(cursor.get("settled", {}))
    some = inbound.unlinked(
        slice_, spec.object, changed=True, after=cursor.get("after", 0), limit=inbound.AT_ONCE
    )  # fmt: skip
    if not some:
        _tell(slice_, kind, tally)
        return None
    chunk = slice_.kept("chunk", lambda: Chunk.of(slice_, kind, some), [record.id for record in some])
    ready: list[Arrival] = []
    for record in some:
        label = f"{record.natural_id or record.key} {record.name}"
        with inbound.reported(slice_, f"record:{record.id}", kind, label, "in"):
            document = chunk.document(slice_, kind, record)
            if chunk.spoken_for(document):
                continue
            if out_of_scope(document, slice_.connection, chunk.scope):
                _leave_out(slice_, record)
                continue
            verdict = settled.verdict(slice_.state.host, document)
            tally.add(verdict, document)
            if verdict == settled.HELD:
                inbound.report(slice_, f"record:{record.id}", settled.held(document), kind, label, "in")
            elif verdict == settled.LEFT_OUT:
                _close(slice_, record)
            else:
                ready.append(_arrival(slice_, spec, record, document, chunk.decided))
        if len(ready) == SET or slice_.over():
            _create(slice_, spec, ready)
            ready = []
        if slice_.over():
            return {"after": record.id, "settled": tally.dump()}
    _create(slice_, spec, ready)
    behind = following(some, inbound.AT_ONCE)
    if behind is not None:
        return behind | {"settled": tally.dump()}
    _tell(slice_, kind, tally)
    return None


def _tell(slice_: Slice, kind: str, tally: settled.Tally) -> None:
    """One issue for all that is left out because it is paid, and the sums for the results."""
    subject, count = f"left out:{kind}", tally.count(settled.LEFT_OUT)
    told = slice_.phase.total >= 0 or kind in slice_.run.report.get("settled", {})
    if not tally.dump() and not told and not slice_.told(Standing(subjects=[subject])):
        return
    with slice_.transaction() as session:
        issues.close(session, slice_.connection.id, subject, but=[settled.LEFT] if count else [])
        if count:
            slice_.issue(session, subject, settled.left_out(kind, count, tally.total(settled.LEFT_OUT)), kind, "", "in")
        row = session.get_one(Run, slice_.run.id)
        others = {name: sums for name, sums in row.report.get("settled", {}).items() if name != kind}
        row.report = {**row.report, "settled": others | ({kind: tally.dump()} if tally.dump() else {})}
        phase = session.get_one(Phase, slice_.phase.id)
        slice_.progress(session, total=phase.done + phase.failed)  # what was left out came to nothing


@dataclass(frozen=True, slots=True)
class Chunk:
    """What has to be known of some documents of Intacct before they come in.

    :param documents: Those that can be read, by the ids of their records.
    """

    documents: Mapping[int, Document]
    decided: Maps
    scope: Scope
    spoken_for: Callable[[Document], bool]

    @classmethod
    def of(cls, slice_: Slice, kind: str, some: Sequence[Record]) -> Chunk:
        """Look it up, as it is now, for all of them together."""
        documents: dict[int, Document] = {}
        for record in some:
            with suppress(Refused):  # told when its turn comes
                documents[record.id] = records.value_of(slice_.state.config, record, kind)
        decided = Maps(slice_.state, slice_.connection)
        decided.recall(documents.values())
        contacts = {document.contact for document in documents.values() if document.contact is not None}
        ours = {local for contact in contacts if (local := decided.local(kinds.CONTACT, contact)) is not None}
        both = pairing.compare(slice_, kind, decided, pairing.of_contacts(ours))
        return cls(documents, decided, Scope.of(slice_, contacts), pairing.spoken_for(both))

    def document(self, slice_: Slice, kind: str, record: Record) -> Document:
        """One of them, by its record.

        :raises Refused: it can't be read.
        """
        found = self.documents.get(record.id)
        return records.value_of(slice_.state.config, record, kind) if found is None else found


@dataclass(frozen=True, slots=True)
class Scope:
    """What tells whose business a document is: the entity above each location, the contacts that must not sync."""

    tops: Mapping[str, str]
    excluded: Collection[Ref]

    @classmethod
    def of(cls, slice_: Slice, contacts: Iterable[Ref]) -> Scope:
        """Read it from what is cached.

        :param contacts: Intacct's contacts of the documents at hand.
        """
        connection = slice_.connection
        tops = slice_.kept("tops", lambda: _tops(slice_))
        marked = {object_ for object_, has in connection.facts.get("exclusion", {}).items() if has}
        excluded: set[Ref] = set()
        with slice_.state.reading() as session:
            for object_ in marked:
                ids = sorted({ref.id for ref in contacts if ref.source == object_})
                for at in range(0, len(ids), records.CHUNK):
                    query = select(Record).where(
                        Record.connection_id == connection.id,
                        Record.object == object_,
                        Record.natural_id.in_(ids[at : at + records.CHUNK]),
                    )
                    found = session.scalars(query)
                    excluded |= {
                        Ref(record.object, record.natural_id)
                        for record in found
                        if records.excluded(slice_.state.config, record)
                    }
        return cls(tops, excluded)


def _tops(slice_: Slice) -> dict[str, str]:
    query = select(Record.natural_id, Record.entity).where(
        Record.connection_id == slice_.connection.id, Record.object == "LOCATION"
    )
    with slice_.state.reading() as session:
        return dict(session.execute(query).all())


def out_of_scope(document: Document, connection: Connection, scope: Scope) -> str:
    """Why a document of Intacct is not this company's business; "" if it is.

    :raises Refused: it lies half inside and half outside the entity.
    """
    if not states.importable(document.state) or document.status == VOID:
        return "reversed in Sage Intacct"
    if document.status == DRAFT:
        return "a draft in Sage Intacct"
    if document.contact in scope.excluded:
        return "its contact is kept out of the sync in Sage Intacct"
    if connection.entity and document.entity and document.entity != connection.entity:
        return "another entity's"
    if connection.entity and not document.entity:
        above = {
            scope.tops.get(option.id, "")
            for line in document.lines
            for option in line.options
            if option.source == "LOCATION"
        }
        if connection.entity not in above:
            return "another entity's"
        if above != {connection.entity}:
            raise Refused(Message("in.entities"))
    return ""


def check(document: Document, currency: str) -> None:
    """Refuse what the host could not have to the cent.

    :param currency: The company's own; "" takes every document's word for it.
    :raises Refused: it is in another currency, its lines don't add up, or it names no contact.
    """
    if currency and document.currency and document.currency != currency:
        raise Refused(Message("in.currency", currency=document.currency, books=currency))
    if document.total is not None and document.total != document.net + document.tax:
        raise Refused(Message("in.sum", lines=str(document.net + document.tax), total=str(document.total)))
    if document.contact is None:
        raise Refused(Message("in.no_contact"))


def expected(session: Session, connection_id: int, kind: str) -> int:
    """How many of Intacct's unjoined documents are to be looked at: they come in, are reported, or left out."""
    query = select(func.count()).where(
        *inbound.free(connection_id, kinds.kind(kind).object),
        Record.hash != Record.applied_hash,
        Record.status.not_in((DRAFT, VOID)),
    )
    return session.scalar(query) or 0


def _leave_out(slice_: Slice, record: Record) -> None:
    with slice_.transaction() as session:
        session.get_one(Record, record.id).applied_hash = record.hash
        issues.close(session, slice_.connection.id, f"record:{record.id}")


def _close(slice_: Slice, record: Record) -> None:
    with slice_.transaction() as session:
        issues.close(session, slice_.connection.id, f"record:{record.id}")


def _create(slice_: Slice, spec: kinds.Kind, ready: Sequence[Arrival]) -> None:
    """Bring some in together; one by one, each with its issue, if the host can't have one of them."""
    if len(ready) > 1:
        try:
            arrivals.create_rows(slice_, spec, ready)
            return
        except Exception as error:
            if not aside.of_a_record(error):
                raise
            # The host's own code may raise anything.
            log.info("%s records come in one by one, for one can't: %s", len(ready), type(error).__name__)
    for one in ready:
        record = one.record
        label = f"{record.natural_id or record.key} {record.name}"
        with inbound.reported(slice_, f"record:{record.id}", spec.name, label, "in"):
            arrivals.create_rows(slice_, spec, [one])


def _arrival(slice_: Slice, spec: kinds.Kind, record: Record, document: Document, decided: Maps) -> Arrival:
    """A document as it comes in, with its contact, which comes in before it.

    :raises Refused: it can't come in.
    """
    host, currency = slice_.state.host, unreadable.currency(slice_)
    assert currency is not None  # else its stage is left out
    check(document, currency)
    assert document.contact is not None  # checked just now
    doubted = decided.doubted(document)
    if doubted:
        raise Refused(Message("in.in_doubt", label=doubted))
    contact = decided.local(kinds.CONTACT, document.contact)
    if contact is None:
        contact = _contact_in_use(slice_, kinds.shape(spec.name).contact_role, document.contact)
        decided.joined(kinds.CONTACT, document.contact, contact)

    agreed = {
        "number": document.number,
        "intacct_number": document.number,
        "total": str(document.gross),
        "settled": document.status == PAID,
    }
    resolve = _resolver(host, spec, decided, contact)
    return Arrival(record, lambda: document, resolve, document.number or record.key, agreed)


_UNMATCHED = {kinds.ACCOUNT: "in.account_unmatched", kinds.TAX_TYPE: "in.tax_unmatched"}
"""Why a document can't come in where a line of it leads to none of the host's records."""


def _resolver(host: Host, spec: kinds.Kind, decided: Maps, contact: Ref) -> Resolve:
    """Finds the host's rows of what a document refers to.

    :param contact: The host's contact of it.
    """

    def resolve(kind: str, ref: Ref) -> Any:
        if kind == kinds.CONTACT:
            row = host.row(kind, contact)
            if row is None:
                raise Refused(Message("in.contact_deleted", role=noun(kinds.shape(spec.name).contact_role)))
            return row
        local = decided.local(kind, ref)
        row = host.row(kind, local) if local else None
        wanted = kind in _UNMATCHED and host.has(kind) and (local is None or local.source != NO_TAX)
        if row is None and wanted:
            raise Refused(Message(_UNMATCHED[kind], id=ref.id))
        return row

    return resolve


def _contact_in_use(slice_: Slice, role: str, ref: Ref) -> Ref:
    """The contact of a document, brought in because it is used.

    :raises Refused: Intacct's record was not read, or the host can't have it.
    """
    spec = kinds.kind(kinds.CONTACT, role)
    with slice_.state.reading() as session:
        record = session.scalar(
            select(Record).where(
                Record.connection_id == slice_.connection.id, Record.object == ref.source, Record.natural_id == ref.id
            )
        )
    if record is None:
        raise Refused(Message("in.contact_unread", role=noun(role), id=ref.id))
    if coming.ours(slice_, spec)(record):
        raise Refused(Message("in.contact_ours", role=noun(role), id=ref.id, name=record.name))
    try:
        return arrivals.create_local(slice_, spec, record, counts=False)  # the phase counts documents
    except Refused as refusal:
        whose = {"role": noun(role), "id": ref.id, "name": record.name}
        raise Refused(Message("in.contact_refused", **whose, reason=refusal.said)) from refusal
