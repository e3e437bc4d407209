"""Retry, as a person presses it: for a few records at once, or for all of a cause or a search in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import exchanges, queueing, restored
from ..errors import Refused
from ..issues import LIVE
from ..messages import Message
from ..models import Connection, Issue, Run
from ..state import current
from ..sync import lease, retrying
from ..sync import run as runs
from ..sync.retrying import Taken
from . import deciding
from .wanted import Wanted


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of a press.

    :param taken: What is tried again, and what is left; None of a run that takes them set by set.
    :param state: The state of the connection.
    :param run: The run that tries again, or takes them; None if none could begin.
    :param busy: The run at work that it waits for.
    :param solved: How many had nothing open any more.
    :param up: The limit of API transactions is reached, which holds back nothing that a person asks for.
    """

    taken: Taken | None
    state: str
    run: Run | None = None
    busy: Run | None = None
    solved: int = 0
    up: bool = False


def some(connection_id: int, ids: Sequence[int], who: str) -> Retried:
    """Have a few issues' records tried again, and begin the run that does it if one can begin.

    :param ids: Of issues of this connection.
    :raises Refused: the connection is disconnected or gone, or was restored or copied.
    """
    state = current()
    with state.transaction() as session:
        connection = _locked(session, connection_id)
        mine = Issue.connection_id == connection_id, Issue.id.in_(ids), Issue.live == LIVE
        found = session.scalars(select(Issue).where(*mine).order_by(Issue.id)).all()
        taken = retrying.take(session, connection, found, who)
        run, fresh = retrying.begin(session, connection) if len(taken.done) > taken.rests else (None, False)
        busy = runs.live(session, connection_id) if run is None else None
        up = exchanges.use(session, state.config, connection).up
        told = Retried(taken, connection.state, run, busy, len(ids) - len(found), up)
    if fresh and run is not None:
        queueing.enqueue(run.id)
    return told


def many(connection_id: int, wanted: Wanted, who: str) -> Retried:
    """Have all that is wanted tried again, set by set, by a run; while another run is at work nothing is looked at,
    and a sync after it tries all that is open.

    :raises Refused: see :func:`some`.
    """
    with current().transaction() as session:
        connection = _locked(session, connection_id)
        busy = runs.live(session, connection_id)
        if busy is not None and not deciding.same(busy, wanted, who):
            retrying.want(connection, runs.SYNC, who)
            run, fresh = retrying.begin(session, connection)  # one that has not begun will do
            told = Retried(None, connection.state, run, busy)
        else:
            run, fresh = deciding.begin(session, connection_id, wanted, who)
            told = Retried(None, connection.state, run)
    if fresh and run is not None:
        queueing.enqueue(run.id)
    return told


def _locked(session: Session, connection_id: int) -> Connection:
    restored.check(session)
    connection = lease.locked(session, connection_id)
    if connection.state not in retrying.STATES:
        raise Refused(Message("run.not_connected"))
    return connection
