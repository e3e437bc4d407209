"""Tables of records, in memory: by key, by id, by indexed field, in order of a stamp; with undo.

Rows are never changed in place: a change puts a new row, so that a reader's page and the undo log stay true.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from .objects import Field, ObjectSpec
from .values import Row, xml_name

INDEXED = frozenset(
    ("RECORDKEY", "CUSTOMERID", "VENDORID", "RECORDID", "PRRECORDKEY", "SOURCEPRENTRYKEY", "PAYMENTKEY", "BATCHNO")
) | {"OBJECTKEY", "DOCNUMBER", "CODE"}
"""Fields that are found by index when a filter asks for a value, besides the id of each object."""


LAST = frozenset(("WHENMODIFIED", "MODIFIEDBY", "UPDATEDAT", "UPDATEDBY"))
"""Fields that say when a record was changed last and by whom; custom objects have names of their own for them."""
KEPT = 32
"""How many lists of a table are kept for the next page."""


class Sequence:
    """Record numbers; documents of all kinds share one, and so do their lines."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        self.last += 1
        return self.last


class Table:
    """The records of one object, by RECORDNO."""

    def __init__(
        self,
        spec: ObjectSpec,
        fields: dict[str, Field],
        sequence: Sequence,
        journal: Callable[[], list[Any] | None],
    ) -> None:
        self.spec, self.fields, self.sequence = spec, fields, sequence
        self.keys: list[int] = []
        self.private = 0
        self.kept: dict[Any, tuple[list[Any], Callable[[Row], bool] | None]] = {}
        self._journal = journal
        self._rows: dict[int, Row | Callable[[int], Row]] = {}
        self._equal: dict[str, dict[Any, list[int]]] = {}
        self._ordered: dict[str, list[tuple[Any, int]]] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Row]:
        return (self[key] for key in list(self.keys))

    def __contains__(self, key: int) -> bool:
        return key in self._rows

    def __getitem__(self, key: int) -> Row:
        row = self._rows[key]
        return row(key) if callable(row) else row

    def stamps(self, moment: datetime, user: int, ahead: timedelta | None = None) -> Row:
        """When and by whom a record was changed, in the fields that the object has for it.

        :param ahead: the record is new; by how much the time at which it was made is ahead of the others.
        """
        if self.spec.name.islower():  # the oldest objects name people, in fields of their own
            return {}
        created = "AUWHENCREATED" if "AUWHENCREATED" in self.fields else "WHENCREATED"
        made: Row = {} if ahead is None else {created: moment + ahead, "CREATEDBY": user, "CREATEDAT": moment + ahead}
        changed = {"WHENMODIFIED": moment, "MODIFIEDBY": user, "UPDATEDAT": moment, "UPDATEDBY": user}
        return {name: value for name, value in (made | changed).items() if name in self.fields}

    def get(self, key: int | None) -> Row | None:
        return self[key] if key is not None and key in self._rows else None

    def named(self, identity: Any) -> Row | None:
        """The first record with this id."""
        if identity in (None, ""):
            return None
        keys = self.equal(self.spec.id).get(identity)
        return self[keys[0]] if keys else None

    def keyed(self, key: str) -> Row | None:
        """The record whose key is written so."""
        return self.get(int(key)) if key.isascii() and key.isdigit() and len(key) < 19 else None

    def tag(self, name: str) -> str:
        """The element that holds a field in a reply: custom objects write theirs in small letters."""
        field = self.fields.get(name)
        return xml_name(name if field is None else field.id)

    def next_key(self) -> int:
        return self.sequence.next()

    def seed(self, names: list[str], make: Callable[[int], Row], private: int) -> None:
        """Add records before anybody reads: no undo, and each is made when it is read.

        :param names: their ids; keys follow on in the same order.
        :param private: how many of them belong to an entity.
        """
        keys = range(self.sequence.last + 1, self.sequence.last + 1 + len(names))
        self._rows.update(dict.fromkeys(keys, make))
        self.keys.extend(keys)
        self.private += private
        self.sequence.last += len(names)
        index = self._equal.setdefault(self.spec.id, {})
        for key, name in zip(keys, names, strict=True):
            index.setdefault(name, []).append(key)

    def settle(self, keys: Iterable[int]) -> None:
        """Make seeded records now and keep them."""
        for key in keys:
            self._rows[key] = self[key]

    def put(self, row: Row) -> Row:
        """Add the record, or put it in place of the one with its RECORDNO."""
        key = row["RECORDNO"]
        self._change(key, row)
        return row

    def remove(self, key: int) -> None:
        self._change(key, None)

    def _change(self, key: int, row: Row | None) -> None:
        old = self.get(key)
        journal = self._journal()
        if journal is not None:
            journal.append((self, key, old))
        if old is not None:
            self._unindex(key, old)
        if row is not None:
            self._rows[key] = row
            self.sequence.last = max(self.sequence.last, key)
            if old is None:
                insort(self.keys, key)
            self._index(key, row)
        elif old is not None:
            del self._rows[key]
            del self.keys[bisect_left(self.keys, key)]
        self._keep_up(key, old, row)

    def keep(self, signature: Any, entries: list[Any], test: Callable[[Row], bool] | None) -> None:
        """Keep a list that a reader made: keys of the records that meet `test`, or (None) any list until a change."""
        if len(self.kept) >= KEPT:
            del self.kept[next(iter(self.kept))]
        self.kept[signature] = (entries, test)

    def _keep_up(self, key: int, old: Row | None, row: Row | None) -> None:
        for signature, (entries, test) in list(self.kept.items()):
            if test is None:
                del self.kept[signature]
                continue
            was, now = old is not None and test(old), row is not None and test(row)
            if was and not now:
                del entries[bisect_left(entries, key)]
            elif now and not was:
                insort(entries, key)

    def undo(self, key: int, old: Row | None) -> None:
        """Put back what a rolled back change replaced."""
        self._change(key, old)

    def _index(self, key: int, row: Row) -> None:
        self.private += bool(row.get("MEGAENTITYID"))
        for name, index in self._equal.items():
            insort(index.setdefault(row.get(name), []), key)
        for name, entries in self._ordered.items():
            if row.get(name) is not None:
                insort(entries, (row[name], key))

    def _unindex(self, key: int, row: Row) -> None:
        self.private -= bool(row.get("MEGAENTITYID"))
        for name, index in self._equal.items():
            index[row.get(name)].remove(key)
        for name, entries in self._ordered.items():
            if row.get(name) is not None:
                del entries[bisect_left(entries, (row[name], key))]

    def indexed(self, name: str) -> bool:
        return name in INDEXED or name == self.spec.id or self.fields[name].custom

    def equal(self, name: str) -> dict[Any, list[int]]:
        """Keys by the value of a field, ascending."""
        index = self._equal.get(name)
        if index is None:
            index = self._equal[name] = {}
            for key in self.keys:
                index.setdefault(self[key].get(name), []).append(key)
        return index

    def where(self, name: str, value: Any) -> list[Row]:
        """The records whose field `name` holds `value`."""
        return [self[key] for key in self.equal(name).get(value, ())]

    def ordered(self, name: str) -> list[tuple[Any, int]]:
        """(value, key) of all records that have the field, ascending."""
        entries = self._ordered.get(name)
        if entries is None:
            entries = self._ordered[name] = sorted(
                (value, key) for key in self.keys if (value := self[key].get(name)) is not None
            )
        return entries


class Store:
    """All tables of a company, with one undo log while a transaction runs."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self._log: list[Any] | None = None
        self._sequences: dict[str, Sequence] = {}

    def add(self, spec: ObjectSpec, fields: dict[str, Field]) -> Table:
        family = "document" if spec.owned or spec.name == "ARADVANCE" else "line" if spec.header else spec.name
        sequence = self._sequences.setdefault(family, Sequence())
        name = spec.name.upper() if spec.custom else spec.name
        table = self.tables[name] = Table(spec, fields, sequence, self._open)
        return table

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def _open(self) -> list[Any] | None:
        return self._log

    def begin(self) -> int:
        """Start to remember; the mark says how far `rollback` goes back."""
        if self._log is None:
            self._log = []
        return len(self._log)

    def rollback(self, mark: int) -> None:
        log, self._log = self._log or [], None
        for table, key, old in reversed(log[mark:]):
            table.undo(key, old)
        self._log = log[:mark]

    def commit(self) -> None:
        self._log = None
