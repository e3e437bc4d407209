"""The flag: what every admin page says of each company, a sync at work or its newest notice, until it is put away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, Text, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from .messages import NOTHING, Message, load
from .models import Connection, Dismissal, Notice, Phase, Run
from .notices import BLUE, ORANGE, RED, SHOWN, resting
from .state import current

WORKING, PAUSED = "working", "paused"
_ORDER = (RED, ORANGE, PAUSED, WORKING, BLUE)

COUNTED = 100
"""So many companies that have news are counted beyond those that are shown."""


@dataclass(frozen=True, slots=True)
class Flag:
    """What the header of every admin page says about one company: of its `run` at work with `phases`, or a notice."""

    colour: str
    connection_id: int
    company: str
    message: Message
    run_id: int | None
    notice_id: int | None = None
    run: Run | None = None
    phases: Sequence[Phase] = ()
    rest: Message = NOTHING


@dataclass(frozen=True, slots=True)
class Flags:
    """Those that are shown, the worst first, and how many companies more have news, :data:`COUNTED` at most."""

    shown: Sequence[Flag] = ()
    more: int = 0


def flags(who: str, may: Callable[[str], bool], most: int = 3) -> Flags:
    """What to show this person, in one statement, and another one for a sync at work; dismissed notices are left out.

    :param may: Whether the person may see the company of this id; asked only where there is something to show.
    :param most: So many are shown.
    """
    session = current().session
    found = sorted(map(_of, session.execute(_news(who))), key=lambda item: (_ORDER.index(item[0]), item[1].company))
    seen: list[Any] = []
    for colour, news in found:
        if len(seen) > most + COUNTED - 1:
            break
        if may(news.company_id):
            seen.append((colour, news))
    shown = [_flag(colour, news) for colour, news in seen[:most]]
    at_work = [flag.run_id for flag in shown if flag.run is not None]
    if at_work:
        query = select(Phase).where(Phase.run_id.in_(at_work)).order_by(Phase.position)
        phases = session.scalars(query).all()
        shown = [replace(flag, phases=[one for one in phases if one.run_id == flag.run_id]) for flag in shown]
    return Flags(shown, len(seen) - len(shown))


def _news(who: str) -> Select[Any]:
    """All companies with something to show this person: that have a sync at work, else a newest notice."""
    of_run = (
        select(Notice.id)
        .join_from(Run, Notice, Notice.run_id == Run.id)
        .where(Run.connection_id == Connection.id)
        .order_by(Run.id.desc())
        .limit(1)
        .correlate(Connection)
        .scalar_subquery()
    )
    # Once somebody has signed in again, that it had to be done is history.
    without_run = (
        select(Notice.connection_id, func.max(Notice.id).label("id"))
        .join(Connection, Connection.id == Notice.connection_id)
        .where(Notice.run_id.is_(None), Connection.state == "needs_reconnecting")
        .group_by(Notice.connection_id)
        .subquery()
    )
    at_work = aliased(Run)
    each = (
        select(
            Connection.id.label("connection_id"),
            Connection.company_id,
            Connection.company_name.label("company"),
            at_work.id.label("live_id"),
            of_run.label("of_run"),
            without_run.c.id.label("without_run"),
        )
        .outerjoin(at_work, and_(at_work.live == Connection.id, at_work.live.is_not(None), at_work.kind.in_(SHOWN)))
        .outerjoin(without_run, without_run.c.connection_id == Connection.id)
        .where(Connection.live_company.is_not(None))
        .offset(0)  # keeps PostgreSQL from looking for the newest notice of a company several times
        .subquery()
    )
    newest = case(
        (each.c.live_id.is_not(None), None),
        (each.c.without_run > func.coalesce(each.c.of_run, 0), each.c.without_run),
        else_=each.c.of_run,
    )
    errors = select(func.sum(Phase.failed)).where(Phase.run_id == each.c.live_id).scalar_subquery()
    put_away = select(Dismissal.id).where(Dismissal.notice_id == Notice.id, Dismissal.who == who).exists()
    return (
        select(
            each.c.connection_id,
            each.c.company_id,
            each.c.company,
            Notice.id.label("notice_id"),
            Notice.level,
            Notice.run_id,
            type_coerce(Notice.message, Text).label("message"),  # only what is shown need be read
            Run,
            errors.label("errors"),
        )
        .select_from(each)
        .outerjoin(Run, Run.id == each.c.live_id)
        .outerjoin(Notice, Notice.id == newest)
        .where(or_(Run.id.is_not(None), and_(Notice.id.is_not(None), ~put_away)))
    )


def _of(news: Any) -> tuple[str, Any]:
    """The colour of what there is to say, and what it is."""
    run = news.Run
    if run is None:
        return news.level, news
    if news.errors or resting(run):
        return ORANGE, news
    return PAUSED if run.state == "paused" else WORKING, news


def _flag(colour: str, news: Any) -> Flag:
    run: Run | None = news.Run
    if run is None:
        return Flag(colour, news.connection_id, news.company, load(news.message), news.run_id, news.notice_id)
    values: dict[str, Any] = {"sync": Message("run.Sync") if run.kind == "sync" else Message("run.Initial")}
    stands, rest = "flag.paused" if run.state == "paused" else "flag.running", resting(run)
    if rest:
        stands, values = "flag.resting", {**values, **rest.values}
    errors = int(news.errors or 0)
    message = Message(f"{stands}_but", errors=errors, **values) if errors else Message(stands, **values)
    return Flag(colour, news.connection_id, news.company, message, run.id, run=run, rest=rest)
