"""Reading Intacct: never by offset while rows may change.

The first load goes by the key, with a cut-off taken before its first page; later ones by WHENMODIFIED, equal stamps
broken by the key, looking back two hours because Intacct is only eventually consistent. The watermark comes from the
data, never from our clock. Rows that Intacct gave no stamp are read again each time: nothing tells which of them are
new or changed. A page and the cursor behind it are committed together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clock import read
from ..errors import Refused
from ..gateway import Filter, Order
from ..gateway import filters as f
from ..gateway.errors import ResultError, RetryClass
from ..gateway.formats import Row, from_timestamp, text
from ..issues import Finding
from ..kinds import STAMP
from ..models import Cursor, Record
from ..translate.rows import moment
from . import damage
from . import source as sources
from .slice import Slice
from .source import PAGE, Source

LOOK_BACK = timedelta(hours=2)
COMPLETE = "complete"
MOST_MISSING = 20

Land = Callable[[Session, Sequence[Row]], None]
Fetch = Callable[[Sequence[Row]], Sequence[Row]]


def everything(slice_: Slice, source: Source, land: Callable[[Session, Sequence[Row], int], None]) -> None:
    """Read a small object whole, and mark what has gone from Intacct, each proved by a direct read.

    :param land: Takes rows and the number of this sweep, within the transaction that moves the cursor.
    """
    cursor = _cursor(slice_, source, "sweep")
    generation, point = cursor.generation, cursor.point
    if point in ("", COMPLETE):
        generation, point = generation + 1, "0"
    while True:
        page = sources.page(slice_, source, filter=f.gt(source.key, point))
        with slice_.transaction() as session:
            land(session, page.rows, generation)
            point = page.end if page.more else COMPLETE
            _move(session, cursor, point=point, generation=generation)
            slice_.progress(session, done=len(page.rows) if slice_.phase.name.startswith("read_") else 0)
        if not page.more:
            break
        slice_.check_time()
    _mark_missing(slice_, source, generation)
    forget_damaged(slice_, source)


def _mark_missing(slice_: Slice, source: Source, generation: int) -> None:
    """Records that a whole sweep did not meet: asked for by key, and marked only if Intacct says they are gone."""
    mine = (
        Record.connection_id == slice_.connection.id,
        Record.object == source.records,
        Record.missing_since.is_(None),
    )
    with slice_.state.transaction() as session:
        unseen = session.scalars(select(Record).where(*mine, Record.generation < generation)).all()
        known = len(session.scalars(select(Record.id).where(*mine)).all())
    if not unseen:
        return
    if len(unseen) > max(MOST_MISSING, known // 50):
        finding = Finding(
            "many records missing",
            f"{len(unseen)} of {known} records of {source.object} were not seen any more: too many to believe.",
            "Check the rights of the Web Services user, then refresh.",
        )
        with slice_.transaction() as session:
            slice_.issue(session, f"object:{source.records}", finding, "", source.object, "in")
        return
    numbers = {text(record.payload, source.key.upper()): record.id for record in unseen}
    gone = _gone(slice_, source, list(numbers))
    with slice_.transaction() as session:
        seen_at = read(session)
        for number in gone:
            session.get_one(Record, numbers[number]).missing_since = seen_at


def _gone(slice_: Slice, source: Source, keys: Sequence[str]) -> list[str]:
    """Those of the keys of which Intacct says that it has no such record."""
    only_keys = Source(source.object, (source.key,), source.key, probe=True)
    there: set[str] = set()
    for at in range(0, len(keys), PAGE):
        page = sources.page(slice_, only_keys, filter=f.in_(source.key, keys[at : at + PAGE]))
        there |= set(map(source.key_of, page.rows)) | page.left_out
    return [key for key in keys if key not in there] if "" not in there else []  # one is, and nobody can tell which


def forget_damaged(slice_: Slice, source: Source) -> None:
    """Close the issues of records that came damaged and have gone from Intacct since."""
    keys = damage.keys(slice_, source.records)
    if not keys:
        return
    try:
        gone = _gone(slice_, source, keys)
    except ResultError as error:
        if error.retry is not RetryClass.DATA:
            raise
        return  # they may not be asked for any more: nothing is proved
    if gone:
        damage.gone(slice_, source.records, gone)


def changes(
    slice_: Slice,
    source: Source,
    land: Land,
    *,
    filter: Filter | None = None,
    fetch: Fetch = lambda rows: rows,
) -> None:
    """Read what is new or changed since the last time; all of it the first time.

    :param fetch: Called with each page outside any transaction, to read more about its rows.
    """
    if slice_.form is None:
        _by_key(slice_, _afresh(slice_, source, "undated"), source, land, fetch, filter)
        forget_damaged(slice_, source)
        return
    cursor = _cursor(slice_, source, "changes")
    if cursor.point != COMPLETE:
        if not cursor.watermark:
            _cut_off(slice_, cursor, source, filter)
        _by_key(slice_, cursor, source, land, fetch, filter)
    else:
        _increment(slice_, cursor, source, land, fetch, filter)
        bare = _afresh(slice_, source, "unstamped")
        _by_key(slice_, bare, source, land, fetch, f.all_(filter, f.is_null(STAMP)))
    forget_damaged(slice_, source)


def _cut_off(slice_: Slice, cursor: Cursor, source: Source, filter: Filter | None) -> None:
    """Keep the newest stamp there is before the first page is read."""
    newest = sources.page(
        slice_,
        Source(source.object, (source.key, STAMP), source.key, probe=True),
        filter=f.all_(filter, f.is_not_null(STAMP)),
        order=(Order(STAMP, descending=True), Order(source.key, descending=True)),
        size=1,
    )
    stamp = moment(text(newest.rows[0], STAMP)) if newest.rows else None
    with slice_.transaction() as session:
        _move(session, cursor, watermark=(stamp or datetime(1970, 1, 2, tzinfo=UTC)).isoformat())


def _by_key(slice_: Slice, cursor: Cursor, source: Source, land: Land, fetch: Fetch, filter: Filter | None) -> None:
    """Read all that meets a condition in the order of keys, from the cursor's point on."""
    point = cursor.point or "0"
    while point != COMPLETE:
        page = sources.page(slice_, source, filter=f.all_(filter, f.gt(source.key, point)))
        rows = fetch(page.rows)
        with slice_.transaction() as session:
            land(session, rows)
            point = page.end if page.more else COMPLETE
            _move(session, cursor, point=point)
            slice_.progress(session)
        if point != COMPLETE:
            slice_.check_time()


