"""One slice of a run: take the lease, go on where the last slice stopped, hand over before the time is up."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, notices, signals, wake
from ..errors import ConfigError, Refused
from ..explain import explain
from ..gateway import Client
from ..gateway.errors import ExchangeError, GatewayBusy, RetryClass
from ..installation import installation_id
from ..issues import Finding
from ..models import Connection, Phase, Run, now
from ..sessions import client_for, login_of
from ..state import State
from . import lease, run

log = logging.getLogger(__name__)

TRIES = 5
"""Failures in a row after which a run gives up; any progress starts the count anew."""


class Stopped(Exception):
    """A person paused or cancelled the run."""


class OutOfTime(Exception):
    """The slice is over; the next one goes on at the place that was committed."""


@dataclass(slots=True)
class Slice:
    """What a phase works with: its connection, its place, and transactions that only the lease's holder gets."""

    state: State
    connection: Connection
    run: Run
    phase: Phase
    hold: lease.Hold
    deadline: float
    _clients: dict[bool, Client] = field(default_factory=dict)

    @property
    def place(self) -> dict[str, Any]:
        """Where the phase goes on; changed by :meth:`progress` only."""
        return self.phase.place

    def client(self, *, top_level: bool = False) -> Client:
        """The gateway in the connection's entity, or at the top level."""
        if top_level not in self._clients:
            login = login_of(self.state, self.connection.id, top_level=top_level)
            self._clients[top_level] = client_for(self.state, login)
        return self._clients[top_level]

    @property
    def writer(self) -> Client:
        """The gateway at the level that new customers, vendors and documents are posted at."""
        return self.client(top_level=self.connection.top_level_posting)

    def check_time(self) -> None:
        """:raises OutOfTime: the slice is over: the caller has committed its place."""
        if time.monotonic() >= self.deadline:
            raise OutOfTime

    @contextmanager
    def transaction(self, *, outcome: bool = False) -> Iterator[Session]:
        """A writing transaction of ours, fenced by the lease.

        :param outcome: It writes down what became of a request: a person's wish to stop comes after that.
        :raises LeaseLost: another worker took over.
        :raises Stopped: a person paused or cancelled the run; nothing of this transaction is kept.
        """
        with self.state.transaction() as session:
            if outcome:
                self.hold.fence(session, self.state.config.lease_seconds)
            else:
                self.fence(session)
            yield session

    def fence(self, session: Session) -> None:
        """Hold back a transaction, of ours or of the host's, that may no longer write."""
        self.hold.fence(session, self.state.config.lease_seconds)
        run_ = session.execute(select(Run.wish, Run.live).where(Run.id == self.run.id)).one()
        if run_.wish or run_.live is None:
            raise Stopped

    def progress(
        self,
        session: Session,
        *,
        done: int = 0,
        failed: int = 0,
        total: int | None = None,
        place: dict[str, Any] | None = None,
    ) -> None:
        """Count within the caller's transaction, so that progress and work are kept together or not at all."""
        row = session.get_one(Phase, self.phase.id)
        row.done += done
        row.failed += failed
        if total is not None:
            row.total = total
        if place is not None:
            row.place = place
        running = session.get_one(Run, self.run.id)
        running.beat_at, running.failures = now(), 0
        session.flush()
        self.phase = row

    def issue(
        self, session: Session, subject: str, finding: Finding, kind: str, label: str, direction: str = ""
    ) -> None:
        """Open an issue on a record of this connection."""
        issues.open_issue(session, self.connection.id, subject, finding, kind=kind, label=label, direction=direction)


Step = Callable[[Slice], None]
"""One phase; returns when it is complete, raises :class:`OutOfTime` when the slice is over."""


def work(state: State, run_id: int, steps: Mapping[str, Step]) -> None:
    """Do one slice of a run, then wake the next. Harmless for a run that has ended or that another worker does."""
    installation_id(state)  # before any transaction, and with it a word about outdated tables
    with state.transaction() as session:
        row = session.get(Run, run_id)
    if row is None or row.live is None or row.state == run.PAUSED:
        return
    hold = lease.take(state, row.connection_id)
    if hold is None:
        return
    again = False
    try:
        again = _slice(state, run_id, hold, steps)
    except lease.LeaseLost as error:
        log.warning("%s", error)
        return
    finally:
        lease.release(state, hold)
    if again:
        wake.enqueue(run_id)


