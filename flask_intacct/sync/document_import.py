"""Intacct's documents brought into the host, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from .. import issues, kinds, logs
from ..contents import Resolve
from ..errors import Refused
from ..host import Host
from ..ledger import PAID, Document, Ref
from ..messages import Message, noun
from ..models import Phase, Record, Run
from ..phases import Cursor
from ..standing import Standing
from . import arrivals, aside, document_scope, eligibility, record_import, settled, unreadable
from .arrivals import Arrival
from .document_scope import Chunk
from .job_context import JobContext
from .link_values import NO_TAX
from .resolution import Maps

log = logs.logger(__name__)

SET = 50
"""So many documents come into the host in one transaction."""


class Incoming:
    """Creates in the host the documents of Intacct that are in scope and joined to nothing, also while requests are on
    their way.

    :param place: Where it goes on, empty at the beginning.
    """

    def __init__(self, job: JobContext, spec: kinds.Kind, place: Cursor) -> None:
        self._slice, self._spec = job, spec
        self._after: int = place.get("after", 0)
        self._tally = settled.Tally(place.get("settled", {}))
        self._sets = self._all()

    @property
    def place(self) -> Cursor:
        """Where another one goes on."""
        return {"after": self._after, "settled": self._tally.dump()}

    def some(self) -> bool:
        """Bring in as many as go into one transaction; False if none are left."""
        return next(self._sets, False)

    def _all(self) -> Iterator[bool]:
        while some := record_import.unlinked(
            self._slice, self._spec.object, changed=True, after=self._after, limit=SET
        ):
            chunk = Chunk.of(self._slice, self._spec.name, some)
            coming = (self._arrival(chunk, record) for record in some)
            _create(self._slice, self._spec, [arrival for arrival in coming if arrival is not None])
            self._after = some[-1].id
            yield True

    def _arrival(self, chunk: Chunk, record: Record) -> Arrival | None:
        """One of them as it comes in; None if it does not, which is told where somebody has to know."""
        job, kind = self._slice, self._spec.name
        label = f"{record.natural_id or record.key} {record.name}"
        with record_import.reported(job, f"record:{record.id}", kind, label, "in"):
            document = chunk.document(job, kind, record)
            if chunk.spoken_for(document):
                return None
            if document_scope.out_of_scope(document, job.connection, chunk.scope):
                _leave_out(job, record)
                return None
            verdict = settled.verdict(job.state.host, document)
            self._tally.add(verdict, document)
            if verdict == settled.HELD:
                record_import.report(job, f"record:{record.id}", settled.held(document), kind, label, "in")
            elif verdict == settled.LEFT_OUT:
                _close(job, record)
            else:
                return _arrival(job, self._spec, record, document, chunk.decided)
        return None

    def tell(self) -> None:
        """Once none are left: one issue for all that is left out because it is paid, and the sums for the results."""
        job, kind = self._slice, self._spec.name
        subject, count = f"left out:{kind}", self._tally.count(settled.LEFT_OUT)
        told = job.phase.total >= 0 or kind in job.run.report.get("settled", {})
        sums = self._tally.dump()
        if not sums and not told and not job.told(Standing(subjects=[subject])):
            return
        with job.transaction() as session:
            issues.close(session, job.connection.id, subject, but=[settled.LEFT] if count else [])
            if count:
                left = settled.left_out(kind, count, self._tally.total(settled.LEFT_OUT))
                job.issue(session, subject, left, kind, "", "in")
            row = session.get_one(Run, job.run.id)
            others = {name: them for name, them in row.report.get("settled", {}).items() if name != kind}
            row.report = {**row.report, "settled": others | ({kind: sums} if sums else {})}
            phase = session.get_one(Phase, job.phase.id)
            job.progress(session, total=phase.done + phase.failed)  # what was left out came to nothing


def _leave_out(job: JobContext, record: Record) -> None:
    with job.transaction() as session:
        session.get_one(Record, record.id).applied_hash = record.hash
        issues.close(session, job.connection.id, f"record:{record.id}")


def _close(job: JobContext, record: Record) -> None:
    with job.transaction() as session:
        issues.close(session, job.connection.id, f"record:{record.id}")


def _create(job: JobContext, spec: kinds.Kind, ready: Sequence[Arrival]) -> None:
    """Bring some in together; one by one, each with its issue, if the host can't have one of them."""
    if len(ready) > 1:
        try:
            arrivals.create_rows(job, spec, ready)
            return
        except Exception as error:
            if not aside.of_a_record(error):
                raise
            # The host's own code may raise anything.
            log.info("%s records come in one by one, for one can't: %s", len(ready), type(error).__name__)
    for one in ready:
        record = one.record
        label = f"{record.natural_id or record.key} {record.name}"
        with record_import.reported(job, f"record:{record.id}", spec.name, label, "in"):
            arrivals.create_rows(job, spec, [one])


def _arrival(job: JobContext, spec: kinds.Kind, record: Record, document: Document, decided: Maps) -> Arrival:
    """A document as it comes in, with its contact, which comes in before it.

    :raises Refused: it can't come in.
    """
    host, currency = job.state.host, unreadable.currency(job)
    assert currency is not None  # else its stage is left out
    document_scope.check(document, currency)
    assert document.contact is not None  # checked just now
    doubted = decided.doubted(document)
    if doubted:
        raise Refused(Message("in.in_doubt", label=doubted))
    contact = decided.local(kinds.CONTACT, document.contact)
    if contact is None:
        contact = _contact_in_use(job, kinds.shape(spec.name).contact_role, document.contact)
        decided.joined(kinds.CONTACT, document.contact, contact)

    agreed = {
        "number": document.number,
        "intacct_number": document.number,
        "total": str(document.gross),
        "settled": document.status == PAID,
    }
    resolve = _resolver(host, spec, decided, contact)
    meant = {(kinds.CONTACT, contact), *decided.used(document)}
    return Arrival(record, lambda: document, resolve, document.number or record.key, agreed, meant)


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


def _contact_in_use(job: JobContext, role: str, ref: Ref) -> Ref:
    """The contact of a document, brought in because it is used.

    :raises Refused: Intacct's record was not read, or the host can't have it.
    """
    spec = kinds.kind(kinds.CONTACT, role)
    with job.state.reading() as session:
        record = session.scalar(
            select(Record).where(
                Record.connection_id == job.connection.id,
                Record.object == ref.source,
                Record.natural_id == ref.id,
                Record.missing_since.is_(None),
            )
        )
    if record is None:
        raise Refused(Message("in.contact_unread", role=noun(role), id=ref.id))
    if eligibility.ours(job, spec)(record):
        raise Refused(Message("in.contact_ours", role=noun(role), id=ref.id, name=record.name))
    try:
        return arrivals.create_local(job, spec, record, counts=False)  # the phase counts documents
    except Refused as refusal:
        whose = {"role": noun(role), "id": ref.id, "name": record.name}
        raise Refused(Message("in.contact_refused", **whose, reason=refusal.said)) from refusal
