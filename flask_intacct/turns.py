"""The slots for requests to an Intacct company, over all processes: rows of `gate`, by the database's clock.

A slot is taken for a while and given back, or runs out. Who finds none marks that the next one is his: a mark lives
some seconds, so that nobody waits for the dead, and a person's goes before that of background work. After a rate limit
of Intacct's the upper half of the slots is shut; one after the other opens again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from .clock import now
from .isolation import see_committed, writing
from .models import Gate

BACKGROUND, PERSON = 1, 2
"""The rank of who waits: the higher one goes first."""

MARKED = 3.0
"""Seconds that a mark lives; who waits renews it."""

GROWS = 60.0
"""Seconds without a rate limit after which one more slot opens."""

AT_ONCE = 5.0
"""Rate limits within so many seconds are one: the requests were in flight together."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of one company, for one who wants some of them.

    :param company: Intacct's company ID, case-folded.
    :param most: How many there are while none is shut.
    :param owner: Who takes them, at most 80 characters: the owner of a lease, or a person's request.
    :param seconds: How long one is taken for.
    """

    engine: Engine
    company: str
    most: int
    owner: str
    rank: int
    seconds: float

    def take(self, mark: str, count: int = 1, *, waits: bool = True) -> list[int]:
        """Take up to so many, as far as they are free and nobody goes first; two statements.

        :param mark: Names who asks, at most 40 characters.
        :param waits: If there is none, leave (or renew) the mark.
        """
        with writing(self.engine) as connection:
            rows = connection.execute(self._query().with_for_update()).all()
            if len(rows) == self.most:
                view = _View.of(rows, mark, self.rank)
                taken = list(view.free[: max(min(count, view.allowed), 0)])
                if taken:
                    connection.execute(
                        self._at(Gate.slot.in_(taken)).values(owner=self.owner, expires_at=now(self.seconds))
                    )
                    if view.marked:
                        connection.execute(self._unmarked(mark))
                elif waits and not view.behind and not view.fresh:
                    values = {"turn_of": mark, "turn_rank": self.rank, "turn_until": now(MARKED)}
                    connection.execute(self._at(Gate.slot < self.most).values(values))
                return taken
        self._make({row.slot for row in rows})
        return self.take(mark, count, waits=waits)

    def promising(self, mark: str) -> bool:
        """Whether it is worth while to try again, or time to renew the mark; a look that locks nothing."""
        with self.engine.connect() as connection:
            see_committed(connection)
            view = _View.of(connection.execute(self._query()).all(), mark, self.rank)
        return view.allowed > 0 or not (view.behind or view.fresh)

    def unmark(self, mark: str) -> None:
        """Wait no longer."""
        with writing(self.engine) as connection:
            connection.execute(self._unmarked(mark))

    def renew(self, slot: int, *, yields: bool) -> bool:
        """Take one of ours for as long again; False if it is not ours any more, or is to be given back.

        :param yields: Give it back if somebody waits, or it is shut.
        """
        mine: list[Any] = [Gate.slot == slot, Gate.owner == self.owner]
        if yields:
            mine += [_over(Gate.turn_until), _over(Gate.shut_until)]
        with writing(self.engine) as connection:
            renewed = connection.execute(self._at(*mine).values(expires_at=now(self.seconds)))
        return renewed.rowcount == 1

    def give_back(self, slots: Collection[int]) -> None:
        """Let others have them; one statement."""
        with writing(self.engine) as connection:
            mine = self._at(Gate.slot.in_(slots), Gate.owner == self.owner)
            connection.execute(mine.values(owner="", expires_at=now()))

    def narrow(self) -> None:
        """Shut the upper half of those that are open, after a rate limit; one stays open."""
        with writing(self.engine) as connection:
            rows = connection.execute(self._query().with_for_update()).all()
            shut = [row.shut_until - row.at for row in rows if not _past(row.shut_until, row.at)]
            if shut and min(shut) > timedelta(seconds=GROWS - AT_ONCE):
                return
            left = max((len(rows) - len(shut)) // 2, 1)
            for number, row in enumerate(rows[left:], 1):
                connection.execute(self._at(Gate.slot == row.slot).values(shut_until=now(GROWS * number)))

    def _query(self) -> Select[Any]:
        columns: tuple[Any, ...] = (
            Gate.slot,
            Gate.expires_at,
            Gate.shut_until,
            Gate.turn_of,
            Gate.turn_rank,
            Gate.turn_until,
        )
        mine = select(*columns, now().label("at")).where(Gate.company == self.company, Gate.slot < self.most)
        return mine.order_by(Gate.slot)

    def _at(self, *where: Any) -> Any:
        return update(Gate).where(Gate.company == self.company, *where)

    def _unmarked(self, mark: str) -> Any:
        return self._at(Gate.turn_of == mark).values(turn_of="", turn_rank=0, turn_until=None)

    def _make(self, there: Collection[int]) -> None:
        """Make the rows that are not there."""
        lacking = [number for number in range(self.most) if number not in there]
        rows = [{"company": self.company, "slot": number} for number in lacking]
        try:
            with writing(self.engine) as connection:
                connection.execute(insert(Gate).values(owner="", expires_at=now()), rows)
        except IntegrityError:
            return  # another process made some of them in between


@dataclass(frozen=True, slots=True)
class _View:
    """What one who wants slots finds.

    :param free: Those that are, by number.
    :param behind: Somebody else goes first.
    :param marked: His own mark is there; `fresh`, and need not be renewed yet.
    """

    free: Sequence[int]
    behind: bool
    marked: bool
    fresh: bool

    @classmethod
    def of(cls, rows: Sequence[Any], mark: str, rank: int) -> _View:
        free = [row.slot for row in rows if _past(row.expires_at, row.at) and _past(row.shut_until, row.at)]
        marks = [row for row in rows if not _past(row.turn_until, row.at)]
        behind = any(row.turn_of != mark and row.turn_rank >= rank for row in marks)
        mine = [row.turn_until - row.at for row in marks if row.turn_of == mark]
        marked = any(row.turn_of == mark for row in rows)
        return cls(free, behind, marked, len(mine) == len(rows) and min(mine) > timedelta(seconds=MARKED / 2))

    @property
    def allowed(self) -> int:
        """How many of the free ones he may have."""
        return len(self.free) - self.behind


def free(connection: Connection, owner: str) -> None:
    """Give back what the former owner of a lease had, within the caller's transaction."""
    mine = select(Gate.id).where(Gate.owner == owner).order_by(Gate.company, Gate.slot)  # in which all lock them
    ids = connection.scalars(mine.with_for_update()).all()
    if ids:
        connection.execute(update(Gate).where(Gate.id.in_(ids)).values(owner="", expires_at=now()))


def _past(moment: datetime | None, at: datetime) -> bool:
    return moment is None or moment <= at


def _over(column: Any) -> Any:
    return or_(column.is_(None), column <= now())
