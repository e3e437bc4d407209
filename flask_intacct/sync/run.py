"""Runs: one live pass of background work per connection, its phases, and the switches a person has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, notices, queueing, restored
from ..clock import now
from ..errors import Refused
from ..messages import NOTHING, Message
from ..models import Connection, Phase, Run, transition
from ..state import current
from . import lease

READ, PLAN, INITIAL, SYNC, DECIDE, PUSH = "read", "plan", "initial", "sync", "decide", "push"
QUEUED, RUNNING, PAUSED, DONE, FAILED, CANCELLED = "queued", "running", "paused", "done", "failed", "cancelled"

SCAN = "scan"
"""Where the report of a run says that a person wants all rows of the host read."""

AGAIN = "again"
"""Where a connection's facts keep the kind of run that is to start as soon as it can, and who wants it:
:mod:`.retrying`."""

EXPECTED = "expected"
"""Where the report of an initial sync says how many records each phase will see, by the plan that was confirmed."""


def start(connection_id: int, kind: str, who: str, *, pressed: bool = False, scan: bool = False) -> Run:
    """Ask for a run and wake a worker. A live run of the same kind is returned as it is.

    :param pressed: A person waits for it: a live one that rests goes on at once.
    :param scan: All rows of the host are to be read, also where the settings say that syncs don't.
    :raises Refused: a run of another kind is live, the connection can't be synced just now, or nothing is synced.
    """
    with current().transaction() as session:
        run, wakes = begin(session, connection_id, kind, who)
        if scan:
            run.report = {**run.report, SCAN: True}
        if pressed and not wakes and run.rests_until is not None and run.state != PAUSED:
            _go_on(session, run)
            audit.record(session, connection_id, who, "run woken", f"run {run.id}")
            wakes = True
    if wakes:
        queueing.enqueue(run.id)
    return run


def begin(session: Session, connection_id: int, kind: str, who: str) -> tuple[Run, bool]:
    """Within the caller's transaction: the run, and whether it is new and has to be woken after the commit.

    A sync that is asked for before the initial one was complete goes on with that one. A push gives way to any other
    run: all that it would have sent is seen by the next sync.

    :raises Refused: see :func:`start`.
    """
    restored.check(session)
    connection = lease.locked(session, connection_id)  # of two who press at once, the later one finds the other's run
    busy = live(session, connection_id)
    if busy is None:
        return _make(session, connection, kind, who), True
    if busy.kind == kind or (busy.kind in (INITIAL, SYNC) and kind in (INITIAL, SYNC, PUSH)):
        return busy, False
    if busy.kind == PUSH:
        end(session, busy, CANCELLED)
        return _make(session, connection, kind, who), True
    raise Refused(Message("run.busy", run=current().runs[busy.kind].label))


def _make(session: Session, connection: Connection, kind: str, who: str) -> Run:
    if connection.state not in current().runs[kind].starts:
        raise Refused(Message("run.not_connected"))
    if kind == READ and (connection.sync_from is None or not connection.level):
        raise Refused(Message("run.no_entity"))
    report = {}
    if kind in (INITIAL, SYNC) and connection.synced_at is None:
        kind, stopped = INITIAL, latest(session, connection.id, INITIAL)
        report = {EXPECTED: left(session, stopped)} if stopped is not None else {}
    run = Run(connection_id=connection.id, live=connection.id, kind=kind, asked_by=who, report=report)
    session.add(run)
    wish = connection.facts.get(AGAIN)
    if wish is not None and (kind in (INITIAL, SYNC) or kind == wish["kind"]):  # it sees all that is wanted
        forget_wish(connection)
    session.flush()
    has = current().host.has
    names = [item.name for item in current().runs[kind].phases if not item.kinds or any(map(has, item.kinds))]
    session.add_all(Phase(run_id=run.id, name=name, position=number) for number, name in enumerate(names))
    audit.record(session, connection.id, who, f"{kind} run asked for", f"run {run.id}")
    session.flush()
    return run


def forget_wish(connection: Connection) -> None:
    """Nothing is wanted again any more; the caller has locked the row."""
    connection.facts = {name: fact for name, fact in connection.facts.items() if name != AGAIN}


def hold_back(connection_id: int, kind: str, why: Message) -> None:
    """Write down that a run which was due has to wait; nothing if one is live.

    :raises Refused: see :func:`start`.
    """
    with current().transaction() as session:
        connection = lease.locked(session, connection_id)
        facts = connection.facts
        run, fresh = begin(session, connection_id, kind, "")
        if fresh:
            end(session, run, CANCELLED, why)
            connection.facts = facts  # it did nothing of what is wanted


def live(session: Session, connection_id: int) -> Run | None:
    """The run that is queued, running or paused, if there is one."""
    return session.scalar(select(Run).where(Run.live == connection_id))


def latest(session: Session, connection_id: int, *kinds_: str) -> Run | None:
    """The newest run, of these kinds if any are named."""
    query = select(Run).where(Run.connection_id == connection_id)
    if kinds_:
        query = query.where(Run.kind.in_(kinds_))
    return session.scalar(query.order_by(Run.id.desc()).limit(1))


def phases(session: Session, run_id: int) -> Sequence[Phase]:
    """The phases of a run, in order."""
    return session.scalars(select(Phase).where(Phase.run_id == run_id).order_by(Phase.position)).all()


def left(session: Session, run: Run) -> dict[str, int]:
    """How many records each phase of a run has not seen, as far as that can be told."""
    expected = run.report.get(EXPECTED, {})
    return {
        phase.name: number
        for phase in phases(session, run.id)
        if (number := max(total(phase, expected.get(phase.name, -1)) - phase.done - phase.failed, 0))
    }


def total(phase: Phase, expected: int) -> int:
    """How many records a phase will see: what it found out itself, else what was expected; -1 for not known."""
    return phase.total if phase.total >= 0 else max(expected, phase.done + phase.failed) if expected > 0 else -1


def cancel(run_id: int, who: str) -> None:
    """Stop a run after the record it is at. What is done stays done.

    :raises Refused: it has ended already.
    """
    with current().transaction() as session:
        run = _live_run(session, run_id)
        audit.record(session, run.connection_id, who, "run cancelled", f"run {run_id}")
        if _at_work(session, run):
            run.wish = "cancel"
        else:
            end(session, run, CANCELLED)


def pause(run_id: int, who: str) -> None:
    """Let a run rest after the record it is at.

    :raises Refused: it has ended already.
    """
    with current().transaction() as session:
        run = _live_run(session, run_id)
        audit.record(session, run.connection_id, who, "run paused", f"run {run_id}")
        if _at_work(session, run):
            run.wish = "pause"
        elif run.state != PAUSED:
            transition(run, PAUSED, "a person paused it")
            run.wish = ""  # a worker that was only slow finds nothing more to heed


def resume(run_id: int, who: str) -> None:
    """Let a run that is paused or rests go on where it was.

    :raises Refused: it has ended already.
    """
    with current().transaction() as session:
        run = _live_run(session, run_id)
        run.wish = ""
        _go_on(session, run)
        audit.record(session, run.connection_id, who, "run resumed", f"run {run_id}")
    queueing.enqueue(run_id)


def _go_on(session: Session, run: Run) -> None:
    """Let a run that is paused or rests be worked on at once, with all its tries before it."""
    run.failures, run.rests_until = 0, None
    if not _at_work(session, run):
        transition(run, QUEUED, "a person wants it to go on")


def abandon(session: Session, connection_id: int) -> None:
    """End the live run at once, because what it works on no longer holds; its worker can't write any more."""
    run = live(session, connection_id)
    if run is not None:
        end(session, run, CANCELLED)


