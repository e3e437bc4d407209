"""Field names with dots: from a record, over its relations, to a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import objects
from .objects import Field
from .store import Store, Table
from .values import Row

Getter = Callable[[Row], Any]


def _by_key(by: str, target: str) -> bool:
    return by.endswith("KEY") or by in ("CREATEDBY", "MODIFIEDBY")


def related(store: Store, table: Table, path: str) -> tuple[Table, Callable[[Row], Row | None]] | None:
    """The table at the other end of a relation and how to get the record there."""
    target = objects.relations(table.spec.name).get(path)
    if target is None or target[0] not in store.tables:
        return None
    other, by = store[target[0]], target[1]
    if _by_key(by, target[0]):
        return other, lambda row: other.get(row.get(by))
    return other, lambda row: other.named(row.get(by))


def resolve(store: Store, table: Table, path: str) -> tuple[Field, Getter] | None:
    """The field that `path` names, seen from `table`, and how to read it; None if there is no such field."""
    field = table.fields.get(path)
    head, dot, tail = path.partition(".")
    over = related(store, table, head) if dot else None
    stored_here = field is not None and (over is None or objects.relations(table.spec.name)[head][1] == path)
    if stored_here and field is not None:
        return field, lambda row: row.get(path)
    if over is None:
        return None
    other, go = over
    found = resolve(store, other, tail)
    if found is None:
        return None
    inner = found[1]

    def get(row: Row) -> Any:
        target = go(row)
        return None if target is None else inner(target)

    return found[0], get
