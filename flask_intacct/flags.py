"""The flag: what every admin page says of each company, a sync at work or its newest notice, until it is put away; and
of all of them, that the database is on hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from . import restored
from .keys import beyond
from .messages import NOTHING, Message, load
from .models import Connection, Dismissal, Notice, Phase, Run
from .notices import ORANGE, ORDER, PAUSED, RED, SHOWN, WORKING, resting
from .state import current

COUNTED = 100
"""So many companies that have news are counted beyond those that are shown."""

HELD = -1
"""The rank of what is said where the database is on hold: before all else."""

_FURTHER = 8
"""So many times more are read at once, where the person may not see enough of those that were read before."""

_KEY = ("rank", "company", "connection_id")
"""What companies with news are ordered by."""


@dataclass(frozen=True, slots=True)
class Flag:
    """What the header of every admin page says about one company: of its `run` at work with `phases`, or a notice.

    It is about all companies where `connection_id` is 0.
    """

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


def flags(who: str, may: Callable[[str], bool], held: Callable[[], bool] = lambda: True, most: int = 3) -> Flags:
    """What to show this person, in one statement, and another one for syncs at work; dismissed notices are left out.

    No more companies are read than are shown and counted, unless there are some that the person may not see.

    :param may: Whether the person may see the company of this id; asked only where there is something to show.
    :param held: Whether the person is to be told, if so, that nothing syncs because the database is on hold.
    :param most: So many are shown.
    """
    session = current().session
    seen = _seen(session, who, lambda news: held() if news.rank == HELD else may(news.company_id), most + COUNTED)
    at_work = _at_work(session, [news.at_work for news in seen[:most] if news.at_work is not None])
    shown = [_of_run(news, *at_work[news.at_work]) if news.at_work else _flag(session, news) for news in seen[:most]]
    return Flags(shown, len(seen) - len(shown))


def _seen(session: Session, who: str, may: Callable[[Any], bool], wanted: int) -> Sequence[Any]:
    """The first companies with news that the person may see, in the order in which they are shown."""
    seen: list[Any] = []
    size, last = wanted, None
    while True:
        behind: dict[str, Any] = {} if last is None else {name: getattr(last, name) for name in _KEY}
        found = session.execute(_news(bool(behind)), {"who": who, "most": size, **behind}).all()
        seen += [news for news in found if len(seen) < wanted and may(news)]
        if len(seen) >= wanted or len(found) < size:
            return seen[:wanted]
        size, last = size * _FURTHER, found[-1]


@cache
def _news(further: bool) -> Select[Any]:
    """Companies with something to show a person: that have a sync at work, else a notice that was not put away.

    Its parameters are `who`, how many it gives at `most`, and behind which one, if it goes `further`. It is made once:
    making it takes longer than the database.
    """
    parts = (_noticed(), _working(), _held())
    news = union_all(*(select(_first(part, further).subquery()) for part in parts)).subquery()
    return _first(
        select(news, Notice.run_id, type_coerce(Notice.message, Text).label("message"))  # what is shown alone is read
        .outerjoin(Notice, Notice.id == news.c.notice_id),
        False,
    )  # fmt: skip


def _noticed() -> Select[Any]:
    """Companies whose notice is shown; an index has them in this order."""
    at_work = select(Run.id).where(Run.live == Connection.id, Run.kind.in_(SHOWN)).exists()
    put_away = select(Dismissal.id).where(
        Dismissal.notice_id == Connection.notice_id, Dismissal.who == bindparam("who", type_=Dismissal.who.type)
    )
    columns: Sequence[Any] = (
        Connection.notice_rank.label("rank"),
        Connection.company_name.label("company"),
        Connection.id.label("connection_id"),
        Connection.company_id,
        Connection.notice_id,
        cast(null(), Integer).label("at_work"),
        cast(null(), Integer).label("errors"),
    )
    return select(*columns).where(Connection.notice_rank >= 0, ~at_work, ~put_away.exists())


def _working() -> Select[Any]:
    """Companies that have a sync at work."""
    errors = select(func.coalesce(func.sum(Phase.failed), 0)).where(Phase.run_id == Run.id).scalar_subquery()
    rests = Run.rests_until.is_not(None) & (type_coerce(Run.problem, Text) != "") & (Run.state != PAUSED)
    each = (
        select(
            Connection.company_name.label("company"),
            Connection.id.label("connection_id"),
            Connection.company_id,
            Run.id.label("at_work"),
            Run.state,
            errors.label("errors"),
            case((rests, 1), else_=0).label("rests"),
        )
        .join(Connection, Connection.id == Run.live)
        .where(Run.live.is_not(None), Run.kind.in_(SHOWN), Connection.live_company.is_not(None))
        .subquery()
    )
    rank = case(
        (or_(each.c.errors > 0, each.c.rests > 0), ORDER.index(ORANGE)),
        (each.c.state == PAUSED, ORDER.index(PAUSED)),
        else_=ORDER.index(WORKING),
    )
    return select(
        rank.label("rank"),
        each.c.company,
        each.c.connection_id,
        each.c.company_id,
        cast(null(), Integer).label("notice_id"),
        each.c.at_work,
        each.c.errors,
    )


def _held() -> Select[Any]:
    """One row where the database is on hold."""
    nothing: Sequence[Any] = [cast(null(), Integer).label(name) for name in ("notice_id", "at_work", "errors")]
    return select(
        literal(HELD).label("rank"),
        literal("").label("company"),
        literal(0).label("connection_id"),
        literal("").label("company_id"),
        *nothing,
    ).where(restored.holds())


def _first(query: Select[Any], further: bool) -> Select[Any]:
    """The first rows of a query, behind a key if it goes further."""
    key = [query.selected_columns[name] for name in _KEY]
    if further:
        given = [bindparam(name, type_=column.type) for name, column in zip(_KEY, key, strict=True)]
        query = query.where(beyond(key, given))
    return query.order_by(*key).limit(bindparam("most", type_=Integer))


def _at_work(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[Run, Sequence[Phase]]]:
    """Runs with their phases, by id."""
    if not ids:
        return {}
    query = select(Run, Phase).outerjoin(Phase, Phase.run_id == Run.id).where(Run.id.in_(ids)).order_by(Phase.position)
    found: dict[int, tuple[Run, list[Phase]]] = {}
    for run, phase in session.execute(query):
        found.setdefault(run.id, (run, []))[1].extend([phase] if phase is not None else [])
    return found


def _flag(session: Session, news: Any) -> Flag:
    if news.rank == HELD:
        return Flag(RED, 0, "", restored.reason(session), None)
    return Flag(ORDER[news.rank], news.connection_id, news.company, load(news.message), news.run_id, news.notice_id)


def _of_run(news: Any, run: Run, phases: Sequence[Phase]) -> Flag:
    values: dict[str, Any] = {"sync": Message("run.Sync") if run.kind == "sync" else Message("run.Initial")}
    stands, rest = "flag.paused" if run.state == "paused" else "flag.running", resting(run)
    if rest:
        stands, values = "flag.resting", {**values, **rest.values}
    errors = int(news.errors)
    message = Message(f"{stands}_but", errors=errors, **values) if errors else Message(stands, **values)
    return Flag(ORDER[news.rank], news.connection_id, news.company, message, run.id, run=run, phases=phases, rest=rest)
