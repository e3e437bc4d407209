"""The last value that both sides of a joined record had, kept beside its link whenever the two say the same.

Both are compared once for each state that they are in together; while they differ, what was agreed stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from .. import bulk, issues, kinds
from ..choices import LINKED
from ..clock import boot
from ..config import Config
from ..errors import Refused
from ..issues import Finding
from ..ledger import APPROVED, AWAITING_APPROVAL, DRAFT, FORM, PAID, VOID, Document, Line, Ref, Value, dump, load
from ..messages import Message, listed, named, noun
from ..models import Link, LinkValue, Record
from ..phases import Cursor, following
from ..translate.compare import differences
from . import aside, records, values
from .job_context import JobContext
from .outbox.states import AGREES
from .resolution import Maps
from .sending import DIFFERS
from .snapshot import UNREADABLE
from .unsent import SEEN
from .validation import Preparer

AT_ONCE = 200
"""So many pairs one step compares."""

FEW = 50
"""Fewer are left for a later step, where there is one."""

PAUSE = 20
"""So many times as long as a look that found few took, there is no other: it goes over all joined documents."""

VOIDED = "voided here"
"""The cause of an issue: a document is void here, and counts on in Intacct."""

VOIDED_CURE = Message("differs.voided.cure")

Pair = tuple[Link, Record, LinkValue | None]

ONE_SIDED = ("ref", "roles", "category", "entity", "excluded", "unlisted")
"""Fields of a value that only one side knows, or that name the other side's records."""

_WORDS = {PAID: APPROVED, AWAITING_APPROVAL: DRAFT}
"""Statuses that are the other side's too: payments do not sync, and what awaits approval is a draft in Intacct."""


Maker = Callable[[JobContext], Maps]
"""Gives what the records of both sides lead to."""


