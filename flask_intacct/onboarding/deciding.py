"""Decisions about many records as a run: one press, and a worker carries it out set by set.

Each set is a transaction: what it decided, the audit log and the count are kept together or not at all. Records that
somebody else decided meanwhile are not looked at any more; why others are left as they were is told one by one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, load_only

from .. import audit, bars, batches, links, queueing
from ..bars import Bar
from ..errors import Refused
from ..failures import passing
from ..keys import beyond, split
from ..links import Outcome
from ..messages import Message, plain, sentences
from ..models import Connection, Issue, Link, Run
from ..phases import Cursor
from ..state import current
from ..sync import lease, retrying
from ..sync import run as runs
from ..sync.job_context import JobContext
from . import sets
from .sets import By, Changed, Told
from .wanted import ACCEPT, ADD, ARCHIVE, HANDLE, ISSUES, LEFT, RETRY, UNDO, WANTED, Wanted, decided, put_aside

AT_ONCE = 1000
"""So many records are decided in one transaction."""

TAKEN = "taken"
"""Where the report of a run that tries records again keeps the last issue that it took."""

LISTED = 50
"""Of so many records the report says why they were left as they were."""


def start(connection_id: int, wanted: Wanted, who: str) -> Run:
    """Have it done in the background. The same press a second time gives the run that is at work at it.

    :raises Refused: another run is at work, the connection has ended, or issues are to be handled without a reason.
    """
    if wanted.action == HANDLE and not wanted.reason.strip():
        raise Refused(Message("issue.no_reason"))
    with current().transaction() as session:
        run, fresh = begin(session, connection_id, wanted, who)
    if fresh:
        queueing.enqueue(run.id)
    return run


def begin(session: Session, connection_id: int, wanted: Wanted, who: str) -> tuple[Run, bool]:
    """The same within the caller's transaction: the run, and whether it is new and has to be woken after the commit."""
    run, fresh = runs.begin(session, connection_id, runs.DECIDE, who)
    if not fresh and not same(run, wanted, who):
        raise Refused(Message("run.busy", run=current().runs[run.kind].label))
    if fresh:
        run.report = {WANTED: wanted.row()}
        audit.record(session, connection_id, who, "many decided", f"run {run.id}", after=wanted.row())
    return run, fresh


def same(run: Run, wanted: Wanted, who: str) -> bool:
    """Whether a live run is at work at what this person wants."""
    return run.kind == runs.DECIDE and (run.asked_by, run.report.get(WANTED)) == (who, wanted.row())


def undoable(run: Run, who: str) -> bool:
    """Whether this person may take back what a run did, as far as that still stands."""
    if run.kind != runs.DECIDE or run.live is not None or run.asked_by != who:
        return False
    return Wanted.of(run).action not in (RETRY, UNDO)


def step(work: JobContext, cursor: Cursor) -> Cursor | None:
    """Decide the next set."""
    wanted = Wanted.of(work.run)
    undone: Run | None = None
    if wanted.action == UNDO:
        with work.state.reading() as session:
            undone = session.get(Run, wanted.run)
        if undone is None or undone.connection_id != work.connection.id:
            raise ValueError(f"run {wanted.run}: not one of this connection")
    of_issues = (Wanted.of(undone) if undone else wanted).action in ISSUES
    return (_Issues if of_issues else _Links)(work, wanted, undone).step(cursor)


class _Decided(Exception):
    """Somebody decided the link meanwhile."""


