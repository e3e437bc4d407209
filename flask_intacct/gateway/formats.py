"""How Sage Intacct writes values, both ways.

The gateway's forms are `mm/dd/yyyy`, `mm/dd/yyyy hh:mm:ss` without a zone, plain decimals with a point, and the words
`true`/`false` (some fields `T`/`F`). Rows keep their strings; who needs a value converts it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from .errors import RequestError

Value = str | None | list[Any] | dict[str, Any]
Row = dict[str, Value]
Item = TypeVar("Item")

# What XML 1.0 has no place for. xmltodict would write it unchecked.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_STAMP = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})[ T]([0-9]{1,2}):([0-9]{2}):([0-9]{2})")
_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True, slots=True)
class UserFormat:
    """How the API user's values are written. Only the form that this module reads is accepted.

    :param locale: For example `en_US`.
    :param date_format: `/mdY`: month, day, year, with slashes.
    :param offset: What the user's clock is ahead of UTC.
    :param clock: `24`.
    """

    locale: str
    date_format: str
    offset: timedelta
    clock: str

    @classmethod
    def parse(cls, row: Mapping[str, Any]) -> UserFormat:
        """Read a `userformatting` row.

        :raises ValueError: for any form that we would misread: dates and amounts would be silently wrong.
        """
        locale, date_format = text(row, "LOCALE"), text(row, "DATEFORMAT")
        offset, clock = text(row, "GMTOFFSET"), text(row, "CLOCK")
        away = _offset(offset)
        if locale != "en_US" or date_format != "/mdY" or clock != "24" or away is None:
            raise ValueError(
                f"the API user's format is locale {locale!r}, date {date_format!r}, offset {offset!r}, "
                f"clock {clock!r}; in Sage Intacct set the user's preferences to US English, mm/dd/yyyy, 24 hours"
            )
        return cls(locale, date_format, away, clock)


def _offset(written: str) -> timedelta | None:
    """None for one that no place on earth has."""
    found = _OFFSET.fullmatch(written)
    if found is None or int(found[3]) > 59:
        return None
    away = timedelta(hours=int(found[2]), minutes=int(found[3])) * (-1 if found[1] == "-" else 1)
    return away if timedelta(hours=-12) <= away <= timedelta(hours=14) else None


def text(row: Mapping[str, Any], name: str) -> str:
    """The field as a stripped string; "" where it is null, absent or not a plain value."""
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def lines(row: Mapping[str, Any], name: str) -> list[Row]:
    """The owned lines below a row, [] where there are none."""
    value = row.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def to_date(value: str | None) -> date | None:
    """Read `mm/dd/yyyy` (also the date of a timestamp); None for an empty value.

    :raises ValueError: for anything else.
    """
    if not value or not value.strip():
        return None
    found = _DATE.match(value.strip())
    if found is None or (found.end() != len(value.strip()) and not _STAMP.fullmatch(value.strip())):
        raise ValueError(f"{value[:40]!r} is not a date of the form mm/dd/yyyy")
    return date(int(found[3]), int(found[1]), int(found[2]))


def from_date(value: date) -> str:
    """Write `mm/dd/yyyy`."""
    return f"{value.month:02}/{value.day:02}/{value.year:04}"


def to_timestamp(value: str | None, offset: timedelta = timedelta(0)) -> datetime | None:
    """Read `mm/dd/yyyy hh:mm:ss` as an aware UTC time; None for an empty value.

    :param offset: The user's offset (:attr:`UserFormat.offset`); the text itself has no zone.
    :raises ValueError: for anything else.
    """
    if not value or not value.strip():
        return None
    found = _STAMP.fullmatch(value.strip())
    if found is None:
        day = to_date(value)
        assert day is not None
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    else:
        month, day_, year, hour, minute, second = (int(part) for part in found.groups())
        moment = datetime(year, month, day_, hour, minute, second, tzinfo=UTC)
    return _moved(moment, -offset)


def from_timestamp(value: datetime, offset: timedelta = timedelta(0)) -> str:
    """Write `mm/dd/yyyy hh:mm:ss`.

    :raises ValueError: for a time without a zone.
    """
    if value.utcoffset() is None:
        raise ValueError("a time without a zone can't be sent")
    local = _moved(value.replace(tzinfo=UTC), offset - (value.utcoffset() or timedelta(0)))
    return f"{from_date(local)} {local.hour:02}:{local.minute:02}:{local.second:02}"


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError as error:
        raise ValueError(f"{moment} lies at the end of time") from error


def to_decimal(value: str | None) -> Decimal | None:
    """Read an amount exactly; None for an empty value.

    :raises ValueError: for anything that is not plain digits.
    """
    if not value or not value.strip():
        return None
    if not _DECIMAL.fullmatch(value.strip()) or len(value) > 64:
        raise ValueError(f"{value[:40]!r} is not a decimal number")
    try:
        return Decimal(value.strip())
    except InvalidOperation as error:
        raise ValueError(f"{value[:40]!r} is not a decimal number") from error


def to_bool(value: str | None) -> bool | None:
    """Read `true`/`false` or `T`/`F` in any case; None for an empty value.

    :raises ValueError: for any other word.
    """
    word = (value or "").strip().lower()
    if not word:
        return None
    if word in ("true", "t"):
        return True
    if word in ("false", "f"):
        return False
    raise ValueError(f"{word[:40]!r} is not a boolean")


def clean(value: str) -> str:
    """The text without the control characters and half characters that XML can't hold."""
    return _FORBIDDEN.sub("", value)


def element_name(name: str) -> str:
    """The name, if it can be the name of an element.

    :raises RequestError: otherwise; names come from code and must never carry markup.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name[:3].lower() == "xml":
        raise RequestError(f"{str(name)[:60]!r} can't be the name of an element")
    return name


def to_text(value: object) -> str | None:
    """Write one value for the gateway; None and "" give an empty element, which clears a field.

    :raises RequestError: for a type that has no exact form: floats above all.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise RequestError(f"{value} is not an amount")
        return format(value, "f")
    if isinstance(value, datetime):
        try:
            return from_timestamp(value)
        except ValueError as error:
            raise RequestError(str(error)) from error
    if isinstance(value, date):
        return from_date(value)
    raise RequestError(f"a {type(value).__name__} has no exact form for the gateway")


def listed(values: Iterable[Item], what: str) -> list[Item]:
    """The values as a list.

    :raises RequestError: for one text, which Python would take apart into letters: `"123"` is not three keys.
    """
    if isinstance(values, str | bytes):
        raise RequestError(f"{what} are given as a list, not as one text")
    return list(values)
