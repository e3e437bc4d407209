"""What was deleted, from Intacct's audit history: there is no other list of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from . import filters, functions
from .channel import Channel
from .dates import UserFormat, from_timestamp
from .errors import ResultError, RetryClass
from .formats import Row, text
from .function import Order
from .halves import whole
from .mending import Spoiled
from .paging import more

OBJECT = "AUDITHISTORY"
MOST_SKIPPED = 20
_FIELDS = ("ID", "OBJECTTYPE", "OBJECTKEY", "ACCESSTIME", "USERID")
_ORDER = (Order("ACCESSTIME"), Order("ID"))
_NUMBERED = re.compile(r"([0-9]+)--.*|(.+)--REC")


def deletions(
    channel: Channel, objects: Sequence[str], since: datetime, form: UserFormat, page_size: int
) -> Iterator[Row]:
    """The deletions of some objects, oldest first, by offset: the history only grows at its end.

    Some stretches of it the gateway fails to read. They are asked for in ever smaller pieces, and what fails alone is
    passed over and told.

    :raises ResultError: if too many entries in a row fail.
    """
    condition = filters.all_(
        filters.eq("ACCESSMODE", "D"),
        filters.in_("OBJECTTYPE", [name.lower() for name in objects]),
        filters.ge("ACCESSTIME", from_timestamp(since, form)),
    )
    offset, size, skipped = 0, page_size, 0
    while True:
        page = functions.query(OBJECT, _FIELDS, filter=condition, order=_ORDER, page_size=size, offset=offset)
        try:
            result = whole(channel, page, "ID")
        except ResultError as error:
            if type(error) is not ResultError or error.retry is not RetryClass.BUSY or skipped >= MOST_SKIPPED:
                raise
            if size == 1:
                channel.tell(Spoiled(OBJECT, "", f"the gateway fails to read entry {offset + 1} of the history", True))
                offset, skipped = offset + 1, skipped + 1
            size = max(size // 2, 1)
            continue
        going_on = more(result, size)
        yield from map(_named, result.rows)
        offset, size, skipped = offset + result.extent, min(size * 2, page_size), 0
        if not going_on:
            return


def _named(row: Row) -> Row:
    """The row with the bare key: it comes as `17` or with what it is, `17--REC`."""
    found = _NUMBERED.fullmatch(text(row, "OBJECTKEY"))
    return row | {"OBJECTKEY": found[1] or found[2]} if found else row
