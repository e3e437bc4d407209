"""Rows behind a relationship or a foreign key of the host's, read and set however it is loaded and collected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import (
    ColumnProperty,
    InstanceState,
    RelationshipProperty,
    Session,
    aliased,
    object_session,
)
from sqlalchemy.orm.collections import collection_adapter

from .columns import fitting
from .errors import Refused
from .keys import Lead, among, is_row, portions
from .messages import Message

SELECTED: tuple[Any, ...] = ("dynamic", "write_only", "noload", None)
"""Ways to load that give something else than rows, or nothing at all: these are selected."""

_RAISING = ("raise", "raise_on_sql")
"""Ways to load that give an error, unless the rows were loaded along."""


def related(row: Any, prop: RelationshipProperty[Any]) -> Any:
    """The rows behind a relationship as a list, or the one row or None of a relationship to one."""
    session, state = object_session(row), inspect(row)
    closed = prop.lazy in SELECTED or (prop.lazy in _RAISING and prop.key in state.unloaded)
    if closed and session is not None and state.persistent:
        return related_of(session, [row], prop)[state]
    value = getattr(row, prop.key)
    if not prop.uselist or value is None:
        return value
    adapter = None if prop.lazy in ("dynamic", "write_only") else collection_adapter(value)
    return list(value if adapter is None else adapter)  # a dict's items, not its keys


def related_of(
    session: Session, rows: Sequence[Any], prop: RelationshipProperty[Any], options: Sequence[Any] = ()
) -> dict[InstanceState[Any], Any]:
    """What :func:`related` gives for each of these rows, of a relationship that has to be selected: many at a time.

    :param rows: Rows that are saved; others are left out.
    :param options: How the rows behind it are loaded.
    """
    states = [state for state in map(inspect, rows) if state.persistent]
    owner: Any = prop.parent.class_
    if prop.secondary is not None and not prop.mapper.common_parent(prop.parent):
        # SQLAlchemy's own join gives the table between another name, by which `order_by` does not know it.
        query = select(prop.mapper.class_).select_from(owner).join(prop.secondary, prop.primaryjoin)
        query = query.join(prop.mapper.class_, prop.secondaryjoin)
    else:
        owner = aliased(owner)
        query = select(prop.mapper.class_).select_from(owner).join(getattr(owner, prop.key))
    keys = [getattr(owner, prop.parent.get_property_by_column(column).key) for column in prop.parent.primary_key]
    query = query.add_columns(*keys).options(*options).order_by(*(prop.order_by or ()))
    found: dict[tuple[Any, ...], list[Any]] = {}
    for some in portions([state.identity for state in states]):
        for other, *key in session.execute(query.where(among(keys, some))).unique():
            found.setdefault(tuple(key), []).append(other)
    return {
        state: (behind if prop.uselist else next(iter(behind), None))
        for state in states
        for behind in [found.get(state.identity, [])]
    }


def assign(row: Any, attribute: str, prop: Any, leads: Sequence[Lead], value: Any) -> None:
    """Set an attribute; another row becomes the values of the foreign key, or the key, where a column is set.

    :param prop: The mapped property behind it; None for a hybrid and the like.
    :param leads: Where it leads.
    :raises Refused: it holds one row, and there are several, or it can't hold a key of several parts.
    """
    if isinstance(prop, RelationshipProperty):
        if isinstance(value, list):
            relate(row, prop, value)
        else:
            setattr(row, prop.key, value)
        return
    if isinstance(value, list):
        value = only(value, attribute)
    if not is_row(value):
        setattr(row, attribute, fitting(prop.columns[0] if isinstance(prop, ColumnProperty) else None, value))
        return
    mapper = inspect(value).mapper
    for lead in leads:
        if lead.table in mapper.tables:
            for here, there in zip(lead.here, lead.there, strict=True):
                setattr(row, here, getattr(value, mapper.get_property_by_column(there).key))
            return
    key = mapper.primary_key_from_instance(value)
    if len(key) > 1:
        told = {"attribute": attribute, "model": type(value).__name__, "parts": len(key)}
        raise Refused(Message("host.key", **told))
    setattr(row, attribute, key[0])


def relate(row: Any, prop: RelationshipProperty[Any], rows: Sequence[Any]) -> None:
    """Put rows behind a relationship of a new row.

    :raises Refused: it holds one row, and there are several.
    """
    if not prop.uselist:
        setattr(row, prop.key, only(rows, prop.key))
    elif prop.lazy in ("dynamic", "write_only"):
        getattr(row, prop.key).add_all(rows)
    else:
        adapter = collection_adapter(getattr(row, prop.key))
        for one in rows:
            adapter.append_with_event(one)


def only(rows: Sequence[Any], attribute: str) -> Any:
    """The one of these rows, or None.

    :raises Refused: there are several.
    """
    if len(rows) > 1:
        raise Refused(Message("host.several", attribute=attribute, count=len(rows)))
    return rows[0] if rows else None
