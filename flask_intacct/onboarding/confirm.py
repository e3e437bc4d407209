"""Confirm: the decisions become final, if they are still those that were shown."""

from __future__ import annotations

from typing import Any

from .. import audit, choices, kinds, wake
from ..clock import now
from ..errors import Refused, Stale
from ..messages import Message
from ..models import Connection, Run, transition
from ..state import current
from ..sync import lease
from ..sync import run as runs
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
    before = _stamp(connection)
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
        # lock, and what a run reads can't have changed if there was none. Of the host's documents it is asked whether
        # any came or went; one that was changed is sent as it is when it is sent, and compared with what comes back.
        latest = runs.latest(session, connection_id)
        quiet = latest is None or latest.live is not None or (seen and (seen.id, seen.live)) == (latest.id, None)
        same = _stamp(connection) == before
        if not shown or not quiet or not same or (connection.state, connection.plan_digest) != ("onboarding", digest):
            raise Stale(Message("confirm.plan_changed"))
        connection.confirmed_at, connection.confirmed_by = now(), who[:120]
        transition(connection, "connected", "the plan was confirmed")
        connection.step = "done"
        audit.record(session, connection_id, who, "confirmed", after={"plan": digest})
        run, _ = runs.begin(session, connection_id, runs.INITIAL, who)
        run.report = {runs.EXPECTED: plan.expected(connection, session)}
    wake.enqueue(run.id)
    return run


def _stamp(connection: Connection) -> list[Any]:
    """Tells, cheaper than the digest, that documents came or went meanwhile, as the host's tables have it now."""
    state = current()
    state.db.session.remove()
    wanted = kinds.documents() if connection.with_transactions else ()
    found = [state.host.stamp(kind, connection.company_id, connection.sync_from) for kind in wanted]
    state.db.session.remove()
    return found


def check_taxes(connection: Connection, step: str) -> None:
    """:raises Refused: nobody knows whether Intacct has taxes."""
    if step == kinds.TAX_TYPE and taxes_open(connection) and current().host.has(kinds.TAX_TYPE):
        raise Refused(TAXES_UNREAD.whole)
