"""What a sync will do, told by the same code that will do it: some records at a time, a row of the plan for each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from .. import kinds
from ..errors import Refused
from ..issues import Finding
from ..ledger import DRAFT, VOID, Document, Ref, whole_cents
from ..messages import NOTHING, Message, noun, sentence
from ..models import Link, Record
from ..phases import Cursor, following
from ..sync import document_matching, document_scope, eligibility, record_import, settled, snapshot, unreadable
from ..sync.form import UNPROVED
from ..sync.job_context import JobContext
from ..sync.resolution import of as maps_of
from ..sync.snapshot import SENT
from ..sync.validation import Preparer
from . import items
from .foresight import CAUSE, Foresight
from .items import Item
from .tally import Tally

AT_ONCE = 500

SHOWN = (Link.id, Link.label, Link.cents, Link.hash)
"""What the plan shows of a document of ours."""

HELD = Finding("may exist already", Message("plan.may_exist"), Message("plan.may_exist.cure"))


def incoming(job: JobContext, kind: str, place: Cursor, tally: Tally) -> Cursor | None:
    """Intacct's records of a kind that the sync will create in the host; what it can't create is a problem."""
    foresight = _foresight(job)
    if kind == kinds.TRACKING_CATEGORY:
        _write(
            job,
            [
                _coming(tally, kind, record, foresight.record(kinds.named(kind), record))
                for record in eligibility.categories(job)
            ],
        )
        return None
    objects = eligibility.dimensions(job) if kind == kinds.TRACKING_OPTION else [""]
    specs = [kinds.kind(kind, role) for role in kinds.roles(kind)]
    targets = [(spec, object_ or spec.object) for spec in specs for object_ in objects]
    at = place.get("target", 0)
    if at >= len(targets):
        return None
    spec, object_ = targets[at]
    some: Sequence[Record] = ()
    if job.state.host.place(spec.name, spec.role) is not None:
        some = record_import.unlinked(job, object_, after=place.get("after", 0), limit=AT_ONCE)
    wanted = [record for record in some if eligibility.wanted(job, spec, record)]
    reasons = foresight.records(spec, wanted)
    _write(job, [_coming(tally, kind, *found) for found in zip(wanted, reasons, strict=True)])
    if len(some) == AT_ONCE:
        return {"target": at, "after": some[-1].id}
    return {"target": at + 1} if at + 1 < len(targets) else None


def documents(job: JobContext, kind: str, place: Cursor, tally: Tally) -> Cursor | None:
    """What will happen to the documents of a kind, and which of Intacct's contacts come along."""
    currency = unreadable.currency(job)
    if currency is None:
        return None
    tally.currency = currency
    if job.form is None:
        return _waiting(job, kind, place, tally)
    side = place.get("side", "others")
    if side == "others":
        behind = _others(job, kind, place.get("in", {}), (DRAFT, VOID), "skip")
    elif side == "ours":

        def treat(job: JobContext, kind: str, both: document_matching.Both, cursor: Cursor) -> Cursor | None:
            return _ours(job, kind, both, cursor, tally)

        behind = document_matching.chunks(kind, maps_of, treat, job, place.get("in", {}))
    else:
        behind = _theirs(job, kind, place.get("in", {}), tally)
    if behind is not None:
        return {"side": side, "in": behind}
    following_ = {"others": "ours", "ours": "theirs"}
    return {"side": following_[side]} if side in following_ else None


def preparer(job: JobContext) -> Preparer:
    """What looks whether documents may go, as they will be once all is carried out that was decided."""
    return Preparer(job.connection, maps_of(job), unreadable.currency(job) or "", planned=True)


def _foresight(job: JobContext) -> Foresight:
    return job.kept("foresight", lambda: Foresight(job))


def _write(job: JobContext, rows: Sequence[Item]) -> None:
    with job.transaction() as session:
        items.write(session, job.run.id, rows)


def _coming(tally: Tally, kind: str, record: Record, reason: Message) -> Item:
    label = f"{record.natural_id} {record.name}".strip()
    if not reason:
        return Item(kind, "bring_in", label, record_id=record.id)
    finding = _foreseen(reason)
    tally.problem(kind, finding)
    return Item(kind, "stay", label, record_id=record.id, cause=finding.cause, reason=finding.message)


def _foreseen(reason: Message) -> Finding:
    return Finding(CAUSE, sentence(reason), Message("plan.foreseen.cure"))


def _others(job: JobContext, kind: str, place: Cursor, statuses: Sequence[str], action: str) -> Cursor | None:
    """Our documents of these statuses, with which the same happens."""
    with job.state.reading() as session:
        query = select(*SHOWN).where(
            *snapshot.there(job.connection.id, kind), Link.status.in_(statuses), Link.id > place.get("after", 0)
        )
        some = session.execute(query.order_by(Link.id).limit(AT_ONCE)).all()
    _write(job, [Item(kind, action, link.label, link_id=link.id, cents=link.cents, hash=link.hash) for link in some])
    return following(some, AT_ONCE)


