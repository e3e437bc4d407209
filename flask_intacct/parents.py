"""Which documents of the host lines belong to, and belonged to before they were changed.

A table between lines and documents is not asked: where there is one, nothing tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, inspect, select
from sqlalchemy.orm import Session

from .keys import among, join, portions, split
from .local import LocalDocument


def of(connection: Connection, local: LocalDocument, line: Any) -> Iterator[str]:
    """The ids of the documents that a line belongs to, and that it belonged to as far as its session knows."""
    names = _names(local, line)
    if not names:
        return
    now = tuple(getattr(line, name) for name in names)
    history = [inspect(line).attrs[name].history for name in names]
    before = tuple(
        found.deleted[0] if found.deleted else value for found, value in zip(history, now, strict=True)
    )  # fmt: skip
    yield from _documents(connection, local, {now, before})


def by_ids(connection: Connection, local: LocalDocument, line_ids: Collection[str]) -> set[str]:
    """The ids of the documents that lines of these ids belong to, as the table has it."""
    columns = local.lines.mapper.primary_key
    keys = [key for line_id in line_ids if (key := split(line_id, columns)) is not None]
    there = _remote(local)
    if not keys or not there:
        return set()
    query = select(*there).select_from(local.lines.mapper.persist_selectable).distinct()
    found: set[tuple[Any, ...]] = set()
    for some in portions(keys):
        found |= set(map(tuple, connection.execute(query.where(among(columns, some)))))
    return set(_documents(connection, local, found))


def moving(session: Session, local: LocalDocument) -> set[str]:
    """The ids of lines that a session may be about to move without knowing where they were."""
    if not _remote(local):
        return set()
    rows = [row for row in session.dirty if isinstance(row, local.lines.model) and not _known(local, row)]
    for row in (*session.dirty, *session.new):
        if isinstance(row, local.model):
            rows += inspect(row).attrs[local.lines.parent].history.added or ()
    keys = [inspect(row).identity for row in rows if isinstance(row, local.lines.model)]
    return {join(key) for key in keys if key}


def _known(local: LocalDocument, line: Any) -> bool:
    """Whether a line tells by itself to which document it belonged."""
    state = inspect(line)
    return all(name in state.dict and not _overwritten(state, name) for name in _names(local, line))


def _overwritten(state: Any, name: str) -> bool:
    history = state.attrs[name].history
    return bool(history.added) and not history.deleted


def _names(local: LocalDocument, line: Any) -> list[str]:
    mapper = inspect(line).mapper
    return [mapper.get_property_by_column(column).key for column in _remote(local)]


def _remote(local: LocalDocument) -> list[Any]:
    """The columns of lines that name the document; none where a table between them does."""
    prop = local.mapper.relationships[local.lines.parent]
    return [] if prop.secondary is not None else [column for _, column in prop.local_remote_pairs or ()]


def _documents(connection: Connection, local: LocalDocument, named: Collection[Sequence[Any]]) -> Iterator[str]:
    """The ids of the documents that these columns of lines name."""
    prop = local.mapper.relationships[local.lines.parent]
    there = [here for here, _ in prop.local_remote_pairs or ()]
    keys = list(local.mapper.primary_key)
    full = [values for values in named if None not in values]
    if set(there) == set(keys):
        for values in full:
            held = dict(zip(there, values, strict=True))
            yield join([held[key] for key in keys])
        return
    for some in portions(full):
        query = select(*keys).select_from(local.mapper.persist_selectable).where(among(there, some))
        for key in connection.execute(query):
            yield join(tuple(key))
