"""Notices: what a sync came to. The newest one of a company is its flag, until a person puts it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from . import issues
from .issues import Finding
from .messages import NOTHING, Message, sentences
from .models import Connection, Dismissal, Notice, Phase, Run
from .state import State, current

BLUE, ORANGE, RED, WORKING, PAUSED = "blue", "orange", "red", "working", "paused"
_ORDER = (RED, ORANGE, PAUSED, WORKING, BLUE)
_SHOWN = ("initial", "sync")


@dataclass(frozen=True, slots=True)
class Flag:
    """What the header of every admin page says about one company."""

    colour: str
    connection_id: int
    company: str
    message: Message
    run_id: int | None
    notice_id: int | None = None
    phases: Sequence[Phase] = ()
    rest: Message = NOTHING


def write(session: Session, run: Run, connection: Connection) -> None:
    """Keep the outcome of a sync as a notice; one per run, whatever is repeated."""
    if run.kind not in _SHOWN or run.state not in ("done", "failed"):
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
        detail = Message("notice.waiting", waiting=waiting) if waiting else Message("notice.in_step")
    if run.state == "failed" and _newest(session, connection.id) == (level, message, detail):
        return  # it failed like the one before: that is no news
    session.add(Notice(connection_id=connection.id, run_id=run.id, level=level, message=message, detail=detail))
    session.flush()


def rests(session: Session, run: Run) -> None:
    """Keep that a sync rests because something does not answer; once, however often it is tried."""
    if run.kind in _SHOWN:
        message = Message("notice.rests", sync=_name(run))
        detail = sentences([run.problem, Message("notice.by_itself")])
        session.add(Notice(connection_id=run.connection_id, level=ORANGE, message=message, detail=detail))
        session.flush()


def goes_on(session: Session, run: Run) -> None:
    """Keep that a sync that rested goes on."""
    if run.kind in _SHOWN:
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
    busy = select(Run.id).where(Run.live == connection.id, Run.kind.in_(_SHOWN))
    if session.scalar(busy) is None:
        message = Message("notice.reconnect")
        session.add(Notice(connection_id=connection.id, level=RED, message=message, detail=finding.whole))
        session.flush()


def level_of_run(state: State, run_id: int) -> str:
    """The colour of a run's notice; "" if it has none."""
    with state.transaction() as session:
        level = session.scalar(select(Notice.level).where(Notice.run_id == run_id))
        return level or (RED if session.get_one(Run, run_id).state == "failed" else "")


def flags(who: str, connection_ids: Sequence[int]) -> list[Flag]:
    """What to show this person, the worst first; dismissed notices are left out."""
    if not connection_ids:
        return []
    session = current().session
    names = dict(
        session.execute(select(Connection.id, Connection.company_name).where(Connection.id.in_(connection_ids))).all()
    )
    found = []
    busy = session.scalars(select(Run).where(Run.live.in_(connection_ids), Run.kind.in_(_SHOWN))).all()
    for run in busy:
        phases = session.scalars(select(Phase).where(Phase.run_id == run.id).order_by(Phase.position)).all()
        errors = sum(phase.failed for phase in phases)
        values: dict[str, Any] = {"sync": Message("run.Sync") if run.kind == "sync" else Message("run.Initial")}
        stands = "flag.paused" if run.state == "paused" else "flag.running"
        rest = resting(run)
        if rest:
            stands, values = "flag.resting", {**values, **rest.values}
        message = Message(f"{stands}_but", errors=errors, **values) if errors else Message(stands, **values)
        colour = ORANGE if errors or rest else PAUSED if run.state == "paused" else WORKING
        company = names.get(run.connection_id, "")
        found.append(Flag(colour, run.connection_id, company, message, run.id, phases=phases, rest=rest))
    quiet = set(connection_ids) - {run.connection_id for run in busy}
    newest = (
        select(func.max(Notice.id))
        .join(Connection, Connection.id == Notice.connection_id)
        .where(Notice.connection_id.in_(quiet or {0}))
        # Once somebody has signed in again, that it had to be done is history.
        .where(or_(Notice.run_id.is_not(None), Connection.state == "needs_reconnecting"))
        .group_by(Notice.connection_id)
    )
    put_away = select(Dismissal.notice_id).where(Dismissal.who == who)
    for notice in session.scalars(select(Notice).where(Notice.id.in_(newest), Notice.id.not_in(put_away))):
        found.append(
            Flag(notice.level, notice.connection_id, names.get(notice.connection_id, ""), notice.message,
                 notice.run_id, notice.id)
        )  # fmt: skip
    return sorted(found, key=lambda flag: (_ORDER.index(flag.colour), flag.company))


def dismiss(notice_id: int, who: str) -> None:
    """Put a notice's flag away for this person; it stays in the history."""
    try:
        with current().transaction() as session:
            if session.get(Notice, notice_id) is not None:
                session.add(Dismissal(notice_id=notice_id, who=who))
    except IntegrityError:
        return  # put away twice


def history(connection_id: int, limit: int = 100) -> Sequence[Notice]:
    """The notices of a connection, newest first."""
    query = select(Notice).where(Notice.connection_id == connection_id).order_by(Notice.id.desc()).limit(limit)
    return current().session.scalars(query).all()
