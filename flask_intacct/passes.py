"""One pass over many rows of the host: read batch by batch as ledger values, none of them kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from . import batches
from .batches import Bad, Key
from .errors import Unreadable
from .keys import join, portions, split
from .ledger import Ref
from .local import Local
from .reader import Reader
from .visit import visiting

MOST = 200
"""So many records are asked for by their keys in one statement."""

Read = Callable[[Local, Any], Any]
"""Makes something of a row."""

Skip = Callable[[Unreadable], None]
"""Told of each row that can't be read, which is then left out."""


class Pass:
    """Reads rows of one kind.

    :param locals_of: Gives the descriptions of a kind.
    :param skip: Told of what can't be read; without it that raises.
    """

    def __init__(
        self, session: Session, locals_of: Callable[[str], Sequence[Local]], kind: str, skip: Skip | None
    ) -> None:
        self._session, self._locals, self._kind, self._skip = session, locals_of(kind), kind, skip
        self._reader = Reader(session, locals_of)
        self._left_out: set[Ref] = set()

    def all(self, company_id: str, since: Any) -> Iterator[Any]:
        """All records of a company, those of a batch read before the first of them is given.

        :raises Unreadable: one can't be read, and there is no `skip`.
        """
        for local in self._locals:
            after: Key | None = ()
            while after is not None:
                values, after = self.page(local, company_id, since, after, local.BATCH)
                yield from values

    def by_refs(self, refs: Iterable[Ref]) -> Iterator[tuple[Ref, Any]]:
        """These records in this order, None for what is gone; what can't be read is left out.

        :raises Unreadable: one can't be read, and there is no `skip`.
        """
        for some in portions(list(refs), MOST):
            yield from self._some(some, self._value)

    def owners(self, refs: Iterable[Ref]) -> Iterator[tuple[Ref, str | None]]:
        """The companies of these records, likewise, as far as that can be told."""
        for some in portions(list(refs), MOST):
            yield from self._some(some, self._reader.company_of)

    def owned(self, refs: Iterable[Ref]) -> Iterator[tuple[Ref, tuple[str, Any] | None]]:
        """The companies of these records and the records, likewise."""

        def both(local: Local, row: Any) -> tuple[str, Any]:
            return self._reader.company_of(local, row), self._value(local, row)

        for some in portions(list(refs), MOST):
            yield from self._some(some, both)

    def page(
        self, local: Local, company_id: str, since: Any, after: Key, size: int, stamped: datetime | None = None
    ) -> tuple[list[Any], Key | None]:
        """The next records of a company by primary key, and the key to go on behind; None if there are no more.

        :param after: The key to go on behind; () at the beginning.
        :param stamped: Only those with such a stamp, or a later one, or none.
        :raises Unreadable: one can't be read, and there is no `skip`.
        """
        with visiting(self._session):
            rows, behind = batches.batch(
                local, self._session, company_id,
                since=since, after=after, size=size, bad=self._bad(local), stamped=stamped,
            )  # fmt: skip
            return [value for _, value in self._read(local, rows, self._value)], behind

    def _value(self, local: Local, row: Any) -> Any:
        return self._reader.read(self._kind, local, row)

    def _some(self, refs: Sequence[Ref], read: Read) -> Iterator[tuple[Ref, Any]]:
        found: dict[Ref, Any] = {}
        said: dict[Ref, Ref] = {}  # an id as it is written here, which may be in another way than in the reference
        self._left_out.clear()
        for local in self._locals:
            keys: dict[Ref, Key] = {}
            for ref in refs:
                key = split(ref.id, local.mapper.primary_key) if ref.source == local.source else None
                if key is not None:
                    said[ref] = Ref(ref.source, join(key))
                    keys[said[ref]] = key
            wanted = [key for ref, key in keys.items() if ref not in found and ref not in self._left_out]
            if wanted:
                with visiting(self._session):
                    rows = batches.by_keys(local, self._session, wanted, self._bad(local))
                    found.update(self._read(local, rows, read))
        for ref in refs:
            if said.get(ref) not in self._left_out:
                yield ref, found.get(said.get(ref, ref))

    def _read(self, local: Local, rows: Sequence[Any], read: Read) -> list[tuple[Ref, Any]]:
        values = []
        with self._reader.ahead.batch(local, rows):
            for row in rows:
                try:
                    value = read(local, row)
                    values.append((Ref(local.source, local.local_id(row)), value))
                except Unreadable as error:
                    if self._skip is None:
                        raise
                    self._leave_out(error, self._skip)
        return values

    def _bad(self, local: Local) -> Bad:
        def bad(local_id: str, error: Exception) -> None:
            unreadable = self._reader.unreadable(self._kind, local, local_id, error)
            if self._skip is None:
                raise unreadable from error
            self._leave_out(unreadable, self._skip)

        return bad

    def _leave_out(self, error: Unreadable, skip: Skip) -> None:
        error.__traceback__ = error.__cause__ = error.__context__ = None  # whoever keeps it keeps no rows with it
        self._left_out.add(Ref(*error.ref))
        skip(error)
