"""The outbox: intent before the wire, result right after it.

::

    READY -> SENT -> DONE | REJECTED | UNKNOWN        REJECTED -> READY (a new revision: proved not executed)
    UNKNOWN -> DONE (found in Intacct) | READY or CANCELLED (proved absent) | MANUAL
    MANUAL -> DONE (found in Intacct) | CANCELLED (a person matched or unlinked it)
    READY | REJECTED -> CANCELLED (nobody wants it to be sent any more)

From SENT nothing leads back to READY but the proof that Intacct did not execute it, or a look-up that did not find it
after the gateway's own time limit (15 minutes, by the vendor's documentation).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import audit, issues, kinds, signals
from ..choices import CREATE, LINKED, SUSPENDED, retired
from ..clock import now, read
from ..explain import explain
from ..gateway import Result
from ..gateway.errors import ExchangeError, GatewayBusy
from ..gateway.formats import Row, text
from ..issues import NEEDS_A_PERSON, Finding, deleted_here
from ..messages import Message, quoted
from ..models import UNDER_WAY as UNDER_WAY
from ..models import Link, Operation, transition
from ..phases import Cursor
from ..translate.rows import whole
from . import actions, aside, identity, inbound, twins
from .slice import Slice, application

READY, SENT, DONE, REJECTED, UNKNOWN, MANUAL = "READY", "SENT", "DONE", "REJECTED", "UNKNOWN", "MANUAL"
CANCELLED = "CANCELLED"
BATCH = 20
AT_ONCE = 200
"""So many operations one step looks at, where nothing is sent."""

TRIES = 5
"""So often an operation is sent that Intacct is too busy for, while it takes others."""

LOOK_UPS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=16))
"""When an unknown outcome is looked up, after it was sent; only the last one proves absence."""

WITHDRAWABLE = (READY, REJECTED)
"""States of what Intacct has surely not executed: it may be cancelled."""


def makes(object_: str) -> ColumnElement[bool]:
    """The condition that an operation makes a record of an object, whatever its link was decided to be since."""
    made: ColumnElement[bool] = Operation.payload["object"].as_string() == object_
    return made


def kind_of(operation: Operation, link: Link) -> kinds.Kind:
    """The kind, and of contacts the role, of what an operation makes."""
    return kinds.kind(link.kind, kinds.role_of(link.kind, operation.payload["object"]))


def found(session: Session, link_id: int, row: Row) -> None:
    """What a link sent turned up in Intacct by another way than its answer."""
    operation = session.scalar(select(Operation).where(Operation.link_id == link_id, Operation.live.is_not(None)))
    if operation is not None:
        transition(operation, DONE, "it was found in Intacct")
        operation.result = dict(row)
        session.flush()


def reap(slice_: Slice, _: Cursor) -> Cursor | None:
    """What a dead worker had sent is of unknown outcome: whoever holds the lease knows that nobody else is sending."""
    query = (
        select(Operation, Link)
        .join(Operation.link)
        .where(Operation.connection_id == slice_.connection.id, Operation.state == SENT)
        .order_by(Operation.id)
    )
    if not slice_.any(query):
        return None
    with slice_.transaction() as session:
        dead = session.execute(query.limit(AT_ONCE)).all()
        for operation, link in dead:
            _unknown(slice_, session, operation, link, Message("sent.worker_stopped"))
    return {"of": dead[-1][0].id} if len(dead) == AT_ONCE else None


def waiting(session: Session, connection_id: int, kind: kinds.Kind, limit: int) -> Sequence[tuple[Operation, Link]]:
    """What is ready to be sent, in the order of its links: that in which the host's records were first read. Not what
    was made ready for another role than the link has now.
    """
    query = (
        select(Operation, Link)
        .join(Operation.link)
        .where(
            Operation.connection_id == connection_id,
            Operation.state == READY,
            Link.kind == kind.name,
            Link.role == kind.role,
            Link.state == CREATE,
            makes(kind.object),
        )
        .order_by(Link.id)
    )
    return session.execute(query.limit(limit)).all()


def send(slice_: Slice, kind: kinds.Kind, limit: int = BATCH) -> list[str]:
    """Send one batch; gives the keys of the records that were created.

    :raises ExchangeError: the request as a whole failed, or Intacct was too busy for all that it did not refuse;
        operations are back at READY only if they did not run.
    """
    slice_.reserve()
    with slice_.transaction() as session:
        batch, calls = [], []
        at = read(session)
        for operation, link in waiting(session, slice_.connection.id, kind, limit):
            try:
                action = actions.of(kind, operation.action)
                calls.append(action.build(kind, operation.payload["values"], slice_.form, operation.control_id))
            except Exception as error:
                _set_aside(slice_, session, operation, link, error)
                continue
            batch.append((operation, link))
            transition(operation, SENT, "it goes out")
            operation.sent_at = at
            operation.claims += 1
    if not batch:
        return []
    try:
        reply = slice_.writer.execute(calls, unique=True)
    except ExchangeError as error:
        with slice_.transaction(outcome=True) as session:
            for operation, link in batch:
                _settle_failure(slice_, session, operation.id, link, error)
        raise
    created: dict[int, str] = {}
    results = {operation.id: reply.result(operation.control_id) for operation, _ in batch}
    with slice_.transaction(outcome=True) as session:
        inbound.still(session, slice_.connection.id, [link for _, link in batch])  # locked, and read as they are now
        for operation, link in batch:
            key = _settle(slice_, session, operation.id, link, results[operation.id])
            if key:
                created[link.id] = key
    for link_id in created:
        signals.tell(signals.record_linked, application(), connection_id=slice_.connection.id, link_id=link_id)
        if kind.shape is not None:
            signals.tell(signals.document_posted, application(), connection_id=slice_.connection.id, link_id=link_id)
    if not created:
        for result in results.values():
            if result is not None and isinstance(result.error, GatewayBusy):
                raise result.error
    return list(created.values())


def _set_aside(slice_: Slice, session: Session, operation: Operation, link: Link, error: Exception) -> None:
    """No call can be made of it: it is withdrawn, and made ready anew by the next sync."""
    finding = aside.finding(error, f"{link.kind} {link.label}", "not acceptable")
    transition(operation, CANCELLED, finding.cause)
    operation.reason = finding.message
    slice_.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
    slice_.progress(session, failed=[f"link:{link.id}"])


def _settle(slice_: Slice, session: Session, operation_id: int, link: Link, result: Result | None) -> str:
    operation = session.get_one(Operation, operation_id)
    error = result.error if result is not None else None
    if result is None:
        _unknown(slice_, session, operation, link, Message("sent.not_mentioned"))
    elif error is None or (error.executed and result.written):
        row: Row = result.written[0] if result.written else {"RECORDNO": result.key}
        if text(row, kind_of(operation, link).key):
            return adopt(slice_, session, operation, link, row)
        _unknown(slice_, session, operation, link, Message("sent.not_named"))
    else:
        _settle_failure(slice_, session, operation_id, link, error)
    return ""


def _settle_failure(slice_: Slice, session: Session, operation_id: int, link: Link, error: ExchangeError) -> None:
    operation = session.get_one(Operation, operation_id)
    if error.executed is not False:
        _unknown(slice_, session, operation, link, quoted(error.message))
    elif error.level == "result" and (not isinstance(error, GatewayBusy) or operation.claims >= TRIES):
        finding = explain(error)
        transition(operation, REJECTED, finding.cause)
        operation.reason = finding.message
        if abandoned(session, operation):
            return
        slice_.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
        slice_.progress(session, failed=[f"link:{link.id}"])
    else:
        transition(operation, READY, "proved not executed")
        operation.sent_at = None
        abandoned(session, operation)


def abandoned(session: Session, operation: Operation) -> bool:
    """Whether nobody wants it any more, for its row was deleted: what Intacct did not execute is cancelled then."""
    if not retired(session.get_one(Link, operation.link_id)):
        return False
    transition(operation, CANCELLED, "its row was deleted")
    issues.close(session, operation.connection_id, f"link:{operation.link_id}")
    return True


def _unknown(slice_: Slice, session: Session, operation: Operation, link: Link, why: Message) -> None:
    transition(operation, UNKNOWN, why.id)
    operation.reason = why
    operation.lookups = 0
    operation.due_at = (operation.sent_at or read(session)) + LOOK_UPS[0]
    finding = Finding(
        "outcome unknown",
        Message("sent.unknown"),
        Message("sent.unknown.cure"),
        severity="warning",
    )
    slice_.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
    slice_.progress(session, failed=[f"link:{link.id}"])


def adopt(slice_: Slice, session: Session, operation: Operation, link: Link, row: Row) -> str:
    """The record exists: join it to its link. Gives its key; "" if a person decided otherwise meanwhile.

    The caller has locked the link.
    """
    spec = kind_of(operation, link)
    key = whole(text(row, spec.key))
    current = session.get_one(Link, link.id)
    deleted = retired(current)  # while it was under way
    other = current.record_key and (current.object, current.record_key) != (spec.object, key)
    if not deleted and (other or current.role != spec.role):
        beside(slice_, session, operation, current, [row])
        return ""
    current.object, current.record_key = spec.object, key
    if current.state == SUSPENDED:
        identity.found(current, key)
    elif not deleted:
        transition(current, LINKED, "it exists in Intacct")
        current.exclusive, current.origin = key, current.origin or "sync"
    if current.decided_at is None:
        current.decided_at = now()
    current.version += 1
    transition(operation, DONE, "it exists in Intacct")
    operation.result = dict(row)
    session.flush()
    issues.close(session, link.connection_id, f"link:{link.id}")
    if deleted:
        name = text(row, spec.natural_id) or key
        slice_.issue(session, f"link:{link.id}", deleted_here(name), link.kind, link.label, "out")
    audit.record(session, link.connection_id, "", f"{link.kind} created in Intacct", link.label, after={"record": key})
    slice_.progress(session, done=[f"link:{link.id}"])
    return key


def beside(slice_: Slice, session: Session, operation: Operation, link: Link, rows: Sequence[Row]) -> None:
    """The record exists, one of these, and a person decided meanwhile that the link's is another: that stands."""
    spec = kind_of(operation, link)
    transition(operation, DONE, "it exists in Intacct, beside what a person chose meanwhile")
    operation.result = dict(rows[0]) if len(rows) == 1 else {}
    session.flush()
    issues.close(session, link.connection_id, f"link:{link.id}")
    for row in rows:
        key = whole(text(row, spec.key))
        twins.tell(slice_, session, link, spec, key, text(row, spec.natural_id) or key, len(rows))
    slice_.progress(session, failed=[f"link:{link.id}"])


def manual(slice_: Slice, session: Session, operation: Operation, link: Link, why: Message) -> None:
    """Only a person can tell what became of it."""
    transition(operation, MANUAL, why.id)
    operation.reason = why
    finding = Finding(NEEDS_A_PERSON, why, Message("sent.look.cure"))
    issues.close(session, link.connection_id, f"link:{link.id}", but=[finding.cause])  # it is not looked up any more
    slice_.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
