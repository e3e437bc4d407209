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


def unfilled(row: Any, given: Container[str] = ()) -> list[str]:
    """The columns of a new row that have to be filled and are not.

    :param given: Attributes that are filled when the row is saved: by a relationship, say.
    """
    mapper, held = inspect(row).mapper, inspect(row).dict
    if mapper.dispatch.before_insert:
        return []  # a listener of the host's may fill them yet
    return [
        f"the column {_name(prop)} must be filled, and no entry fills it"
        for prop in mapper.column_attrs
        if held.get(prop.key) is None and prop.key not in given and _must_be_filled(mapper, prop)
    ]


def misfits(row: Any, attributes: Iterable[str]) -> list[str]:
    """Those of these attributes whose columns can't hold what they have."""
    mapper, held, problems = inspect(row).mapper, inspect(row).dict, []
    for key in attributes:
        prop = mapper.attrs[key]
        if isinstance(prop, ColumnProperty) and isinstance(prop.columns[0], Column) and held.get(key) is not None:
            wrong = _wrong(prop.columns[0].type, held[key])
            problems += [f"the column {_name(prop)} {wrong}"] if wrong else []
    return problems


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


def named(column: Any) -> str:
    """A column as people are told of it."""
    return f"{column.name} of the table {column.table.name}"


def _name(prop: ColumnProperty[Any]) -> str:
    return named(prop.columns[0])


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


def _wrong(type_: Any, value: Any) -> str:
    if hasattr(value, "__clause_element__") or not type(type_).__module__.startswith("sqlalchemy."):
        return ""  # an SQL expression, or a type of the host's own, which makes of it what it likes
    if isinstance(type_, Enum):
        return "" if value in (*type_.enums, *(type_.enum_class or ())) else f"knows no {value!r}"
    if isinstance(type_, String) and isinstance(value, str):
        return f"takes at most {type_.length} characters" if type_.length and len(value) > type_.length else ""
    try:
        wanted: Any = type_.python_type
    except NotImplementedError:
        return ""
    if wanted is int and isinstance(value, Decimal):
        return f"can't hold {value}"
    if wanted in _NUMBERS and isinstance(value, _NUMBERS):
        return ""
    if wanted in (str, dt.date, *_NUMBERS) and not isinstance(value, wanted):
        return f"can't hold {'text' if isinstance(value, str) else f'a {type(value).__name__}'}"
    return ""
