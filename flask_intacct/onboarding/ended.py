"""Companies that the host deleted: their connections end, and the next company with such an id inherits nothing."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, notices, presence, sessions
from ..models import Connection, transition
from ..state import State
from ..sync import lease
from ..sync import run as runs

ENDED = "ended"
"""The state of a connection whose company was deleted; nothing leads out of it."""


def end(session: Session, company_ids: Collection[str], *, wait: bool = True) -> None:
    """End the connections of companies that are gone, within the caller's transaction.

    Nothing goes on that was at work, the secrets are wiped, and company and entity are free to be connected anew. What
    was decided and sent stays as history.

    :param wait: See :func:`~flask_intacct.sync.lease.lock`.
    :raises Busy: likewise.
    """
    query = select(Connection.id).where(Connection.live_company.in_(company_ids))
    found = session.scalars(query).all()
    for connection in lease.lock(session, found, wait=wait) if found else ():
        if connection.live_company is None:
            continue  # somebody else was quicker
        runs.abandon(session, connection.id)
        sessions.forget(session, connection)
        before = {"state": connection.state, "company": connection.company_id, "target": connection.live_target}
        audit.record(session, connection.id, "", "company deleted here", connection.company_name, before)
        transition(connection, ENDED, "its company was deleted")
        connection.live_company = connection.live_target = None
        connection.plan_digest = ""
        notices.renew(session, connection)
    session.flush()


def sweep(state: State) -> None:
    """End the connections of companies that went without the host's session knowing, by plain SQL."""
    company = state.host.company
    if company is None:
        return
    with state.transaction() as session:
        query = select(Connection.live_company).where(Connection.live_company.is_not(None))
        ids = [company_id for company_id in session.scalars(query) if company_id is not None]
    with presence.connection(state.host.session, company) as connection:
        gone = presence.gone(connection, company, ids)
    if gone:
        with state.transaction() as session:
            end(session, gone)