def _increment(slice_: Slice, cursor: Cursor, source: Source, land: Land, fetch: Fetch, filter: Filter | None) -> None:
    assert slice_.form is not None  # stamps can be asked for only in the form of the user
    newest = moment(cursor.watermark) or datetime(1970, 1, 2, tzinfo=UTC)
    stamp, number = newest - LOOK_BACK, "0"
    while True:
        at = from_timestamp(stamp, slice_.form)
        after = f.any_(f.gt(STAMP, at), f.all_(f.eq(STAMP, at), f.gt(source.key, number)))
        order = (Order(STAMP), Order(source.key))
        page = sources.page(slice_, source, filter=f.all_(filter, after), order=order)
        rows = fetch(page.rows)
        if page.rows:
            stamp, number = _last(source, page.rows)
            newest = max(newest, stamp)
        with slice_.transaction() as session:
            land(session, rows)
            _move(session, cursor, watermark=newest.isoformat())
            slice_.progress(session)
        if not page.more or not page.rows:
            return


def _last(source: Source, rows: Sequence[Row]) -> tuple[datetime, str]:
    """The last stamp and the key of its row.

    :raises Refused: not a single stamp can be read, so that nobody knows where to go on.
    """
    for row in reversed(rows):
        stamp = moment(text(row, STAMP))
        if stamp is not None:
            return stamp, source.key_of(row)
    raise Refused(f"The times at which records of {source.object} were changed can't be read in Sage Intacct's answer.")


def _cursor(slice_: Slice, source: Source, stream: str) -> Cursor:
    with slice_.transaction() as session:
        cursor = session.scalar(
            select(Cursor).where(
                Cursor.connection_id == slice_.connection.id, Cursor.object == source.records, Cursor.stream == stream
            )
        )
        if cursor is None:
            cursor = Cursor(
                connection_id=slice_.connection.id,
                object=source.records,
                stream=stream,
                level=slice_.connection.level,
            )
            session.add(cursor)
            session.flush()
    return cursor


def _afresh(slice_: Slice, source: Source, stream: str) -> Cursor:
    """The cursor of a stream that is read from its start each time."""
    cursor = _cursor(slice_, source, stream)
    if cursor.point == COMPLETE:
        cursor.point = ""
    return cursor


def _move(session: Session, cursor: Cursor, **columns: object) -> None:
    row = session.get_one(Cursor, cursor.id)
    for name, value in columns.items():
        setattr(row, name, value)
        setattr(cursor, name, value)
    row.version += 1
    session.flush()
