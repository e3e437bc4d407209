"""The RQ entry points. Every job may run twice, late or never: the database says what there is to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from weakref import WeakKeyDictionary

from flask_rq import RQ
from sqlalchemy import func, or_, select

from . import heartbeat, kinds, queued, sessions, wake
from .clock import now
from .errors import Refused
from .installation import installation_id
from .models import Connection, Lease, Operation, Run
from .onboarding import ended, planning, suggest
from .phases import Phase, RunKind
from .state import State, current
from .sync import contacts, dimensions, documents, finish, ours, outbox, reading, reference, run
from .sync.slice import Slice
from .sync.work import work as work_slice
from .translation import marked

log = logging.getLogger(__name__)


def _begin(slice_: Slice) -> None:
    """Whether there is still something to sync on our side, then whether the connection works."""
    ended.sweep(slice_.state)
    ours.deleted(slice_)
    reading.connect(slice_)


_CONNECT = Phase("connect", marked("Connection"), (), (_begin,))
_OURS = Phase("ours", marked("Our own records"), (), (ours.snapshot,))
_SUGGEST = Phase("suggest", marked("Suggestions"), (), (suggest.suggestions,))
_TRACKING = (kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION)
_REFERENCE = (kinds.TAX_TYPE, kinds.ACCOUNT, *_TRACKING)


def _reading(kind: str, stage: Callable[[Slice], None]) -> Phase:
    """A phase that only reads Intacct's records of a kind: it goes by Intacct's name for them."""
    return Phase(f"read_{kind}", kinds.named(kind).theirs, (kind,), (stage,))


def _syncing(kind: str, stage: Callable[[Slice], None]) -> Phase:
    """A phase that brings the records of a kind into step."""
    return Phase(kind, kinds.named(kind).label, (kind,), (stage,))


def runs() -> dict[str, RunKind]:
    """Each kind of run, with its phases and what they do; each kind of documents has a phase of its own."""
    read_contacts = _reading(kinds.CONTACT, reading.contacts)
    sync = (
        _CONNECT,
        Phase("reference", marked("Tax types, accounts and tracking"), _REFERENCE, (reference.reference,)),
        _syncing(kinds.CONTACT, contacts.contacts),
        *(_syncing(kind, partial(documents.documents, kind)) for kind in kinds.documents()),
        _OURS,
        _SUGGEST,
        Phase("finish", marked("Control totals"), (), (finish.finish,)),
    )
    read = (
        _CONNECT,
        _reading(kinds.TAX_TYPE, reading.tax_types),
        _reading(kinds.ACCOUNT, reading.accounts),
        Phase("read_tracking", marked("Dimensions and their values"), _TRACKING, (dimensions.tracking,)),
        read_contacts,
        _OURS,
        _SUGGEST,
    )
    plan = (
        _CONNECT,
        read_contacts,
        *(_reading(kind, partial(reading.documents, kind)) for kind in kinds.documents()),
        _OURS,
        Phase("plan", marked("Plan"), (), (planning.compute,)),
    )
    return {
        run.READ: RunKind(marked("Reading Sage Intacct"), ("onboarding", "connected"), read),
        run.PLAN: RunKind(marked("Making the plan"), ("onboarding", "connected"), plan),
        run.INITIAL: RunKind(marked("Initial sync"), ("connected",), sync),
        run.SYNC: RunKind(marked("Sync"), ("connected",), sync),
    }


TICK_SECONDS = 10
"""How often the scheduler's own process ticks."""

CRON_SECONDS = 60
"""How often `flask rq cron` queues a tick, where that runs in place of our scheduler: each starts the application."""

IDLE_SECONDS = 20
"""A run that nobody works at is woken so long after its last sign of life: a job that was just queued gets the time to
begin, and the lease of a worker that was killed lives longer anyway."""

FORGET_SECONDS = 86400
"""So long a tick or a night that failed is listed."""


def work(run_id: int) -> None:
    """One slice of a run."""
    work_slice(current(), run_id)


def tick() -> None:
    """Every ten seconds: end what is gone, wake what should be at work, look up what was sent without an answer."""
    state = current()
    installation_id(state)  # the row in which the heart beats
    with state.transaction() as session:
        heartbeat.beat(session)
    ended.sweep(state)
    sessions.purge(state)
    with state.transaction() as session:
        held = select(Lease.connection_id).where(Lease.expires_at > now())
        sleeping = session.scalars(
            select(Run).where(
                Run.live.is_not(None),
                Run.state.in_((run.QUEUED, run.RUNNING)),
                Run.connection_id.not_in(held),
                func.coalesce(Run.beat_at, Run.asked_at) <= now(-IDLE_SECONDS),
            )
        ).all()
        lost = session.scalars(
            select(Operation.connection_id)
            .join(Connection, Connection.id == Operation.connection_id)
            .where(
                or_(
                    (Operation.state == outbox.UNKNOWN) & (Operation.due_at <= now()),
                    (Operation.state == outbox.SENT) & (Operation.connection_id.not_in(held)),
                ),
                Connection.state == "connected",
            )
            .distinct()
        ).all()
    awaited = queued.awaited() if sleeping else ()
    for item in sleeping:
        if item.id not in awaited:
            wake.enqueue(item.id)
    for connection_id in lost:
        _start(connection_id)


def nightly() -> None:
    """Start a sync for every connected company."""
    ended.sweep(current())
    with current().transaction() as session:
        connected = session.scalars(select(Connection.id).where(Connection.state == "connected")).all()
    for connection_id in connected:
        _start(connection_id)


def _start(connection_id: int) -> None:
    try:
        run.start(connection_id, run.SYNC, "")
    except Refused as refusal:
        log.info("No sync of connection %s now: %s", connection_id, refusal.message)


_scheduled: WeakKeyDictionary[RQ, set[tuple[str, int | str]]] = WeakKeyDictionary()


def schedule(state: State) -> None:
    """Register the tick and the nightly sync with Flask-RQ's cron, once if it serves several applications."""
    queue, known = state.config.queue, _scheduled.setdefault(state.rq, set())
    for job, interval in ((tick, CRON_SECONDS), (nightly, state.config.nightly)):
        if interval and (f"{queue} {job.__name__}", interval) not in known:
            known.add((f"{queue} {job.__name__}", interval))
            state.rq.cron_register(job, interval, queue=queue, failure_ttl=FORGET_SECONDS)
