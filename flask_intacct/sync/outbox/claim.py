"""Claims: operations that are ready become one request, marked as sent before it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from sqlalchemy import Select, and_, case, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ... import kinds, restored
from ...choices import CREATE, LINKED, ORPHANED
from ...clock import boot, now
from ...gateway import Client, Function, Reply
from ...gateway.errors import Crowded
from ...issues import Finding
from ...models import Link, Operation, transition, transition_all
from .. import aside, breaker
from ..job_context import JobContext
from . import actions
from .states import BATCH, CANCELLED, LARGEST, READY, SENT, SHARE, about, with_links

PATIENCE = 60.0
"""Seconds after which what was marked as sent does not leave any more: a worker may have been frozen meanwhile."""

MARKUP = 4
"""XML is at most so many times as large as the JSON that is kept, escapes and names of elements included."""


@dataclass(slots=True)
class Batch:
    """What goes out in one request: operations of one kind and verb, with their links, and the calls that do them.

    :param until: When it must have left, by the clock of :func:`~flask_intacct.clock.boot`.
    """

    kind: kinds.Kind
    until: float
    rows: list[tuple[Operation, Link]] = field(default_factory=list)
    calls: list[Function] = field(default_factory=list)


def ready(connection_id: int, kind: kinds.Kind) -> Select[Operation, Link]:
    """What may be sent of a kind, in the order of its links: that in which the host's records were first read; behind
    all others what was refused before, or changed. Not what was made ready for another role than the link has now.
    """
    created = and_(Operation.action == actions.CREATE, Link.state == CREATE)
    there = and_(Operation.action != actions.CREATE, Link.state.in_((LINKED, ORPHANED)), Link.object == kind.object)
    return with_links(
        connection_id,
        Operation.state == READY,
        Link.kind == kind.name,
        Link.role == kind.role,
        or_(created, there),
        Operation.object == kind.object,
    ).order_by(case((Operation.revision > 1, 1), else_=0), Link.id)


def ids(session: Session, connection_id: int, kind: kinds.Kind, run_id: int | None = None) -> list[int]:
    """All that may be sent, in that order; of a run alone, if one is given."""
    query = ready(connection_id, kind).with_only_columns(Operation.id)
    return list(session.scalars(query if run_id is None else query.where(Operation.run_id == run_id)))


def claim(job: JobContext, kind: kinds.Kind, wanted: Sequence[int]) -> Batch | None:
    """Mark as sent what is still ready of these, as far as it makes one request; None if nothing is.

    :param wanted: Ids of operations, no more than go into a request; what is left may be claimed by the next call.
    """
    batch = Batch(kind, boot() + PATIENCE)
    with job.transaction() as session:
        query = ready(job.connection.id, kind).where(Operation.id.in_(wanted))
        size, most = 0, BATCH
        for operation, link in session.execute(query):
            size += operation.size * MARKUP
            first = batch.rows[0][0] if batch.rows else operation
            most = min(most, max(BATCH // SHARE**operation.claims, 1))
            if operation.action != first.action or (batch.rows and (size > LARGEST or len(batch.rows) >= most)):
                break
            try:
                action = actions.of(kind, operation.action)
                values = operation.payload["values"]
                batch.calls.append(action.build(kind, values, job.form, operation.control_id))
            except Exception as error:
                # A mistake in an action may raise anything: this one is set aside, the others go.
                finding = set_aside(job, session, operation, link, error)
                breaker.count(job, session, kind, [(breaker.reason(finding), finding)])
                if breaker.waits(job, kind):
                    break
                continue
            batch.rows.append((operation, link))
        mine = [operation.id for operation, _ in batch.rows]
        if mine:
            claims = Operation.claims + 1
            transition_all(
                session, Operation, SENT, "it goes out", Operation.id.in_(mine), sent_at=now(), claims=claims
            )
            sent = restored.count(session)
    if batch.rows:
        restored.keep(*sent)
    return batch if batch.rows else None


def send(client: Client, batch: Batch) -> Reply:
    """Send it, in whatever thread.

    :raises ExchangeError: the request as a whole failed.
    """
    try:
        with about(batch.rows[0][0]) if len(batch.rows) == 1 else nullcontext():
            return client.execute(batch.calls, unique=True, late=lambda: boot() > batch.until)
    except SQLAlchemyError as error:  # the session is looked up before anything is sent
        raise Crowded("the session could not be looked up; nothing was sent") from error


def set_aside(job: JobContext, session: Session, operation: Operation, link: Link, error: Exception) -> Finding:
    """No call can be made of it: it is withdrawn, and made ready anew by the next sync. Gives what people are told."""
    with about(operation):
        finding = aside.finding(error, f"{link.kind} {link.label}", "not acceptable")
    transition(operation, CANCELLED, finding.cause)
    operation.reason = finding.message
    job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", operation.payload_hash)
    job.progress(session, failed=[f"link:{link.id}"])
    return finding
