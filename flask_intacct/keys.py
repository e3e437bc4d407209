"""How a row of the host is named, and which other row a column of it names."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, and_, or_, tuple_
from sqlalchemy.orm import ColumnProperty, Mapper, MapperProperty, RelationshipProperty
from sqlalchemy.orm.exc import UnmappedColumnError

Item = TypeVar("Item")

AT_ONCE = 400
"""So many keys go into one statement."""

_MOMENTS = (dt.date, dt.datetime, dt.time)


def identity(value: Any) -> str:
    """A row's primary key, a plain key, or the parts of a composite one, as text; "" for none."""
    if value is None:
        return ""
    if is_row(value):
        value = value._sa_instance_state.mapper.primary_key_from_instance(value)
    return join(value) if isinstance(value, tuple | list) else _text(value)


def is_row(value: Any) -> bool:
    """Whether it is an instance of a mapped class."""
    return hasattr(value, "_sa_instance_state")


def join(parts: Sequence[Any]) -> str:
    """A primary key as text; the parts of a composite one are joined by a bar."""
    if len(parts) == 1:
        return _text(parts[0])
    return "|".join(_text(part).replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def split(text: str, columns: Sequence[Any]) -> tuple[Any, ...] | None:
    """The values of a primary key's columns that :func:`join` made this text of; None if it can't be one."""
    parts = [text] if len(columns) == 1 else _parts(text)
    if len(parts) != len(columns):
        return None
    try:
        return tuple(_value(column.type.python_type, part) for column, part in zip(columns, parts, strict=True))
    except (ValueError, TypeError, KeyError, ArithmeticError, NotImplementedError):
        return None


def among(columns: Sequence[Any], keys: Sequence[Sequence[Any]]) -> ColumnElement[bool]:
    """Whether these columns together hold one of these keys."""
    found: ColumnElement[bool] = (
        tuple_(*columns).in_(keys) if len(columns) > 1 else columns[0].in_([key[0] for key in keys])
    )
    return found


def beyond(columns: Sequence[Any], key: Sequence[Any], ups: Sequence[bool] = ()) -> ColumnElement[bool]:
    """The condition of the rows that stand behind a key; written out, for MariaDB finds no place in an index by rows
    that are compared as a whole.

    :param ups: Whether each column is ordered upwards; all are if nothing is said.
    """
    ups, cases = ups or [True] * len(key), []
    for at, (column, up, value) in enumerate(zip(columns, ups, key, strict=True)):
        same = [before == given for before, given in zip(columns[:at], key[:at], strict=True)]
        cases.append(and_(*same, column > value if up else column < value))
    first, value = columns[0], key[0]  # by this alone an index finds where to begin
    return and_(first >= value if ups[0] else first <= value, or_(*cases))


def unindexed(column: Any) -> Any:
    """A column of numbers for a condition that chooses no index. Where the ids of rows are given, SQLite would rather
    read all rows that an index of several columns gives.
    """
    return column + 0


def portions(items: Sequence[Item], size: int = AT_ONCE) -> Iterator[Sequence[Item]]:
    """These items, at most so many at a time."""
    return (items[at : at + size] for at in range(0, len(items), size))


def _parts(text: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", part) for part in re.findall(r"(?:^|\|)((?:\\.|[^|\\])*)", text)]


def _text(value: Any) -> str:
    return value.name if isinstance(value, Enum) else str(value)


def _value(type_: type[Any], text: str) -> Any:
    if type_ is bool:
        return {"True": True, "False": False}[text]
    if issubclass(type_, Enum):
        return type_[text]
    return type_.fromisoformat(text) if issubclass(type_, _MOMENTS) else type_(text)


@dataclass(frozen=True, slots=True)
class Lead:
    """Attributes of a row that name another row, and the columns of the other table that they hold, in this order."""

    here: tuple[str, ...]
    there: tuple[Column[Any], ...]

    @property
    def table(self) -> Any:
        """The table that is referred to."""
        return self.there[0].table


def prop_of(mapper: Mapper[Any], attribute: str) -> MapperProperty[Any] | None:
    """The mapped property behind an attribute, also by its synonym; None for a hybrid and what only Python knows."""
    synonym = mapper.synonyms.get(attribute)
    return mapper.attrs.get(attribute if synonym is None else synonym.name)


def leads(mapper: Mapper[Any], attribute: str) -> list[Lead]:
    """Where a column or a relationship to one row leads: by each foreign key it is part of, composite ones whole.

    :raises SQLAlchemyError: a foreign key names a table or column that there is not.
    """
    prop = prop_of(mapper, attribute)
    pairs: Iterable[Sequence[tuple[Any, Any]]] = ()
    if isinstance(prop, RelationshipProperty) and not prop.uselist and prop.secondary is None:
        pairs = [prop.local_remote_pairs or ()]
    elif isinstance(prop, ColumnProperty):
        keys = [key for column in prop.columns if isinstance(column, Column) for key in column.foreign_keys]
        pairs = [
            [(one.parent, one.column) for one in (key.constraint.elements if key.constraint is not None else (key,))]
            for key in keys
        ]
    found = []
    for those in pairs:
        try:
            here = tuple(mapper.get_property_by_column(column).key for column, _ in those)
        except UnmappedColumnError:
            continue  # part of the key is no attribute of this model
        if here:
            found.append(Lead(here, tuple(column for _, column in those)))
    return found
