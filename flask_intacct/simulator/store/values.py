"""Values on the wire and in the store: how each field type is written and read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from . import dateforms
from .dateforms import DateForm

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NO_NAME = re.compile("[^A-Za-z0-9_.\\-\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u3001-\ud7ff]")
CENT = Decimal("0.01")
_LARGEST = Decimal(10) ** 14

Row = dict[str, Any]
"""A stored record: upper-case fields to str, int, bool, Decimal, date, naive UTC datetime; absent means empty."""


def money(value: Decimal) -> Decimal:
    """Rounded to two places, halves away from zero."""
    return value.quantize(CENT, "ROUND_HALF_UP")


def _number(value: Decimal) -> str:
    """Without zeros at the end: 5900, 0, 20.5."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    bool: lambda value: "true" if value else "false",
    datetime: lambda value: dateforms.written().moment(value),
    date: lambda value: dateforms.written().day(value),
    Decimal: _number,
    type(None): lambda _: "",
}


_TEXTS = {str, type(None)}


def plain(value: Any) -> str:
    """`value` as the gateway writes it."""
    return _WRITERS.get(type(value), str)(value)


def xml(value: Any) -> str:
    """`value` as XML text, without the characters that XML 1.0 can't hold."""
    if type(value) is not str:
        return _WRITERS.get(type(value), str)(value)
    if value.isprintable() and "&" not in value and "<" not in value and ">" not in value:
        return value
    return escape(_FORBIDDEN.sub("", value))


@cache
def xml_name(text: str) -> str:
    """`text` as the name of an element; what no name may hold becomes a low line."""
    name = _NO_NAME.sub("_", text)
    return name if name and name[0] not in "0123456789.-" else "_" + name


def xml_column(values: list[Any]) -> list[str]:
    """Many values of one field as XML text: those that need no care are looked at together."""
    sorts = set(map(type, values))
    if sorts <= _TEXTS:
        together = "".join(filter(None, values))
        if together.isprintable() and "&" not in together and "<" not in together and ">" not in together:
            return [value or "" for value in values]
    elif len(sorts) == 1:
        return list(map(_WRITERS.get(sorts.pop(), str), values))
    return [xml(value) for value in values]


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite() or abs(number) >= _LARGEST or "_" in text:
        raise ValueError(text)
    return number


def read(text: str, kind: str, form: DateForm | None = None) -> Any:
    """`text` as a value of field type `kind` (objects.TYPES); None for nothing, ValueError if it is none.

    :param form: how dates are written; left out, as the one who is asking writes them.
    """
    if text == "":
        return None
    if kind == "I":
        if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
            raise ValueError(text)
        return int(text)
    if kind in ("D", "P"):
        return _decimal(text)
    if kind == "C":
        return money(_decimal(text))
    if kind == "B":
        if text.lower() not in ("true", "false", "t", "f"):
            raise ValueError(text)
        return text.lower() in ("true", "t")
    if kind == "d":
        return (form or dateforms.given()).read_day(text)
    if kind == "S":
        return (form or dateforms.given()).read_moment(text)
    return text
