"""The gateway client of a connection, with its session shared by all processes through the database."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import undefer

from .gateway import Client, Login, Sender, Session, SessionKey
from .models import Connection
from .models import Session as StoredSession
from .state import State

_locks: dict[SessionKey, threading.Lock] = {}
_guard = threading.Lock()


class DatabaseSessions:
    """Where the client keeps sessions: one sealed row per company, user and entity.

    Two processes may sign in at the same moment; the later session then stands, and both are good.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, key: SessionKey) -> Session | None:
        with self._state.transaction() as session:
            row = session.scalar(
                select(StoredSession).filter_by(**_columns(key)).options(undefer(StoredSession.sealed))
            )
        if row is None:
            return None
        session_id, endpoint, stated = f"{self._state.vault.open(row.sealed)}\n\n".split("\n")[:3]
        end = datetime.fromisoformat(stated) if stated else None
        return Session(id=session_id, endpoint=endpoint, entity=key.entity, expires=row.expires_at, stated=end)

    def put(self, key: SessionKey, session: Session) -> None:
        stated = session.stated.isoformat() if session.stated else ""
        values = {
            "sealed": self._state.vault.seal(f"{session.id}\n{session.endpoint}\n{stated}"),
            "expires_at": session.expires,
        }
        if not self._replace(key, values):
            try:
                with self._state.transaction() as db:
                    db.add(StoredSession(**_columns(key), **values))
            except IntegrityError:
                self._replace(key, values)  # another process signed in at the same moment

    def _replace(self, key: SessionKey, values: dict[str, Any]) -> bool:
        with self._state.transaction() as db:
            changed = db.execute(update(StoredSession).filter_by(**_columns(key)).values(**values))
            return bool(changed.rowcount)  # type: ignore[attr-defined]  # a CursorResult, which the annotations hide

    def drop(self, key: SessionKey) -> None:
        with self._state.transaction() as db:
            db.execute(delete(StoredSession).filter_by(**_columns(key)))

    def lock(self, key: SessionKey) -> AbstractContextManager[object]:
        with _guard:
            return _locks.setdefault(key, threading.Lock())


def _columns(key: SessionKey) -> dict[str, str]:
    return {"company": key.company, "user_id": key.user, "entity": key.entity}


def client_for(state: State, login: Login, *, tries: int = 5) -> Client:
    """A client for these credentials, as the application's settings say.

    :param tries: How often a read is sent at most; 1 where a person waits for the answer.
    """
    config = state.config
    return Client(
        login,
        sender=Sender(config.sender_id, config.sender_password),
        endpoint=config.endpoint,
        allow_loopback=config.allow_loopback,
        sessions=DatabaseSessions(state),
        connect_timeout=config.connect_timeout,
        read_timeout=config.read_timeout,
        max_in_flight=config.max_in_flight,
        tries=tries,
    )


def forget(session: Transaction, connection: Connection) -> None:
    """Wipe the secrets of a connection: its password, and its user's gateway sessions unless others work with them."""
    connection.password_sealed = ""
    session.flush()
    user = func.lower(Connection.intacct_company) == connection.intacct_company.lower()
    others = select(Connection.id).where(
        user, Connection.user_id == connection.user_id, Connection.id != connection.id, Connection.password_sealed != ""
    )
    if session.scalar(others.limit(1)) is None:
        session.execute(
            delete(StoredSession).where(
                func.lower(StoredSession.company) == connection.intacct_company.lower(),
                StoredSession.user_id == connection.user_id,
            )
        )


def login_of(state: State, connection_id: int, *, top_level: bool = False) -> Login:
    """The stored credentials of a connection, opened.

    :param top_level: Work at the top level instead of in the connection's entity.
    :raises ConfigError: no key opens the password.
    """
    with state.transaction() as session:
        row = session.get_one(Connection, connection_id, options=[undefer(Connection.password_sealed)])
    entity = "" if top_level else row.entity
    return Login(row.intacct_company, row.user_id, state.vault.open(row.password_sealed), entity)