def end(session: Session, run: Run, state: str, problem: Message = NOTHING) -> None:
    """Bring a run to one of its end states; phases not reached are marked as skipped."""
    transition(run, state, problem.id or "its end")
    run.problem, run.wish, run.finished_at, run.rests_until = problem, "", now(), None
    for phase in phases(session, run.id):
        if phase.state == "running":
            transition(phase, "failed" if state == FAILED else "skipped", f"its run {state}")
        elif phase.state == "waiting":
            transition(phase, "skipped", f"its run {state}")
    session.flush()


def ready(run: Run, at: datetime) -> bool:
    """Whether a run may be worked on at this instant of the database's."""
    return run.live is not None and run.state != PAUSED and (run.rests_until is None or run.rests_until <= at)


def heed(session: Session, run: Run) -> None:
    """Do what a person wished for a run, within the transaction of its worker."""
    if run.wish == "cancel":
        end(session, run, CANCELLED)
    elif run.wish == "pause":
        transition(run, PAUSED, "a person paused it")
        run.wish = ""


def goes_on(session: Session, run: Run) -> None:
    """A run got past the place that it was at: what failed there, and what it rested for, is over."""
    if run.problem:
        notices.goes_on(session, run)
    run.failures, run.rests_until, run.problem = 0, None, NOTHING


def _at_work(session: Session, run: Run) -> bool:
    """Whether a worker is at a run just now, and will see a wish."""
    return run.state == RUNNING and lease.held(session, run.connection_id)


def _live_run(session: Session, run_id: int) -> Run:
    run = session.get(Run, run_id)
    if run is not None:
        lease.lock(session, [run.connection_id])  # its worker writes nothing until this is decided
        run = session.get(Run, run_id, populate_existing=True)
    if run is None or run.live is None:
        raise Refused(Message("run.ended"))
    return run
