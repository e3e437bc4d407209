"""Confirm: the decisions become final, if they are still those that were shown."""

from __future__ import annotations

from .. import audit, choices, kinds, queueing
from ..clock import now
from ..errors import Refused, Stale
from ..messages import Message
from ..models import Connection, Run, transition
from ..state import current
from ..sync import lease, scanning, touched
from ..sync import run as runs
from ..sync.promised import CONFIRMED
from ..sync.reading import TAXES_UNREAD
from . import plan, planning
from .company import get
from .steps import taxes_open


def confirm(connection_id: int, digest: str, who: str) -> Run:
    """Make the decisions final and start the initial sync. A second Confirm gives the same run.

    :raises Stale: decisions or outgoing documents changed since the plan that the person saw.
    :raises Refused: something is undecided again.
    """
    state = current()
    connection = get(connection_id)
    with state.transaction() as session:
        seen = runs.latest(session, connection_id)
    touched.dispatch(state)
    shown = connection.confirmed_at is not None or (digest and digest == planning.digest(connection))
    with state.transaction() as session:
        connection = lease.locked(session, connection_id)
        if connection.confirmed_at is not None:
            begun = runs.latest(session, connection_id, runs.INITIAL)
            if begun is None:
                raise Stale(Message("confirm.connection_changed"))
            return begun
        check_taxes(connection, kinds.TAX_TYPE)
        open_ = choices.undecided(session, connection_id, *kinds.MATCHED)
        if open_:
            raise Refused(Message("confirm.undecided", open=open_))
        # The digest was worked out before the lock. Every decision since then has taken the plan's own away under this
        # lock, and what a run reads can't have changed if there was none. What the host touched is out of the digest,
        # and it is asked whether documents came or went; one that was changed past its session is not sent by the
        # initial sync, which reads all of them again.
        latest = runs.latest(session, connection_id)
        quiet = latest is None or latest.live is not None or (seen and (seen.id, seen.live)) == (latest.id, None)
        moved = scanning.moved(session, state, connection)
        if not shown or not quiet or moved or (connection.state, connection.plan_digest) != ("onboarding", digest):
            raise Stale(Message("confirm.plan_changed"))
        connection.confirmed_at, connection.confirmed_by = now(), who[:120]
        transition(connection, "connected", "the plan was confirmed")
        connection.step = "done"
        audit.record(session, connection_id, who, "confirmed", after={"plan": digest})
        run, _ = runs.begin(session, connection_id, runs.INITIAL, who)
        made = runs.latest(session, connection_id, runs.PLAN)
        connection.facts = {**connection.facts, CONFIRMED: made.id if made is not None else 0}
        run.report = {runs.EXPECTED: plan.expected(connection, session)}
    queueing.enqueue(run.id)
    return run


def check_taxes(connection: Connection, step: str) -> None:
    """:raises Refused: nobody knows whether Intacct has taxes."""
    if step == kinds.TAX_TYPE and taxes_open(connection) and current().host.has(kinds.TAX_TYPE):
        raise Refused(TAXES_UNREAD.whole)
