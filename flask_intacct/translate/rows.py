"""Rows as they are kept: one form for each kind of value, whatever form the gateway wrote it in.

What is cached must not depend on how a user's dates are written, on whether a query or a read answered, or on whether
this gateway drops the noughts of an amount. Dates are kept as ISO dates, stamps as ISO times in UTC, whole numbers and
amounts in their shortest form, records within records under dotted names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ..errors import Refused
from ..gateway.formats import Row, UserFormat, text, to_date, to_decimal, to_timestamp
from ..messages import Message

DATES = frozenset({"WHENCREATED", "WHENDUE"})
STAMPS = frozenset({"WHENMODIFIED", "UPDATEDAT", "ACCESSTIME"})
WHOLE = frozenset({"RECORDNO", "RECORDKEY", "PARENTENTRY", "LINE_NO", "PRRECORDKEY", "SOURCEPRENTRYKEY", "ID"})
AMOUNTS = frozenset({"VALUE", "TRX_AMOUNT", "TRX_TOTALENTERED", "TRX_TOTALDUE", "TRX_TAX", "TRXTAXAMOUNT"})
UNREAD = "?"
"""Stands before a date that could not be read, so that nobody reads it another way later."""

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_POINTED = re.compile(r"[0-9]+\.0*")
_SHORT = re.compile(r"(0|[1-9][0-9]{0,30})(\.[0-9]{0,20}[1-9])?")
"""An amount in its shortest form already, as most are."""


def kept(row: Mapping[str, Any], form: UserFormat | None) -> Row:
    """A row of the gateway's in the form in which it is cached; fields that it does not know stay as they are.

    :param form: How dates and times are written in it; None where nobody knows, and they are kept as not read.
    """
    found: Row = {}
    for name, value in row.items():
        if value is None or isinstance(value, str):
            in_form = _form_of(name)
            found[name] = in_form(value, form) if value and in_form is not None else value
        elif isinstance(value, dict):
            found.update({f"{name}.{inner}": content for inner, content in kept(value, form).items()})
        else:
            found[name] = [kept(item, form) if isinstance(item, dict) else item for item in value]
    return found


@lru_cache(maxsize=4096)
def _form_of(name: str) -> Callable[[str, UserFormat | None], str] | None:
    """What brings a field into the form in which it is kept; None for one that is kept as the gateway writes it."""
    if name in DATES:
        return _date
    if name in STAMPS:
        return _stamp
    if name in WHOLE or name.startswith("GLDIM"):
        return lambda value, form: whole(value)
    return (lambda value, form: _shortest(value)) if name in AMOUNTS else None


def _date(value: str, form: UserFormat | None) -> str:
    if form is None:
        return UNREAD + value
    try:
        found = to_date(value, form)
    except ValueError:
        # Who needs the value refuses the record with these words; the rest of the row is as good as ever.
        return UNREAD + value
    return found.isoformat() if found else value


def _stamp(value: str, form: UserFormat | None) -> str:
    if form is None:
        return UNREAD + value
    try:
        found = to_timestamp(value, form)
    except ValueError:
        return UNREAD + value  # as above
    return found.isoformat() if found else value


def whole(value: str) -> str:
    """A whole number without the point and the nought that some fields write it with: `12.0` is 12."""
    return value.partition(".")[0] if "." in value and _POINTED.fullmatch(value) else value


def _shortest(value: str) -> str:
    if _SHORT.fullmatch(value):
        return value
    try:
        amount = to_decimal(value)
    except ValueError:
        return value  # as above
    if amount is None:
        return value
    written = format(amount, "f")
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"


def day(row: Mapping[str, Any], name: str) -> date | None:
    """A date of a cached row; those cached by older versions are as the gateway wrote them.

    :raises ValueError: it is none.
    """
    value = text(row, name)
    if value.startswith(UNREAD):
        raise ValueError(f"{value.removeprefix(UNREAD)[:40]!r} is not a date of the form that is expected")
    return date.fromisoformat(value) if _ISO.fullmatch(value) else to_date(value)


def moment(value: str) -> datetime | None:
    """A stamp of a cached row or of a cursor, likewise; None where there is none that can be read."""
    if not value or value.startswith(UNREAD):
        return None
    try:
        if _ISO.match(value):
            return datetime.fromisoformat(value).astimezone(UTC)
        return to_timestamp(value)
    except ValueError:
        return None  # a stamp of nobody's is as good as none: the row is read with those that have none


def decimal(row: Mapping[str, Any], name: str, whose: Message) -> Decimal | None:
    """An amount of a row; None where there is none.

    :param whose: What the row is, for people.
    :raises Refused: it can't be read.
    """
    try:
        return to_decimal(text(row, name))
    except ValueError as error:
        reason = Message("read.no_number", value=repr(text(row, name)[:40]))
        raise Refused(Message("in.unreadable", document=whose, field=name, reason=reason)) from error


def date_of(row: Mapping[str, Any], name: str, whose: Message) -> date | None:
    """A day of a row, likewise."""
    try:
        return day(row, name)
    except ValueError as error:
        raise Refused(Message("in.unreadable", document=whose, field=name, reason=no_date(row, name))) from error


def no_date(row: Mapping[str, Any], name: str) -> Message:
    """Says that a field holds no day."""
    return Message("read.no_date", value=repr(text(row, name).removeprefix(UNREAD)[:40]))
