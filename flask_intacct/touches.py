"""What the host changes: hooks on its session that note which records and documents are to be read again.

A note is a row of ours in the host's own transaction, kept or rolled back with it; where the host keeps its rows in
another database than ours, it is written right after the commit. What no session of the host sees (plain SQL, triggers)
is found by the next scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Delete, Update, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session

from . import kinds, logs, parents, presence
from .host import MAKING, Host
from .local import Local, LocalDocument
from .models import Touch
from .state import State
from .watching import at_work, connection_of, listen

log = logs.logger(__name__)

_LATER = "intacct_touched_later"
"""In a session's info: what is noted once its transaction is committed."""

_BEFORE = "intacct_touched_before"
"""The same, while it flushes: documents that lines belonged to before."""

Touched = tuple[str, str, str]
"""A record or document of the host: kind, source, local id."""


def watch(db: SQLAlchemy) -> None:
    """Listen to the host's session; called by ``init_app``."""
    for name, hook in _HOOKS.items():
        listen(db.session, name, hook)


def touch(state: State, session: Session, row: Any) -> None:
    """Note, in a session's transaction, that a row, or the document that it is a line of, is to be read again."""
    session.flush()
    _note(session, state, set(_touched(session, state.host, row)))


def known(host: Host, row: Any) -> bool:
    """Whether a row is a record or a document, or may be a line of one."""
    records = any(isinstance(row, local.model) for _, local in _records(host))
    return records or any(isinstance(row, (local.model, local.lines.model)) for local in _described(host))


def note(state: State, touched: Iterable[Touched]) -> None:
    """Note it in a transaction of our own."""
    with state.transaction() as session:
        session.execute(insert(Touch), _rows(touched))


def _after_flush(session: Session, *_: Any) -> None:
    state = at_work()
    if state is None:
        return
    changed = (row for row in session.dirty if session.is_modified(row))
    touched = {key for row in (*session.new, *changed) for key in _touched(session, state.host, row)}
    touched |= session.info.pop(_BEFORE, set())
    touched |= {
        key for row in session.deleted for key in _documents(session, state.host, row)
    }  # the others are retired
    for row in session.info.get(MAKING, ()):
        touched -= {*_documents(session, state.host, row)}  # who makes it keeps what it is like right after
    if touched:
        _note(session, state, touched)


def _described(host: Host) -> Iterator[LocalDocument]:
    for kind in kinds.documents():
        for local in host.locals(kind):
            if isinstance(local, LocalDocument):
                yield local


def _records(host: Host) -> Iterator[tuple[str, Local]]:
    """The descriptions of what is matched: contacts, accounts, tax types, tracking."""
    for kind in kinds.MATCHED:
        for local in host.locals(kind):
            yield kind, local


def _touched(session: Session, host: Host, row: Any) -> Iterator[Touched]:
    """The record that a row is, and the documents that it is, or is or was a line of."""
    for kind, local in _records(host):
        if isinstance(row, local.model):
            yield kind, local.source, local.local_id(row)
    yield from _documents(session, host, row)


def _documents(session: Session, host: Host, row: Any) -> Iterator[Touched]:
    for local in _described(host):
        if isinstance(row, local.model):
            yield local.kind, local.source, local.local_id(row)
        if isinstance(row, local.lines.model):
            for local_id in parents.of(connection_of(session, local.lines), local, row):
                yield local.kind, local.source, local_id


def _before_flush(session: Session, *_: Any) -> None:
    """Lines that are moved while the session does not know where they were: the table still does."""
    state = at_work()
    if state is None:
        return
    for local in _described(state.host):
        moving = parents.moving(session, local)
        if moving:
            before = parents.by_ids(connection_of(session, local.lines), local, moving)
            session.info.setdefault(_BEFORE, set()).update((local.kind, local.source, id_) for id_ in before)


def _executed(execution: ORMExecuteState) -> Any:
    """A bulk update or delete: which rows its condition names is asked before. Rows that are deleted are retired, so of
    these only lines are noted, with their documents."""
    state, statement = at_work(), execution.statement
    if state is None or not isinstance(statement, Update | Delete):
        return None
    session, name = execution.session, getattr(statement.table, "name", "")
    rows, lines = list[tuple[str, Local]](), [local for local in _described(state.host) if local.lines.source == name]
    if isinstance(statement, Update):
        every = (*_records(state.host), *((local.kind, local) for local in _described(state.host)))
        rows = [(kind, local) for kind, local in every if local.source == name]
    if not rows and not lines:
        return None
    session._autoflush()  # as the statement itself will; else a row yet to be changed does not meet its condition

    def meant(local: Local) -> set[str]:
        connection = connection_of(session, local)
        return presence.meant(connection, local, statement.whereclause, execution.parameters)

    touched = {(kind, local.source, local_id) for kind, local in rows for local_id in meant(local)}
    moved = [(local, meant(local.lines)) for local in lines]
    touched |= set(_belonging(session, moved))
    result = None
    if moved and isinstance(statement, Update):
        result = execution.invoke_statement()
        if statement.returning_column_descriptions:
            result = result.freeze()()  # SQLite makes no savepoint while rows are still to be fetched
        touched |= set(_belonging(session, moved))  # it may have moved them to other documents
    if touched:
        _note(session, state, touched)
    return result


def _belonging(session: Session, lines: Iterable[tuple[LocalDocument, set[str]]]) -> Iterator[Touched]:
    """The documents that lines belong to as the table has it."""
    for local, line_ids in lines:
        for local_id in parents.by_ids(connection_of(session, local.lines), local, line_ids):
            yield local.kind, local.source, local_id


def _note(session: Session, state: State, touched: Iterable[Touched]) -> None:
    """Write the notes: now if the rows are in our database, else once the transaction is committed."""
    here: list[Touched] = []
    for kind, source, local_id in sorted(touched):
        local = state.host.local(kind, source)
        if local is not None and connection_of(session, local).engine is state.engine:
            here.append((kind, source, local_id))
        else:
            session.info.setdefault(_LATER, set()).add((kind, source, local_id))
    if not here:
        return
    local = state.host.local(*here[0][:2])
    assert local is not None  # it is among those that were found
    savepoint = connection_of(session, local).begin_nested()
    try:
        connection_of(session, local).execute(insert(Touch), _rows(here))
    except SQLAlchemyError:
        # The host's work comes first, also while its migrations have not made our tables yet. If the database has
        # thrown away the whole transaction, the roll-back fails, and the host has to know.
        savepoint.rollback()
        logs.warning(log, "A change was not noted for Flask-Intacct; the next scan finds it.")
    else:
        savepoint.commit()


def _rows(touched: Iterable[Touched]) -> list[dict[str, str]]:
    return [{"kind": kind, "source": source, "local_id": local_id[:80]} for kind, source, local_id in touched]


def _transaction_over(session: Session, transaction: Any) -> None:
    """A transaction is over: note what was left for later; what was rolled back is read again for nothing."""
    if transaction.parent is not None or _LATER not in session.info:
        return
    later = session.info.pop(_LATER)
    state = at_work()
    if state is None:
        return
    try:
        note(state, sorted(later))
    except SQLAlchemyError:
        # The host's rows are committed: nothing can be taken back any more, and the next scan finds them.
        logs.exception(log, "Changed rows were not noted for Flask-Intacct; the next scan finds them.")


_HOOKS = {
    "before_flush": _before_flush,
    "after_flush": _after_flush,
    "do_orm_execute": _executed,
    "after_transaction_end": _transaction_over,
}
