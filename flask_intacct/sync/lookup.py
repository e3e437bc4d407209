"""What became of a write whose answer was lost: only a successful read of Intacct can tell."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from .. import issues, kinds
from ..choices import LINKED, MATCHED
from ..clock import now, read
from ..gateway.formats import text
from ..messages import Message
from ..models import Link, Operation, transition
from ..phases import Cursor
from . import actions, aside, inbound, outbox
from . import source as sources
from .slice import Slice


def settle(kind: kinds.Kind, slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Look one operation of a kind up whose outcome is unknown and whose time has come."""
    with slice_.state.reading() as session:
        query = (
            select(Operation, Link)
            .join(Operation.link)
            .where(
                Operation.connection_id == slice_.connection.id,
                Operation.id > cursor.get("after", 0),
                Link.kind == kind.name,
                outbox.makes(kind.object),
                Operation.state == outbox.UNKNOWN,
                Operation.due_at <= now(),
            )
            .order_by(Operation.id)
        )
        due = session.execute(query.limit(1)).first()
        if due is None:
            return None
        at = read(session)
    _settle_one(slice_, kind, *due, at)
    return {"after": due[0].id}


def _settle_one(slice_: Slice, kind: kinds.Kind, operation: Operation, link: Link, asked_at: datetime) -> None:
    values = operation.payload["values"]
    try:
        action = actions.of(kind, operation.action)
        filter_ = action.find(kind, values)
    except Exception as error:
        _set_aside(slice_, operation, link, asked_at, error)
        return
    answer = sources.rows(slice_, sources.of(kind), filter_, client=slice_.writer)
    try:
        same = [found for found in answer.rows if action.matches(kind, values, found)]
    except Exception as error:
        _set_aside(slice_, operation, link, asked_at, error)
        return
    with slice_.transaction() as session:
        inbound.still(session, link.connection_id, [link])  # locked, and read as it is now
        row = session.get_one(Operation, operation.id)
        taken = set(
            session.scalars(
                select(Link.exclusive).where(
                    Link.connection_id == link.connection_id,
                    Link.object == kind.object,
                    Link.exclusive.in_([text(found, kind.key) for found in same]),
                )
            )
        )
        fits = [found for found in same if text(found, kind.key) not in taken]
        row.lookups += 1
        sent_at = row.sent_at or asked_at
        current = session.get_one(Link, link.id)
        decided = current.state in (MATCHED, LINKED)
        if answer.left_out:
            row.due_at = asked_at + outbox.LOOK_UPS[-1]  # one that came damaged may be it: nothing is proved
        elif len(fits) == 1:
            outbox.adopt(slice_, session, row, link, fits[0])
        elif fits and decided:
            outbox.beside(slice_, session, row, current, fits)
        elif fits:
            outbox.manual(slice_, session, row, link, Message("sent.several", count=len(fits)))
        elif next_ := next((at for at in (sent_at + wait for wait in outbox.LOOK_UPS) if at > asked_at), None):
            row.due_at = next_
        elif decided and any(text(found, kind.key) == current.record_key for found in same):
            transition(row, outbox.DONE, "it is what a person chose")
            issues.close(session, link.connection_id, f"link:{link.id}")
        elif decided:
            transition(row, outbox.CANCELLED, "proved absent, and meanwhile a person decided what it is")
            issues.close(session, link.connection_id, f"link:{link.id}")
        elif action.provable:
            transition(row, outbox.READY, "proved absent")  # the same control id goes out again
            outbox.abandoned(session, row)
        else:
            outbox.manual(slice_, session, row, link, Message("sent.unproved"))


def _set_aside(slice_: Slice, operation: Operation, link: Link, asked_at: datetime, error: Exception) -> None:
    """Nobody can tell what became of it by what was found: nothing is proved. It is looked up again later, and left to
    a person after as many tries as others have."""
    finding = aside.finding(error, f"{link.kind} {link.label}", "not possible here")
    with slice_.transaction() as session:
        inbound.still(session, link.connection_id, [link])  # locked: nobody decides at this moment
        row = session.get_one(Operation, operation.id)
        row.lookups += 1
        if row.lookups < len(outbox.LOOK_UPS):
            row.due_at = asked_at + outbox.LOOK_UPS[-1]
            slice_.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
        else:
            why = Message("sent.unsure", count=row.lookups, reason=finding.message)
            outbox.manual(slice_, session, row, link, why)
