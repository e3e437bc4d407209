"""Which records the values of foreign keys name, looked up for many rows at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .entries import EntryError
from .keys import among, join, portions
from .ledger import Ref
from .local import Local
from .messages import Message

MOST = 10_000
"""So many answers are remembered; accounts and tax types are met again and again, contacts are not."""

Values = tuple[Any, ...]


class Lookups:
    """Looks up the records that foreign keys name, and remembers them for one pass."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[Any, ...], Ref | Message] = {}

    def tidy(self) -> None:
        """Forget everything once it is a lot; to be called between two batches."""
        if len(self._known) > MOST:
            self._known.clear()

    def ref(self, near: Sequence[Local], columns: Sequence[Any], values: Values) -> Ref:
        """The record whose columns have these values; one without a source if there is none.

        :param near: The descriptions of the records that it may be.
        :raises EntryError: several have them.
        """
        key = (tuple(columns), *values)
        if key not in self._known:
            self.look_up(near, columns, [values])
        found = self._known[key]
        if isinstance(found, Message):
            raise EntryError(found)
        return found

    def look_up(self, near: Sequence[Local], columns: Sequence[Any], wanted: Collection[Values]) -> None:
        """Look up many at once, for :meth:`ref` to give."""
        columns = tuple(columns)
        found: dict[Values, list[tuple[Local, Any]]] = {
            values: [] for values in wanted if (columns, *values) not in self._known
        }
        for other in near:
            for values, keys in self._keys(other, columns, list(found)):
                if len(keys) > 1:
                    told = {"source": other.source, "values": [str(value) for value in values]}
                    self._known[columns, *values] = Message("entry.several", **told)
                elif keys:
                    found[values].append((other, keys[0]))
        self._keep_those_there_are(found)
        for values, those in found.items():
            refs = {Ref(other.source, join(key)) for other, key in those}
            self._known.setdefault((columns, *values), refs.pop() if len(refs) == 1 else Ref("", join(values)))

    def _keys(
        self, other: Local, columns: Sequence[Any], wanted: Sequence[Values]
    ) -> Iterator[tuple[Values, list[Values]]]:
        """The primary keys of the rows that have these values in these columns of their table, two at most."""
        names, keys = other.names(columns) or [], other.names(other.mapper.primary_key) or []
        if sorted(names) == sorted(keys):
            for values in wanted:
                held = dict(zip(names, values, strict=True))
                yield values, [tuple(held[key] for key in keys)]
            return
        for some in portions(wanted):
            yield from self._selected(other, names, keys, some).items()

    def _selected(
        self, other: Local, names: Sequence[str], keys: Sequence[str], wanted: Sequence[Values]
    ) -> dict[Values, list[Values]]:
        columns = [getattr(other.model, name) for name in names]
        query = select(*columns, *(getattr(other.model, key) for key in keys)).where(among(columns, wanted))
        found: dict[Values, list[Values]] = {values: [] for values in wanted}
        for row in self._session.execute(query if len(wanted) > 1 else query.limit(2)):
            values = tuple(row[: len(names)]) if len(wanted) > 1 else wanted[0]
            if values not in found:
                # The database calls equal what Python does not, by its collation or by the column's type.
                return {values: self._selected(other, names, keys, [values])[values] for values in wanted}
            found[values] = [*found[values][:1], tuple(row[len(names) :])]
        return found

    def _keep_those_there_are(self, found: dict[Values, list[tuple[Local, Any]]]) -> None:
        """Joined inheritance: the key is of the common table, only the row tells whose it is."""
        doubtful = [values for values, those in found.items() if len({(other.source, key) for other, key in those}) > 1]
        asked: dict[Local, set[Values]] = {}
        for values in doubtful:
            for other, key in found[values]:
                asked.setdefault(other, set()).add(key)
        there = {other: self._there(other, list(keys)) for other, keys in asked.items()}
        for values in doubtful:
            found[values] = [(other, key) for other, key in found[values] if key in there[other]]

    def _there(self, other: Local, keys: Sequence[Values]) -> set[Values]:
        columns = [getattr(other.model, name) for name in other.names(other.mapper.primary_key) or []]
        query = select(*columns)
        return {
            tuple(row) for some in portions(keys) for row in self._session.execute(query.where(among(columns, some)))
        }
