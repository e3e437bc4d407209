"""What a stage of a run works with: its connection, and transactions that only the lease's holder gets."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, logs
from ..clock import boot
from ..exchanges import Gathered
from ..failures import reference
from ..gates import MARGIN, PATIENCE, CompanyGate
from ..gateway import Client, UserFormat
from ..gateway.errors import Crowded
from ..issues import Finding
from ..messages import Message
from ..models import Connection, Issue, Link, Phase, Record, Run
from ..queueing import JOB_SECONDS
from ..sessions import client_for, login_of
from ..shutdown import Shutdown
from ..standing import Standing, all_of
from ..state import State
from ..state import application as application
from . import lease
from .early import Early
from .keeper import LeasedGate
from .run import PUSH, SCAN, SYNC

log = logs.logger(__name__)

Kept = TypeVar("Kept")
MARK = "mark"
"""Where the place of a phase keeps the mark of the latest transaction of the host's session."""

COUNTED = "counted"
"""Where the place of a phase keeps which records the step at hand has counted."""

FEW = 200
"""So many issues that stand are kept at hand."""

STEPS = "steps"
"""Where the place of a phase keeps how many steps lie before it."""


class Stopped(Exception):
    """A person paused or cancelled the run."""


class OutOfTime(Exception):
    """The slice must end here; the next one goes on at the place that was committed."""


