"""What has to be known of Intacct's documents before they come into the host, and whose business each is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import kinds
from ..errors import Refused
from ..ledger import DRAFT, VOID, Document, Ref
from ..messages import Message
from ..models import Connection, Operation, Record
from ..translate import states, translators
from ..translate.outgoing import Sent
from . import anew, document_matching, header, missing, record_import, records
from .job_context import JobContext
from .outbox.actions import CREATE
from .outbox.states import UNDER_WAY
from .resolution import Maps


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
    def of(cls, job: JobContext, kind: str, some: Sequence[Record]) -> Chunk:
        """Look it up, as it is now, for all of them together."""
        documents: dict[int, Document] = {}
        for record in some:
            with suppress(Refused):  # told when its turn comes
                documents[record.id] = records.value_of(job.state.config, record, kind)
        decided = Maps(job.state, job.connection)
        decided.recall(documents.values())
        contacts = {document.contact for document in documents.values() if document.contact is not None}
        ours = {local for contact in contacts if (local := decided.local(kinds.CONTACT, contact)) is not None}
        both = document_matching.compare(job, kind, decided, document_matching.of_contacts(ours))
        spoken_for, sent = document_matching.spoken_for(both), _sent(job, kind)
        deleted = missing.numbers(job, kind)
        whose = anew.ids(job, kinds.kind(kinds.CONTACT, kinds.shape(kind).contact_role).object)

        def entered_anew(document: Document) -> bool:
            local = decided.local(kinds.CONTACT, document.contact) if document.contact is not None else None
            if local is None:
                return document.contact is not None and document.contact.id in whose
            return bool(deleted) and (header.fold(document.number), local) in deleted

        def waits(document: Document) -> bool:
            return entered_anew(document) or spoken_for(document) or sent(document)

        return cls(documents, decided, Scope.of(job, contacts), waits)

    def document(self, job: JobContext, kind: str, record: Record) -> Document:
        """One of them, by its record.

        :raises Refused: it can't be read.
        """
        found = self.documents.get(record.id)
        return records.value_of(job.state.config, record, kind) if found is None else found


def _sent(job: JobContext, kind: str) -> Callable[[Document], bool]:
    """Tells whether a document of Intacct's may be one that we sent without a clear answer, as it was then: it waits
    for the look-up, whatever became of ours since.
    """
    query = select(Operation.payload).where(
        Operation.connection_id == job.connection.id,
        Operation.object == kinds.kind(kind).object,
        Operation.action == CREATE,
        Operation.state.in_(UNDER_WAY),
    )
    with job.state.reading() as session:
        payloads = session.scalars(query).all()
    found = set()
    for payload in payloads:
        with suppress(Exception):  # a mistake in a translator may raise anything; the look-up tells it
            found.add(_told(translators.of(kind).sent(kind, payload["values"])))
    return lambda document: bool(found) and _told(document) in found


def _told(document: Document | Sent) -> tuple[Any, ...]:
    """What tells a document from others: its number and contact; without a number its day and amount."""
    contact = document.contact if isinstance(document.contact, str) else document.contact and document.contact.id
    number = header.fold(document.number)
    return (contact, number) if number else (contact, document.date, abs(document.gross))


@dataclass(frozen=True, slots=True)
class Scope:
    """What tells whose business a document is: the entity above each location, the contacts that must not sync."""

    tops: Mapping[str, str]
    excluded: Collection[Ref]

    @classmethod
    def of(cls, job: JobContext, contacts: Iterable[Ref]) -> Scope:
        """Read it from what is cached.

        :param contacts: Intacct's contacts of the documents at hand.
        """
        connection = job.connection
        tops = job.kept("tops", lambda: _tops(job))
        marked = {object_ for object_, has in connection.facts.get("exclusion", {}).items() if has}
        excluded: set[Ref] = set()
        with job.state.reading() as session:
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
                        if records.excluded(job.state.config, record)
                    }
        return cls(tops, excluded)


def _tops(job: JobContext) -> dict[str, str]:
    query = select(Record.natural_id, Record.entity).where(
        Record.connection_id == job.connection.id, Record.object == "LOCATION"
    )
    with job.state.reading() as session:
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
        *record_import.free(connection_id, kinds.kind(kind).object),
        Record.hash != Record.applied_hash,
        Record.status.not_in((DRAFT, VOID)),
    )
    return session.scalar(query) or 0
