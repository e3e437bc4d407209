"""What the rows of a batch lead to, and could not be loaded along with them: fetched for all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import ColumnProperty, RelationshipProperty, Session

from .entries import OTHERS
from .failures import passing, roll_back
from .keys import Lead
from .ledger import Ref
from .local import Local, LocalDocument
from .lookups import Lookups
from .relations import SELECTED, related_of


class Ahead:
    """Asks the database for a whole batch, then answers for one row at a time; for other rows it asks each time.

    :param locals_of: Gives the descriptions of a kind.
    """

    def __init__(self, session: Session, locals_of: Callable[[str], Sequence[Local]]) -> None:
        self._session, self._locals_of = session, locals_of
        self._lookups = Lookups(session)
        self._selected: dict[tuple[Any, Any], Any] = {}
        self._led: dict[tuple[Local, str], tuple[Lead, list[Local]] | None] = {}

    @contextmanager
    def batch(self, local: Local, rows: Sequence[Any]) -> Iterator[None]:
        """Fetch what these rows lead to, for as long as they are read."""
        self._lookups.tidy()
        self._fetch(local, rows)
        if isinstance(local, LocalDocument):
            lines: list[Any] = []
            with self._forgiving():
                self._select(local, local.lines.parent, rows, local.lines)
            for row in rows:
                with self._forgiving():
                    lines += self.lines(local, row)
            self._fetch(local.lines, lines)
        try:
            yield
        finally:
            self._selected.clear()

    def lines(self, local: LocalDocument, row: Any) -> list[Any]:
        """The lines of a document."""
        key = local.mapper.relationships[local.lines.parent], inspect(row)
        found: list[Any] = self._selected[key] if key in self._selected else local.rows_of(row)
        return found

    def get(self, local: Local, row: Any, name: str) -> Any:
        """The value of an entry that means another row."""
        key = (local.prop(name), inspect(row)) if self._selected else None
        return self._selected[key] if key in self._selected else local.get(row, name)

    def lead(self, local: Local, name: str) -> tuple[Lead, list[Local]] | None:
        """The foreign key behind an entry that leads to records of its kind, and the descriptions of those."""
        if (local, name) not in self._led:
            ways = [
                (lead, [other for other in self._locals_of(OTHERS[name]) if lead.table in other.mapper.tables])
                for lead in local.leads(name)
            ]
            self._led[local, name] = next((way for way in ways if way[1]), None)
        return self._led[local, name]

    def ref(self, lead: Lead, near: Sequence[Local], row: Any) -> Ref | None:
        """The record that a foreign key of a row names; None if it lacks a part.

        :raises EntryError: several rows have its values.
        """
        values = _held(lead, row)
        return None if None in values else self._lookups.ref(near, lead.there, values)

    def _fetch(self, local: Local, rows: Sequence[Any]) -> None:
        for name in local.entries.keys() & OTHERS.keys():
            prop = local.prop(name)
            with self._forgiving():
                if isinstance(prop, RelationshipProperty):
                    self._select(local, prop.key, rows)
                elif isinstance(prop, ColumnProperty) and (found := self.lead(local, name)) is not None:
                    lead, near = found
                    wanted = {values for row in rows if None not in (values := _held(lead, row))}
                    self._lookups.look_up(near, lead.there, wanted)

    def _select(self, local: Local, key: str, rows: Sequence[Any], behind: Local | None = None) -> None:
        """Select what is behind a relationship that could not be loaded along.

        :param behind: What describes the rows there.
        """
        prop = local.mapper.relationships[key]
        if prop.lazy in SELECTED:
            along = behind.along if behind is not None and behind.model is prop.mapper.class_ else ()
            found = related_of(self._session, rows, prop, along)
            self._selected |= {(prop, state): others for state, others in found.items()}

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """What fails for many rows is asked again for each row by itself, and told of that row."""
        try:
            yield
        except Exception as error:
            if passing(error):
                raise
            # The host's own code, a type of its columns or what a row holds.
            roll_back(self._session, error)


def _held(lead: Lead, row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, attribute) for attribute in lead.here)
