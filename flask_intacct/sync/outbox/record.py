"""Records what became of a request: what went as it should in few statements, all else one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import Session

from ... import audit, bulk, issues, logs, signals
from ...choices import CREATE, LINKED
from ...clock import now
from ...explain import explain
from ...gateway import Reply, Result
from ...gateway.errors import ExchangeError, GatewayBusy, RetryClass
from ...gateway.formats import Row, text
from ...issues import Finding
from ...kinds import Kind
from ...models import Link, Operation, transition_all
from ...translate.rows import whole
from .. import breaker, record_import
from ..job_context import JobContext
from ..lease import LeaseLost
from . import actions, intent, settle
from .claim import Batch
from .states import DONE, SENT, about

log = logs.logger(__name__)

ALIKE = 5
"""After so many requests in a row that were refused for the one operation that each carried, it is not for them."""


@dataclass(frozen=True, slots=True)
class Made:
    """A record that was created, and by what."""

    operation: Operation
    link: Link
    key: str
    row: Row


def record(job: JobContext, batch: Batch, answer: Callable[[], Reply]) -> list[str]:
    """Write down what became of a batch; gives the keys of the records that were created or changed.

    :param answer: Gives the reply, or raises what came in its place.
    :raises ExchangeError: the request as a whole failed, not for what one operation says; or Intacct was too busy for
        all that it did not refuse. Operations are back at READY only if they did not run.
    """
    refused: list[ExchangeError] = job.once("requests refused in a row", list)
    try:
        reply = answer()
    except ExchangeError as error:
        said = error.level == "control" and error.retry is RetryClass.DATA and error.executed is False
        alone = said and len(batch.rows) == 1
        with job.transaction(outcome=True) as session:
            for operation, link in batch.rows:
                with about(operation):
                    settle.failure(job, session, session.get_one(Operation, operation.id), link, error, alone=alone)
        refused.extend([error] if alone else ())
        if said and len(refused) < ALIKE:
            return []  # what was ready together goes in smaller requests
        raise
    refused.clear()
    results = {operation.id: reply.result(operation.control_id) for operation, _ in batch.rows}
    done = _kept(job, batch, results)
    if not done:
        for result in results.values():
            if result is not None and isinstance(result.error, GatewayBusy):
                raise result.error
    return done


def _kept(job: JobContext, batch: Batch, results: dict[int, Result | None]) -> list[str]:
    """Write down what an answer says: of all together, else one by one, so that what can't be kept of one loses none of
    the others. Gives the keys of the records that were created or changed.
    """
    try:
        return _write(job, batch, batch.rows, results)
    except LeaseLost:
        raise
    except Exception:  # whatever the database has; what was answered has to be kept
        logs.exception(log, "What became of %s operations was not kept together", len(batch.rows))
    done: list[str] = []
    for operation, link in batch.rows:
        with about(operation):
            try:
                done += _write(job, batch, [(operation, link)], results)
            except LeaseLost:
                raise
            except Exception:  # this one is looked up; if that can't be kept either, the database is away
                logs.exception(log, "What became of operation %s was not kept", operation.id)
                with job.transaction(outcome=True) as session:
                    settle.lost(job, session, session.get_one(Operation, operation.id), link)
    return done


def _write(
    job: JobContext, batch: Batch, rows: Sequence[tuple[Operation, Link]], results: dict[int, Result | None]
) -> list[str]:
    """Write down what an answer says of some operations, in one transaction, and tell of it."""
    with job.transaction(outcome=True) as session:
        links = record_import.locked(session, job.connection.id, [link for _, link in rows])
        made, others = _sorted(batch.kind, rows, links, results)
        _done(job, session, batch.kind, made)
        linked = [one.link.id for one in made]
        done = [one.key for one in made]
        for operation, link in others:
            current = session.get_one(Operation, operation.id)
            with about(operation):
                key = settle.settle(job, session, current, link, results[operation.id])
            if key:
                done.append(key)
                if operation.action == actions.CREATE:
                    linked.append(link.id)
        breaker.count(job, session, batch.kind, _outcomes(rows, results))
        joined = signals.of_links(linked)
        posted = joined if batch.kind.shape is not None else ()
        told = {signals.record_linked: joined, signals.document_posted: posted}
        events = signals.keep(session, job.connection.id, told)
    signals.tell(events)
    return done


def _outcomes(
    rows: Sequence[tuple[Operation, Link]], results: dict[int, Result | None]
) -> Iterator[tuple[str, Finding] | None]:
    """What became of operations, for the breaker of their kind: of those that went, and those that Intacct refused."""
    for operation, _ in rows:
        result = results[operation.id]
        error = result.error if result is not None else None
        if result is not None and error is None:
            yield None
        elif error is not None and error.executed is False and not isinstance(error, GatewayBusy):
            finding = explain(error)
            yield breaker.reason(finding, error), finding


def _sorted(
    kind: Kind,
    rows: Sequence[tuple[Operation, Link]],
    links: dict[int, Link],
    results: dict[int, Result | None],
) -> tuple[list[Made], list[tuple[Operation, Link]]]:
    """What was created for links that are as they were, and all else."""
    made, others = [], []
    for operation, link in rows:
        result = results[operation.id]
        if operation.action == actions.CREATE and result is not None and _as_it_was(links.get(link.id), kind):
            row: Row = result.written[0] if result.written else {"RECORDNO": result.key}
            key = whole(text(row, kind.key))
            if result.error is None and key:
                made.append(Made(operation, link, key, row))
                continue
        others.append((operation, link))
    return made, others


def _as_it_was(link: Link | None, kind: Kind) -> bool:
    """Whether a link is still to be created, in the same role."""
    return link is not None and link.state == CREATE and not link.record_key and link.role == kind.role


def _done(job: JobContext, session: Session, kind: Kind, made: Sequence[Made]) -> None:
    """Join what was created to its links, as :func:`.settle.adopt` does for one."""
    if not made:
        return
    operations, links = [one.operation.id for one in made], [one.link.id for one in made]
    why = "it exists in Intacct"
    transition_all(session, Operation, DONE, why, Operation.id.in_(operations), Operation.state == SENT)
    bulk.set_rows(session, Operation, [{bulk.ID: one.operation.id, "result": dict(one.row)} for one in made])
    joined = {
        "object": kind.object,
        "version": Link.version + 1,
        "decided_at": func.coalesce(Link.decided_at, now()),
    }
    transition_all(session, Link, LINKED, why, Link.id.in_(links), Link.state == CREATE, **joined)
    bulk.set_rows(
        session,
        Link,
        [
            {bulk.ID: one.link.id, "record_key": one.key, "exclusive": one.key, "origin": one.link.origin or "sync"}
            for one in made
        ],
    )
    names = [f"link:{link_id}" for link_id in links]
    issues.close_all(session, job.connection.id, names)
    intent.release(session, operations)
    action = f"{kind.name} created in Intacct"
    audit.record_all(
        session, job.connection.id, "", ((action, one.link.label, {}, {"record": one.key}) for one in made)
    )
    job.progress(session, done=names)
