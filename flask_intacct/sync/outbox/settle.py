"""What becomes of one operation: done, refused, ready again, of unknown outcome, or left to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from ... import audit, issues, logs
from ...choices import CREATE, LINKED, SUSPENDED, retired
from ...clock import now, read
from ...explain import explain
from ...gateway import Result
from ...gateway.errors import ExchangeError, GatewayBusy, RetryClass
from ...gateway.formats import Row, text
from ...issues import NEEDS_A_PERSON, Finding, deleted_here
from ...messages import Message, quoted
from ...models import Link, Meta, Operation, OperationDependency, Record, transition
from ...phases import Cursor
from ...translate.rows import whole
from .. import identity, twins
from ..job_context import JobContext
from . import actions, intent, states
from .states import (
    AGREES,
    BLOCKED,
    CANCELLED,
    DONE,
    LOOK_UPS,
    MANUAL,
    READY,
    REJECTED,
    SENT,
    SUPERSEDED,
    TRIES,
    UNKNOWN,
    kind_of,
    with_links,
)

log = logs.logger(__name__)


def found(session: Session, link_id: int, row: Row) -> None:
    """What a link sent turned up in Intacct by another way than its answer."""
    operation = session.scalar(select(Operation).where(Operation.link_id == link_id, Operation.live.is_not(None)))
    if operation is not None:
        transition(operation, DONE, "it was found in Intacct")
        operation.result = dict(row)
        session.flush()
        intent.release(session, [operation.id])


def reap(job: JobContext, _: Cursor) -> Cursor | None:
    """What a dead worker had sent is of unknown outcome: whoever holds the lease knows that nobody else is sending.

    So is what is ready since before the database was restored: it may have been sent after the backup. What waits for
    something that was withdrawn is withdrawn as well, and intended anew if it is still wanted.
    """
    needed = select(Operation.id).where(Operation.state.in_((CANCELLED, SUPERSEDED)))
    in_vain = exists().where(OperationDependency.operation_id == Operation.id, OperationDependency.needs_id.in_(needed))
    epoch = select(Meta.epoch).scalar_subquery()
    earlier = (Operation.state == READY) & (Operation.epoch < epoch) & (Operation.lookups == 0)
    left = or_(Operation.state == SENT, earlier, (Operation.state == BLOCKED) & in_vain)
    query = with_links(job.connection.id, left).order_by(Operation.id)
    if not job.any(query):
        return None
    with job.transaction() as session:
        dead = session.execute(query.limit(states.AT_ONCE)).all()
        for operation, link in dead:
            if operation.state == BLOCKED:
                transition(operation, CANCELLED, "what it waited for was not done")
            elif operation.state == READY:
                doubt(job, session, operation, link, operation.created_at)
            else:
                _unknown(job, session, operation, link, Message("sent.worker_stopped"))
    return {"of": dead[-1][0].id} if len(dead) == states.AT_ONCE else None


def doubt(job: JobContext, session: Session, operation: Operation, link: Link, since: datetime) -> None:
    """What is ready may have been sent already, at some time since then: it is looked up before it goes out."""
    transition(operation, SENT, "the database was restored")
    operation.sent_at = since
    _unknown(job, session, operation, link, Message("sent.restored"), Message("sent.may_be_sent"))


def settle(job: JobContext, session: Session, operation: Operation, link: Link, result: Result | None) -> str:
    """Write down what a reply says of one operation; gives the key of the record that is there, "" if none is."""
    error = result.error if result is not None else None
    if result is None:
        _unknown(job, session, operation, link, Message("sent.not_mentioned"))
    elif operation.action != actions.CREATE and error is None:
        return changed(job, session, operation, link, {})
    elif operation.action == actions.CREATE and (error is None or (error.executed and result.written)):
        row: Row = result.written[0] if result.written else {"RECORDNO": result.key}
        if text(row, kind_of(operation, link).key):
            return adopt(job, session, operation, link, row)
        _unknown(job, session, operation, link, Message("sent.not_named"))
    else:
        assert error is not None  # else it went as it should
        failure(job, session, operation, link, error)
    return ""


def lost(job: JobContext, session: Session, operation: Operation, link: Link) -> None:
    """An answer came and can't be kept: the operation is looked up as one without an answer is."""
    _unknown(job, session, operation, link, Message("sent.not_kept"))


def failure(
    job: JobContext, session: Session, operation: Operation, link: Link, error: ExchangeError, *, alone: bool = False
) -> None:
    """Write down that one operation, or the request that carried it, failed.

    :param alone: The request was refused for what it said, and carried nothing else.
    """
    log.info("A write did not go well: %s", type(error).__name__)
    if error.executed is not False:
        _unknown(job, session, operation, link, quoted(error.message))
    elif alone or (error.level == "result" and (not isinstance(error, GatewayBusy) or operation.claims >= TRIES)):
        finding = explain(error)
        transition(operation, REJECTED, finding.cause)
        operation.reason = finding.message
        if abandoned(session, operation) or intent.give_way(session, operation):
            return
        job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
        job.progress(session, failed=[f"link:{link.id}"])
    else:
        transition(operation, READY, "proved not executed")
        operation.sent_at = None
        if error.level != "result" and error.retry is not RetryClass.DATA:
            operation.claims -= 1  # no connection, no session, a rate limit: that tells nothing about what it carried
        abandoned(session, operation)


