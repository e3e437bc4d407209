"""What becomes of a step that fails: tried again, rested upon, given up, or the end of its run.

Failures are counted at one place of a run and forgotten when it gets past it, so that what succeeds elsewhere hides
nothing. If Intacct answers, and this one object can't be had all the same, it is an issue and the run goes on without
it. If Intacct does not answer, the run rests, for longer each time, and goes on by itself.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, kinds, notices, reconnecting
from ..clock import boot, read
from ..explain import explain
from ..gateway.errors import ExchangeError, GatewayBusy, RetryClass
from ..issues import Finding
from ..messages import Message
from ..models import Issue, Run
from ..phases import Stage
from . import run
from .job_context import Stopped

if TYPE_CHECKING:
    from .executor import Executor

WAITS = (1, 2, 4, 8, 60, 120, 300, 600, 1200, 1800)
"""Seconds before each further try at the same place; the last one from then on."""

TRIES = 5
"""Failures at one place after which Intacct is asked whether it answers at all."""

BUSY_TRIES = 12
"""The same for a gateway that says to come again later."""

DEATHS = 3
"""So many workers died one after the other at one place of a run: it goes on without what they were at."""

OWN_TRIES = 2
"""Failures at one place by a mistake of ours that end a run."""

LONG = 60
"""From so many seconds on people are told that a run rests."""

_MISSED = "missed:"

_DEADLY = Finding("internal error", Message("run.died"), Message("run.died.cure"))
_DATABASE = Finding("database away", Message("run.database"), Message("run.database.cure"))


class Verdict(enum.Enum):
    """What is next: the step again, what comes behind it, or nothing in this slice."""

    AGAIN, SKIP, ENDED = "again", "skip", "ended"


def of_gateway(executor: Executor, error: ExchangeError) -> Verdict:
    """After a failure of the gateway."""
    finding = explain(error)
    if error.retry is RetryClass.CREDENTIAL:
        _reconnect(executor, finding)
        return Verdict.ENDED
    if error.retry is RetryClass.DATA:
        executor.fail(finding)
        return Verdict.ENDED
    rate = isinstance(error, GatewayBusy) and error.retry is RetryClass.RATE
    least = error.retry_after or 0.0 if isinstance(error, GatewayBusy) else 0.0
    failures = _count(executor)
    if failures >= (BUSY_TRIES if rate else TRIES) and _answers(executor):
        return _give_up(executor, finding, lambda object_: _missed(object_, finding))
    return _wait(executor, finding, failures, least)


def of_database(executor: Executor, error: Exception) -> Verdict:
    """After a failure of the database that passes."""
    return _wait(executor, _DATABASE, _count(executor), 0.0)


def of_ours(executor: Executor, finding: Finding) -> Verdict:
    """After an exception that nobody foresaw."""
    if _count(executor) < OWN_TRIES:
        return Verdict.AGAIN
    executor.fail(finding)
    return Verdict.ENDED


def of_death(executor: Executor) -> Verdict:
    """After workers that died or hung at the same place, one after the other."""
    return _give_up(executor, _DEADLY, lambda _: _DEADLY.message)


def _count(executor: Executor) -> int:
    with executor.state.transaction() as session:
        executor.hold.fence(session)
        row = session.get_one(Run, executor.at.run.id)
        row.failures += 1
        return row.failures


def _answers(executor: Executor) -> bool:
    """Whether Intacct answers anything at all, if only that this user may not ask."""
    try:
        executor.at.client().user_formatting()
    except ExchangeError as error:
        return error.level == "result" and error.retry is RetryClass.DATA
    return True


def _give_up(executor: Executor, finding: Finding, said: Callable[[str], Message]) -> Verdict:
    """Go on without an object that can't be had; the end of a run that is about nothing else, or needs all.

    :param said: What people are told of the object.
    """
    job, stage = executor.at, executor.stage
    behind = stage.past(executor.cursor)
    needed = executor.state.runs[job.run.kind].all_or_nothing and not (stage.spare and behind)
    if not stage.kind or needed:
        executor.fail(finding)
        return Verdict.ENDED
    object_ = behind[0] if behind else _object(stage)
    told = Finding(finding.cause, said(object_), finding.cure, same=finding.cause)
    try:
        with job.transaction() as session:
            job.issue(session, missing(object_), told, stage.kind, object_)
            job.progress(session, failed=[missing(object_)])
    except Stopped:
        return Verdict.ENDED  # seen again by the next slice
    return Verdict.SKIP


def _missed(object_: str, finding: Finding) -> Message:
    return Message("run.missed", object=object_, reason=finding.message)


def subject(stage: Stage) -> str:
    """The subject of the issue of what a stage is about."""
    return missing(_object(stage))


def missing(object_: str) -> str:
    """The subject of the issue of an object that a run could not have."""
    return f"{_MISSED}{object_}"


def missed(session: Session, row: Run) -> set[str]:
    """The subjects of such issues that are open since before this run."""
    query = select(Issue.subject).where(
        Issue.connection_id == row.connection_id,
        Issue.subject.startswith(_MISSED),
        Issue.live == issues.LIVE,
        Issue.last_seen < row.started_at,
    )
    return set(session.scalars(query))


def _object(stage: Stage) -> str:
    return (kinds.kind(stage.kind, stage.role) if stage.role else kinds.named(stage.kind)).object or stage.kind


def _wait(executor: Executor, finding: Finding, failures: int, least: float) -> Verdict:
    """Sleep if the slice is long enough for it, else let the run rest: the tick wakes it."""
    wait = max(least, WAITS[min(failures, len(WAITS)) - 1])
    if wait < LONG and wait <= executor.at.deadline - boot():
        executor.shutdown.wait(wait)
        return Verdict.AGAIN
    with executor.state.transaction() as session:
        executor.hold.fence(session)
        row = session.get_one(Run, executor.at.run.id)
        run.heed(session, row)  # a wish would else wait until the rest is over
        if row.live is None or row.state == run.PAUSED:
            return Verdict.ENDED
        told = bool(row.problem)
        row.beat_at = read(session)
        row.rests_until = row.beat_at + timedelta(seconds=wait)
        if wait >= LONG:
            row.problem = finding.message
            if not told:
                notices.rests(session, row)
    return Verdict.ENDED


def _reconnect(executor: Executor, finding: Finding) -> None:
    """End the run, and let its connection rest until somebody signs in again."""
    with executor.state.transaction() as session:
        executor.hold.fence(session)
        if session.get_one(Run, executor.at.run.id).live is None:
            return  # by a disconnect, say, which is to stand
        stopped = reconnecting.stop(session, [executor.at.connection.id], finding)
    executor.fail(finding, known=True)
    reconnecting.tell(stopped)