def _slice(state: State, run_id: int, hold: lease.Hold, steps: Mapping[str, Step]) -> bool:
    """Work until the run ends or the time is up; True if a next slice is needed."""
    deadline = time.monotonic() + state.config.slice_seconds
    with state.transaction() as session:
        hold.fence(session, state.config.lease_seconds)
        row = session.get_one(Run, run_id)
        row.state, row.beat_at, row.slices = run.RUNNING, now(), row.slices + 1
        row.started_at = row.started_at or now()
    while True:
        with state.transaction() as session:
            hold.fence(session, state.config.lease_seconds)
            row = session.get_one(Run, run_id)
            phase = next((item for item in run.phases(session, run_id) if item.state in ("waiting", "running")), None)
            connection = session.get_one(Connection, row.connection_id)
            if phase is None:
                _complete(session, row, connection)
            else:
                phase.state, phase.started_at = "running", phase.started_at or now()
                session.flush()
        if phase is None:
            _tell(state, row)
            return False
        slice_ = Slice(state, connection, row, phase, hold, deadline)
        verdict = _step(slice_, steps[phase.name])
        if verdict == "done":
            with state.transaction() as session:
                hold.fence(session, state.config.lease_seconds)
                finished = session.get_one(Phase, phase.id)
                finished.state, finished.finished_at = "done", now()
                if finished.total < 0:
                    finished.total = finished.done + finished.failed
                session.get_one(Run, run_id).failures = 0
        elif verdict == "again":
            return True
        elif verdict == "ended":
            return False


def _step(slice_: Slice, step: Step) -> str:
    """Run one phase: "done", "retry" (in this slice), "again" (in the next) or "ended"."""
    try:
        step(slice_)
    except OutOfTime:
        return "again"
    except Stopped:
        _stop(slice_)
        return "ended"
    except lease.LeaseLost:
        raise
    except ExchangeError as error:
        return _gateway_failed(slice_, error)
    except (ConfigError, Refused) as error:
        _fail(slice_, Finding("stopped", str(error)))
        return "ended"
    except Exception:
        # The last line of defence of a background job: the run must not vanish, and its place is committed.
        reference = uuid.uuid4().hex[:8]
        log.exception("Run %s failed in phase %s (reference %s)", slice_.run.id, slice_.phase.name, reference)
        finding = Finding(
            "internal error",
            f"Something went wrong in our own code (reference {reference}).",
            "Run it again; if it comes back, give the reference to whoever runs this application.",
        )
        return _again_or_fail(slice_, finding, 0.0, tries=2)
    finally:
        slice_.state.db.session.remove()
    return "done"


def _gateway_failed(slice_: Slice, error: ExchangeError) -> str:
    finding = explain(error)
    if error.retry is RetryClass.CREDENTIAL:
        with slice_.state.transaction() as session:
            slice_.hold.fence(session, slice_.state.config.lease_seconds)
            session.get_one(Connection, slice_.connection.id).state = "needs_reconnecting"
        _fail(slice_, finding)
        signals.needs_reconnecting.send(application(), connection_id=slice_.connection.id)
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
    remaining = slice_.deadline - time.monotonic()
    if wait > remaining:
        return "again"
    time.sleep(wait)
    return "retry"


def _stop(slice_: Slice) -> None:
    with slice_.state.transaction() as session:
        slice_.hold.fence(session, slice_.state.config.lease_seconds)
        row = session.get_one(Run, slice_.run.id)
        if row.wish == "cancel":
            run.end(session, row, run.CANCELLED)
        elif row.wish == "pause":
            row.state, row.wish = run.PAUSED, ""


def _fail(slice_: Slice, finding: Finding) -> None:
    with slice_.state.transaction() as session:
        slice_.hold.fence(session, slice_.state.config.lease_seconds)
        row = session.get_one(Run, slice_.run.id)
        slice_.issue(session, f"connection:{slice_.connection.id}", finding, "", run.RUN_LABELS[row.kind])
        run.end(session, row, run.FAILED, f"{finding.message} {finding.cure}".strip())
        notices.write(session, row, slice_.connection)
    _tell(slice_.state, row)


def _complete(session: Session, row: Run, connection: Connection) -> None:
    issues.close(session, connection.id, f"connection:{connection.id}")
    run.end(session, row, run.DONE)
    if row.kind in (run.INITIAL, run.SYNC):
        connection.synced_at = now()
        connection.step = "done"
    notices.write(session, row, connection)


def application() -> Any:
    """The Flask application itself, as the sender of signals."""
    return current_app._get_current_object()  # type: ignore[attr-defined]


def _tell(state: State, row: Run) -> None:
    if row.kind in (run.INITIAL, run.SYNC):
        level = notices.level_of_run(state, row.id)
        signals.run_finished.send(application(), connection_id=row.connection_id, run_id=row.id, level=level)
