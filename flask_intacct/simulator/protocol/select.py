"""Finding records: which, in which order, how many, one page of them; without sorting the table for each page.

The keys that meet a filter, in the order asked for, are kept until the table changes. A bound on the first field of
the order is left out of that list and found in it by bisection, so that paging by key costs the same at any depth.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import query_failed
from ..store.objects import Field
from ..store.tables import Store, Table
from ..store.values import Row
from . import filters
from .filters import Condition, Resolver
from .paths import Getter, is_local, resolve

STAMPS = ("WHENMODIFIED", "AUWHENCREATED", "ACCESSTIME", "UPDATEDAT")
SMALL = 5000
"""Windows of time up to this size are read from the index of the stamp, others from a list that is kept."""
Order = tuple[tuple[str, bool], ...]
"""Fields and whether they descend."""


@dataclass(frozen=True, slots=True)
class Level:
    """Who looks: the entity of the session ("" = top level), whether private records are asked for, whether there is
    nothing to see at all, and the entities that the user may see (None = all)."""

    entity: str = ""
    private: bool = False
    locations: frozenset[str] = frozenset()
    blind: bool = False
    allowed: frozenset[str] | None = None

    def sees(self, table: Table) -> Callable[[Row], bool] | None:
        """A test for records, or None if all of the table are visible."""
        name = table.spec.name
        if self.blind:
            return lambda row: False
        if self.entity and name in ("LOCATION", "LOCATIONENTITY"):
            return lambda row: row["LOCATIONID"] in self.locations
        if not table.private:
            return None
        if self.entity:
            return lambda row: (row.get("MEGAENTITYID") or self.entity) == self.entity
        if table.spec.transaction or self.private:
            allowed = self.allowed
            return None if allowed is None else lambda row: (row.get("MEGAENTITYID") or "") in {"", *allowed}
        return lambda row: not row.get("MEGAENTITYID")


def resolver(store: Store, table: Table) -> Resolver:
    """Fields of a table by name, with the gateway's complaint about unknown ones."""
    known: dict[str, tuple[Field, Getter]] = {}

    def find(name: str) -> tuple[Field, Getter]:
        found = known.get(name) or resolve(store, table, name)
        if found is None:
            raise unknown_fields(table, [name])
        known[name] = found
        return found

    return find


def unknown_fields(table: Table, names: Iterable[str]) -> Exception:
    """The refusal that lists unknown fields after a semicolon."""
    return query_failed(
        f"There is an error in the query on {table.spec.name}; these fields are not known: {', '.join(names)}"
    )


def check_fields(table: Table, store: Store, names: Iterable[str], hidden: Container[str] = ()) -> None:
    """Refuse all fields at once that are not known, or `hidden` from the one who asks."""
    missing = sorted({name for name in names if name in hidden or resolve(store, table, name) is None})
    if missing:
        raise unknown_fields(table, missing)


def _conjuncts(condition: Condition | None) -> list[Condition]:
    if condition is None:
        return []
    if condition[0] == "and":
        return [one for part in condition[1] for one in _conjuncts(part)]
    return [condition]


_BOUNDS = ("greaterthan", "greaterthanorequalto", "lessthan", "lessthanorequalto", "between")


def _window(entries: Sequence[Any], bounds: list[Condition], pairs: bool) -> tuple[int, int]:
    """Where the entries begin and end whose first value meets the bounds; empty values stand last and meet none."""
    first, end = 0, len(entries)

    def at(entry: Any) -> Any:
        return (entry[0] is None, "" if entry[0] is None else entry[0]) if pairs else entry

    for operator, _, values in bounds:
        targets = [(False, value) if pairs else value for value in values]
        if operator in ("greaterthan", "greaterthanorequalto", "between"):
            place = bisect_right if operator == "greaterthan" else bisect_left
            first = max(first, place(entries, targets[0], key=at))
        if operator in ("lessthan", "lessthanorequalto", "between"):
            place = bisect_left if operator == "lessthan" else bisect_right
            end = min(end, place(entries, targets[-1], key=at))
    if bounds and pairs:
        end = min(end, bisect_left(entries, True, key=lambda entry: entry[0] is None))
    return first, end


