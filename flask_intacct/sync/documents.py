"""The stages of each kind of documents: read, look up, pair, send, bring in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import CREATE
from ..host import Host
from ..ledger import PAID, VOID, Document, Ref, digest
from ..links import local_ref
from ..models import Issue, Link, Record, transition
from ..phases import Cursor, Stage, Step, following
from ..standing import Standing
from . import (
    agreement,
    document_matching,
    document_scope,
    elsewhere,
    promised,
    reading,
    record_import,
    records,
    scanning,
    sending,
    settled,
    snapshot,
    touched,
    unreadable,
)
from .document_import import Incoming
from .document_matching import Both
from .job_context import JobContext
from .outbox import intent, outcome_lookup, settle
from .outbox.intent import Intent
from .resolution import of as maps_of
from .sending import DIFFERS, NOT_COMPARED
from .snapshot import OPEN, seen
from .unsent import SEEN
from .validation import Preparer

AT_ONCE = 50
"""So many documents one step prepares."""

SETS = 3
"""So many sets of documents one step brings in, once all is sent."""


def stages(kind: str) -> tuple[Stage, ...]:
    """Bring the documents of a kind into step, in both directions."""
    spec = kinds.kind(kind)

    def stage(step: Step, **more: Any) -> Stage:
        return Stage(partial(if_possible, step), kind, **more)

    return (
        Stage(partial(scanning.scan, kind), kind),
        Stage(partial(touched.read, kind), kind),
        Stage(reap, kind),
        stage(partial(reading.documents, kind), asks=partial(reading.asks, kind, "")),
        stage(partial(outcome_lookup.look_up, spec)),
        stage(partial(_pair, kind)),
        stage(partial(_intend, kind)),
        stage(partial(intent.withdraw, kind, "")),
        stage(partial(_close_gone, kind)),
        stage(partial(_count, kind)),
        stage(partial(_exchange, spec), border=True),
        stage(partial(_refresh, spec)),
        stage(partial(agreement.of_documents, kind, maps_of)),
    )


def reap(job: JobContext, cursor: Cursor) -> Cursor | None:
    """See :func:`.settle.reap`, where there are transactions."""
    return settle.reap(job, cursor) if job.connection.with_transactions else None


def if_possible(step: Step, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Where nobody knows how dates are written, or which currency is the company's own, all documents wait.

    The connection has an issue that says why.
    """
    if not job.connection.with_transactions or job.form is None:
        return None
    return None if unreadable.currency(job) is None else step(job, cursor)


