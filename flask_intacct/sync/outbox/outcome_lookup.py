"""What became of a write whose answer was lost: only a successful read of Intacct can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ... import issues, kinds
from ...choices import LINKED, MATCHED
from ...clock import now, read
from ...gateway.formats import Row, text
from ...messages import Message
from ...models import Link, Operation, Record, transition
from ...phases import Cursor
from .. import aside, record_import
from .. import source as sources
from ..job_context import JobContext
from . import actions, again, intent, settle, states


def look_up(kind: kinds.Kind, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Look one operation of a kind up whose outcome is unknown and whose time has come."""
    with job.state.reading() as session:
        query = states.with_links(
            job.connection.id,
            Operation.id > cursor.get("after", 0),
            Link.kind == kind.name,
            Operation.object == kind.object,
            Operation.state == states.UNKNOWN,
            Operation.due_at <= now(),
        )
        due = session.execute(query.order_by(Operation.id).limit(1)).first()
        if due is None:
            return None
        at = read(session)
    with states.about(due[0]):
        _settle_one(job, kind, *due, at)
    return {"after": due[0].id}


def _settle_one(job: JobContext, kind: kinds.Kind, operation: Operation, link: Link, asked_at: datetime) -> None:
    values = operation.payload["values"]
    try:
        action = actions.of(kind, operation.action)
        filter_ = action.find(kind, values, operation.sent_at or asked_at)
    except Exception as error:
        _set_aside(job, operation, link, asked_at, error)
        return
    answer = sources.rows(job, sources.of(kind), filter_, client=job.writer)
    try:
        same = [found for found in answer.rows if action.matches(kind, values, found)]
    except Exception as error:
        _set_aside(job, operation, link, asked_at, error)
        return
    with job.transaction() as session:
        record_import.still(session, link.connection_id, [link])  # locked, and read as it is now
        row = session.get_one(Operation, operation.id)
        row.lookups += 1
        sent_at = row.sent_at or asked_at
        next_ = next((at for at in (sent_at + wait for wait in states.LOOK_UPS) if at > asked_at), None)
        if answer.left_out and row.lookups < len(states.LOOK_UPS):
            row.due_at = asked_at + states.LOOK_UPS[-1]  # one that came damaged may be it: nothing is proved
        elif answer.left_out:
            settle.manual(job, session, row, link, Message("sent.unproved"))
        elif operation.action == actions.CREATE:
            _created(job, session, kind, row, answer.rows, same, next_)
        else:
            there = [found for found in answer.rows if text(found, kind.key) == values[actions.KEY]]
            _changed(job, session, row, link, there, same, next_)


def _created(
    job: JobContext,
    session: Session,
    kind: kinds.Kind,
    row: Operation,
    there: Sequence[Row],
    same: Sequence[Row],
    next_: datetime | None,
) -> None:
    """What a look-up tells of something that was to be created.

    :param there: All that it found.
    :param same: Those of them that are as it was sent.
    :param next_: When it is looked up again; None after the last time.
    """
    link = session.get_one(Link, row.link_id)
    keys = [text(found, kind.key) for found in there]
    held = select(Link.exclusive).where(
        Link.connection_id == link.connection_id, Link.object == kind.object, Link.exclusive.in_(keys)
    )
    taken = set(session.scalars(held))
    fits = [found for found in same if text(found, kind.key) not in taken]
    free = len(set(keys) - taken)
    decided = link.state in (MATCHED, LINKED)
    if len(fits) == 1:
        key = settle.adopt(job, session, row, link, fits[0])
        if key:
            if kind.shape is None:  # documents are compared when they are read back
                ours = Record.connection_id == link.connection_id, Record.object == kind.object, Record.key == key
                session.execute(update(Record).where(*ours).values(applied_hash=Record.hash))  # our own is no news
            again.intend(job, session, row, link)
    elif fits and decided:
        settle.beside(job, session, row, link, fits)
    elif fits:
        settle.manual(job, session, row, link, Message("sent.several", count=len(fits)))
    elif next_ is not None:
        row.due_at = next_
    elif decided and link.record_key in [text(found, kind.key) for found in same]:
        transition(row, states.DONE, "it is what a person chose")
        session.flush()
        intent.release(session, [row.id])
        issues.close(session, link.connection_id, f"link:{link.id}")
    elif decided:
        transition(row, states.CANCELLED, "proved absent, and meanwhile a person decided what it is")
        issues.close(session, link.connection_id, f"link:{link.id}")
    elif free and kind.shape is None:  # one of them may be it, and somebody changed its e-mail address there
        settle.manual(job, session, row, link, Message("sent.several", count=free))
    elif row.claims < states.TRIES:  # one that is refused each time, as it ran before, is not as was sent
        transition(row, states.READY, "proved absent")  # the same control id goes out again, unless its content changed
        settle.abandoned(session, row)
    else:
        settle.manual(job, session, row, link, Message("sent.unproved"))


def _changed(
    job: JobContext,
    session: Session,
    row: Operation,
    link: Link,
    there: Sequence[Row],
    same: Sequence[Row],
    next_: datetime | None,
) -> None:
    """The same of what was to be done with a record that was there; `there` is that record, if it still is."""
    deletes = row.action == actions.DELETE
    if same or (deletes and not there):
        settle.changed(job, session, row, link, (same or [{}])[0])
    elif next_ is not None and there:
        row.due_at = next_
    elif there and row.claims < states.TRIES:
        transition(row, states.READY, "proved not carried out")
    elif there:  # Intacct says each time that it ran before, say, and what it made of it is not as was sent
        settle.manual(job, session, row, link, Message("sent.not_shown", count=row.claims))
    else:
        transition(row, states.CANCELLED, "its record is gone from Intacct")
        issues.close(session, link.connection_id, f"link:{link.id}")


def _set_aside(job: JobContext, operation: Operation, link: Link, asked_at: datetime, error: Exception) -> None:
    """Nobody can tell what became of it by what was found: nothing is proved. It is looked up again later, and left to
    a person after as many tries as others have."""
    finding = aside.finding(error, f"{link.kind} {link.label}", "not possible here")
    with job.transaction() as session:
        record_import.still(session, link.connection_id, [link])  # locked: nobody decides at this moment
        row = session.get_one(Operation, operation.id)
        row.lookups += 1
        if row.lookups < len(states.LOOK_UPS):
            row.due_at = asked_at + states.LOOK_UPS[-1]
            job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
        else:
            why = Message("sent.unsure", count=row.lookups, reason=finding.message)
            settle.manual(job, session, row, link, why)