def of_documents(kind: str, maps: Maker, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Compare some documents of both sides, as they were read last."""
    some = _documents(job, kind, after=cursor.get("after", 0))
    _compare(kind, maps, job, some)
    return following([link for link, _, _ in some], AT_ONCE)


class Beside:
    """Compares documents of a kind while requests are on their way, and leaves the rest to :func:`of_documents`."""

    def __init__(self, kind: str, maps: Maker, job: JobContext) -> None:
        self._kind, self._maps, self._slice = kind, maps, job
        self._after = {True: 0, False: 0}
        self._failed, self._from = False, 0.0

    def some(self) -> bool:
        """Compare some of those that were brought in, or sent, since the last ones; False if there are few."""
        if self._failed or boot() < self._from:
            return False
        try:
            began = boot()
            found = self._some(incoming=True) or self._some(incoming=False)
            self._from = 0.0 if found else boot() + PAUSE * (boot() - began)
            return found
        except Exception as error:
            if not aside.of_a_record(error):
                raise
            # Whatever it is, the stage meets it again, and tells of it: what is being sent must not wait for that.
            self._failed = True
            return False

    def _some(self, *, incoming: bool) -> bool:
        brought = Link.origin == "intacct" if incoming else Link.origin != "intacct"
        some = _documents(self._slice, self._kind, brought, after=self._after[incoming])
        if len(some) < FEW:
            return False
        self._after[incoming] = some[-1][0].id
        _compare(self._kind, self._maps, self._slice, some)
        return True


def _documents(job: JobContext, kind: str, *where: ColumnElement[bool], after: int) -> Sequence[Pair]:
    return _pairs(job, Link.kind == kind, Link.seen_at >= 0, Record.status != UNREADABLE, *where, after=after)


def _compare(kind: str, maps: Maker, job: JobContext, some: Sequence[Pair]) -> None:
    ours = {link.id: load(Document, kept.value) for link, _, kept in some if kept is not None}
    agreed = {link.id: load(Document, kept.agreed) for link, _, kept in some if kept is not None and kept.agreed}
    decided = maps(job)
    decided.learn(ours.values())
    preparer = Preparer(job.connection, decided, "")
    same: dict[int, dict[str, Any]] = {}
    apart: dict[int, Finding | None] = {}
    for link, record, _ in some:
        mine = ours.get(link.id)
        if mine is None:
            continue
        try:
            theirs = records.value_of(job.state.config, record, link.kind)
        except Refused:
            continue  # it has an issue of its own since it was read
        wrong = _wrong(job, preparer, link, mine, theirs)
        if not wrong:
            same[link.id] = dump(mine)
        if AGREES in link.agreed:  # else it is told since it was sent
            edited = _edited(link, mine, agreed.get(link.id))
            apart[link.id] = _apart(mine, theirs, wrong if edited else ())
    _keep(job, some, same, apart=apart)


def of_contacts(job: JobContext, cursor: Cursor) -> Cursor | None:
    """The same for contacts."""
    some = _pairs(job, Link.kind == kinds.CONTACT, after=cursor.get("after", 0))
    found = {link.id: value for link, _, _ in some if (value := _value(link)) is not None}
    config = job.state.config
    same = {
        link.id: dump(found[link.id])
        for link, record, _ in some
        if link.id in found and same_record(found[link.id], record, link, config)
    }
    _keep(job, some, same, {link_id: dump(value) for link_id, value in found.items()})
    return following([link for link, _, _ in some], AT_ONCE)


def _value(link: Link) -> Value | None:
    try:
        return values.of(link) if link.facts else None
    except (TypeError, ValueError):
        return None  # too little was kept of it


def same_record(ours: Value, record: Record, link: Link, config: Config) -> bool:
    """Whether Intacct's record says the same as a row of ours, in all that both sides have; a contact's code is ours
    alone."""
    try:
        theirs = records.value_of(config, record, link.kind, link.role)
    except Refused:
        return False
    alone = (*ONE_SIDED, "code") if link.kind == kinds.CONTACT else ONE_SIDED
    told: dict[str, Any] = {name: getattr(theirs, name) for name in alone if hasattr(theirs, name)}
    return type(ours) is type(theirs) and replace(ours, **told) == theirs


def _said(document: Document) -> Document:
    """What a document says; a payment changes nothing of it."""
    return replace(document, status=_WORDS.get(document.status, document.status))


def _edited(link: Link, ours: Document, agreed: Document | None) -> bool:
    """Whether ours was changed since the two agreed; if they never did, since it was made ready to be sent."""
    if agreed is not None:
        return _said(ours) != _said(agreed)
    return bool(link.agreed.get(SEEN, link.hash) != link.hash)


def _apart(ours: Document, theirs: Document, edited: Sequence[Message]) -> Finding | None:
    """What people have to know of two joined documents of which one was changed: amounts, or a void here alone.

    :param edited: What differs, if ours was changed since the two agreed.
    """
    if ours.status == VOID != theirs.status:
        return Finding(VOIDED, Message("differs.voided", noun=noun(kinds.kind(ours.kind).noun)), VOIDED_CURE)
    if theirs.status != VOID and ours.gross != theirs.gross:
        changed = Message("differs.changed", ours=ours.gross, theirs=theirs.gross)
        return Finding(DIFFERS, changed, Message("differs.changed.cure"))
    if theirs.status != VOID and edited and not ours.unlisted:
        changed = Message("differs.edited", differences=listed(edited))
        return Finding(DIFFERS, changed, Message("differs.changed.cure"))
    return None


def _wrong(job: JobContext, preparer: Preparer, link: Link, ours: Document, theirs: Document) -> Sequence[Message]:
    """What two documents do not say alike, line by line; the number that Intacct gave in place of ours is agreed."""
    prepared, _ = preparer.prepare(ours)
    number = str(link.agreed.get(AGREES) or ours.number)
    found = differences(_located(job, replace(prepared, number=number)), theirs, lines=True)
    if _said(ours).status != _said(theirs).status:
        words = (named("status", ours.status), named("status", theirs.status))
        found.append(Message("differs.status", ours=words[0], theirs=words[1]))
    return found


def _located(job: JobContext, prepared: Document) -> Document:
    """With the default location in the lines that carry none, as it is sent."""
    default = job.connection.default_location if job.connection.entity else ""
    if not default:
        return prepared
    own = Ref("LOCATION", default)

    def located(line: Line) -> Line:
        if any(option.source == own.source for option in line.options):
            return line
        return replace(line, options=(*line.options, own))

    return replace(prepared, lines=tuple(map(located, prepared.lines)))


def _pairs(job: JobContext, *where: ColumnElement[bool], after: int) -> Sequence[Pair]:
    """Some joined links with their records, of which one is not as when they were compared last."""
    query = (
        select(Link, Record, LinkValue)
        .join(Link.record)
        .outerjoin(Link.value)
        .where(Link.connection_id == job.connection.id, Link.state == LINKED, Link.hash != "", *where)
        .where(Record.missing_since.is_(None), Link.id > after)
        .where(func.coalesce(LinkValue.judged, "") != Link.record_key + ":" + Link.hash + ":" + Record.hash)
    )
    with job.state.reading() as session:
        found = session.execute(query.order_by(Link.id).limit(AT_ONCE))
        return [(link, record, kept) for link, record, kept in found]


def _judged(link: Any, record: Record) -> str:
    return f"{link.record_key}:{link.hash}:{record.hash}"


def _keep(
    job: JobContext,
    some: Sequence[Pair],
    same: Mapping[int, dict[str, Any]],
    fresh: Mapping[int, dict[str, Any]] | None = None,
    apart: Mapping[int, Finding | None] | None = None,
) -> None:
    """Keep what is agreed of those pairs that nobody changed meanwhile. What was agreed with another record is none.

    :param same: The values on which both sides agree, by link.
    :param fresh: The present values of ours, where they are not kept yet.
    :param apart: What is to be told of pairs, None where nothing is any more.
    """
    if not some:
        return
    with job.transaction() as session:
        own = select(Link.id, Link.state, Link.record_key, Link.hash).where(
            Link.id.in_([link.id for link, _, _ in some])
        )
        now = {row.id: row for row in session.execute(own.order_by(Link.id).with_for_update())}
        rows: dict[int, dict[str, Any]] = {}
        for link, record, kept in some:
            row, judged = now.get(link.id), _judged(link, record)
            if row is None or row.state != LINKED or _judged(row, record) != judged:
                continue  # it was decided or answered meanwhile
            rows[link.id] = {"judged": judged}
            if fresh is not None and link.id in fresh:
                rows[link.id] |= {"value": fresh[link.id], "codec": FORM}
            if link.id in same:
                rows[link.id] |= {"agreed": same[link.id], "agreed_codec": FORM}
            elif kept is not None and kept.judged and not kept.judged.startswith(f"{link.record_key}:"):
                rows[link.id] |= {"agreed": None, "agreed_codec": None}
        _write(session, some, rows)
        if apart:
            told = rows.keys() & apart.keys()
            _tell(job, session, [(link, apart[link.id]) for link, _, _ in some if link.id in told])


def _tell(job: JobContext, session: Session, found: Sequence[tuple[Link, Finding | None]]) -> None:
    """Open an issue of each pair that is apart, and close what was told of the others."""
    for cause in (DIFFERS, VOIDED):
        over = [f"link:{link.id}" for link, finding in found if finding is None or finding.cause != cause]
        issues.close_all(session, job.connection.id, over, causes=[cause])
    for link, finding in found:
        if finding is not None:
            job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "in")


def _write(session: Session, some: Sequence[Pair], rows: Mapping[int, dict[str, Any]]) -> None:
    kept = {link.id: value.id for link, _, value in some if value is not None}
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for link_id, row in rows.items():
        if link_id in kept or "value" in row:
            key = {"id": kept[link_id]} if link_id in kept else {"link_id": link_id}
            groups.setdefault((*key, *row), []).append(key | row)
    for columns, group in groups.items():
        if columns[0] == "id":
            session.execute(update(LinkValue), group)
        else:
            bulk.insert_rows(session, LinkValue, group)
