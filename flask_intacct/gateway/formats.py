"""How Sage Intacct writes values, both ways.

Dates and times (:mod:`.dates`) are `mm/dd/yyyy` and `mm/dd/yyyy hh:mm:ss` without a zone, unless the user has chosen
other forms; decimals are plain with a point; booleans are `true`/`false` (some fields `T`/`F`). Rows keep their
strings; who needs a value converts it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from .dates import UserFormat as UserFormat
from .dates import from_date as from_date
from .dates import from_timestamp as from_timestamp
from .dates import to_date as to_date
from .dates import to_timestamp as to_timestamp
from .errors import RequestError

Value = str | None | list[Any] | dict[str, Any]
Row = dict[str, Value]
Item = TypeVar("Item")

# What XML 1.0 has no place for. xmltodict would write it unchecked.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_DOT = re.compile(r"\.")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def text(row: Mapping[str, Any], name: str) -> str:
    """The field as a stripped string; "" where it is null, absent or not a plain value.

    :param name: With dots for a field of a record within (`PAYTO.TAXGROUP.NAME`): reads answer with flat dotted names,
        with records inside records, or with both.
    """
    value = row.get(name)
    if isinstance(value, str):
        return value.strip()
    if value is None and "." in name and name not in row:
        for at, inner in ((name[: dot.start()], name[dot.end() :]) for dot in _DOT.finditer(name)):
            within = row.get(at)
            if isinstance(within, dict) and (found := text(within, inner)):
                return found
    return ""


def lines(row: Mapping[str, Any], name: str) -> list[Row]:
    """The owned lines below a row, [] where there are none."""
    value = row.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def to_decimal(value: str | None) -> Decimal | None:
    """Read an amount exactly; None for an empty value.

    :raises ValueError: for anything that is not plain digits.
    """
    plain = value.strip() if value else ""
    if not value or not plain:
        return None
    if not _DECIMAL.fullmatch(plain) or len(value) > 64:
        raise ValueError(f"{value[:40]!r} is not a decimal number")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(f"{value[:40]!r} is not a decimal number") from error


def to_integer(value: str | None) -> int | None:
    """Read a whole number, which some fields write as `12.0`; None for an empty value.

    :raises ValueError: for anything that is not whole.
    """
    number = to_decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise ValueError(f"{str(value)[:40]!r} is not a whole number")
    return int(number)


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


def object_name(name: str) -> str:
    """The name, if it can be that of an object: those of user-defined dimensions may hold blanks and slashes.

    :raises RequestError: otherwise. It is sent as a text, never as an element.
    """
    if (
        not isinstance(name, str)
        or not name.strip()
        or len(name) > 128
        or not name.isprintable()
        or set(name) & set("<>&")
    ):
        raise RequestError(f"{str(name)[:60]!r} can't be the name of an object")
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