def _ours(job: JobContext, kind: str, both: document_matching.Both, cursor: Cursor, tally: Tally) -> Cursor | None:
    """Some of our documents of a chunk: paired, held or sent."""
    ready = preparer(job)
    pairs = {pair.ours: pair for pair in both.pairs}
    held = {item.ours for item in both.held}
    order = sorted(both.ours)
    left = order[bisect_right(order, Ref(*cursor["after"])) if cursor else 0 :]
    some = left[:AT_ONCE]
    ours = document_matching.documents(job, maps_of(job), both, [ref for ref in some if ref not in held])
    rows = []
    with job.transaction() as session:
        query = select(*SHOWN).where(Link.id.in_([both.ours[ref] for ref in some]))
        links = {link.id: link for link in session.execute(query)}
        for ref in some:
            document, link = ours.get(ref), links.get(both.ours[ref])
            if link is None or (document is None and ref not in held):
                continue  # its row was deleted meanwhile
            row: dict[str, Any] = {"label": link.label, "link_id": link.id, "cents": link.cents, "hash": link.hash}
            if document is not None and ref in pairs:
                named = Message("document", noun=noun(kinds.kind(kind).noun.capitalize()), number=document.number)
                figures = {"date": document.date, "gross": document.gross, "reasons": list(pairs[ref].reasons)}
                same = Message("plan.both", document=named, **figures)
                rows.append(Item(kind, "pair", **row, record_id=both.theirs[pairs[ref].theirs].id, reason=same))
                continue
            findings = [HELD] if document is None else ready.prepare(document)[1]
            for finding in findings:
                tally.problem(kind, finding)
            if findings:
                rows.append(Item(kind, "hold", **row, cause=findings[0].cause, reason=findings[0].message))
                continue
            rows.append(Item(kind, "send", **row))
            if kinds.shape(kind).posted_to:
                tally.first = min(link.id, tally.first or link.id)
        items.write(session, job.run.id, rows)
    return {"after": [*some[-1]]} if len(left) > AT_ONCE else None


def _theirs(job: JobContext, kind: str, place: Cursor, tally: Tally) -> Cursor | None:
    """Some of Intacct's documents that nothing joins."""
    foresight = _foresight(job)
    some = record_import.unlinked(job, kinds.kind(kind).object, after=place.get("after", 0), limit=AT_ONCE)
    chunk = document_scope.Chunk.of(job, kind, some)
    rows: list[Item] = []
    foresight.ahead(chunk.documents.values(), chunk.decided)
    for record in some:
        document = chunk.documents.get(record.id)  # of one that can't be read there is an issue since it was read
        if document is not None and not chunk.spoken_for(document):
            rows += _their(job, kind, record, document, chunk, foresight, tally)
    _write(job, rows)
    return following(some, AT_ONCE)


def _their(
    job: JobContext,
    kind: str,
    record: Record,
    document: Document,
    chunk: document_scope.Chunk,
    foresight: Foresight,
    tally: Tally,
) -> list[Item]:
    """The row of one of Intacct's documents, and that of a contact that comes along; none of what stays out."""
    row: dict[str, Any] = {
        "label": record.natural_id or record.key,
        "record_id": record.id,
        "cents": whole_cents(document.gross),
    }

    def held(finding: Finding) -> list[Item]:
        tally.problem(kind, finding)
        return [Item(kind, "hold", **row, cause=finding.cause, reason=finding.message)]

    try:
        if document_scope.out_of_scope(document, job.connection, chunk.scope):
            return []
        document_scope.check(document, tally.currency)
    except Refused as refusal:
        return held(Finding("not possible here", refusal.said))
    verdict = settled.verdict(job.state.host, document)
    stays = verdict in (settled.HELD, settled.LEFT_OUT)
    reason = NOTHING if stays else foresight.document(document, chunk.decided)
    if reason:
        return held(_foreseen(reason))
    found = [Item(kind, verdict, **row)]
    contact = document.contact
    if not stays and contact is not None and chunk.decided.local(kinds.CONTACT, contact) is None:
        role = kinds.shape(kind).contact_role
        if not foresight.comes(role, contact) and (along := foresight.contact(contact)) is not None:
            label = f"{along.natural_id} {along.name}".strip()
            found.append(Item(kinds.CONTACT, "bring_in", label, record_id=along.id))
    return found


def _waiting(job: JobContext, kind: str, place: Cursor, tally: Tally) -> Cursor | None:
    """All documents of a kind, which wait until the form of dates is known."""
    behind = _others(job, kind, place, SENT, "hold")
    if behind is None:
        with job.state.reading() as session:
            number = items.sums(session, job.run.id).get(kind, {}).get("hold", items.Sum()).count
        tally.problem(kind, UNPROVED, max(number, 1))
    return behind