def _pair(kind: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    return document_matching.chunks(kind, maps_of, document_matching.join, job, cursor)


def _intend(kind: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    return document_matching.chunks(kind, maps_of, intend_some, job, cursor)


def intend_some(job: JobContext, kind: str, both: Both, cursor: Cursor) -> Cursor | None:
    """Write down an intent for every document that may go, and an issue for every other."""
    connection, spec = job.connection, kinds.shape(kind)
    free = both.free
    some = free[bisect_right(free, Ref(*cursor["after"])) if cursor else 0 :][:AT_ONCE]
    if not some:
        return None
    preparer = Preparer(connection, maps_of(job), job.state.host.currency(connection.company_id))
    ours = document_matching.documents(job, maps_of(job), both, some)
    found = [(document, *preparer.prepare(document)) for ref in some if (document := ours.get(ref)) is not None]
    with job.transaction() as session:
        links = document_matching.links_of(session, connection.id, kind, some)
        under_way = intent.under_way(session, [link.id for link in links.values()])
        told = _told(session, connection.id, links.values())
        unseen = promised.changed(session, connection, job.run, links.values())
        intents, failed = [], []
        for document, prepared, findings in found:
            link = links.get(document.ref)
            if link is None or link.id in under_way or link.state not in OPEN:
                continue
            if link.id in unseen:
                findings = [promised.CHANGED]
            if f"link:{link.id}" in told:
                causes = [finding.cause for finding in findings]
                issues.close(session, connection.id, f"link:{link.id}", but=causes, proved=False)
            if findings:
                as_it_is = digest(document)
                for finding in issues.merged(findings):
                    job.issue(session, f"link:{link.id}", finding, kind, link.label, "out", as_it_is)
                failed.append(f"link:{link.id}")
                continue
            transition(link, CREATE, "it can be sent")
            link.agreed = {"number": document.number, "total": str(document.gross), SEEN: seen(document)}
            intents.append(Intent(link.id, spec.form.function, kinds.kind(kind).object, preparer.build(prepared)))
        intent.intend(job, session, intents)
        job.progress(session, failed=failed)
    return {"after": [*some[-1]]} if len(some) == AT_ONCE else None


def _told(session: Session, connection_id: int, links: Iterable[Link]) -> set[str]:
    """Those of these links of which an issue is open, by its subject."""
    query = select(Issue.subject).where(
        Issue.connection_id == connection_id,
        Issue.subject.in_([f"link:{link.id}" for link in links]),
        Issue.live.is_not(None),
    )
    return set(session.scalars(query))


def _close_gone(kind: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Close the issues of documents that are no longer to be sent: voided, back to draft, deleted."""
    query = select(Issue.id, Issue.subject).where(
        Issue.connection_id == job.connection.id,
        Issue.kind == kind,
        or_(Issue.live.is_not(None), Issue.resolution == issues.HANDLED),
        Issue.subject.startswith("link:"),
        Issue.id > cursor.get("after", 0),
    )
    if not job.any(query):
        return None
    with job.transaction() as session:
        some = session.execute(query.order_by(Issue.id).limit(AT_ONCE)).all()
        close_gone(session, job.connection.id, kind, {int(row.subject.removeprefix("link:")) for row in some})
    return following(some, AT_ONCE)


def close_gone(session: Session, connection_id: int, kind: str, ids: Collection[int]) -> None:
    """The same of these links, within the caller's transaction."""
    read = Link.seen_at >= 0  # one that was touched since is looked at again
    open_ = select(Link.id).where(Link.id.in_(ids), Link.state.in_(OPEN), read)
    wanted = select(Link.id).where(Link.id.in_(ids), *snapshot.unjoined(connection_id, kind))
    gone = set(session.scalars(open_)) - set(session.scalars(wanted))
    gone -= intent.under_way(session, list(gone))
    issues.close_all(session, connection_id, [f"link:{link_id}" for link_id in sorted(gone)])


def _count(kind: str, job: JobContext, _: Cursor) -> None:
    """Tell how many there will be, at most: what is left out of them comes to nothing."""
    with job.state.reading() as session:
        coming = document_scope.expected(session, job.connection.id, kind)
        going = intent.intended(session, job.run.id, kind)
    job.expect(going + coming)


def _exchange(spec: kinds.Kind, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Send what is ready, bring in what is new in Intacct while the answers are on their way, and then the rest.

    Once all is in, what both sides have by now is compared meanwhile.
    """
    incoming = Incoming(job, spec, cursor.get("in", {}))
    compared = agreement.Beside(spec.name, maps_of, job)
    if "sent" not in cursor:
        behind = sending.send(spec, job, cursor, lambda: incoming.some() or compared.some())
        if behind is not None:
            return {**behind, "in": incoming.place}
    for _ in range(SETS):
        if not incoming.some():
            incoming.tell()
            return None
        if job.over():
            break
    return {"sent": True, "in": incoming.place}


def _refresh(spec: kinds.Kind, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Bring changes of joined documents in: a reversal voids our copy, what was paid is shown.

    What could not be compared since it was sent is passed over: the same would fail again.
    """
    some = record_import.changed(job, spec, cursor)
    unread = job.told(Standing([NOT_COMPARED])) if some else ()
    for link, record in some:
        if f"link:{link.id}" in unread:
            continue
        with record_import.reported(job, f"link:{link.id}", spec.name, link.label, "in"):
            _refresh_one(job, spec, link, record)
        if job.over():
            return {"after": link.id}
    return following([link for link, _ in some], AT_ONCE)


def _refresh_one(job: JobContext, spec: kinds.Kind, link: Link, record: Record) -> None:
    host = job.state.host
    theirs = records.value_of(job.state.config, record, spec.name)
    with record_import.host_transaction(job) as session:
        if record_import.unchanged(session, link) is None:
            return
        if elsewhere.away(job, link):
            if theirs.status == VOID:  # it counts nowhere any more; here it is void once it is back
                elsewhere.back(session, link.connection_id, [link.id])
            return
        ours = host.value(spec.name, local_ref(link))
        if not isinstance(ours, Document) or snapshot.doubtful(session, link, ours):
            return
        if theirs.status == VOID and ours.status != VOID:
            _set_status(host, session, link, ours, VOID)
            issues.close(session, link.connection_id, f"link:{link.id}")
        elif theirs.status != VOID and theirs.gross != ours.gross:
            return  # not applied: it may be ours that is put right; `agreement` and `sending` tell of it
        elif not _settle_up(job, session, link, ours, theirs):
            return  # likewise, for the host may get a word for it
        session.get_one(Record, record.id).applied_hash = record.hash


def _settle_up(job: JobContext, session: Session, link: Link, ours: Document, theirs: Document) -> bool:
    """Show here what was paid in Intacct, as far as the host can: all of it, or nothing any more. False if it can't."""
    status = settled.word(ours, theirs, bool(link.agreed.get("settled")))
    wordless = bool(status) and not job.state.host.has_word(link.kind, status, link.source)
    part = settled.part_paid_here(ours, theirs)
    finding = settled.wordless(theirs) if wordless else settled.held(theirs, joined=True) if part else None
    still = [*([finding.cause] if finding else ()), *(() if sending.agrees(link) else (DIFFERS,))]
    issues.close(session, link.connection_id, f"link:{link.id}", but=still)
    if finding is not None:
        job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "in")
    elif status:
        _set_status(job.state.host, session, link, ours, status)
        row = session.get_one(Link, link.id)
        row.agreed = {**row.agreed, "settled": status == PAID}
    return not wordless


def _set_status(host: Host, session: Session, link: Link, ours: Document, status: str) -> None:
    """Give our copy a status, and keep what it is like then."""
    made = host.set_status(link.kind, ours.ref, status)
    if made is not None:
        snapshot.renew(session, session.get_one(Link, link.id), made)