@dataclass(slots=True)
class JobContext:
    """What a stage works with: its connection, and transactions that only the lease's holder gets.

    :param gate: That of the Intacct company, which outlives the slice's phases; so do `exchanges`, its requests, and
        `early`, what was asked before it was wanted.
    :param deadline: When its time is over, by the clock of :func:`~flask_intacct.clock.boot`.
    :param begun: A step of it is committed already, so that another one may wait for the next slice.
    :param wrote: The step at hand began a transaction that may have written.
    :param counted: Records that steps without such a transaction were done with; it is kept with the next place.
    :param unsaved: The place of the step at hand, while steps before it were passed over and their place is not
        committed.
    """

    state: State
    connection: Connection
    run: Run
    phase: Phase
    hold: lease.Hold
    gate: CompanyGate
    exchanges: Gathered
    early: Early
    deadline: float
    shutdown: Shutdown
    begun: bool = False
    wrote: bool = False
    counted: list[str] = field(default_factory=list)
    unsaved: dict[str, Any] | None = None
    _before: int = 0
    _clients: dict[bool, Client] = field(default_factory=dict)
    _once: dict[str, Any] = field(default_factory=dict)
    _kept: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    _stand: Sequence[Any] | None = None

    @property
    def scans(self) -> bool:
        """Whether all rows of the host are read, also those that no session of the host's said it had changed."""
        return self.state.config.scan or self.run.kind != SYNC or bool(self.run.report.get(SCAN))

    @property
    def only(self) -> int | None:
        """The run whose operations alone are sent: a push leaves those of others to the next sync. None for all."""
        return self.run.id if self.run.kind == PUSH else None

    def kept(self, name: str, build: Callable[[], Kept], of: Any = None) -> Kept:
        """What several steps need and takes long to build: built once, kept until the stage or the slice ends.

        The time that it takes is not taken from that of the slice, so that some steps follow whatever it takes.

        :param of: What it is made of; for another one it is built anew, and the last one is let go.
        """
        if name not in self._kept or self._kept[name][0] != of:
            began = boot()
            self.hold.until(JOB_SECONDS)  # large books take minutes
            self._kept[name] = of, build()
            self.hold.until()
            self.deadline += boot() - began
        found: Kept = self._kept[name][1]
        return found

    def once(self, name: str, find: Callable[[], Kept]) -> Kept:
        """What is small and asked for by many stages: found once, and kept until the slice ends."""
        if name not in self._once:
            self._once[name] = find()
        found: Kept = self._once[name]
        return found

    def over(self) -> bool:
        """Whether the time of the slice is over, or its worker is to stop: a step that goes on for long ends behind the
        record it is at."""
        return self.shutdown.asked or boot() >= self.deadline

    def check_time(self) -> None:
        """Hold back a read after the time of the slice: a step that asks several times would end long after it.

        The first step of a slice is let through, so that each slice gets on.

        :raises OutOfTime: the step is to come again, in the next slice.
        """
        if self.begun and self.over():
            raise OutOfTime

    def forget(self) -> None:
        """Keep nothing any longer: a stage is over."""
        self._kept.clear()

    def client(self, *, top_level: bool = False) -> Client:
        """The gateway in the connection's entity, or at the top level.

        :raises OutOfTime: somebody signed in as another user, whose dates may be written otherwise.
        """
        if top_level not in self._clients:
            login = login_of(self.state, self.connection.id, top_level=top_level)
            self.check_user(login.company, login.user)
            config = self.state.config
            seconds = config.connect_timeout + config.read_timeout + MARGIN
            gate = LeasedGate(self.hold, self.gate, seconds, lambda: self.deadline, self.check_time)
            self._clients[top_level] = client_for(self.state, login, gate=gate, on_exchange=self.exchanges.add)
        return self._clients[top_level]

    @property
    def writer(self) -> Client:
        """The gateway at the level that new customers, vendors and documents are posted at."""
        return self.client(top_level=self.connection.top_level_posting)

    def reserve(self, *, patient: bool = True) -> bool:
        """Take a slot for a write before that is written down as sent: no longer than a moment is waited for one then.

        :param patient: Wait for it as long as the slice's time is not over; else False if there is none just now.
        :raises Crowded: there was none in that time.
        """
        until = max(self.deadline, boot() + PATIENCE) if patient else boot()
        try:
            self.gate.reserve(until=until, meanwhile=self.hold.check)
        except Crowded:
            if patient:
                raise
            return False
        return True

    @property
    def form(self) -> UserFormat | None:
        """How Intacct writes dates and times for this user; None while that is not known."""
        row = self.connection.facts.get("format")
        return UserFormat.parse(row) if row else None

    def check_user(self, company: str, user: str) -> None:
        """:raises OutOfTime: this is not the user that the slice began with: the next one begins with that."""
        if (company, user) != (self.connection.intacct_company, self.connection.user_id):
            raise OutOfTime

    @contextmanager
    def transaction(self, *, outcome: bool = False) -> Iterator[Session]:
        """A writing transaction of ours, fenced by the lease.

        :param outcome: It writes down what became of a request: a person's wish to stop comes after that.
        :raises LeaseLost: another worker took over.
        :raises Stopped: a person paused or cancelled the run; nothing of this transaction is kept.
        """
        with self.state.transaction() as session:
            if outcome:
                self.wrote = True
                self.hold.fence(session)
                self.exchanges.settle(session)
            else:
                self.fence(session)
            yield session

    def fence(self, session: Session) -> None:
        """Hold back a transaction, of ours or of the host's, that may no longer write."""
        self.wrote = True
        self.hold.fence(session)
        run_ = session.execute(select(Run.wish, Run.live).where(Run.id == self.run.id)).one()
        if run_.wish or run_.live is None:
            raise Stopped

    def told(self, which: Standing) -> set[str]:
        """The subjects of issues that stand; while nothing is written, few are read once for all that ask."""
        stand = self._stand
        if stand is None or self.wrote:
            with self.state.reading() as session:
                found = session.execute(all_of(self.connection.id, Issue.fingerprint, Issue.subject).limit(FEW + 1))
                stand = self._stand = found.all()
        if len(stand) <= FEW:
            return {subject for cause, subject in stand if which.has(cause, subject)}
        with self.state.reading() as session:
            return set(session.scalars(which.query(self.connection.id)))

    def any(self, query: Any) -> bool:
        """Whether a query finds anything: a step that finds nothing needs no transaction that writes."""
        with self.state.reading() as session:
            return session.execute(query.limit(1)).first() is not None

    def begin(self) -> None:
        """Begin a step, or begin it again: what it counted without getting to its end is forgotten."""
        if self.wrote:
            self._stand = None
        self.wrote = False
        del self.counted[self._before :]

    def passed(self, place: dict[str, Any]) -> None:
        """Note that the step at hand wrote nothing, and where the next one begins."""
        self.unsaved, self._before = place, len(self.counted)

    def catch_up(self, row: Phase) -> None:
        """Write where the step at hand began, and what was counted before it, within the caller's transaction.

        Whatever is counted or marked belongs to a step; another worker is to find it at the place of that one.
        """
        if self.unsaved is None or row.place.get(STEPS) == self.unsaved[STEPS]:
            return
        row.done += _others(self.counted[: self._before], row)
        row.place = self.unsaved

    def settle(self, row: Phase) -> None:
        """Write also what the step at hand counted without a transaction, as its place is left."""
        self.catch_up(row)
        row.done += _others(self.counted[self._before :], row)

    def saved(self) -> None:
        """All places and counts are committed."""
        self.unsaved, self._before = None, 0
        self.counted.clear()

    def mark(self, session: Session) -> str:
        """Leave a mark in a transaction, by which :meth:`marked` tells whether it was committed."""
        row, mark = session.get_one(Phase, self.phase.id), uuid.uuid4().hex
        self.catch_up(row)
        row.place = {**row.place, MARK: mark}
        return mark

    def marked(self, mark: str) -> bool:
        """Whether the transaction that left this mark, the latest that left one, was committed."""
        with self.state.transaction() as session:
            return bool(session.get_one(Phase, self.phase.id).place.get(MARK) == mark)

    def count(self, done: Iterable[str]) -> None:
        """Count as :meth:`progress` does, in a step that writes nothing: it is kept with the next place."""
        self.counted += done

    def progress(
        self,
        session: Session,
        *,
        done: Iterable[str] = (),
        failed: Iterable[str] = (),
        each: int = 1,
        total: int | None = None,
    ) -> None:
        """Count within the caller's transaction, so that counts and work are kept together or not at all.

        A record counts once in a step, also if the step comes again because its worker died before the cursor behind it
        was committed: what was counted is kept beside the cursor until then.

        :param done: Names of records; likewise `failed`.
        :param each: So much each of them counts.
        """
        row = session.get_one(Phase, self.phase.id)
        self.catch_up(row)
        known = list(row.place.get(COUNTED, ()))
        counted = dict.fromkeys(known)
        for name, names in (("done", done), ("failed", failed)):
            fresh = dict.fromkeys(one for one in names if one not in counted)
            counted |= fresh
            setattr(row, name, getattr(row, name) + each * len(fresh))
        if len(counted) > len(known):
            row.place = {**row.place, COUNTED: list(counted)}
        if total is not None:
            row.total = total
        session.flush()

    def expect(self, more: int) -> None:
        """Tell that the phase will count so many more records; if there are none, its end tells how many there were."""
        if more:
            with self.transaction() as session:
                row = session.get_one(Phase, self.phase.id)
                self.catch_up(row)
                row.total = row.done + row.failed + more

    def issue(
        self,
        session: Session,
        subject: str,
        finding: Finding,
        kind: str,
        label: str,
        direction: str = "",
        state: str = "",
    ) -> bool:
        """Open an issue on a record of this connection; gives whether it is open, and not handled.

        :param state: Stands for the record as it is; "" is Intacct's record behind the subject, if there is one.
        """
        return issues.open_issue(
            session, self.connection.id, subject, finding,
            kind=kind, label=label, direction=direction, state=state or _state(session, subject),
        )  # fmt: skip


def _others(names: Iterable[str], row: Phase) -> int:
    """How many of these were not counted with the place that a phase has."""
    return len({*names} - {*row.place.get(COUNTED, ())})


def _state(session: Session, subject: str) -> str:
    """Intacct's record behind a subject, as it was last read."""
    name, _, id_ = subject.partition(":")
    if name not in ("record", "link") or not id_.isdigit():
        return ""
    query = select(Record.hash)
    if name == "record":
        return session.scalar(query.where(Record.id == int(id_))) or ""
    return session.scalar(select(Record.hash).join_from(Link, Record, Link.record).where(Link.id == int(id_))) or ""


def crashed(
    error: Exception,
    what: str,
    said: Callable[[str], Message] = lambda reference: Message("run.crashed", reference=reference),
) -> Finding:
    """Log the exception at hand; gives what a person is told instead. The same exception is the same finding.

    :param said: Makes the message of the reference under which it is logged.
    """
    found = reference(error)
    logs.exception(log, "%s failed (reference %s)", what, found)
    return Finding("internal error", said(found), Message("run.crashed.cure"))
