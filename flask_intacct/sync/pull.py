"""Reading Intacct: never by offset while rows may change.

The first load goes by RECORDNO, with a cut-off taken before its first page; later ones by WHENMODIFIED, equal stamps
broken by RECORDNO, looking back two hours because Intacct is only eventually consistent. The watermark comes from the
data, never from our clock. A page and the cursor behind it are committed together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..gateway import Filter, Order
from ..gateway import filters as f
from ..gateway.formats import Row, from_timestamp, text, to_timestamp
from ..issues import Finding
from ..models import Cursor, Record, now
from .slice import Slice

PAGE = 1000
LOOK_BACK = timedelta(hours=2)
COMPLETE = "complete"
MOST_MISSING = 20

Land = Callable[[Session, Sequence[Row]], None]
Fetch = Callable[[Sequence[Row]], Sequence[Row]]


def everything(
    slice_: Slice, object_: str, fields: Sequence[str], land: Callable[[Session, Sequence[Row], int], None], *,
    filter: Filter | None = None,
) -> None:  # fmt: skip
    """Read a small object whole, and mark what has gone from Intacct, each proved by a direct read.

    :param land: Takes rows and the number of this sweep, within the transaction that moves the cursor.
    """
    cursor = _cursor(slice_, object_, "sweep")
    generation, point = cursor.generation, cursor.point
    if point in ("", COMPLETE):
        generation, point = generation + 1, "0"
    while True:
        page = slice_.client().page(
            object_,
            fields,
            filter=f.all_(filter, f.gt("RECORDNO", point)),
            page_size=PAGE,
            show_private=_private(slice_),
        )
        last = len(page.rows) < PAGE
        with slice_.transaction() as session:
            land(session, page.rows, generation)
            point = COMPLETE if last else text(page.rows[-1], "RECORDNO")
            _move(session, cursor, point=point, generation=generation)
            slice_.progress(session, done=len(page.rows) if slice_.phase.name.startswith("read_") else 0)
        if last:
            break
        slice_.check_time()
    _mark_missing(slice_, object_, generation)


def _mark_missing(slice_: Slice, object_: str, generation: int) -> None:
    """Records that a whole sweep did not meet: asked for by number, and marked only if Intacct says they are gone."""
    mine = (Record.connection_id == slice_.connection.id, Record.object == object_, Record.missing_since.is_(None))
    with slice_.state.transaction() as session:
        unseen = session.scalars(select(Record).where(*mine, Record.generation < generation)).all()
        known = len(session.scalars(select(Record.id).where(*mine)).all())
    if not unseen:
        return
    if len(unseen) > max(MOST_MISSING, known // 50):
        finding = Finding(
            "many records missing",
            f"{len(unseen)} of {known} records of {object_} were not seen any more: too many to believe.",
            "Check the rights of the Web Services user, then refresh.",
        )
        with slice_.transaction() as session:
            slice_.issue(session, f"object:{object_}", finding, "", object_, "in")
        return
    numbers = {text(record.payload, "RECORDNO"): record.id for record in unseen}
    asked = f.in_("RECORDNO", numbers)
    there = {
        text(row, "RECORDNO")
        for row in slice_.client().query(object_, ["RECORDNO"], filter=asked, show_private=_private(slice_))
    }
    with slice_.transaction() as session:
        for number, record_id in numbers.items():
            if number not in there:
                session.get_one(Record, record_id).missing_since = now()


def changes(
    slice_: Slice, object_: str, fields: Sequence[str], land: Land, *, filter: Filter | None = None,
    fetch: Fetch = lambda rows: rows,
) -> None:  # fmt: skip
    """Read what is new or changed since the last time; all of it the first time.

    :param fetch: Called with each page outside any transaction, to read more about its rows.
    """
    cursor = _cursor(slice_, object_, "changes")
    if cursor.point != COMPLETE:
        _backfill(slice_, cursor, object_, fields, land, fetch, filter)
    else:
        _increment(slice_, cursor, object_, fields, land, fetch, filter)


def _backfill(
    slice_: Slice,
    cursor: Cursor,
    object_: str,
    fields: Sequence[str],
    land: Land,
    fetch: Fetch,
    filter: Filter | None,
) -> None:
    client = slice_.client()
    if not cursor.watermark:
        newest = client.page(
            object_,
            ["RECORDNO", "WHENMODIFIED"],
            filter=f.all_(filter, f.is_not_null("WHENMODIFIED")),
            order=(Order("WHENMODIFIED", descending=True), Order("RECORDNO", descending=True)),
            page_size=1,
            show_private=_private(slice_),
        )
        with slice_.transaction() as session:
            stamp = text(newest.rows[0], "WHENMODIFIED") if newest.rows else ""
            _move(session, cursor, watermark=stamp or "01/01/1970 00:00:00")
    point = cursor.point or "0"
    while point != COMPLETE:
        page = client.page(
            object_,
            fields,
            filter=f.all_(filter, f.gt("RECORDNO", point)),
            page_size=PAGE,
            show_private=_private(slice_),
        )
        rows = fetch(page.rows)
        with slice_.transaction() as session:
            land(session, rows)
            point = COMPLETE if len(page.rows) < PAGE else text(page.rows[-1], "RECORDNO")
            _move(session, cursor, point=point)
            slice_.progress(session)
        slice_.check_time()


def _increment(
    slice_: Slice,
    cursor: Cursor,
    object_: str,
    fields: Sequence[str],
    land: Land,
    fetch: Fetch,
    filter: Filter | None,
) -> None:
    # Stamps are compared as the gateway writes them: in the user's own zone, which does not matter for a difference.
    newest = _stamp(cursor.watermark)
    stamp, number = from_timestamp(newest - LOOK_BACK), "0"
    while True:
        after = f.any_(f.gt("WHENMODIFIED", stamp), f.all_(f.eq("WHENMODIFIED", stamp), f.gt("RECORDNO", number)))
        page = slice_.client().page(
            object_,
            fields,
            filter=f.all_(filter, after),
            order=(Order("WHENMODIFIED"), Order("RECORDNO")),
            page_size=PAGE,
            show_private=_private(slice_),
        )
        rows = fetch(page.rows)
        if page.rows:
            stamp, number = text(page.rows[-1], "WHENMODIFIED"), text(page.rows[-1], "RECORDNO")
            newest = max(newest, _stamp(stamp))
        with slice_.transaction() as session:
            land(session, rows)
            _move(session, cursor, watermark=from_timestamp(newest))
            slice_.progress(session)
        if len(page.rows) < PAGE:
            return


def _stamp(value: str) -> datetime:
    stamp = to_timestamp(value)
    assert stamp is not None  # the filter leaves out rows without one
    return stamp


def _private(slice_: Slice) -> bool:
    """At the top level, records that belong to single entities are asked for by name."""
    return not slice_.connection.entity


def _cursor(slice_: Slice, object_: str, stream: str) -> Cursor:
    with slice_.transaction() as session:
        cursor = session.scalar(
            select(Cursor).where(
                Cursor.connection_id == slice_.connection.id, Cursor.object == object_, Cursor.stream == stream
            )
        )
        if cursor is None:
            cursor = Cursor(
                connection_id=slice_.connection.id, object=object_, stream=stream, level=slice_.connection.level
            )
            session.add(cursor)
            session.flush()
    return cursor


def _move(session: Session, cursor: Cursor, **columns: object) -> None:
    row = session.get_one(Cursor, cursor.id)
    for name, value in columns.items():
        setattr(row, name, value)
        setattr(cursor, name, value)
    row.version += 1
    session.flush()
