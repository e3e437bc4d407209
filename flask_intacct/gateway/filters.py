"""Conditions for `query`: `f.all_(f.eq("STATE", "Posted"), f.ge("WHENMODIFIED", moment))`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import formats
from .errors import RequestError

MOST_VALUES = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition, or several joined. Made by the functions of this module.

    :param operator: The element's name in `query`.
    :param field: "" for `and` and `or`.
    """

    operator: str
    field: str = ""
    values: tuple[str | None, ...] = ()
    parts: tuple[Filter, ...] = ()

    def body(self) -> dict[str, Any]:
        """The element that `query` wants."""
        return {self.operator: self._inside()}

    def _inside(self) -> dict[str, Any]:
        if not self.parts:
            inside: dict[str, Any] = {"field": self.field}
            if self.values:
                inside["value"] = list(self.values) if len(self.values) > 1 else self.values[0]
            return inside
        grouped: dict[str, Any] = {}
        for part in self.parts:
            grouped.setdefault(part.operator, []).append(part._inside())
        return grouped


def _compare(operator: str, field: str, *values: object) -> Filter:
    if any(value is None for value in values):
        raise RequestError(f"compare {field} with is_null, not with None")
    return Filter(operator, formats.element_name(field), tuple(formats.to_text(value) for value in values))


def eq(field: str, value: object) -> Filter:
    """The field equals the value; enumerations by their label."""
    return _compare("equalto", field, value)


def ne(field: str, value: object) -> Filter:
    """The field differs from the value."""
    return _compare("notequalto", field, value)


def lt(field: str, value: object) -> Filter:
    """The field is less."""
    return _compare("lessthan", field, value)


def le(field: str, value: object) -> Filter:
    """The field is less or equal."""
    return _compare("lessthanorequalto", field, value)


def gt(field: str, value: object) -> Filter:
    """The field is greater."""
    return _compare("greaterthan", field, value)


def ge(field: str, value: object) -> Filter:
    """The field is greater or equal."""
    return _compare("greaterthanorequalto", field, value)


def between(field: str, low: object, high: object) -> Filter:
    """The field lies between the two, both included; the lower first."""
    return _compare("between", field, low, high)


def like(field: str, pattern: str) -> Filter:
    """The field matches; `%` stands for many characters, `_` for one."""
    return _compare("like", field, pattern)


def not_like(field: str, pattern: str) -> Filter:
    """The field does not match."""
    return _compare("notlike", field, pattern)


def in_(field: str, values: Iterable[object]) -> Filter:
    """The field is one of the values; more than the gateway's 1,000 are split."""
    return any_(*_lists("in", field, values))


def not_in(field: str, values: Iterable[object]) -> Filter:
    """The field is none of the values."""
    return all_(*_lists("notin", field, values))


def _lists(operator: str, field: str, values: Iterable[object]) -> list[Filter]:
    wanted = formats.listed(values, f"the values of {field}")
    if not wanted:
        raise RequestError(f"no values given for {field}")
    return [_compare(operator, field, *wanted[at : at + MOST_VALUES]) for at in range(0, len(wanted), MOST_VALUES)]


def is_null(field: str) -> Filter:
    """The field holds nothing."""
    return Filter("isnull", formats.element_name(field))


def is_not_null(field: str) -> Filter:
    """The field holds something."""
    return Filter("isnotnull", formats.element_name(field))


def all_(*parts: Filter | None) -> Filter:
    """Every condition holds; None among them is passed over."""
    return _join("and", parts)


def any_(*parts: Filter | None) -> Filter:
    """At least one condition holds; None among them is passed over."""
    return _join("or", parts)


def _join(operator: str, parts: Iterable[Filter | None]) -> Filter:
    given = tuple(part for part in parts if part is not None)
    if not given:
        raise RequestError("no conditions to join")
    return given[0] if len(given) == 1 else Filter(operator, parts=given)


def body(filter: Filter | None) -> Mapping[str, Any]:
    """What goes under `query`: nothing without a filter."""
    return {} if filter is None else {"filter": filter.body()}


def quoted(value: object) -> str:
    """A value as a text in the condition of :func:`functions.read_by_query`: `f"NAME = {quoted(name)}"`.

    :raises RequestError: for None (compare with `IS NULL`) and for backslashes, whose meaning is not documented.
    """
    written = formats.to_text(value)
    if written is None or "\\" in written:
        raise RequestError(f"{value!r} can't be quoted; use a query")
    return "'" + written.replace("'", "\\'") + "'"
