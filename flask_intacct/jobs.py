"""The RQ entry points. Every job may run twice, late or never: the database says what there is to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import takewhile
from weakref import WeakKeyDictionary

from flask_rq import RQ
from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from . import exchanges, heartbeat, kinds, logs, queued, queueing, restored, retention, sessions, signals
from .clock import now, read
from .collector import patient
from .errors import Refused
from .gateway.classify import printable
from .installation import installation_id
from .messages import NOTHING, Message
from .models import Connection, Lease, Operation, Run
from .onboarding import deciding, ended, planning, suggest
from .phases import Cursor, Phase, RunKind, Stage
from .state import State, current
from .sync import (
    agreement,
    contacts,
    dimensions,
    documents,
    doubts,
    executor,
    finish,
    missing,
    ours,
    pushing,
    reading,
    reference,
    retrying,
    run,
    scanning,
    successor,
    touched,
)
from .sync.job_context import JobContext
from .sync.outbox import states
from .translation import marked

log = logs.logger(__name__)


def _swept(job: JobContext, _: Cursor) -> None:
    """End the run if its company is gone, hold it if that seems to be another one; see what the host touched."""
    ended.sweep(job.state)
    successor.check(job)
    touched.dispatch(job.state)


_CHECKED = Stage(_swept, border=True)
_CONNECT = Phase("connect", marked("Connection"), (), (_CHECKED, Stage(ours.deleted), Stage(reading.connect)))
_SYNCS = replace(_CONNECT, stages=(_CHECKED, Stage(ours.deleted), Stage(doubts.check), Stage(reading.connect)))
_DECIDE = Phase("decide", marked("Records"), (), (Stage(deciding.step),))
_OUR_OWN = marked("Our own records")
_TRACKING = (kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION)
_REFERENCE = (kinds.TAX_TYPE, kinds.ACCOUNT, *_TRACKING)


def _reading(kind: str, *stages: Stage) -> Phase:
    """A phase that only reads Intacct's records of a kind: it goes by Intacct's name for them."""
    return Phase(f"read_{kind}", kinds.named(kind).theirs, (kind,), stages)


def _syncing(kind: str, stages: Sequence[Stage]) -> Phase:
    """A phase that brings the records of a kind into step."""
    return Phase(kind, kinds.named(kind).label, (kind,), tuple(stages))


def _suggestions(*, counts: bool) -> tuple[Stage, ...]:
    return tuple(Stage(partial(suggest.stage, kind, counts=counts), kind) for kind in kinds.MATCHED)


def _scanning() -> Iterator[Stage]:
    """All of the host's documents, as they are now."""
    for kind in kinds.documents():
        yield Stage(partial(scanning.scan, kind), kind)
        yield Stage(partial(touched.read, kind), kind)


def runs() -> dict[str, RunKind]:
    """Each kind of run, with its phases and what they do; each kind of documents has a phase of its own."""
    contact, tax_type, account = kinds.CONTACT, kinds.TAX_TYPE, kinds.ACCOUNT
    roles = kinds.roles(contact)
    read_contacts = _reading(
        contact, *(Stage(partial(reading.contacts, role, counts=True), contact, role) for role in roles)
    )
    suggestions = Phase("suggest", marked("Suggestions"), (), (*_suggestions(counts=True), Stage(suggest.ready)))
    # The documents were read in their own phases.
    ours_joined = Phase("ours", _OUR_OWN, (), (Stage(ours.snapshot), Stage(agreement.of_contacts, contact)))
    ours_alone = Phase("ours", _OUR_OWN, (), (*_scanning(), Stage(ours.snapshot)))
    sync = (
        _SYNCS,
        Phase("reference", marked("Tax types, accounts and tracking"), _REFERENCE, reference.stages()),
        _syncing(contact, contacts.stages()),
        *(_syncing(kind, documents.stages(kind)) for kind in kinds.documents()),
        ours_joined,
        suggestions,
        Phase("finish", marked("Control totals"), (), (Stage(missing.settle), Stage(finish.finish))),
    )
    tracking = (Stage(dimensions.listed), Stage(partial(dimensions.values, counts=True)), Stage(dimensions.entities))
    marks = Stage(reading.marks, account, past=reading.marked, spare=True)
    read = (
        _CONNECT,
        _reading(tax_type, Stage(partial(reading.tax_types, counts=True), tax_type)),
        _reading(account, Stage(partial(reading.accounts, counts=True), account), marks),
        Phase("read_tracking", marked("Dimensions and their values"), _TRACKING, tracking),
        read_contacts,
        ours_alone,
        suggestions,
    )
    plan = (
        _CONNECT,
        read_contacts,
        *(_reading(kind, Stage(partial(reading.documents, kind, counts=True), kind)) for kind in kinds.documents()),
        ours_alone,
        Phase("plan", marked("Plan"), (), (*_suggestions(counts=False), Stage(planning.compute))),
    )
    push = (
        Phase("connect", marked("Connection"), (), (_CONNECT.stages[0], Stage(pushing.take_up))),
        *(_syncing(kind, pushing.stages(kind)) for kind in kinds.documents()),
    )
    starts = ("onboarding", "connected")
    anytime = (*starts, "paused", "needs_reconnecting", "disconnected")
    return {
        run.READ: RunKind(Message("run.Read"), starts, read, all_or_nothing=True),
        run.PLAN: RunKind(Message("run.Plan"), starts, plan, all_or_nothing=True),
        run.INITIAL: RunKind(Message("run.Initial"), ("connected",), sync),
        run.SYNC: RunKind(Message("run.Sync"), ("connected",), sync),
        run.DECIDE: RunKind(Message("run.Decide"), anytime, (_DECIDE,), apart=True),
        run.PUSH: RunKind(Message("run.Push"), ("connected",), push, apart=True),
    }


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