def abandoned(session: Session, operation: Operation) -> bool:
    """Whether nobody wants it any more, for its row was deleted: what Intacct did not execute is cancelled then, unless
    it is right without a row as well."""
    if operation.action not in actions.OF_A_ROW or not retired(session.get_one(Link, operation.link_id)):
        return False
    transition(operation, CANCELLED, "its row was deleted")
    issues.close(session, operation.connection_id, f"link:{operation.link_id}")
    return True


def _unknown(
    job: JobContext,
    session: Session,
    operation: Operation,
    link: Link,
    why: Message,
    said: Message = Message("sent.unknown"),  # noqa: B008 - a message does not change
) -> None:
    transition(operation, UNKNOWN, why.id)
    operation.reason = why
    operation.lookups = 0
    operation.due_at = (operation.sent_at or read(session)) + LOOK_UPS[0]
    finding = Finding(
        "outcome unknown",
        said,
        Message("sent.unknown.cure"),
        severity="warning",
    )
    job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
    job.progress(session, failed=[f"link:{link.id}"])


def adopt(job: JobContext, session: Session, operation: Operation, link: Link, row: Row) -> str:
    """The record exists: join it to its link. Gives its key; "" if a person decided otherwise meanwhile.

    The caller has locked the link.
    """
    spec = kind_of(operation, link)
    key = whole(text(row, spec.key))
    current = session.get_one(Link, link.id)
    deleted = retired(current)  # while it was under way
    other = current.record_key and (current.object, current.record_key) != (spec.object, key)
    if other or (not deleted and current.role != spec.role):
        beside(job, session, operation, current, [row])
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
    intent.release(session, [operation.id])
    issues.close(session, link.connection_id, f"link:{link.id}")
    if deleted:
        name = text(row, spec.natural_id) or key
        job.issue(session, f"link:{link.id}", deleted_here(name), link.kind, link.label, "out")
    audit.record(session, link.connection_id, "", f"{link.kind} created in Intacct", link.label, after={"record": key})
    job.progress(session, done=[f"link:{link.id}"])
    return key


def changed(job: JobContext, session: Session, operation: Operation, link: Link, row: Row) -> str:
    """What an operation was to do with a record that is there is done. Gives the record's key, "" if it is gone by it.

    :param row: The record as a look-up found it, if one did.
    """
    current = session.get_one(Link, link.id)
    key = str(operation.payload["values"][actions.KEY])
    transition(operation, DONE, "it was carried out")
    operation.result = dict(row)
    session.flush()
    intent.release(session, [operation.id])
    issues.close(session, link.connection_id, f"link:{link.id}")
    gone = operation.action == actions.DELETE
    if gone and current.record_key == key:
        unjoin(session, current)
    elif current.record_key == key:  # it is read back, and agreed once both sides are the same again
        current.agreed = {name: value for name, value in current.agreed.items() if name != AGREES}
    action = {"record": key, "verb": operation.action}
    audit.record(session, link.connection_id, "", f"{link.kind} changed in Intacct", link.label, after=action)
    job.progress(session, done=[f"link:{link.id}"])
    return "" if gone else key


def unjoin(session: Session, link: Link) -> None:
    """Intacct's record of a link was deleted: one that is still wanted may be created anew."""
    cached = select(Record).where(
        Record.connection_id == link.connection_id, Record.object == link.object, Record.key == link.record_key
    )
    record = session.scalar(cached)
    if record is not None:
        record.missing_since = read(session)
    link.object, link.record_key, link.exclusive, link.version = "", "", None, link.version + 1
    if link.state == LINKED:
        transition(link, CREATE, "its record was deleted in Intacct")


def beside(job: JobContext, session: Session, operation: Operation, link: Link, rows: Sequence[Row]) -> None:
    """The record exists, one of these, and a person decided meanwhile that the link's is another: that stands."""
    spec = kind_of(operation, link)
    transition(operation, DONE, "it exists in Intacct, beside what a person chose meanwhile")
    operation.result = dict(rows[0]) if len(rows) == 1 else {}
    session.flush()
    intent.release(session, [operation.id])
    issues.close(session, link.connection_id, f"link:{link.id}")
    for row in rows:
        key = whole(text(row, spec.key))
        twins.tell(job, session, link, spec, key, text(row, spec.natural_id) or key, len(rows))
    job.progress(session, failed=[f"link:{link.id}"])


def manual(job: JobContext, session: Session, operation: Operation, link: Link, why: Message) -> None:
    """Only a person can tell what became of it."""
    transition(operation, MANUAL, why.id)
    operation.reason = why
    finding = Finding(NEEDS_A_PERSON, why, Message("sent.look.cure"))
    issues.close(session, link.connection_id, f"link:{link.id}", but=[finding.cause])  # it is not looked up any more
    job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
