"""The RQ entry points. Every job may run twice, late or never: the database says what there is to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from weakref import WeakKeyDictionary

from flask_rq import RQ
from sqlalchemy import func, or_, select

from . import kinds, sessions, wake
from .clock import now
from .errors import Refused
from .models import Connection, Lease, Operation, Run
from .onboarding import ended, planning, suggest
from .phases import Phase, RunKind
from .state import State, current
from .sync import contacts, dimensions, documents, finish, ours, outbox, reading, reference, run
from .sync.slice import Slice
from .sync.work import work as work_slice

log = logging.getLogger(__name__)


def _begin(slice_: Slice) -> None:
    """Whether there is still something to sync on our side, then whether the connection works."""
    ended.sweep(slice_.state)
    ours.deleted(slice_)
    reading.connect(slice_)


_REFERENCE = (kinds.TAX_TYPE, kinds.ACCOUNT, kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION)
_CONNECT = Phase("connect", "Connection", (), (_begin,))
_READ_CONTACTS = Phase("read_contact", "Customers and vendors", (kinds.CONTACT,), (reading.contacts,))
_OURS = Phase("ours", "Our own records", (), (ours.snapshot,))
_SUGGEST = Phase("suggest", "Suggestions", (), (suggest.suggestions,))
_SYNC = (
    _CONNECT,
    Phase("reference", "Tax types, accounts and tracking", _REFERENCE, (reference.reference,)),
    Phase("contact", "Contacts", (kinds.CONTACT,), (contacts.contacts,)),
    Phase("invoice", "Invoices", (kinds.INVOICE,), (partial(documents.documents, kinds.INVOICE),)),
    Phase("bill", "Bills", (kinds.BILL,), (partial(documents.documents, kinds.BILL),)),
    _OURS,
    _SUGGEST,
    Phase("finish", "Control totals", (), (finish.finish,)),
)

RUNS: Mapping[str, RunKind] = {
    run.READ: RunKind(
        "Reading Sage Intacct",
        ("onboarding", "connected"),
        (
            _CONNECT,
            Phase("read_tax_type", "Tax details", (kinds.TAX_TYPE,), (reading.tax_types,)),
            Phase("read_account", "GL accounts", (kinds.ACCOUNT,), (reading.accounts,)),
            Phase("read_tracking", "Dimensions and their values", _REFERENCE[2:], (dimensions.tracking,)),
            _READ_CONTACTS,
            _OURS,
            _SUGGEST,
        ),
    ),
    run.PLAN: RunKind(
        "Making the plan",
        ("onboarding", "connected"),
        (
            _CONNECT,
            _READ_CONTACTS,
            Phase("read_invoice", "AR invoices", (kinds.INVOICE,), (partial(reading.documents, kinds.INVOICE),)),
            Phase("read_bill", "AP bills", (kinds.BILL,), (partial(reading.documents, kinds.BILL),)),
            _OURS,
            Phase("plan", "Plan", (), (planning.compute,)),
        ),
    ),
    run.INITIAL: RunKind("Initial sync", ("connected",), _SYNC),
    run.SYNC: RunKind("Sync", ("connected",), _SYNC),
}
"""Each kind of run, with its phases and what they do."""

TICK_SECONDS = 60

FORGET_SECONDS = 86400
"""So long a tick or a night that failed is listed; there is one a minute."""


def work(run_id: int) -> None:
    """One slice of a run."""
    work_slice(current(), run_id)


def tick() -> None:
    """Every minute: end what is gone, wake what should be at work, look up what was sent without an answer."""
    state = current()
    ended.sweep(state)
    sessions.purge(state)
    with state.transaction() as session:
        held = select(Lease.connection_id).where(Lease.expires_at > now())
        sleeping = session.scalars(
            select(Run).where(
                Run.live.is_not(None),
                Run.state.in_((run.QUEUED, run.RUNNING)),
                Run.connection_id.not_in(held),
                func.coalesce(Run.beat_at, Run.asked_at) <= now(-TICK_SECONDS // 2),
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
    for item in sleeping:
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
    """Register the minute's tick and the nightly sync with Flask-RQ's cron, once if it serves several applications."""
    queue, known = state.config.queue, _scheduled.setdefault(state.rq, set())
    for job, interval in ((tick, TICK_SECONDS), (nightly, state.config.nightly)):
        if interval and (f"{queue} {job.__name__}", interval) not in known:
            known.add((f"{queue} {job.__name__}", interval))
            state.rq.cron_register(job, interval, queue=queue, failure_ttl=FORGET_SECONDS)
