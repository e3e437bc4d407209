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
from . import items, plan
from .company import get
from .steps import taxes_open


def confirm(connection_id: int, digest: str, who: str) -> Run:
    """Make the decisions final and start the initial sync. A second Confirm gives the same run.

    :raises Stale: decisions or outgoing documents changed since the plan that the person saw.
    :raises Refused: something is undecided again.
    """
    state = current()
    get(connection_id)
    touched.dispatch(state)
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
        # Every decision takes the plan's digest away under this lock, and a run that read something after the plan is
        # the newest one. What the host touched differs from the plan's rows by now, and it is asked whether documents
        # came or went; one that was changed past its session is not sent by the initial sync, which reads all again.
        made, latest = runs.latest(session, connection_id, runs.PLAN), runs.latest(session, connection_id)
        if made is None or latest is None or (latest.id != made.id and latest.live is None):
            raise Stale(Message("confirm.plan_changed"))
        known = connection.plan_digest, made.report.get("digest")  # of a plan that came to nothing the report has none
        shown = digest and connection.state == "onboarding" and known == (digest, digest)
        if not shown or scanning.moved(session, state, connection) or not items.stand(session, connection, made.id):
            raise Stale(Message("confirm.plan_changed"))
        connection.confirmed_at, connection.confirmed_by = now(), who[:120]
        transition(connection, "connected", "the plan was confirmed")
        connection.step = "done"
        audit.record(session, connection_id, who, "confirmed", after={"plan": digest})
        run, _ = runs.begin(session, connection_id, runs.INITIAL, who)
        connection.facts = {**connection.facts, CONFIRMED: made.id}
        run.report = {runs.EXPECTED: plan.expected(connection, session)}
    queueing.enqueue(run.id)
    return run


def check_taxes(connection: Connection, step: str) -> None:
    """:raises Refused: nobody knows whether Intacct has taxes."""
    if step == kinds.TAX_TYPE and taxes_open(connection) and current().host.has(kinds.TAX_TYPE):
        raise Refused(TAXES_UNREAD.whole)
