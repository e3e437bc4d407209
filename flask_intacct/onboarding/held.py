"""What a person says of a database that was restored, moved or copied (:mod:`flask_intacct.restored`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as Transaction

from .. import audit, notices, queueing, restored, sessions
from ..clock import read
from ..errors import Refused
from ..installation import become_another, forget, renew_epoch
from ..messages import Message
from ..models import Connection, Delivery, Meta, Session, transition
from ..restored import RESTORED, SINCE, UNKNOWN
from ..state import current
from ..sync import lease, pull
from ..sync import run as runs
from .switches import FROM


def go_on(who: str) -> None:
    """It is the one database of this installation: all connections sync again, under control ids of a new epoch.

    If it was restored, all of Intacct is read again, and what may have been sent after the backup is looked up before
    anything is sent.

    :raises Refused: nothing is held, or Redis can't be asked how far was sent.
    """
    state = current()
    seen = restored.kept(state)
    if seen[1] == UNKNOWN:
        raise Refused(Message("jobs.no_queue"))
    with state.transaction() as session:
        connections, meta = _locked(session)
        whole = meta.held == RESTORED or restored.is_ahead(seen, meta)
        at = read(session).isoformat()
        for connection in connections:
            runs.abandon(session, connection.id)
            if whole:
                pull.forget(session, connection.id)
                connection.facts = {**connection.facts, SINCE: at}
            said = "restored, go on" if whole else "moved, go on"
            audit.record(session, connection.id, who, said, connection.company_name)
        renew_epoch(session, seen[1].epoch)
        session.execute(update(Meta).values(held="", installation=state.config.installation))
        begun = [
            runs.begin(session, connection.id, runs.SYNC, who)[0].id
            for connection in connections
            if connection.state == "connected"
        ]
        sent = restored.mark_of(session)
    restored.keep(*sent)
    for run_id in begun:
        queueing.enqueue(run_id)


def copied(who: str) -> None:
    """It is a copy, and the original goes on elsewhere: every connection is disconnected, and all secrets are wiped.

    :raises Refused: nothing is held.
    """
    state = current()
    with state.transaction() as session:
        connections, _ = _locked(session)
        for connection in connections:
            runs.abandon(session, connection.id)
            audit.record(session, connection.id, who, "a copy, disconnected", connection.company_name)
            if connection.state in FROM["disconnected"]:
                transition(connection, "disconnected", "the database is a copy")
            sessions.forget(session, connection)
            notices.renew(session, connection)
        session.execute(update(Connection).values(password_sealed=""))
        session.execute(delete(Session))
        session.execute(delete(Delivery))
        session.execute(update(Meta).values(held="", installation=state.config.installation))
        become_another(session)
    forget(state)


def _locked(session: Transaction) -> tuple[Sequence[Connection], Meta]:
    """All connections that have not ended, and what is held.

    :raises Refused: nothing is.
    """
    live = session.scalars(select(Connection.id).where(Connection.live_company.is_not(None))).all()
    connections = lease.lock(session, live)
    meta = session.scalars(select(Meta).with_for_update()).one()
    if not meta.held:
        raise Refused(Message("held.not"))
    return connections, meta
