"""The RQ entry points. Every job may run twice, late or never: the database says what there is to do."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from weakref import WeakKeyDictionary

from flask_rq import RQ
from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from . import exchanges, heartbeat, logs, queued, queueing, restored, retention, sessions, signals
from .clock import now, read
from .collector import patient
from .errors import Refused
from .gateway.classify import printable
from .installation import installation_id
from .messages import NOTHING, Message
from .models import Connection, Lease, Operation, Run
from .onboarding import ended
from .state import State, current
from .sync import executor, pushing, retrying, run
from .sync.outbox import states

log = logs.logger(__name__)


TICK_SECONDS = 10
"""How often the scheduler's own process ticks."""

CRON_SECONDS = 60
"""How often `flask rq cron` queues a tick, where that runs in place of our scheduler: each starts the application."""

IDLE_SECONDS = 20
"""A run that nobody works at is woken so long after its last sign of life: a job that was just queued gets the time to
begin, and the lease of a worker that was killed lives longer anyway."""

AGAIN_AFTER = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""After so long the tick starts another sync for look-ups that are due: after one, two, more that failed in a row."""

IN_VAIN_SECONDS = 3600
"""So long after a sync that did not make a look-up that is due, the tick starts no other one for it."""

FORGET_SECONDS = 86400
"""So long a tick or a night that failed is listed."""


OBJECTS = 50_000
"""So many new objects the garbage collector waits for while a run is worked at: what is read stays for a while."""


def work(run_id: int) -> None:
    """One slice of a run; once it has ended, what is wanted again begins."""
    state = current()
    with patient(OBJECTS):
        executor.work(state, run_id)
    mine = select(Run.connection_id).where(Run.id == run_id).scalar_subquery()
    for connection_id in retrying.waiting(state, Connection.id == mine):
        _go_on(state, connection_id)


def tick() -> None:
    """Every ten seconds: end what is gone, wake what should work, look up what has no answer, send what was touched."""
    state = current()
    installation_id(state)  # the row in which the heart beats
    seen = restored.kept(state)
    with state.transaction() as session:
        heartbeat.beat(session)
        well = restored.judge(state, session, seen)
    if not well:
        return  # it is ours no longer, or not as it was
    _sweep(state)
    sessions.purge(state)
    retention.tidy(state)
    with state.transaction() as session:
        held = select(Lease.connection_id).where(Lease.expires_at > now())
        sleeping = session.scalars(
            select(Run).where(
                Run.live.is_not(None),
                Run.state.in_((run.QUEUED, run.RUNNING)),
                Run.connection_id.not_in(held),
                func.coalesce(Run.beat_at, Run.asked_at) <= now(-IDLE_SECONDS),
                or_(Run.rests_until.is_(None), Run.rests_until <= now()),
            )
        ).all()
        lost = session.scalars(
            select(Operation.connection_id)
            .join(Connection, Connection.id == Operation.connection_id)
            .where(
                or_(
                    (Operation.state == states.UNKNOWN) & (Operation.due_at <= now()),
                    (Operation.state == states.SENT) & (Operation.connection_id.not_in(held)),
                ),
                Connection.state == "connected",
                ~_in_vain(),
            )
            .distinct()
        ).all()
        lost = [connection_id for connection_id in lost if not _failed_lately(session, connection_id)]
    awaited = queued.awaited() if sleeping else ()
    for item in sleeping:
        if item.id not in awaited:
            queueing.enqueue(item.id)
    for connection_id in lost:
        _start(connection_id)
    for connection_id in retrying.waiting(state):
        _go_on(state, connection_id)
    if state.config.push:
        _push(state)
    signals.deliver(state)  # last, for receivers may take their time


def _go_on(state: State, connection_id: int) -> None:
    """Begin what a person wants tried again."""
    try:
        found = retrying.go_on(state, connection_id)
    except Refused as refusal:
        log.info("Nothing is tried again for connection %s now: %s", connection_id, printable(refusal.message))
        return
    if found is not None:
        queueing.enqueue(found.id)


def _push(state: State) -> None:
    """Have documents sent that the host touched, of companies where that may be done just now."""
    try:
        wanted = pushing.wanted(state)
    except Exception:  # as in _sweep
        logs.exception(log, "What the application changed could not be read")
        return
    for row in wanted:
        with state.reading() as session:
            waits = exchanges.use(session, state.config, row).up or _failed_lately(session, row.id)
        if not waits:
            _start(row.id, run.PUSH)


def _in_vain() -> ColumnElement[bool]:
    """The condition that a whole sync began after an operation was due, and did not look it up: a currency can't be
    read, say, or its kind is no longer described.
    """
    due = case((Operation.state == states.SENT, Operation.sent_at), else_=Operation.due_at)
    query = select(Run.id).where(
        Run.connection_id == Operation.connection_id,
        Run.kind.in_((run.INITIAL, run.SYNC)),
        Run.state == run.DONE,
        Run.started_at >= due,
        Run.finished_at > now(-IN_VAIN_SECONDS),
    )
    return query.exists()


def _sweep(state: State) -> None:
    """End what is gone; where the host's companies can't be read, the others go on, and each run looks again itself."""
    try:
        ended.sweep(state)
    except Exception:
        # Whatever the host's tables or bind have: it must not keep the runs of all companies asleep.
        logs.exception(log, "The companies of the application could not be read")


def _failed_lately(session: Session, connection_id: int) -> bool:
    """Whether the last syncs failed, and it is too early to try again without being asked to."""
    query = select(Run.state, Run.finished_at).where(Run.connection_id == connection_id).order_by(Run.id.desc())
    failed = list(takewhile(lambda row: row.state == run.FAILED, session.execute(query.limit(len(AGAIN_AFTER)))))
    return bool(failed) and failed[0].finished_at > read(session) - AGAIN_AFTER[len(failed) - 1]


def nightly() -> None:
    """Start a sync for every connected company; where the limit of API transactions is reached, write that down."""
    state = current()
    _sweep(state)
    with state.reading() as session:
        connected = session.scalars(select(Connection).where(Connection.state == "connected")).all()
        uses = [(row.id, exchanges.use(session, state.config, row)) for row in connected]
    for connection_id, use in uses:
        _start(connection_id, why=Message("run.limit", used=use.this, limit=use.limit) if use.up else NOTHING)


def _start(connection_id: int, kind: str = run.SYNC, why: Message = NOTHING) -> None:
    """Start a run, or write down why it has to wait."""
    try:
        run.hold_back(connection_id, kind, why) if why else run.start(connection_id, kind, "")
    except Refused as refusal:
        log.info("No %s of connection %s now: %s", kind, connection_id, printable(refusal.message))


_scheduled: WeakKeyDictionary[RQ, set[tuple[str, int | str]]] = WeakKeyDictionary()


def schedule(state: State) -> None:
    """Register the tick and the nightly sync with Flask-RQ's cron, once if it serves several applications."""
    queue, known = state.config.queue, _scheduled.setdefault(state.rq, set())
    for job, interval in ((tick, CRON_SECONDS), (nightly, state.config.nightly)):
        if interval and (f"{queue} {job.__name__}", interval) not in known:
            known.add((f"{queue} {job.__name__}", interval))
            state.rq.cron_register(job, interval, queue=queue, failure_ttl=FORGET_SECONDS)
