"""What the host deletes: hooks on its session, so that the next row with the same id inherits nothing.

Our rows change in the host's own transaction, and are kept or rolled back with it. Where the host keeps its rows in
another database than ours, or MariaDB lets its transaction lock nothing that is newer than itself, they change right
after its commit. Likewise where a worker or a person has the connection at that moment: the host's transaction holds
its own rows, which they may be waiting for, so it must not wait for them.
What no session of the host sees (plain SQL, cascades of the database itself) is found by the tick and at the start of
the next sync.
"""

from __future__ import annotations

from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Delete, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, object_session

from . import logs, presence
from .host import Host
from .isolation import forbids_locks
from .keys import join
from .onboarding import ended
from .state import State
from .sync import retire
from .sync.lease import Busy
from .watching import COMPANY, at_work, connection_of, described, listen

log = logs.logger(__name__)

_FLUSHED = "intacct_deleted"
"""In a session's info, while it flushes: the rows deleted so far."""

_LATER = "intacct_deleted_later"
"""The same for what is done after the commit, until the transaction ends."""

Gone = dict[tuple[str, str], set[str]]
"""Ids of deleted rows by kind (or company) and source."""


def watch(db: SQLAlchemy, host: Host) -> None:
    """Listen to the host's session; called by ``init_app``."""
    for _, local in described(host):
        listen(local.model, "after_delete", _row_deleted, propagate=True)
        listen(local.model, "after_update", _row_changed, propagate=True)
    for name, hook in _HOOKS.items():
        listen(db.session, name, hook)


def _before_flush(session: Session, *_: Any) -> None:
    session.info[_FLUSHED] = {}


def _row_deleted(mapper: Any, connection: Connection, row: Any) -> None:
    """One row is deleted, by the session itself or by a cascade of its relationships."""
    session, state = object_session(row), at_work()
    if state is None or session is None or _FLUSHED not in session.info:
        return  # a session of the host's own making: found by the tick and the next sync
    local_id = join(inspect(row).identity)
    for kind, local in described(state.host):
        if isinstance(row, local.model):
            session.info[_FLUSHED].setdefault((kind, local.source), set()).add(local_id)


def _row_changed(mapper: Any, connection: Connection, row: Any) -> None:
    """One row is changed. With another primary key it is another row to us, and its old id may go to yet another."""
    if tuple(mapper.primary_key_from_instance(row)) != inspect(row).identity:
        _row_deleted(mapper, connection, row)


def _after_flush(session: Session, *_: Any) -> None:
    gone: Gone = session.info.pop(_FLUSHED, {})
    state = at_work()
    if gone and state is not None:
        _act(session, state, gone)


def _executed(execution: ORMExecuteState) -> Any:
    """A bulk delete: which rows its condition names is asked before, whether they are gone after it."""
    state, statement = at_work(), execution.statement
    if state is None or not isinstance(statement, Delete):
        return None
    session, name = execution.session, getattr(statement.table, "name", "")
    touched = [(kind, local) for kind, local in described(state.host) if local.source == name]
    if not touched:
        return None
    session._autoflush()  # as the delete itself will; else a row that is yet to be changed does not meet its condition
    meant: Gone = {}
    for kind, local in touched:
        connection = connection_of(session, local)
        meant[kind, name] = presence.meant(connection, local, statement.whereclause, execution.parameters)
    result = execution.invoke_statement()
    if statement.returning_column_descriptions:
        result = result.freeze()()  # SQLite makes no savepoint while rows are still to be fetched
    gone = {
        (kind, name): presence.gone(connection_of(session, local), local, meant[kind, name]) for kind, local in touched
    }
    if any(gone.values()):
        _act(session, state, gone)
    return result


def _act(session: Session, state: State, gone: Gone) -> None:
    """End what hangs on these rows: now if we can in this transaction, else once it is committed."""
    locals_ = {(kind, local.source): local for kind, local in described(state.host)}
    here: dict[Connection, Gone] = {}
    for key, ids in gone.items():
        connection = connection_of(session, locals_[key])
        if connection.engine is state.engine and not forbids_locks(connection):
            here.setdefault(connection, {})[key] = ids
        else:
            _later(session, {key: ids})
    for connection, ids_here in here.items():
        savepoint = connection.begin_nested()
        try:
            with Session(bind=connection, join_transaction_mode="rollback_only") as ours:
                _end(ours, ids_here, wait=False)
                ours.flush()
        except (Busy, SQLAlchemyError):
            # The host's work comes first, also while its migrations have not made our tables yet: it is tried once
            # more after the commit. If the database has thrown away the whole transaction, the roll-back fails, and
            # the host has to know.
            savepoint.rollback()
            _later(session, ids_here)
        else:
            savepoint.commit()


def _later(session: Session, gone: Gone) -> None:
    later: Gone = session.info.setdefault(_LATER, {})
    for key, ids in gone.items():
        later.setdefault(key, set()).update(ids)


def _transaction_over(session: Session, transaction: Any) -> None:
    """A transaction is over: look which of the rows left for later are gone for good."""
    if transaction.parent is not None or _LATER not in session.info:
        return
    later: Gone = session.info.pop(_LATER)
    state = at_work()
    if state is None:
        return
    try:
        gone: Gone = {}
        for kind, local in described(state.host):
            if (kind, local.source) in later:
                with presence.connection(session, local) as connection:
                    gone[kind, local.source] = presence.gone(connection, local, later[kind, local.source])
        if any(gone.values()):
            with state.transaction() as ours:
                _end(ours, gone)
    except SQLAlchemyError:
        # The host's rows are committed: nothing can be taken back any more, and the next sync finds them.
        logs.exception(log, "Deleted rows were not told to Flask-Intacct; the next sync finds them.")


def _end(session: Session, gone: Gone, *, wait: bool = True) -> None:
    """End the connections of companies first: the links of theirs need no retirement of their own.

    :raises Busy: somebody has a connection, and there is no waiting.
    """
    companies = {company_id for (kind, _), ids in gone.items() if kind == COMPANY for company_id in ids}
    rows = {key: ids for key, ids in gone.items() if key[0] != COMPANY and ids}
    if companies:
        ended.end(session, companies, wait=wait)
    if rows:
        retire.retire(session, rows, wait=wait)


_HOOKS = {
    "before_flush": _before_flush,
    "after_flush": _after_flush,
    "do_orm_execute": _executed,
    "after_transaction_end": _transaction_over,
}
