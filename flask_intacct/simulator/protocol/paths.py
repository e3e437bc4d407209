"""Field names with dots: from a record, over its relations, to a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..store import computed, objects
from ..store.objects import Field
from ..store.tables import Store, Table
from ..store.values import Row

Getter = Callable[[Row], Any]


def related(store: Store, table: Table, path: str) -> tuple[Table, Callable[[Row], Row | None]] | None:
    """The table at the other end of a relation and how to get the record there."""
    target = objects.relations(table.spec.name).get(path)
    if target is None or target[0] not in store.tables:
        return None
    other, by = store[target[0]], target[1]
    if by.endswith("KEY") or by in ("CREATEDBY", "MODIFIEDBY"):
        return other, lambda row: other.get(row.get(by))
    key = path + "KEY"
    if path in objects.CONTACT_PREFIXES and key in table.fields:
        return other, lambda row: other.get(row[key]) if key in row else other.named(row.get(by))
    return other, lambda row: other.named(row.get(by))


def is_local(store: Store, table: Table, path: str) -> bool:
    """Whether a field is read from the record itself, not over a relation."""
    if computed.getter(store, table, path) is not None:
        return False
    head, dot, _ = path.partition(".")
    over = related(store, table, head) if dot else None
    return path in table.fields and (over is None or objects.relations(table.spec.name)[head][1] == path)


def resolve(store: Store, table: Table, path: str) -> tuple[Field, Getter] | None:
    """The field that `path` names, seen from `table`, and how to read it; None if there is no such field."""
    field = table.fields.get(path)
    worked_out = computed.getter(store, table, path)
    if field is not None and worked_out is not None:
        return field, worked_out
    if field is not None and is_local(store, table, path):
        return field, lambda row: row.get(path)
    head, dot, tail = path.partition(".")
    over = related(store, table, head) if dot else None
    if over is None:
        return None
    other, go = over
    found = resolve(store, other, tail)
    if found is None:  # some fields are called as if they were read over a relation
        return None if field is None else (field, lambda row: row.get(path))
    inner = found[1]

    def get(row: Row) -> Any:
        target = go(row)
        return None if target is None else inner(target)

    return found[0], get
