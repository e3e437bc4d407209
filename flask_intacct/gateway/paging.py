"""Reading many rows: page by page by key, the next page on its way while this one is parsed and used."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from .. import logs
from . import filters, functions
from .channel import Channel, Sent
from .errors import CursorExpired, ExchangeError, ProtocolError
from .filters import Filter
from .formats import Row, text
from .function import Aggregate, Function, Order
from .halves import only, whole
from .mending import Spoiled
from .reply import Result

_HEAD_START = 0.05
_REMAINING = re.compile(rb'numremaining="([0-9]{1,12})"')


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query.

    :param total: Rows in all; None if the gateway did not say.
    :param remaining: Rows after this page.
    :param spoiled: Rows that were not well-formed: repaired, or left out of `rows`.
    :param more: Are there rows after it? The number of `rows` does not tell.
    """

    rows: list[Row] = field(repr=False)
    total: int | None
    remaining: int | None
    spoiled: tuple[Spoiled, ...] = ()
    more: bool = False

    @classmethod
    def of(cls, result: Result, page_size: int) -> Page:
        """The page that a result is."""
        return cls(result.rows, result.total, result.remaining, result.spoiled, more(result, page_size))

    @property
    def end(self) -> str:
        """The greatest record number on the page, of rows left out as well, for paging by it; "" if there is none."""
        keys = [text(row, "RECORDNO") for row in self.rows] + [row.key for row in self.spoiled]
        return str(max(map(int, filter(_whole, keys)), default=""))


class KeysetPages:
    """All rows of a `query` in the order of a whole-number key, each exactly once even while others are added.

    Paging by offset loses a row whenever an earlier one leaves the result between two pages; a key does not.
    At most one page is read ahead.
    """

    def __init__(
        self,
        channel: Channel,
        object: str,
        fields: Sequence[str | Aggregate],
        *,
        filter: Filter | None,
        key: str,
        page_size: int,
        **options: Any,
    ) -> None:
        self._channel = channel
        self._object = object
        asked = {field.upper() for field in fields if isinstance(field, str)}
        self._fields = fields if key in asked else [*fields, key]
        self._filter = filter
        self._key = key
        self._page_size = page_size
        self._options = options
        self._ahead: tuple[int, Function, Future[Sent]] | None = None

    def __iter__(self) -> Generator[Row, None, None]:
        pool = ThreadPoolExecutor(1, "intacct-read-ahead")
        try:
            last: int | None = None
            while True:
                result = self._page(pool, last)
                going_on = more(result, self._page_size)
                end = self._end(result, last)
                if going_on and end is not None:
                    self._read_ahead(pool, end)
                yield from result.rows
                if not going_on:
                    return
                if end is None or end == last:
                    raise ProtocolError(f"{self._object}: a page without any {self._key} that can be read")
                last = end
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _function(self, after: int | None) -> Function:
        beyond = None if after is None else filters.gt(self._key, after)
        condition = filters.all_(self._filter, beyond) if self._filter or beyond else None
        return functions.query(
            self._object,
            self._fields,
            filter=condition,
            order=[Order(self._key)],
            page_size=self._page_size,
            **self._options,
        )

    def _page(self, pool: ThreadPoolExecutor, after: int | None) -> Result:
        first: Callable[[], Sent] | None = None
        function = self._function(after) if self._ahead is None else self._ahead[1]
        if self._ahead is not None and self._ahead[0] == after:
            first = self._ahead[2].result
        elif self._ahead is not None:
            function = self._function(after)
        self._ahead = None

        def arrived(content: bytes) -> None:
            end = self._peek(content)
            if end is not None and (after is None or end > after):
                self._read_ahead(pool, end)

        return whole(self._channel, function, self._key, first=first, arrived=arrived)

    def _read_ahead(self, pool: ThreadPoolExecutor, after: int) -> None:
        if self._ahead is None or self._ahead[0] != after:
            function, gone = self._function(after), Event()
            send = logs.carried(self._channel.send)
            self._ahead = (after, function, pool.submit(send, [function], gone=gone.set))
            # Parsing would keep the other thread from sending; let it go first.
            gone.wait(_HEAD_START)

    def _peek(self, content: bytes) -> int | None:
        """The last key of a page that is not the last, without parsing it; None if that can't be told."""
        head = _REMAINING.search(content, 0, 4000)
        if head is None or int(head[1]) == 0 or b"<status>failure" in content[:4000]:
            return None
        close = content.rfind(b"</%s>" % self._key.encode())
        found = content[max(close - 20, 0) : close].rpartition(b"<%s>" % self._key.encode())[2]
        return int(found) if close > 0 and found.isdigit() else None

    def _end(self, result: Result, after: int | None) -> int | None:
        """The page's last key, be it that of a row left out.

        :raises ProtocolError: if the keys do not rise: going on would lose rows or never end.
        """
        end = after
        for row in result.rows:
            key = text(row, self._key)
            if not _whole(key) or (end is not None and int(key) <= end):
                raise ProtocolError(f"{self._object}: the {self._key} of a page do not rise")
            end = int(key)
        left_out = [int(row.key) for row in result.spoiled if _whole(row.key)]
        return max((key for key in (end, *left_out) if key is not None), default=None)


def _whole(key: str) -> bool:
    return key.isascii() and key.isdigit()


def more(result: Result, page_size: int) -> bool:
    """Are there rows after this page?

    :raises ProtocolError: for an empty page that says so: stopping there would lose them.
    """
    if result.remaining and not result.extent:
        raise ProtocolError(f"{result.function}: an empty page, and {result.remaining} rows remaining")
    return result.extent >= page_size if result.remaining is None else result.remaining > 0


def offset_pages(
    channel: Channel, page: Callable[[int], Function], page_size: int, key: str = "RECORDNO"
) -> Generator[Row, None, None]:
    """All rows in an order of the caller's, by offset; rows may be missed or seen twice while others change.

    :param page: Makes the function for an offset.
    """
    offset = 0
    while True:
        result = whole(channel, page(offset), key)
        going_on = more(result, page_size)
        yield from result.rows
        offset += result.extent
        if not going_on:
            return


def cursor_pages(channel: Channel, first: Function) -> Iterator[Row]:
    """All rows of a `readByQuery`.

    :raises CursorExpired: if the gateway dropped the cursor, or may have moved it without our getting the page: read
        again from the start.
    """
    result = only(channel, first)
    while True:
        going_on = more(result, 1)
        if result.remaining and not result.result_id:
            raise ProtocolError(f"{first.name}: {result.remaining} rows remaining, and no way to read them")
        yield from result.rows
        if not going_on or not result.result_id:
            return
        left, following = result.remaining, functions.read_more(result.result_id)
        try:
            result = only(channel, following)
        except ExchangeError as error:
            if error.executed is not None or isinstance(error, CursorExpired):
                raise
            raise CursorExpired(
                f"readMore: the page got lost ({error.message})",
                errors=error.errors,
                function=following.name,
                control_id=following.control_id,
                http_status=error.http_status,
            ) from error
        moved = None if left is None or result.remaining is None else left - result.remaining
        if moved is not None and moved <= 0:
            raise ProtocolError(f"{first.name}: the cursor does not move on")
        if moved is not None and moved > result.extent:  # a page asked for twice because the first try was refused
            raise CursorExpired(f"readMore: {moved - result.extent} rows got lost", function=following.name)
