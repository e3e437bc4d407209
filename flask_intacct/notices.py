"""Notices: what a sync came to. The newest one of a company is its flag (:mod:`flask_intacct.flags`).

Which one that is stands with the connection, so that a page finds the few that it shows without a look at all
companies.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from . import issues
from .issues import Finding
from .messages import NOTHING, Message, sentences
from .models import Connection, Dismissal, Notice, Run
from .state import current

BLUE, ORANGE, RED = "blue", "orange", "red"
WORKING, PAUSED = "working", "paused"
ORDER = (RED, ORANGE, PAUSED, WORKING, BLUE)
"""The colours of flags, the worst first; their places here are stored (`Connection.notice_rank`)."""

_PAUSED = {
    "receivables": Message("notice.paused_receivables"),
    "payables": Message("notice.paused_payables"),
}
"""That a person paused a side."""

SHOWN = ("initial", "sync")
"""The kinds of runs of which people are told."""


def write(session: Session, run: Run, connection: Connection) -> None:
    """Keep the outcome of a sync as a notice; one per run, whatever is repeated."""
    if run.kind not in SHOWN or run.state not in ("done", "failed"):
        return
    if session.scalar(select(Notice.id).where(Notice.run_id == run.id)) is not None:
        return
    sync = _name(run)
    open_ = issues.count(session, connection.id)
    if run.state == "failed":
        level, message, detail = RED, Message("notice.stopped", sync=sync), run.problem
    elif open_:
        level, message = RED, Message("notice.complete_but", sync=sync, open=open_)
        detail = Message("notice.else_in_step")
    else:
        level, message = BLUE, Message("notice.complete", sync=sync)
        waiting = issues.waiting(session, connection.id)
        in_step = Message("notice.else_in_step") if connection.resting else Message("notice.in_step")
        detail = Message("notice.waiting", waiting=waiting) if waiting else in_step
    if connection.resting and run.state == "done":
        detail = sentences([*(_PAUSED[side] for side in connection.resting), detail])
    if run.state == "failed" and _newest(session, connection.id) == (level, message, detail):
        return  # it failed like the one before: that is no news
    session.add(Notice(connection_id=connection.id, run_id=run.id, level=level, message=message, detail=detail))
    renew(session, connection)


def rests(session: Session, run: Run) -> None:
    """Keep that a sync rests because something does not answer; once, however often it is tried."""
    if run.kind in SHOWN:
        message = Message("notice.rests", sync=_name(run))
        detail = sentences([run.problem, Message("notice.by_itself")])
        session.add(Notice(connection_id=run.connection_id, level=ORANGE, message=message, detail=detail))
        session.flush()


def goes_on(session: Session, run: Run) -> None:
    """Keep that a sync that rested goes on."""
    if run.kind in SHOWN:
        message, detail = Message("notice.goes_on", sync=_name(run)), Message("notice.rested")
        session.add(Notice(connection_id=run.connection_id, level=BLUE, message=message, detail=detail))
        session.flush()


def resting(run: Run) -> Message:
    """When a run that rests is tried again; nothing for one that does not."""
    if run.rests_until is None or not run.problem or run.state == "paused":
        return NOTHING
    return Message("flag.rest", at=f"{run.rests_until:%H:%M}")


def _name(run: Run) -> Message:
    return Message("run.initial") if run.kind == "initial" else Message("run.sync")


def _newest(session: Session, connection_id: int) -> tuple[str, Message, Message] | None:
    query = select(Notice).where(Notice.connection_id == connection_id).order_by(Notice.id.desc()).limit(1)
    found = session.scalar(query)
    return None if found is None else (found.level, found.message, found.detail)


def signed_out(session: Session, connection: Connection, finding: Finding) -> None:
    """Keep that somebody must sign in again; a sync at work ends by it and says so itself."""
    busy = select(Run.id).where(Run.live == connection.id, Run.kind.in_(SHOWN))
    if session.scalar(busy) is None:
        message = Message("notice.reconnect")
        session.add(Notice(connection_id=connection.id, level=RED, message=message, detail=finding.whole))
    renew(session, connection)


def renew(session: Session, connection: Connection) -> None:
    """Keep with a connection which notice is its flag; for whoever writes one, or changes the connection's state.

    It is the newest of a run. That somebody must sign in is one until somebody did, then it is history; a company that
    was deleted has none.
    """
    session.flush()
    columns = select(Notice.id, Notice.level)
    of_run = columns.join(Run, Run.id == Notice.run_id).where(Run.connection_id == connection.id)
    newest = session.execute(of_run.order_by(Run.id.desc()).limit(1)).first()
    if connection.state == "needs_reconnecting":
        later = Notice.connection_id == connection.id, Notice.id > (newest.id if newest is not None else 0)
        newest = session.execute(columns.where(*later).order_by(Notice.id.desc()).limit(1)).first() or newest
    if newest is None or connection.live_company is None:
        connection.notice_id = connection.notice_rank = None
    else:
        connection.notice_id, connection.notice_rank = newest.id, ORDER.index(newest.level)
    session.flush()


def level_of(session: Session, run: Run) -> str:
    """The colour of a run's notice; "" if it has none."""
    level = session.scalar(select(Notice.level).where(Notice.run_id == run.id))
    return level or (RED if run.state == "failed" else "")


def dismiss(notice_id: int, who: str) -> None:
    """Put a notice's flag away for this person; it stays in the history."""
    try:
        with current().transaction() as session:
            if session.get(Notice, notice_id) is not None:
                session.add(Dismissal(notice_id=notice_id, who=who))
    except IntegrityError:
        return  # put away twice
