"""Reading Intacct: never by offset while rows may change.

The first load goes by the key, with a cut-off taken before its first page; later ones by WHENMODIFIED, equal stamps
broken by the key, looking back two hours because Intacct is only eventually consistent. The watermark comes from the
data, never from our clock. Rows that Intacct gave no stamp are read again each time: nothing tells which of them are
new or changed. A page and the cursor behind it are committed together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from .. import issues
from ..errors import Refused
from ..gateway import Filter, Order
from ..gateway import filters as f
from ..gateway.formats import Row, from_timestamp, text
from ..issues import Finding
from ..kinds import STAMP
from ..ledger import digest
from ..messages import Message
from ..models import Cursor as Watermark
from ..models import Record
from ..phases import Cursor
from ..standing import Standing
from ..translate.rows import moment
from . import gone
from . import source as sources
from .job_context import JobContext
from .source import PAGE, Source

LOOK_BACK = timedelta(hours=2)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
COMPLETE = "complete"
MOST_MISSING = 20
MANY = "many records missing"
"""The cause of an issue: a sweep met so few of an object's records that none is taken for gone."""

Land = Callable[[Session, Sequence[Row]], None]
Sweep = Callable[[Session, Sequence[Row], int], None]
Fetch = Callable[[Sequence[Row]], tuple[Sequence[Row], int]]


def everything(job: JobContext, source: Source, land: Sweep, place: Cursor, *, counts: bool = False) -> Cursor | None:
    """One step of reading a small object whole, and of marking what has gone from it, each proved by a direct read.

    :param land: Takes rows and the number of this sweep, within the transaction that moves the cursor.
    :param counts: What is read is what the phase counts; `land` counts what it takes.
    """
    following = _sweep(job, source, land, place, counts)
    if following is None:
        gone.forget(job, source)
    return following


def keys(job: JobContext, source: Source, place: Cursor, filter: Filter | None) -> Cursor | None:
    """One step of a sweep over the keys alone of what is read by its changes; what has gone is marked, likewise proved.

    :param source: Reads nothing but the key.
    :param filter: What is read of the object at all.
    """

    def land(session: Session, rows: Sequence[Row], generation: int) -> None:
        met = Record.key.in_([source.key_of(row) for row in rows])
        session.execute(update(Record).where(*_there(job, source), met).values(generation=generation))

    return _sweep(job, source, land, place, False, filter)


def _sweep(
    job: JobContext, source: Source, land: Sweep, place: Cursor, counts: bool, filter: Filter | None = None
) -> Cursor | None:
    if "unseen" in place:
        return _mark_missing(job, source, place["sweep"], place)
    cursor = reached(job, source, "sweep")
    begins = "sweep" not in place and cursor.point in ("", COMPLETE)
    generation = cursor.generation + begins
    if not begins and (cursor.point == COMPLETE or generation != place.get("sweep", generation)):
        return {"sweep": place.get("sweep", generation), "unseen": 0}
    page = sources.page(job, source, filter=f.all_(filter, f.gt(source.key, "0" if begins else cursor.point)))
    if begins and not page.more and _as_known(job, source, page):
        job.count(source.names(page.rows) if counts else ())
        return None
    with job.transaction() as session:
        land(session, page.rows, generation)
        move(session, cursor, point=page.end if page.more else COMPLETE, generation=generation)
    return {"sweep": generation} if page.more else {"sweep": generation, "unseen": 0}


def _as_known(job: JobContext, source: Source, page: sources.Page) -> bool:
    """Whether a page that is all of a small object says what is cached already."""
    if job.told(Standing([MANY], before="record:")):
        return False  # it may be about one of them
    with job.state.reading() as session:
        cached = session.scalars(select(Record.hash).where(*_there(job, source)).limit(len(page.rows) + 1)).all()
    return not page.left_out and sorted(cached) == sorted(map(digest, page.rows))


def _there(job: JobContext, source: Source) -> tuple[ColumnElement[bool], ...]:
    """What holds for the cached records of an object that have not gone."""
    return (
        Record.connection_id == job.connection.id,
        Record.object == source.records,
        Record.missing_since.is_(None),
    )


