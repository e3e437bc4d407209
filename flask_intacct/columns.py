"""What a table of the host takes, as its definition says: what must be filled, what a column can hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Enum,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    inspect,
)
from sqlalchemy.orm import ColumnProperty

from .messages import NOTHING, Message

_NUMBERS = (int, float, Decimal)


def fitting(column: Any, value: Any) -> Any:
    """A value of ours as its column wants it: a moment for a day, a number for figures in a text."""
    type_ = getattr(column, "type", None)
    if isinstance(type_, DateTime) and isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(), dt.UTC if type_.timezone else None)
    if isinstance(type_, Integer) and isinstance(value, str) and value.isdecimal() and str(int(value)) == value:
        return int(value)
    if isinstance(type_, Integer) and isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value


def unfilled(row: Any, given: Container[str] = ()) -> list[Message]:
    """The columns of a new row that have to be filled and are not.

    :param given: Attributes that are filled when the row is saved: by a relationship, say.
    """
    mapper, held = inspect(row).mapper, inspect(row).dict
    if mapper.dispatch.before_insert:
        return []  # a listener of the host's may fill them yet
    return [
        Message("column.unfilled", column=named(prop.columns[0]))
        for prop in mapper.column_attrs
        if held.get(prop.key) is None and prop.key not in given and _must_be_filled(mapper, prop)
    ]


def misfits(row: Any, attributes: Iterable[str]) -> list[Message]:
    """Those of these attributes whose columns can't hold what they have."""
    mapper, held, problems = inspect(row).mapper, inspect(row).dict, []
    for key in attributes:
        prop = mapper.attrs[key]
        if isinstance(prop, ColumnProperty) and isinstance(prop.columns[0], Column) and held.get(key) is not None:
            problems.append(_wrong(prop.columns[0], held[key]))
    return [problem for problem in problems if problem]


def lone(column: Any) -> bool:
    """Whether no two rows may have the same value in this column."""
    if not isinstance(column, Column) or column.table is None:
        return False
    table: Any = column.table
    keys = [one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)]
    keys += [one for one in table.indexes if one.unique and not _partial(one)]
    return column.unique is True or any(list(one.columns) == [column] for one in keys if one.columns)


def _partial(index: Index) -> bool:
    return len(index.expressions) != 1 or any(name.endswith("_where") for name in index.kwargs)


def named(column: Any) -> Message:
    """A column as people are told of it."""
    return Message("column", column=column.name, table=column.table.name)


def _must_be_filled(mapper: Any, prop: ColumnProperty[Any]) -> bool:
    """Whether a column is left to whoever makes the row."""
    for column in prop.columns:
        if not isinstance(column, Column) or column.nullable:
            return False
        if column.default is not None or column.server_default is not None:
            return False
        if column.computed is not None or column.identity is not None:
            return False
        if column is column.table.autoincrement_column:
            return False
        if column is mapper.polymorphic_on or column is mapper.version_id_col:
            return False
    return True


def _wrong(column: Any, value: Any) -> Message:
    type_, which = column.type, named(column)
    if hasattr(value, "__clause_element__") or not type(type_).__module__.startswith("sqlalchemy."):
        return NOTHING  # an SQL expression, or a type of the host's own, which makes of it what it likes
    if isinstance(type_, Enum):
        known = value in (*type_.enums, *(type_.enum_class or ()))
        return NOTHING if known else Message("column.no_word", column=which, value=repr(value))
    if isinstance(type_, String) and isinstance(value, str):
        long = type_.length and len(value) > type_.length
        return Message("column.longest", column=which, longest=type_.length) if long else NOTHING
    try:
        wanted: Any = type_.python_type
    except NotImplementedError:
        return NOTHING
    if wanted is int and isinstance(value, Decimal):
        return Message("column.value", column=which, value=str(value))
    if wanted in _NUMBERS and isinstance(value, _NUMBERS):
        return NOTHING
    if wanted in (str, dt.date, *_NUMBERS) and not isinstance(value, wanted):
        if isinstance(value, str):
            return Message("column.text", column=which)
        return Message("column.other", column=which, type=type(value).__name__)
    return NOTHING
