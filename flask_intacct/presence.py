"""Which rows of the host are still there.

The tables are asked, not the host's session: a session may hide rows (those of other tenants, those deleted softly),
and what is only hidden is not gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.orm import Session

from .keys import among, join, portions, split
from .local import Local

AT_ONCE = 500


@contextmanager
def connection(session: Session, local: Local) -> Iterator[Connection]:
    """A connection of its own to where the host keeps these rows: it sees what is committed, and nothing older."""
    with session.get_bind(local.mapper).engine.connect() as found:
        yield found


def gone(connection: Connection, local: Local, local_ids: Collection[str]) -> set[str]:
    """Those of these ids that surely have no row any more; an id that can't be read as a key is not judged."""
    keys = {key: local_id for local_id in local_ids if (key := split(local_id, local.mapper.primary_key)) is not None}
    columns = local.mapper.primary_key
    for some in portions(list(keys), AT_ONCE):
        for row in connection.execute(_keys(local).where(among(columns, some))):
            keys.pop(tuple(row), None)
    return set(keys.values())


def meant(connection: Connection, local: Local, where: ColumnElement[bool] | None, parameters: Any) -> set[str]:
    """The ids of the rows that a bulk statement means, before it is carried out: those that its condition names, those
    of which it gives the keys, or all."""
    if where is None and isinstance(parameters, list | tuple):
        names = local.names(local.mapper.primary_key) or ()
        if names and all(name in values for values in parameters for name in names):
            return {join([values[name] for name in names]) for values in parameters}
    query = _keys(local) if where is None else _keys(local).where(where)
    given = parameters if isinstance(parameters, list | tuple) else [parameters or {}]
    return {join(tuple(row)) for values in given for row in connection.execute(query, values)}


def _keys(local: Local) -> Any:
    return select(*local.mapper.primary_key).select_from(local.mapper.persist_selectable)
