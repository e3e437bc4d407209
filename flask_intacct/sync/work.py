"""One slice of a run: take the lease, go on where the last slice stopped, hand over before the time is up."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from .. import issues, notices, phases, reconnecting, signals, wake
from ..clock import boot, now, read
from ..errors import ConfigError, Refused
from ..explain import explain
from ..gateway.errors import ExchangeError, GatewayBusy, RetryClass
from ..installation import installation_id
from ..issues import Finding
from ..models import Connection, Phase, Run, transition
from ..reconnecting import NeedsReconnecting
from ..state import State
from . import lease, run
from .keeper import keeping
from .slice import OutOfTime, Slice, Stopped, application, crashed

log = logging.getLogger(__name__)

TRIES = 5
"""Failures in a row after which a run gives up; any progress starts the count anew."""


def work(state: State, run_id: int) -> None:
    """Do one slice of a run, then wake the next. Harmless for a run that has ended or that another worker does."""
    installation_id(state)  # before any transaction, and with it a word about outdated tables
    with state.transaction() as session:
        row = session.get(Run, run_id)
        if row is None or not _ready(row, read(session)):
            return
    hold = lease.take(state, row.connection_id)
    if hold is None:
        return
    again = False
    try:
        with keeping(hold):
            again = _slice(state, run_id, hold)
    except lease.LeaseLost as error:
        log.warning("%s", error)
        return
    finally:
        lease.release(state, hold)
    if again:
        wake.enqueue(run_id)


def _ready(row: Run, at: datetime) -> bool:
    """Whether a run may be worked on at this instant."""
    return row.live is not None and row.state != run.PAUSED and row.report.get(run.RESTS, "") <= at.isoformat()


def _slice(state: State, run_id: int, hold: lease.Hold) -> bool:
    """Work until the run ends or the time is up; True if a next slice is needed."""
    deadline = boot() + state.config.slice_seconds
    with state.transaction() as session:
        hold.fence(session, state.config.lease_seconds)
        row = session.get_one(Run, run_id)
        at = read(session)
        if not _ready(row, at):
            return False  # it ended while this worker waited for the lease
        transition(row, run.RUNNING, "a worker took it")
        row.beat_at, row.slices = at, row.slices + 1
        row.started_at = row.started_at or at
    while True:
        with state.transaction() as session:
            hold.fence(session, state.config.lease_seconds)
            row = session.get_one(Run, run_id)
            if row.live is None:
                return False  # a person or the host ended it
            phase = next((item for item in run.phases(session, run_id) if item.state in ("waiting", "running")), None)
            connection = session.get_one(Connection, row.connection_id)
            if phase is None:
                _complete(session, row, connection)
            else:
                transition(phase, "running", "it is the next")
                phase.started_at = phase.started_at or read(session)
                session.flush()
        if phase is None:
            _tell(state, row)
            return False
        slice_ = Slice(state, connection, row, phase, hold, deadline)
        verdict = _step(slice_, state.runs[row.kind].phase(phase.name))
        if verdict == "done":
            with state.transaction() as session:
                hold.fence(session, state.config.lease_seconds)
                finished = session.get_one(Phase, phase.id)
                transition(finished, "done", "all of it is done")
                finished.finished_at = now()
                if finished.total < 0:
                    finished.total = finished.done + finished.failed
                session.get_one(Run, run_id).failures = 0
        elif verdict == "again":
            return True
        elif verdict == "ended":
            return False


def _step(slice_: Slice, phase: phases.Phase) -> str:
    """Run one phase: "done", "retry" (in this slice), "again" (in the next) or "ended"."""
    try:
        for stage in phase.stages:
            stage(slice_)
    except OutOfTime:
        return "again"
    except Stopped:
        _stop(slice_)
        return "ended"
    except lease.LeaseLost:
        raise
    except ExchangeError as error:
        return _gateway_failed(slice_, error)
    except NeedsReconnecting as error:
        _fail(slice_, error.finding, known=True)
        return "ended"
    except (ConfigError, Refused) as error:
        _fail(slice_, Finding("stopped", str(error)))
        return "ended"
    except Exception:
        # The last line of defence of a background job: the run must not vanish, and its place is committed.
        finding = crashed(f"Run {slice_.run.id} in phase {slice_.phase.name}")
        return _again_or_fail(slice_, finding, 0.0, tries=2)
    finally:
        slice_.state.db.session.remove()
    return "done"


def _gateway_failed(slice_: Slice, error: ExchangeError) -> str:
    finding = explain(error)
    if error.retry is RetryClass.CREDENTIAL:
        with slice_.state.transaction() as session:
            slice_.hold.fence(session, slice_.state.config.lease_seconds)
            if session.get_one(Run, slice_.run.id).live is None:
                return "ended"  # by a disconnect, say, which is to stand
            stopped = reconnecting.stop(session, [slice_.connection.id], finding)
        _fail(slice_, finding, known=True)
        reconnecting.tell(stopped)
        return "ended"
    if isinstance(error, GatewayBusy) and error.retry is RetryClass.RATE:
        return _again_or_fail(slice_, finding, error.retry_after or 1.0, tries=0)
    if error.retry in (RetryClass.NOT_SENT, RetryClass.BUSY, RetryClass.AMBIGUOUS, RetryClass.SESSION):
        return _again_or_fail(slice_, finding, 2.0 ** min(slice_.run.failures, 3), tries=TRIES)
    _fail(slice_, finding)
    return "ended"


def _again_or_fail(slice_: Slice, finding: Finding, wait: float, *, tries: int) -> str:
    """Try the phase again from its committed place, unless it failed `tries` times in a row (0: never give up)."""
    with slice_.state.transaction() as session:
        slice_.hold.fence(session, slice_.state.config.lease_seconds)
        row = session.get_one(Run, slice_.run.id)
        row.failures += 1 if tries else 0
        failures = row.failures
    if tries and failures >= tries:
        _fail(slice_, finding)
        return "ended"
    if wait <= slice_.deadline - boot():
        time.sleep(wait)
        return "retry"
    with slice_.transaction(outcome=True) as session:
        row = session.get_one(Run, slice_.run.id)
        row.report = {**row.report, run.RESTS: (read(session) + timedelta(seconds=wait)).isoformat()}
    return "ended"  # of this slice: the tick wakes the run when it has rested


def _stop(slice_: Slice) -> None:
    with slice_.state.transaction() as session:
        slice_.hold.fence(session, slice_.state.config.lease_seconds)
        row = session.get_one(Run, slice_.run.id)
        if row.wish == "cancel":
            run.end(session, row, run.CANCELLED)
        elif row.wish == "pause":
            transition(row, run.PAUSED, "a person paused it")
            row.wish = ""


def _fail(slice_: Slice, finding: Finding, *, known: bool = False) -> None:
    """End the run.

    :param known: The connection has its issue already.
    """
    with slice_.state.transaction() as session:
        slice_.hold.fence(session, slice_.state.config.lease_seconds)
        row = session.get_one(Run, slice_.run.id)
        if row.live is None:
            return  # a person or the host ended it, and that is to stand
        if not known:
            slice_.issue(session, f"connection:{slice_.connection.id}", finding, "", slice_.state.runs[row.kind].label)
        run.end(session, row, run.FAILED, f"{finding.message} {finding.cure}".strip())
        notices.write(session, row, slice_.connection)
    _tell(slice_.state, row)


def _complete(session: Session, row: Run, connection: Connection) -> None:
    if connection.state != reconnecting.RESTS:
        issues.close(session, connection.id, f"connection:{connection.id}")
    run.end(session, row, run.DONE)
    if row.kind in (run.INITIAL, run.SYNC):
        connection.synced_at = now()
        connection.step = "done"
    notices.write(session, row, connection)


def _tell(state: State, row: Run) -> None:
    if row.kind in (run.INITIAL, run.SYNC):
        level = notices.level_of_run(state, row.id)
        signals.run_finished.send(application(), connection_id=row.connection_id, run_id=row.id, level=level)
