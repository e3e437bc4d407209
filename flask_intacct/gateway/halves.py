"""A page that came damaged, asked for again by halves of its keys: one bad record costs itself, not the page.

Where the markup of a row breaks the page around it, nobody can tell the rows apart. The keys alone come well, for the
damage is in another field; halves of them are read until the record is found that can't be read by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .. import logs
from . import filters
from .channel import Channel
from .errors import Damaged, ProtocolError, ResultError, RetryClass
from .formats import text
from .function import Function
from .mending import UNREADABLE, Spoiled
from .reply import Result

log = logs.logger(__name__)

MOST_LOST = 20
"""Records of one page that can't be read: with more, it is no matter of single records."""


def only(channel: Channel, function: Function, **how: Any) -> Result:
    """The result of a request's only function.

    :raises ResultError: if it failed.
    :raises ProtocolError: if the reply has no result for it.
    """
    result = channel.call([function], **how).result(function.control_id)
    if result is None:
        raise ProtocolError(f"{function.name}: the reply has no result for it", function=function.name)
    result.raise_for_status()
    return result


def whole(channel: Channel, function: Function, key: str = "RECORDNO", **how: Any) -> Result:
    """The result of a read; of a page that came damaged, all records but those that can't be read by themselves.

    A page of a thousand with one of them takes some twenty requests more. It can be done for `read` and `readByName`,
    and for a `query` without aggregates. Where the keys can't be had, the page is asked for again as it is.

    :param key: A field that names a record of a query for ever.
    :param how: As in :meth:`Channel.call`.
    :raises Damaged: it can't be halved, or too many of its records are damaged.
    """
    by_keys = function.name in ("read", "readByName")
    if not by_keys and not (function.name == "query" and list(function.body["select"]) == ["field"]):
        return only(channel, function, **how)
    try:
        return only(channel, function, halved=True, **how)
    except Damaged as error:
        log.warning("intacct: %s came damaged; read again by halves: %s", function.name, error.message[:80])
    if by_keys:
        keys = function.body["keys"].split(",")
        page = Result("success", function.name, function.control_id)
    else:
        found = _keys_alone(channel, function, key)
        if found is None:
            return only(channel, function)
        page, keys = found
    parts = list(_read(channel, function, key, keys))
    rows = [row for part in parts for row in part.rows]
    spoiled = tuple(row for part in parts for row in part.spoiled)
    return replace(page, control_id=function.control_id, rows=rows, spoiled=spoiled, count=len(keys))


def _keys_alone(channel: Channel, function: Function, key: str) -> tuple[Result, list[str]] | None:
    """The same page with nothing but keys, and these; None if they can't be read either."""
    try:
        page = only(channel, Function("query", {**function.body, "select": {"field": key}}), halved=True)
    except Damaged:
        return None
    except ResultError as error:
        if error.retry is not RetryClass.DATA:
            raise
        return None  # such a record has no key of that name
    keys = [text(row, key.upper()).removesuffix(".0") for row in page.rows]
    return None if page.spoiled or not all(keys) else (page, keys)


def _read(channel: Channel, function: Function, key: str, keys: list[str]) -> Iterator[Result]:
    """These records of a page, which did not come well together.

    :raises Damaged: too many of them don't come well by themselves either.
    """
    lost, pending = 0, _halved(keys)
    while pending:
        some = pending.pop(0)
        part = _of_keys(function, key, some)
        try:
            yield only(channel, part, halved=True)
        except Damaged:
            if len(some) > 1:
                pending[:0] = _halved(some)
                continue
            lost += 1
            if lost > MOST_LOST:
                raise
            row = Spoiled(function.body["object"], some[0], UNREADABLE, left_out=True)
            channel.tell(row)
            yield Result("success", function.name, part.control_id, spoiled=(row,))


def _halved(keys: list[str]) -> list[list[str]]:
    middle = len(keys) // 2
    return [part for part in (keys[:middle], keys[middle:]) if part]


def _of_keys(function: Function, key: str, keys: list[str]) -> Function:
    """The same read, of these keys alone."""
    if function.name != "query":
        return Function(function.name, {**function.body, "keys": ",".join(keys)})
    wanted: Mapping[str, Any] = filters.in_(key, keys).body()
    before = function.body.get("filter")
    if before:
        operator, inside = next(iter(before.items()))
        wanted = {"and": {operator: [inside, wanted["in"]]} if operator == "in" else {**before, **wanted}}
    return Function("query", {**function.body, "filter": wanted, "offset": "0", "pagesize": str(len(keys))})
