"""The gateway client of a connection, with its session shared by all processes through the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from flask import has_app_context
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import undefer

from . import reconnecting, signins
from .clock import boot, now
from .errors import Refused, SecretLost
from .exchanges import Counted
from .explain import explain
from .gates import for_person
from .gateway import Client, Exchange, Login, Sender, Session, SessionKey
from .gateway.errors import BadLogin, ExchangeError
from .gateway.gate import Gate
from .messages import Message
from .models import Connection, folded
from .models import Session as StoredSession
from .secret import Secret
from .state import State, application

MOMENT = 5.0
"""Seconds for which a worker goes on with a session that it read, before it looks whether it is still the one."""

BACKOFF = 1.0
"""Seconds before a read is sent again, doubled with each try, with full jitter."""

_locks: dict[tuple[str, str], threading.Lock] = {}
_guard = threading.Lock()


class DatabaseSessions:
    """Where the client keeps sessions: one sealed row per company, user and entity.

    One process at a time signs in as a user. What Intacct refused is remembered for all of them, and every connection
    that would use the same credentials rests.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._app = application()
        self._seen: dict[SessionKey, tuple[Session, float]] = {}

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        """Also in the thread that reads ahead, which has no application context of its own."""
        with self._at_work(), self._state.transaction() as session:
            yield session

    def _at_work(self) -> AbstractContextManager[Any]:
        return nullcontext() if has_app_context() else self._app.app_context()

    def get(self, key: SessionKey) -> Session | None:
        """The session as it was read a moment ago: whoever finds it dead asks again under :meth:`lock`."""
        seen = self._seen.get(key)
        if seen is not None and boot() - seen[1] < MOMENT:
            return seen[0]
        found = self._stored(key)
        if found is not None:
            self._seen[key] = found, boot()
        return found

    def _stored(self, key: SessionKey) -> Session | None:
        query = select(StoredSession, now()).filter_by(**_columns(key)).options(undefer(StoredSession.sealed))
        with self._at_work(), self._state.reading() as db:
            found = db.execute(query).first()
        if found is None:
            return None
        row, at = found
        try:
            opened = self._state.vault.open(row.sealed)
        except SecretLost:
            with self._transaction() as db:  # of no use to anybody; the next sign-in makes another
                db.execute(delete(StoredSession).filter_by(id=row.id, sealed=row.sealed))
            return None
        session_id, endpoint, stated = (Secret(part) for part in f"{opened}\n\n".split("\n")[:3])
        return Session(
            id=session_id,
            endpoint=endpoint.reveal(),
            entity=key.entity,
            expires=datetime.now(UTC) + (row.expires_at - at),  # by our own clock, as the client asks for
            stated=datetime.fromisoformat(stated.reveal()) if stated else None,
        )

    def put(self, key: SessionKey, session: Session) -> None:
        self._seen.pop(key, None)
        stated = session.stated.isoformat() if session.stated else ""
        values = {
            "sealed": self._state.vault.seal(f"{session.id}\n{session.endpoint}\n{stated}"),
            "expires_at": now((session.expires - datetime.now(UTC)).total_seconds()),
        }
        if not self._replace(key, values):
            try:
                with self._transaction() as db:
                    db.add(StoredSession(**_columns(key), **values))
            except IntegrityError:
                self._replace(key, values)  # another process signed in at the same moment

    def _replace(self, key: SessionKey, values: dict[str, Any]) -> bool:
        with self._transaction() as db:
            changed = db.execute(update(StoredSession).filter_by(**_columns(key)).values(**values))
            return bool(changed.rowcount)  # type: ignore[attr-defined]  # a CursorResult, which the annotations hide

    def drop(self, key: SessionKey) -> None:
        self._seen.pop(key, None)
        with self._transaction() as db:
            db.execute(delete(StoredSession).filter_by(**_columns(key)))

    @contextmanager
    def lock(self, key: SessionKey) -> Iterator[None]:
        with _guard:
            alone = _locks.setdefault(signins.folded(key.company, key.user), threading.Lock())
        with alone, nullcontext() if has_app_context() else self._app.app_context():
            owner = signins.claim(self._state, key.company, key.user)
            self._seen.clear()
            try:
                yield
            finally:
                signins.release(self._state, key.company, key.user, owner)

    def refusal(self, login: Login) -> ExchangeError | None:
        """These credentials were refused, by whatever process; :meth:`lock` is held, as for the next two."""
        if signins.known_wrong(self._state, login):
            return BadLogin("these credentials were refused before and are not tried again until a person signs in")
        return None

    def refused(self, login: Login, error: ExchangeError) -> None:
        """Remember it, and let every connection rest that has these credentials."""
        with self._transaction() as db:
            signins.remember(self._state, db, login)
            stopped = reconnecting.stop(db, _with(self._state, db, login), explain(error))
        reconnecting.tell(stopped)

    def accepted(self, login: Login) -> None:
        """Forget what was refused of this user."""
        signins.clear(self._state, login)