def _mark_missing(job: JobContext, source: Source, generation: int, place: Cursor) -> Cursor | None:
    """Records that a whole sweep did not meet: asked for by key, and marked only if Intacct says they are gone."""
    mine = _there(job, source)
    query = select(Record).where(*mine, Record.generation < generation)
    subject = f"object:{source.records}"
    told = subject in job.told(Standing([MANY]))
    with job.state.reading() as session:
        if "unseen" not in place or not place["unseen"]:
            unseen, known = (
                session.scalar(select(func.count()).select_from(Record).where(*mine, *more)) or 0
                for more in ((Record.generation < generation,), ())
            )
        else:
            unseen = known = 0  # looked at by the first step
        some = session.scalars(query.where(Record.id > place.get("unseen", 0)).order_by(Record.id).limit(PAGE)).all()
    hidden = source.probe and unseen == known > 1  # more likely than deleted: the user may not see them any more
    if hidden or unseen > max(MOST_MISSING, known // 50):
        missing = Message("read.missing", unseen=unseen, known=known, object=source.object)
        finding = Finding(MANY, missing, Message("read.missing.cure"))
        with job.transaction() as session:
            job.issue(session, subject, finding, "", source.object, "in")
        return None
    if told:
        with job.transaction() as session:
            issues.close(session, job.connection.id, subject)
    if not some:
        return None
    numbers = {source.key_of(record.payload): record for record in some}
    absent = gone.absent(job, source, list(numbers))
    with job.transaction() as session:
        gone.mark(job, session, [numbers[number] for number in absent])
    return {"sweep": generation, "unseen": some[-1].id}


def changes(
    job: JobContext,
    source: Source,
    land: Land,
    place: Cursor,
    *,
    filter: Filter | None = None,
    fetch: Fetch = lambda rows: (rows, len(rows)),
) -> Cursor | None:
    """One step of reading what is new or changed since the last time; all of it the first time.

    :param fetch: Called with each page outside any transaction, to read more about its rows; gives what is to land, and
        for how many rows of the page that is all: the next step goes on behind them.
    """
    following = _changes(job, source, land, place, filter, fetch)
    if following is None:
        gone.forget(job, source)
    return following


def _changes(
    job: JobContext, source: Source, land: Land, place: Cursor, filter: Filter | None, fetch: Fetch
) -> Cursor | None:
    def page(at: str, more: Filter | None = None) -> tuple[sources.Page, Sequence[Row]]:
        found = sources.page(job, source, filter=f.all_(filter, more, f.gt(source.key, at)))
        return _fetched(source, found, fetch)

    stream = place.get("stream", "")
    if stream in ("undated", "unstamped"):  # read from its start in each run
        found, rows = page(place["point"], f.is_null(STAMP) if stream == "unstamped" else None)
        if rows:
            with job.transaction() as session:
                land(session, rows)
        return {"stream": stream, "point": found.end} if found.more else None
    cursor = reached(job, source, "changes")
    if stream == "first":
        if cursor.point != COMPLETE:
            found, rows = page(cursor.point or "0")
            with job.transaction() as session:
                land(session, rows)
                move(session, cursor, point=found.end if found.more else COMPLETE)
        return None if cursor.point == COMPLETE else place
    if stream == "changes":
        return _increment(job, cursor, source, land, fetch, filter, place)
    if job.form is None:
        return {"stream": "undated", "point": "0"}
    if cursor.point == COMPLETE:
        newest = moment(cursor.watermark) or EARLIEST
        return {"stream": "changes", "stamp": (newest - LOOK_BACK).isoformat(), "number": "0", "first": True}
    if not cursor.watermark:
        _cut_off(job, cursor, source, filter)
    return {"stream": "first"}


def since(job: JobContext, source: Source) -> Filter:
    """The condition of what may be new or changed since it was read last."""
    assert job.form is not None  # the caller has made sure that stamps can be asked for
    newest = moment(reached(job, source, "changes").watermark) or EARLIEST
    return f.any_(f.gt(STAMP, from_timestamp(newest - LOOK_BACK, job.form)), f.is_null(STAMP))


def _fetched(source: Source, page: sources.Page, fetch: Fetch) -> tuple[sources.Page, Sequence[Row]]:
    """What a page brings, and the page as far as that goes."""
    rows, taken = fetch(page.rows)
    if taken < len(page.rows):
        some = page.rows[:taken]
        page = replace(page, rows=some, more=True, end=source.key_of(some[-1]))
    return page, rows


def _cut_off(job: JobContext, cursor: Watermark, source: Source, filter: Filter | None) -> None:
    """Keep the newest stamp there is before the first page is read."""
    newest = sources.page(
        job,
        Source(source.object, (source.key, STAMP), source.key, probe=True),
        filter=f.all_(filter, f.is_not_null(STAMP)),
        order=(Order(STAMP, descending=True), Order(source.key, descending=True)),
        size=1,
    )
    stamp = moment(text(newest.rows[0], STAMP)) if newest.rows else None
    with job.transaction() as session:
        move(session, cursor, watermark=(stamp or EARLIEST).isoformat())


def _increment(
    job: JobContext,
    cursor: Watermark,
    source: Source,
    land: Land,
    fetch: Fetch,
    filter: Filter | None,
    place: Cursor,
) -> Cursor | None:
    """A page of what changed. The first one asks also for what has no stamp; unless it is the only one, that comes once
    more after the others, for nobody tells where in their order it stands."""
    assert job.form is not None  # stamps can be asked for only in the form of the user
    stamp, number, first = datetime.fromisoformat(place["stamp"]), place["number"], place.get("first", False)
    after, order = _after(source, from_timestamp(stamp, job.form), "" if first else number)
    page, rows = _fetched(source, sources.page(job, source, filter=f.all_(filter, after), order=order), fetch)
    newest = moment(cursor.watermark) or EARLIEST
    stamped = [row for row in page.rows if not first or text(row, STAMP)]
    if stamped:
        stamp, number = _last(source, stamped)
        newest = max(newest, stamp)
    if rows or newest.isoformat() != cursor.watermark:
        with job.transaction() as session:
            land(session, rows)
            move(session, cursor, watermark=newest.isoformat())
    if page.more and page.rows:
        return {"stream": "changes", "stamp": stamp.isoformat(), "number": number}
    return None if first and not page.more else {"stream": "unstamped", "point": "0"}


def _after(source: Source, at: str, number: str) -> tuple[Filter, tuple[Order, Order]]:
    """What is behind a stamp and a key; behind the stamp and without any, if no key is given. And in which order."""
    same = f.all_(f.eq(STAMP, at), f.gt(source.key, number)) if number else f.is_null(STAMP)
    return f.any_(f.gt(STAMP, at), same), (Order(STAMP), Order(source.key))


def foresee(job: JobContext, source: Source, filter: Filter | None = None, *, whole: bool = False) -> None:
    """Have asked early what the first step of :func:`changes` asks (`whole`: of :func:`everything`), unless all of it
    is still to be read."""
    reached_ = job.early.known("reached", lambda: _all_reached(job))
    cursor = reached_.get((source.records, "sweep" if whole else "changes"))
    if cursor is None or cursor.point not in (("", COMPLETE) if whole else (COMPLETE,)):
        return
    if whole or job.form is None:
        sources.foresee(job, source, f.all_(filter, f.gt(source.key, "0")))
    else:
        newest = moment(cursor.watermark) or EARLIEST
        after, order = _after(source, from_timestamp(newest - LOOK_BACK, job.form), "")
        sources.foresee(job, source, f.all_(filter, after), order)


def _all_reached(job: JobContext) -> dict[tuple[str, str], Watermark]:
    with job.state.reading() as session:
        found = session.scalars(select(Watermark).where(Watermark.connection_id == job.connection.id))
        return {(cursor.object, cursor.stream): cursor for cursor in found}


def _last(source: Source, rows: Sequence[Row]) -> tuple[datetime, str]:
    """The last stamp and the key of its row.

    :raises Refused: not a single stamp can be read, so that nobody knows where to go on.
    """
    for row in reversed(rows):
        stamp = moment(text(row, STAMP))
        if stamp is not None:
            return stamp, source.key_of(row)
    raise Refused(Message("in.times", object=source.object))


def forget(session: Session, connection_id: int) -> None:
    """Have all of Intacct read again, within the caller's transaction; what is cached stays until it is."""
    mine = Watermark.connection_id == connection_id, Watermark.stream.in_(("changes", "sweep"))
    session.execute(update(Watermark).where(*mine).values(point="", watermark="", version=Watermark.version + 1))


def reached(job: JobContext, source: Source, name: str) -> Watermark:
    """How far a stream of an object was read."""
    own = {"connection_id": job.connection.id, "object": source.records, "stream": name}
    with job.state.reading() as session:
        cursor = session.scalar(select(Watermark).filter_by(**own))
    if cursor is None:
        with job.transaction() as session:
            cursor = Watermark(**own, level=job.connection.level)
            session.add(cursor)
            session.flush()
    return cursor


def move(session: Session, cursor: Watermark, **columns: object) -> None:
    """Keep how far a stream was read; the lease's fence keeps any other reader out."""
    session.execute(update(Watermark).where(Watermark.id == cursor.id).values(version=Watermark.version + 1, **columns))
    for name, value in columns.items():
        setattr(cursor, name, value)
