"""What is kept for a time only: requests to Intacct, and the history of runs, notices and solved issues.

The tick deletes a little of it each time, of one connection. Links, operations and the audit log stay: they tell what
became of each document, and who decided it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import choice

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from . import exchanges
from .clock import now
from .issues import HANDLED
from .models import Connection, Dismissal, Issue, Notice, Phase, PlanItem, Run, Total
from .state import State

BATCH = 500
"""So many runs, notices and issues of each connection are deleted at once."""


def tidy(state: State) -> None:
    """Delete some of what is kept no longer, of one connection each time: whichever comes up."""
    config = state.config
    with state.reading() as session:
        ids = session.scalars(select(Connection.id)).all()
    if not ids:
        return
    one = choice(ids)  # noqa: S311 - whose turn it is, is no secret
    with state.transaction() as session:
        exchanges.prune(session, one, config.exchange_days, config.exchange_rows)
        _issues(session, one, config.history_days)
        _notices(session, one, config.history_days)
        _runs(session, one, config.history_days)


def _issues(session: Session, connection_id: int, days: int) -> None:
    """Those that ended; what a person marked as handled counts on."""
    mine = Issue.connection_id == connection_id, Issue.live.is_(None), Issue.resolution != HANDLED
    old = select(Issue.id).where(*mine, Issue.last_seen < now(-86400.0 * days))
    ids = session.scalars(old.order_by(Issue.id).limit(BATCH)).all()
    if ids:
        session.execute(delete(Issue).where(Issue.id.in_(ids)))


def _notices(session: Session, connection_id: int, days: int) -> None:
    """But the one that the flag shows."""
    shown = select(Connection.notice_id).where(Connection.id == connection_id).scalar_subquery()
    mine = Notice.connection_id == connection_id, or_(shown.is_(None), Notice.id != shown)
    old = select(Notice.id).where(*mine, Notice.at < now(-86400.0 * days))
    ids = session.scalars(old.order_by(Notice.id).limit(BATCH)).all()
    if ids:
        session.execute(delete(Dismissal).where(Dismissal.notice_id.in_(ids)))
        session.execute(delete(Notice).where(Notice.id.in_(ids)))


def _runs(session: Session, connection_id: int, days: int) -> None:
    """But the newest of each kind, which pages show, and those that a notice that is kept tells of."""
    newest = select(func.max(Run.id)).where(Run.connection_id == connection_id).group_by(Run.kind)
    told = select(Notice.run_id).where(Notice.connection_id == connection_id, Notice.run_id.is_not(None))
    mine = Run.connection_id == connection_id, Run.live.is_(None), Run.id.not_in(newest), Run.id.not_in(told)
    old = select(Run.id).where(*mine, Run.finished_at < now(-86400.0 * days))
    ids: Sequence[int] = session.scalars(old.order_by(Run.id).limit(BATCH)).all()
    if ids:
        for of_run in (Phase, PlanItem, Total):
            session.execute(delete(of_run).where(of_run.run_id.in_(ids)))
        session.execute(delete(Run).where(Run.id.in_(ids)))