def _columns(key: SessionKey) -> dict[str, str]:
    company, user = signins.folded(key.company, key.user)
    return {"company": company, "user_id": user, "entity": key.entity}


def _with(state: State, session: Transaction, login: Login) -> list[int]:
    """The connections with these credentials, or with a password of this user that nobody can open."""
    found = []
    query = select(Connection).where(Connection.password_sealed != "")
    for row in session.scalars(query.options(undefer(Connection.password_sealed))):
        if signins.folded(row.intacct_company, row.user_id) == signins.folded(login.company, login.user):
            try:
                same = state.vault.open(row.password_sealed) == login.password
            except SecretLost:
                same = True
            if same:
                found.append(row.id)
    return found


def client_for(
    state: State,
    login: Login,
    *,
    tries: int = 5,
    gate: Gate | None = None,
    on_exchange: Callable[[Exchange], None] | None = None,
) -> Client:
    """A client for these credentials, as the application's settings say.

    :param tries: How often a read is sent at most; 1 where a person waits for the answer.
    :param on_exchange: Is told of each request, of reads that succeed without what was said; left out: they are only
        counted.
    :param gate: Through which all requests go; left out: that for people.
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
        gate=gate or for_person(state.silent, login.company, config),
        on_exchange=on_exchange or Counted(state, application(), folded(login.company)).add,
        brief=True,
        tries=tries,
        backoff=BACKOFF,
    )


def forget(session: Transaction, connection: Connection) -> None:
    """Wipe the secrets of a connection: its password, and its user's gateway sessions unless others work with them."""
    connection.password_sealed = ""
    session.flush()
    company, user = signins.folded(connection.intacct_company, connection.user_id)
    others = select(Connection.id).where(
        func.lower(Connection.intacct_company) == company,
        func.lower(Connection.user_id) == user,
        Connection.id != connection.id,
        Connection.password_sealed != "",
    )
    if session.scalar(others.limit(1)) is None:
        mine = func.lower(StoredSession.company) == company, func.lower(StoredSession.user_id) == user
        session.execute(delete(StoredSession).where(*mine))


def purge(state: State) -> None:
    """Delete sessions that are over, and what is known of users that nobody uses any more."""
    with state.transaction() as session:
        session.execute(delete(StoredSession).where(StoredSession.expires_at < now(-60)))
        signins.purge(session)


def login_of(state: State, connection_id: int, *, top_level: bool = False) -> Login:
    """The stored credentials of a connection, opened.

    :param top_level: Work at the top level instead of in the connection's entity.
    :raises NeedsReconnecting: Intacct refused them, no key opens the password, or the connection has none. Nothing
        signs in before a person has done so.
    """
    with state.reading() as session:
        row = session.get_one(Connection, connection_id, options=[undefer(Connection.password_sealed)])
        reconnecting.check(session, row)
    if not row.password_sealed and row.state == "disconnected":
        raise reconnecting.NeedsReconnecting(reconnecting.NO_PASSWORD)
    if not row.password_sealed:
        raise Refused(Message("signin.nobody"))
    try:
        password = state.vault.open(row.password_sealed)
    except SecretLost:
        with state.transaction() as session:
            stopped = reconnecting.stop(session, [connection_id], reconnecting.LOST)
        reconnecting.tell(stopped)
        raise reconnecting.NeedsReconnecting(reconnecting.LOST) from None
    return Login(row.intacct_company, row.user_id, password, "" if top_level else row.entity)
