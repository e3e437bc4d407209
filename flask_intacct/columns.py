"""What a table of the host takes, as its definition says: what must be filled, what a column can hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
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


def unfilled(mapper: Any, held: Mapping[str, Any], given: Container[str] = ()) -> list[Message]:
    """The columns of a new row that have to be filled and are not.

    :param held: What its attributes hold.
    :param given: Attributes that are filled when the row is saved: by a relationship, say.
    """
    if mapper.dispatch.before_insert:
        return []  # a listener of the host's may fill them yet
    return [
        Message("column.unfilled", column=named(column))
        for key, column in _demanded(mapper)
        if held.get(key) is None and key not in given
    ]


def misfits(mapper: Any, held: Mapping[str, Any], attributes: Iterable[str]) -> list[Message]:
    """Why some of these attributes of a row can't be kept: their columns can't hold what they have."""
    return [told for key in attributes if (told := misfit(mapper.attrs[key], held.get(key)))]


def misfit(prop: Any, value: Any) -> Message:
    """Why the column behind a mapped property can't hold a value; nothing if it can, as far as that can be told."""
    if value is None or not isinstance(prop, ColumnProperty) or not isinstance(prop.columns[0], Column):
        return NOTHING
    return _wrong(prop.columns[0], value)


def lone(column: Any) -> bool:
    """Whether no two rows may have the same value in this column."""
    if not isinstance(column, Column) or column.table is None:
        return False
    table: Any = column.table
    keys = [one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)]
    keys += [one for one in table.indexes if one.unique and not _partial(one)]
    return column.unique is True or any(len(one.columns) == 1 and one.columns[0] is column for one in keys)


def _partial(index: Index) -> bool:
    return len(index.expressions) != 1 or any(name.endswith("_where") for name in index.kwargs)


def named(column: Any) -> Message:
    """A column as people are told of it."""
    return Message("column", column=column.name, table=column.table.name)


@lru_cache(maxsize=1024)
def _demanded(mapper: Any) -> tuple[tuple[str, Any], ...]:
    """The attributes that are left to whoever makes a row, with their columns."""
    return tuple((prop.key, prop.columns[0]) for prop in mapper.column_attrs if _must_be_filled(mapper, prop))


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
    type_, wanted = column.type, _wanted(column)
    if wanted is None or hasattr(value, "__clause_element__"):
        return NOTHING  # the latter is an SQL expression
    if wanted is Enum:
        known = value in (*type_.enums, *(type_.enum_class or ()))
        return NOTHING if known else Message("column.no_word", column=named(column), value=repr(value))
    if isinstance(value, str) and isinstance(type_, String):
        long = type_.length and len(value) > type_.length
        return Message("column.longest", column=named(column), longest=type_.length) if long else NOTHING
    if wanted is int and isinstance(value, Decimal):
        return Message("column.value", column=named(column), value=str(value))
    if wanted in _NUMBERS and isinstance(value, _NUMBERS):
        return NOTHING
    if not isinstance(value, wanted):
        if isinstance(value, str):
            return Message("column.text", column=named(column))
        return Message("column.other", column=named(column), type=type(value).__name__)
    return NOTHING


@lru_cache(maxsize=1024)
def _wanted(column: Any) -> Any:
    """The type of a column's values, :class:`Enum` for one of words; None where anything may be right: of a type of
    the host's own, say, which makes of a value what it likes."""
    if not type(column.type).__module__.startswith("sqlalchemy."):
        return None
    if isinstance(column.type, Enum):
        return Enum
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        return None
    return wanted if wanted in (str, dt.date, *_NUMBERS) else None
