"""Finding records: which, in which order, how many, one page of them; without sorting the table for each page.

The keys that meet a filter, in the order asked for, are kept until the table changes. A bound on the first field of
the order is left out of that list and found in it by bisection, so that paging by key costs the same at any depth.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import filters
from .errors import query_failed
from .filters import Condition, Resolver
from .objects import Field
from .paths import Getter, resolve
from .store import Store, Table
from .values import Row

STAMPS = ("WHENMODIFIED", "AUWHENCREATED", "ACCESSTIME")
Order = tuple[tuple[str, bool], ...]
"""Fields and whether they descend."""


@dataclass(frozen=True, slots=True)
class Level:
    """Who looks: the entity of the session ("" = top level), and whether private records are asked for."""

    entity: str = ""
    private: bool = False
    locations: frozenset[str] = frozenset()

    def sees(self, table: Table) -> Callable[[Row], bool] | None:
        """A test for records, or None if all of the table are visible."""
        name = table.spec.name
        if self.entity and name in ("LOCATION", "LOCATIONENTITY"):
            return lambda row: row["LOCATIONID"] in self.locations
        if not table.private or (table.spec.transaction and not self.entity):
            return None
        if self.entity:
            return lambda row: (row.get("MEGAENTITYID") or self.entity) == self.entity
        if self.private:
            return None
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


def check_fields(table: Table, find: Resolver, store: Store, names: Iterable[str]) -> None:
    """Refuse all unknown fields at once."""
    missing = sorted({name for name in names if resolve(store, table, name) is None})
    if missing:
        raise unknown_fields(table, missing)


def _conjuncts(condition: Condition | None) -> list[Condition]:
    if condition is None:
        return []
    if condition[0] == "and":
        return [one for part in condition[1] for one in _conjuncts(part)]
    return [condition]


_BOUNDS = ("greaterthan", "greaterthanorequalto", "lessthan", "lessthanorequalto", "between")


class Selection:
    """The records of a table that meet a condition, in an order; a sequence of keys that is cheap to slice."""

    def __init__(
        self, store: Store, table: Table, condition: Condition | None, order: Order, level: Level, fold: bool = False
    ) -> None:
        self._find = resolver(store, table)
        self._table, self._level, self._fold = table, level, fold
        self._order: Order = order or (("RECORDNO", False),)
        if condition is not None:
            condition = filters.typed(condition, self._find)
        first, descending = self._order[0]
        bounds: list[Condition] = []
        rest: list[Condition] = []
        for one in _conjuncts(condition):
            fits = one[0] in _BOUNDS and one[1] == first and not descending and None not in one[2]
            (bounds if fits else rest).append(one)
        entries = self._entries(tuple(rest))
        self.first, self.end = 0, len(entries)
        self._values: Sequence[Any] = entries
        for operator, _, values in bounds:
            self._bound(operator, values)
        self.total = max(0, self.end - self.first)

    def keys(self, offset: int = 0, size: int | None = None) -> list[int]:
        start = self.first + offset
        stop = self.end if size is None else min(self.end, start + size)
        part = self._values[start:stop] if start < stop else []
        return [entry if isinstance(entry, int) else entry[-1] for entry in part]

    def rows(self, offset: int = 0, size: int | None = None) -> list[Row]:
        return [self._table[key] for key in self.keys(offset, size)]

    def _bound(self, operator: str, values: tuple[Any, ...]) -> None:
        """Narrow to the entries whose first value meets the bound; empty values stand last and never meet one."""
        if operator == "between":
            self._bound("greaterthanorequalto", values[:1])
            self._bound("lessthanorequalto", values[1:])
            return
        entries, value = self._values, values[0]

        def at(entry: Any) -> Any:
            return entry if isinstance(entry, int) else (entry[0] is None, entry[0])

        target = value if entries and isinstance(entries[0], int) else (False, value)
        if operator == "greaterthan":
            self.first = max(self.first, bisect_right(entries, target, key=at))
        elif operator == "greaterthanorequalto":
            self.first = max(self.first, bisect_left(entries, target, key=at))
        elif operator == "lessthan":
            self.end = min(self.end, bisect_left(entries, target, key=at))
        else:
            self.end = min(self.end, bisect_right(entries, target, key=at))
        if operator.startswith("greater") and not (entries and isinstance(entries[0], int)):
            self.end = min(self.end, bisect_left(entries, (True, None), key=lambda e: (e[0] is None, None)))

    def _entries(self, rest: tuple[Condition, ...]) -> Sequence[Any]:
        """Keys, or (first value, key) pairs, of all records that meet `rest`, in order."""
        table, level = self._table, self._level
        sees = level.sees(table)
        first = self._order[0]
        by_key = first == ("RECORDNO", False)
        if not rest and sees is None and by_key:
            return table.keys
        signature = (rest, self._order, self._fold, level)
        cached: Sequence[Any] | None = table.cache.get(signature)
        if cached is not None:
            return cached
        tests = [filters.predicate(one, self._find, self._fold) for one in rest]
        if sees is not None:
            tests.append(sees)
        keys = [key for key in self._candidates(rest) if all(test(table[key]) for test in tests)]
        entries: Sequence[Any] = keys if by_key else self._sorted(keys)
        table.cache[signature] = entries
        return entries

    def _sorted(self, keys: list[int]) -> list[tuple[Any, int]]:
        table = self._table
        for name, descending in reversed(self._order):
            _, get = self._find(name)

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
            if name == "RECORDNO":
                return sorted(key for key in set(wanted) if key in table)
            if table.indexed(name) and name in table.fields and not self._fold and None not in wanted:
                index = table.equal(name)
                return sorted(key for value in set(wanted) for key in index.get(value, ()))
        for operator, name, *values in (one for one in rest if one[0] not in ("and", "or", "not")):
            if name in STAMPS and operator in ("greaterthan", "greaterthanorequalto") and values[0][0] is not None:
                entries = table.ordered(name)
                return sorted(key for _, key in entries[bisect_left(entries, (values[0][0], 0)) :])
        return list(table.keys)
