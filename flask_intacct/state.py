"""What one application holds of us, in ``app.extensions["intacct"]``, and our short write transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from flask import Flask, current_app
from flask_rq import RQ
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from .config import Config
from .host import Host
from .isolation import see_committed, writing
from .phases import RunKind
from .plain import let_go
from .vault import Vault

SEE, MATCH, ADMINISTER = "see", "match", "administer"
RIGHTS = (SEE, MATCH, ADMINISTER)

Access = Callable[[str, str], bool]

Transaction = Callable[[], AbstractContextManager[Session]]
"""Begins a writing transaction of ours; one of a run is fenced."""

NAME = 120
"""So many characters of a person's name are kept; the columns are that wide."""


@dataclass(frozen=True, slots=True)
class State:
    """The parts of one application; `runs` is what each kind of run consists of."""

    config: Config
    host: Host
    vault: Vault
    db: SQLAlchemy
    rq: RQ
    access: Access
    runs: Mapping[str, RunKind]
    identity: Callable[[], str] | None = None

    @property
    def engine(self) -> Engine:
        """The engine of the host's default bind, where our tables live."""
        engine: Engine = self.db.engine
        return engine

    @property
    def session(self) -> Session:
        """The request's own session, for reading in views; writes go through :meth:`transaction`."""
        session: Session = self.db.session()
        return session

    def who(self) -> str:
        """The person of this request, for the audit log; "" where nobody is signed in."""
        if self.identity is not None:
            given: object = self.identity()
        elif hasattr(current_app, "login_manager"):
            from flask_login import current_user  # the host uses it, so it is there

            given = current_user.get_id()
        else:
            given = None
        if given is None or isinstance(given, str | int):
            return "" if given is None else str(given).replace("\0", "")[:NAME]
        current_app.logger.error("identity= gave %s; it must give the name of the person as a text.", let_go(given))
        return ""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One short transaction of ours, committed at the end; never open while the network is used."""
        with (
            writing(self.silent) as connection,
            Session(bind=connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()
            session.expunge_all()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session of ours for reading alone: it waits for nobody who writes, and nobody waits for it."""
        with self.silent.connect() as connection, Session(bind=connection, expire_on_commit=False) as session:
            see_committed(connection)
            yield session
            session.expunge_all()

    @property
    def silent(self) -> Engine:
        """The engine, of the same pool; no log of a failure shows what was written. The host's own stays as it is."""
        engine = self.engine.execution_options()
        engine.hide_parameters = True
        return engine


def current() -> State:
    """The state of the current application.

    :raises RuntimeError: Flask-Intacct is not initialised on it.
    """
    try:
        state: State = current_app.extensions["intacct"]
    except KeyError:
        raise RuntimeError(
            "Flask-Intacct is not initialised on this application: call intacct.init_app(...)."
        ) from None
    return state


def application() -> Flask:
    """The Flask application itself, as the sender of signals."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app