class _Many(ABC):
    """One step of a run.

    :param undone: The run whose decisions are taken back.
    """

    def __init__(self, work: JobContext, wanted: Wanted, undone: Run | None) -> None:
        self.work, self.wanted, self.undone = work, wanted, undone
        self.by = By(work.run.asked_by, work.run.asked_at)

    def step(self, cursor: Cursor) -> Cursor | None:
        if not cursor:
            with self.work.state.reading() as session:
                number = session.scalar(self.query(session).with_only_columns(func.count())) or 0
            self.work.expect(number)
            return {"after": []} if number else None
        return self.take(cursor["after"])

    @abstractmethod
    def query(self, session: Session) -> Select[Any]:
        """All that is to be decided, in no order."""

    @abstractmethod
    def take(self, after: Sequence[Any]) -> Cursor | None:
        """Decide those that come next, and give the cursor behind them."""

    def tell(self, session: Session, done: Sequence[int], left: Mapping[int, Message] | None = None) -> None:
        """Count records, and keep why some were left, within the transaction that decided them."""
        left = left or {}
        self.work.progress(session, done=map(str, done), failed=map(str, left))
        if left:
            run = session.get_one(Run, self.work.run.id)
            told = dict(run.report.get(LEFT, {}))
            for id_, reason in left.items():
                if len(told) < LISTED:
                    told[str(id_)] = plain(reason)
            run.report = {**run.report, LEFT: told}


class _Links(_Many):
    """Decisions about links."""

    def query(self, session: Session) -> Select[Any]:
        if self.undone is not None:
            return decided(self.work.connection.id, self.undone)
        return self.wanted.links(session, self.work.connection.id, self.bar)

    @property
    def bar(self) -> Bar:
        """How sure a certain suggestion has to be: as sure as on the page; to be accepted surer, if people overruled
        some since.
        """
        if self.wanted.action != ACCEPT:
            return Bar(self.wanted.least)

        def find() -> Bar:
            with self.work.state.reading() as session:
                found = bars.bar(session, self.work.connection.id, self.wanted.kind)
            return replace(found, least=max(found.least, self.wanted.least))

        return self.work.once("bar", find)

    def take(self, after: Sequence[Any]) -> Cursor | None:
        with self.work.state.reading() as session:
            query = self.query(session).with_only_columns(Link.id, Link.label).order_by(Link.label, Link.id)
            query = query.where(beyond((Link.label, Link.id), after)) if after else query
            found = session.execute(query.limit(AT_ONCE)).all()
        ids = [row.id for row in found]
        if not ids:
            return None
        singly = self.decide(ids, self.kept(ids))
        for link_id in singly:
            self.one(link_id)
        return {"after": [found[-1].label, found[-1].id]} if len(found) == AT_ONCE else None

    def decide(self, ids: Sequence[int], kept: Mapping[int, Message]) -> list[int]:
        """Decide a set, in halves where it clashes with what others decided; gives those that must be done singly."""
        try:
            with self.work.transaction() as session:
                connection = session.get_one(Connection, self.work.connection.id, with_for_update=True)
                links_ = sets.locked(session, self.query(session).where(Link.id.in_(ids)))
                told = self.decided(session, connection, links_, kept)
                self.tell(session, told.done, told.left)
            return told.singly
        except (IntegrityError, Changed):
            if len(ids) > 1:
                half = len(ids) // 2
                return self.decide(ids[:half], kept) + self.decide(ids[half:], kept)
        return [*ids]  # alone, it says in words what it clashes with

    def decided(
        self, session: Session, connection: Connection, links_: Sequence[Link], kept: Mapping[int, Message]
    ) -> Told:
        wanted = self.wanted
        if not links_:
            return Told()
        if wanted.action == ACCEPT:
            return sets.accept(session, connection, links_, self.bar, self.by)
        if wanted.action == ADD:
            return sets.create(session, connection, links_, wanted.new_role, self.by)
        if wanted.action == ARCHIVE:
            return sets.archive(session, connection, links_, kept, self.by)
        return sets.reopen(session, connection, links_, self.by)

    def one(self, link_id: int) -> None:
        """Decide a single link, as a person does in the list."""

        @contextmanager
        def transaction() -> Iterator[Session]:
            with self.work.transaction() as session:
                session.get_one(Connection, self.work.connection.id, with_for_update=True)
                if session.scalar(self.query(session).where(Link.id == link_id).with_only_columns(Link.id)) is None:
                    raise _Decided
                yield session
                self.tell(session, [link_id])

        connection_id, who = self.work.connection.id, self.by.who
        more: dict[str, Any] = {"at": self.by.at, "transaction": transaction}
        does: dict[str, Callable[[], Outcome]] = {
            ACCEPT: lambda: links.accept(connection_id, [link_id], who, **more),
            ADD: lambda: links.create(connection_id, [link_id], self.wanted.new_role, who, **more),
            ARCHIVE: lambda: links.archive(connection_id, [link_id], who, **more),
            UNDO: lambda: links.undo(connection_id, [link_id], who, mistaken=True, **more),
        }
        try:
            outcome = does[self.wanted.action]()
        except _Decided:
            return
        if outcome.refusals:
            with self.work.transaction() as session:
                self.tell(session, [], {link_id: sentences(refusal.said for refusal in outcome.refusals)})

    def kept(self, ids: Sequence[int]) -> dict[int, Message]:
        """Why the host wants to keep records that are to be archived: asked before anything is locked."""
        locals_ = [local for local in self.work.state.host.locals(self.wanted.kind) if local.keep is not None]
        if self.wanted.action != ARCHIVE or not locals_:
            return {}
        with self.work.state.reading() as session:
            columns = (Link.kind, Link.source, Link.local_id, Link.label)
            found = session.scalars(select(Link).where(Link.id.in_(ids)).options(load_only(*columns))).all()
        rows = []
        for local in locals_:
            keys = [split(link.local_id, local.mapper.primary_key) for link in found if link.source == local.source]
            try:  # all rows at once, so that the session has them when each is asked for
                rows += batches.by_keys(local, self.work.state.host.session, [key for key in keys if key], None)
            except Exception as error:
                # A row that can't be read, or a listener of the host's: each is asked for by itself then.
                if passing(error):
                    raise
                self.work.state.host.session.rollback()
        return {link.id: reason for link in found if (reason := links.wanted_by_host(link))}


