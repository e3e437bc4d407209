"""The stage that sends documents: in batches, each read back and compared with what was sent until the two agree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from .. import bulk, issues, kinds
from ..choices import LINKED, SUSPENDED
from ..errors import Refused
from ..gateway import Reply, Result, functions
from ..gateway.formats import Row, text
from ..gateway.functions import MOST_KEYS
from ..issues import Finding
from ..ledger import Document
from ..messages import Message, listed, noun
from ..models import Connection, Issue, Link, Operation, Record
from ..phases import Cursor
from ..translate.compare import differences
from . import amend, aside, records, settled, unreadable, unsent, whole
from .job_context import JobContext
from .outbox import claim as claims
from .outbox import states
from .outbox.record import record
from .outbox.states import AGREES
from .outbox.wire import Task, pump

DIFFERS = "amounts differ"
"""The cause of an issue: both sides have a document, and not with the same amounts."""

NOT_COMPARED = "not compared"
"""The cause of an issue: nobody can tell whether Intacct made of a document what was sent."""


def agrees(link: Link) -> bool:
    """Whether the documents of a joined link were the same once; what changes later is no matter of sending."""
    return AGREES in link.agreed


def send(spec: kinds.Kind, job: JobContext, cursor: Cursor, meanwhile: Callable[[], bool]) -> Cursor | None:
    """Send what is ready and read back what was created, for as long as the slice's time is not over; the first of a
    kind goes alone, and the rest only if it came back as it was sent.

    `tried` of the cursor are the keys of those that this run did not find to be the same.

    :param meanwhile: See :func:`.wire.pump`.
    """
    sending = _Sending(job, spec, cursor.get("tried", []))
    if not (sending.created or sending.ready):
        return None
    if spec.name in job.connection.facts.get("proved", ()):
        pump(job, sending.following, meanwhile)
    elif not sending.first():
        return None  # its outcome is looked up by a later run
    return {"tried": sending.tried}


class _Sending:
    """What is still to be sent and read back of a kind, in one step.

    :param tried: Keys of documents that were read back, and are not the same.
    """

    def __init__(self, job: JobContext, spec: kinds.Kind, tried: Sequence[str]) -> None:
        self._slice, self._spec, self._client = job, spec, job.writer
        self.tried = list(tried)
        self.created = {key: None for key in _created(job, spec) if key not in set(tried)}
        self.ready = unsent.Queue(job, spec)
        self._writing = 0

    def following(self, flying: int) -> Task | None:
        """The next request: what was created is read back as many at a time as go into one, the rest at the end."""
        batch = self.ready.take(patient=not flying) if len(self.created) < MOST_KEYS else None
        if batch is not None:
            self._writing += 1
            return Task(partial(claims.send, self._client, batch), partial(self._record, batch))
        if len(self.created) >= MOST_KEYS or (self.created and not self._writing):
            keys = self._unread()
            return Task(self._read(keys), lambda answer: self._compare(keys, answer(), canary=False), brief=True)
        return None

    def first(self) -> bool:
        """Send the first document of the kind, or read it back: one request. False if nobody knows what became of it.

        :raises Refused: it did not come back as it was sent, or a person has to look at it: nothing more is sent.
        """
        if self.created:
            keys = self._unread()
            self._compare(keys, self._read(keys)(), canary=True)
            return True
        with self._slice.state.reading() as session:
            if _first_under_way(session, self._slice.connection.id, self._spec):
                return False
        batch = self.ready.take(most=1)
        if batch is not None:
            self._writing += 1
            self._record(batch, partial(claims.send, self._client, batch))
        return True

    def _record(self, batch: claims.Batch, answer: Callable[[], Reply]) -> bool:
        self._writing -= 1
        written = record(self._slice, batch, answer)
        for key in written:
            self.created[key] = None
            if key in self.tried:
                self.tried.remove(key)
        return bool(written)

    def _unread(self) -> list[str]:
        """Take the keys of those that are read back next."""
        keys = list(islice(self.created, MOST_KEYS))
        for key in keys:
            del self.created[key]
        return keys

    def _read(self, keys: Sequence[str]) -> Callable[[], Result]:
        return lambda: self._client.call(functions.read(self._spec.object, keys))

    def _compare(self, keys: Sequence[str], answer: Result, *, canary: bool) -> bool:
        rows = whole.told(self._slice, self._spec, answer)
        same = _compare(self._slice, self._spec, keys, rows, canary=canary)
        self.tried += [key for key in keys if key not in same]
        return bool(same)


def _created(job: JobContext, spec: kinds.Kind) -> dict[str, None]:
    """The keys of what was created, and was not read yet or not found to be the same, in the order of their links."""
    query = (
        select(Link.record_key)
        .outerjoin(Link.record)
        .where(
            Link.connection_id == job.connection.id,
            Link.kind == spec.name,
            Link.object == spec.object,
            Link.record_key != "",
            Link.state != SUSPENDED,
            or_(
                Record.id.is_(None),
                and_(
                    Link.state == LINKED,
                    Link.agreed[AGREES].as_string().is_(None),
                    Record.missing_since.is_(None),
                ),
            ),
        )
    )
    if job.only is not None:
        query = query.where(Link.id.in_(select(Operation.link_id).where(Operation.run_id == job.only)))
    with job.state.reading() as session:
        return dict.fromkeys(session.scalars(query.order_by(Link.id)))


def _first_under_way(session: Session, connection_id: int, spec: kinds.Kind) -> bool:
    """Post no second first document while nobody knows what became of the first: is its outcome still looked up?

    :raises Refused: a person has to look at it.
    """
    query = (
        select(Link.id, Operation.state)
        .join(Operation.link)
        .where(
            Operation.connection_id == connection_id,
            Operation.state.in_(states.UNDER_WAY),
            Link.kind == spec.name,
        )
    )
    sent = {f"link:{link_id}": state for link_id, state in session.execute(query)}
    by_hand = [subject for subject, state in sent.items() if state == states.MANUAL]
    odd = Issue.fingerprint.in_((DIFFERS, NOT_COMPARED)) & (Issue.direction == "out")
    told = select(Issue.label).where(
        Issue.connection_id == connection_id, Issue.kind == spec.name, Issue.live.is_not(None),
        or_(odd, Issue.subject.in_(by_hand)),
    )  # fmt: skip
    label = session.scalar(told.order_by(Issue.id).limit(1))
    if label is not None:
        raise Refused(Message("out.first_waits", noun=noun(spec.noun), label=label))
    return len(sent) > len(by_hand)


def _compare(
    job: JobContext, spec: kinds.Kind, keys: Sequence[str], rows: Sequence[Row], *, canary: bool
) -> Collection[str]:
    """Compare what Intacct made of it with what was sent; gives the keys of those that are the same.

    :raises Refused: the first document of its kind did not come back as it was sent: nothing more is sent.
    """
    odd: list[Message] = []
    same: list[str] = []
    agreed: list[dict[str, Any]] = []
    applied: list[dict[str, Any]] = []
    closed: dict[tuple[str, ...], list[str]] = {}
    with job.transaction(outcome=True) as session:
        records.land(job, session, spec, rows)
        found = records.by_key(session, job.connection.id, spec.object, (text(row, spec.key) for row in rows))
        joined = select(Link).where(
            Link.connection_id == job.connection.id, Link.object == spec.object, Link.exclusive.in_(keys)
        )
        links = session.scalars(joined.order_by(Link.id)).all()
        told, ours_of = _told(session, job.connection.id, links), unreadable.of_links(job, spec.name, links)
        for link in links:
            record, subject = found.get(str(link.exclusive)), f"link:{link.id}"
            try:
                seen = _compared(job, session, link, record, ours_of)
            except Exception as error:
                what = aside.finding(error, f"{link.kind} {link.label}", NOT_COMPARED)
                seen = Compared(replace(what, cause=NOT_COMPARED))
            finding = seen.finding
            if seen.number is not None:
                agreed.append({bulk.ID: link.id, "agreed": {**link.agreed, AGREES: seen.number}})
            if seen.number is not None or (finding is None and agrees(link)):
                same.append(str(link.exclusive))
            if record is not None and seen.shown and subject not in told:  # all that it says is known here
                applied.append({bulk.ID: record.id, "applied_hash": record.hash})
            if finding is None or finding.cause != NOT_COMPARED:
                gone = (NOT_COMPARED,) if finding else (NOT_COMPARED, DIFFERS)
                closed.setdefault(gone, []).append(subject)
            if finding is not None and job.issue(session, subject, finding, spec.name, link.label, "out"):
                odd.append(_stopped(spec, link, finding))
        bulk.set_rows(session, Link, agreed)
        bulk.set_rows(session, Record, applied)
        for causes, subjects in closed.items():
            issues.close_all(session, job.connection.id, subjects, causes=causes)
        if canary and same and not odd:
            row = session.get_one(Connection, job.connection.id)
            row.facts = {**row.facts, "proved": [*row.facts.get("proved", ()), spec.name]}
            session.flush()
            job.connection = row
    if canary and odd:
        raise Refused(odd[0])
    return same


def _stopped(spec: kinds.Kind, link: Link, finding: Finding) -> Message:
    """Why nothing more of a kind is sent after its first."""
    one, said = noun(spec.noun), finding.message
    if finding.cause != DIFFERS:
        return Message("out.first_not_compared", noun=one, label=link.label, reason=said)
    odd = Message("sent.odd", label=link.label, differences=said.values["differences"])
    return Message("out.first_differs", noun=one, differences=odd)


def _told(session: Session, connection_id: int, links: Sequence[Link]) -> Collection[str]:
    """Those of these links of which something else is told, by its subject."""
    query = select(Issue.subject).where(
        Issue.connection_id == connection_id,
        Issue.subject.in_([f"link:{link.id}" for link in links]),
        Issue.fingerprint.not_in((DIFFERS, NOT_COMPARED)),
        or_(Issue.live.is_not(None), Issue.resolution == issues.HANDLED),
    )
    return set(session.scalars(query))


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found when a document was laid beside what Intacct made of it.

    :param finding: What is wrong with it; None if nothing is, if ours is gone, or if it is brought up to date first.
    :param number: Its number in Intacct, where both are the same.
    :param shown: Ours shows already what became of it there, paid or reversed.
    """

    finding: Finding | None = None
    number: str | None = None
    shown: bool = False


def _compared(
    job: JobContext, session: Session, link: Link, record: Record | None, ours_of: Callable[[Link], Any]
) -> Compared:
    """Compare a document with what Intacct made of it.

    :param record: None if Intacct does not give it back.
    :param ours_of: Gives the document of a link, or None.
    """
    if record is None:
        return Compared(Finding(NOT_COMPARED, Message("sent.not_read"), Message("sent.not_read.cure")))
    theirs = records.value_of(job.state.config, record, link.kind)
    ours = ours_of(link)
    if not isinstance(ours, Document):
        return Compared()  # it was deleted a moment ago
    # The number is Intacct's to give.
    wrong = differences(replace(ours, contact=None, number=theirs.number), theirs)
    shown = settled.shown(ours, theirs)
    if not wrong:
        return Compared(number=theirs.number, shown=shown)
    if amend.intend(job, session, link, ours, theirs):
        return Compared(shown=shown)  # it is compared again once that is done
    differ = Finding(DIFFERS, Message("sent.differs", differences=listed(wrong)), Message("sent.differs.cure"))
    return Compared(differ, shown=shown)