class Selection:
    """The records of a table that meet a condition, in an order: how many there are, and any page of them."""

    def __init__(
        self,
        store: Store,
        table: Table,
        condition: Condition | None,
        order: Order = (),
        level: Level | None = None,
        fold: bool = False,
    ) -> None:
        self._find = resolver(store, table)
        self._table, self._fold = table, fold
        self._order: Order = order or ((table.spec.key, False),)
        level = level or Level(private=True)
        if condition is not None:
            condition = filters.typed(condition, self._find)
        first, descending = self._order[0]
        bounds: list[Condition] = []
        rest: list[Condition] = []
        for one in _conjuncts(condition):
            fits = one[0] in _BOUNDS and one[1] == first and not descending and None not in one[2]
            (bounds if fits else rest).append(one)
        self._tests = [filters.predicate(one, self._find, fold) for one in rest]
        sees = level.sees(table)
        if sees is not None:
            self._tests.append(sees)
        used = [first, *(name for one in rest for name in filters.fields_of(one)), *(name for name, _ in order)]
        self._local = all(is_local(store, table, name) for name in used)
        signature = (tuple(rest), self._order, fold, level)
        self._pairs = self._order[0] != (table.spec.key, False)
        recent = self._by_stamp(bounds)
        self._values: Sequence[Any] = self._kept(signature, tuple(rest)) if recent is None else recent
        self.first, self.end = _window(self._values, bounds, self._pairs)
        self.total = max(0, self.end - self.first)

    def keys(self, offset: int = 0, size: int | None = None) -> list[int]:
        start = self.first + offset
        stop = self.end if size is None else min(self.end, start + size)
        part = self._values[start:stop] if start < stop else []
        return [entry[-1] for entry in part] if self._pairs else list(part)

    def rows(self, offset: int = 0, size: int | None = None) -> list[Row]:
        return [self._table[key] for key in self.keys(offset, size)]

    def _meets(self, row: Row) -> bool:
        return all(test(row) for test in self._tests)

    def _by_stamp(self, bounds: list[Condition]) -> Sequence[Any] | None:
        """The entries of a window of time, from the index of that stamp: what a reader of changes asks for."""
        table, name = self._table, self._order[0][0]
        plain = len(self._order) == 1 or self._order[1:] == ((table.spec.key, False),)
        if name not in STAMPS or name not in table.fields or self._order[0][1] or not (plain and bounds):
            return None
        entries = table.ordered(name)
        if not self._tests:
            return entries
        first, end = _window(entries, bounds, True)
        if end - first > max(SMALL, len(table) // 10):
            return None
        return [entry for entry in entries[first:end] if self._meets(table[entry[1]])]

    def _kept(self, signature: Any, rest: tuple[Condition, ...]) -> Sequence[Any]:
        """Keys, or (first value, key) pairs, of all records that meet the tests, in order."""
        table = self._table
        if not self._tests and not self._pairs:
            return table.keys
        if signature in table.kept:
            return table.kept[signature][0]
        keys = [key for key in self._candidates(rest) if self._meets(table[key])]
        entries: list[Any] = self._sorted(keys) if self._pairs else keys
        if self._local:
            table.keep(signature, entries, None if self._pairs else self._meets)
        return entries

    def _sorted(self, keys: list[int]) -> list[tuple[Any, int]]:
        table = self._table
        for name, descending in reversed(self._order):
            get = self._find(name)[1]

            def sort_key(key: int, get: Getter = get) -> tuple[bool, Any]:
                value = get(table[key])
                return (value is None, "" if value is None else value)

            keys.sort(key=sort_key, reverse=descending)
        get = self._find(self._order[0][0])[1]
        return [(get(table[key]), key) for key in keys]

    def _candidates(self, rest: tuple[Condition, ...]) -> list[int]:
        """Keys in ascending order that include every match, fewer than all where an index helps."""
        table = self._table
        for operator, name, *values in (one for one in rest if one[0] not in ("and", "or", "not")):
            if operator not in ("equalto", "in"):
                continue
            wanted = values[0]
            if name == table.spec.key:
                return sorted(key for key in set(wanted) if key in table)
            if name in table.fields and table.indexed(name) and not self._fold and None not in wanted:
                index = table.equal(name)
                return sorted(key for value in set(wanted) for key in index.get(value, ()))
        for operator, name, *values in (one for one in rest if one[0] not in ("and", "or", "not")):
            if name in STAMPS and operator in ("greaterthan", "greaterthanorequalto") and values[0][0] is not None:
                entries = table.ordered(name)
                return sorted(key for _, key in entries[bisect_left(entries, (values[0][0], 0)) :])
        return list(table.keys)