class _Issues(_Many):
    """Issues that are put aside, or taken back, or whose records are tried again."""

    def query(self, session: Session) -> Select[Any]:
        connection_id = self.work.connection.id
        if self.undone is not None:
            return put_aside(connection_id, self.undone)
        return self.wanted.issues(session, connection_id)

    def taken(self, session: Session) -> int:
        """The last issue whose record is to be tried again by now: it stays open, and a step may come again."""
        return int(session.get_one(Run, self.work.run.id).report.get(TAKEN, 0))

    def take_note(self, session: Session, last: int) -> None:
        """Keep that, within the transaction that took it."""
        run = session.get_one(Run, self.work.run.id)
        run.report = {**run.report, TAKEN: last}

    def take(self, after: Sequence[Any]) -> Cursor | None:
        retry = self.undone is None and self.wanted.action == RETRY
        about = (Issue.label, Issue.kind, Issue.subject, Issue.fingerprint, Issue.direction)
        columns = about if retry else (Issue.label, Issue.reason, Issue.handled_by)
        connection_id = self.work.connection.id
        with self.work.transaction() as session:
            connection = lease.locked(session, connection_id) if retry else None
            query = self.query(session).order_by(Issue.id).options(load_only(*columns)).limit(AT_ONCE)
            query = query.where(Issue.id > after[0]) if after else query
            query = query.where(Issue.id > self.taken(session)) if retry else query
            found = session.scalars(query.with_for_update()).all()
            if not found:
                return None
            done, left = [one.id for one in found], dict[int, Message]()
            if self.undone is not None:
                sets.take_back(session, connection_id, found, self.by)
            elif connection is not None:
                taken = retrying.take(session, connection, found, self.by.who)
                done, left = taken.done, taken.left
                self.take_note(session, found[-1].id)
            else:
                sets.handle(session, connection_id, found, self.wanted.reason.strip(), self.by)
            self.tell(session, done, left)
        return {"after": [found[-1].id]} if len(found) == AT_ONCE else None
