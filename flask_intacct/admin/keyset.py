"""Pages of a list that go on behind a row, not behind a number of rows: each costs the same, however long the list.

A link to the next page carries the key of the last row (``after=``), one to the previous page that of the first one
(``before=``); ``before=end`` is the last page. A page is the one that follows its key whatever came or went meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from ..keys import beyond
from ..models import MAX_ID, Base

END = "end"
ARGUMENTS = ("after", "before")
LONGEST = 1500
"""Characters of a key in an address; a longer one leads to the first page."""

Key = tuple[Any, ...]
Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is ordered by, and whether upwards: a text, a whole number or a moment, never NULL. The last one is
    the id, or what else no two rows have the same."""

    type: type[Any]
    up: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """The keys of the rows of a page, and the arguments that lead to it and to the others; None where there is none."""

    keys: Sequence[Key]
    here: Mapping[str, str]
    first: Mapping[str, str] | None
    previous: Mapping[str, str] | None
    next: Mapping[str, str] | None
    last: Mapping[str, str] | None

    @property
    def ids(self) -> list[Any]:
        """The last part of each key."""
        return [key[-1] for key in self.keys]


def page(
    session: Session, branches: Sequence[Select[Any]], order: Sequence[Order], size: int, asked: Mapping[str, str]
) -> Page:
    """The page that is asked for, in one statement; in two where nothing is left behind its key: then it is the last.

    :param branches: What the list is put together of. Each gives the columns of the order and nothing else, so that an
        index can find the few rows of the page; they are merged.
    :param asked: The arguments of the address; a key that makes no sense is passed over.
    """
    before = asked.get("before", "")
    text = before or asked.get("after", "")
    key = None if text == END else _key(text, order)
    back = bool(before) and (key is not None or text == END)
    found = _keys(session, branches, order, size, key, back)
    if key is not None and not found:
        key, back = None, True
        found = _keys(session, branches, order, size, key, back)
    more, keys = len(found) > size, found[:size]
    if back:
        keys = keys[::-1]
    earlier, later = (more, key is not None) if back else (key is not None, more)
    here = {"before" if back else "after": text} if key is not None else {"before": END} if back else {}
    return Page(
        keys,
        here,
        first={} if earlier else None,
        previous={"before": _text(keys[0])} if earlier else None,
        next={"after": _text(keys[-1])} if later else None,
        last={"before": END} if later else None,
    )


def rows(session: Session, model: type[Row], page: Page) -> list[Row]:
    """The rows of a page whose keys end with their ids, in its order; one that was deleted meanwhile is left out."""
    found = {row.id: row for row in session.scalars(select(model).where(model.id.in_(page.ids)))}
    return [found[id_] for id_ in page.ids if id_ in found]


def _keys(
    session: Session, branches: Sequence[Select[Any]], order: Sequence[Order], size: int, key: Key | None, back: bool
) -> list[Key]:
    limited = [_cut(branch, list(branch.selected_columns), order, size, key, back) for branch in branches]
    query = limited[0]
    if len(limited) > 1:
        merged = union_all(*(select(one.subquery()) for one in limited)).subquery()
        query = _cut(select(merged), list(merged.c), order, size, None, back)
    return [tuple(row) for row in session.execute(query)]


def _cut(
    query: Select[Any], columns: Sequence[Any], order: Sequence[Order], size: int, key: Key | None, back: bool
) -> Select[Any]:
    ups = [one.up != back for one in order]
    if key is not None:
        query = query.where(beyond(columns, key, ups))
    ways = [column.asc() if up else column.desc() for column, up in zip(columns, ups, strict=True)]
    return query.order_by(None).order_by(*ways).limit(size + 1)


def _text(key: Key) -> str:
    plain = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _key(text: str, order: Sequence[Order]) -> Key | None:
    """The key that :func:`_text` wrote; None for anything else, however it was made."""
    try:
        parts = json.loads(text) if len(text) <= LONGEST else None
        if not isinstance(parts, list) or len(parts) != len(order):
            return None
        return tuple(_part(part, one.type) for part, one in zip(parts, order, strict=True))
    except (ValueError, OverflowError, RecursionError):
        return None


def _part(part: Any, type_: type[Any]) -> Any:
    """:raises ValueError: it is no value of this type that a database takes."""
    if type_ is datetime and isinstance(part, str):
        return datetime.fromisoformat(part).astimezone(UTC)
    if type(part) is not type_ or (type_ is int and not 0 <= part <= MAX_ID):
        raise ValueError(part)
    if type_ is str:
        part.encode()  # half of a surrogate is none
        if "\0" in part:
            raise ValueError(part)
    return part
