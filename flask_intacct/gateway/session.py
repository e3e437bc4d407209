"""Who we are to the gateway, and the session it gave us."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

MARGIN = timedelta(seconds=60)
UNSTATED_LIFE = timedelta(minutes=10)  # for replies that name no end of the session


class SessionKey(NamedTuple):
    """What one session stands for."""

    company: str
    user: str
    entity: str


@dataclass(frozen=True, slots=True)
class Login:
    """A company's Web Services user.

    :param entity: The entity to work in, "" for the top level.
    """

    company: str
    user: str
    password: str = field(repr=False)
    entity: str = ""

    @property
    def key(self) -> SessionKey:
        """What its session is stored under."""
        return SessionKey(self.company, self.user, self.entity)


@dataclass(frozen=True, slots=True)
class Sender:
    """The Web Services licence: not the company's, the integration's own."""

    id: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session.

    :param id: Secret.
    :param endpoint: Where its calls go.
    :param entity: "" at the top level.
    :param expires: By our clock; computed from the gateway's own times, so that a wrong clock here does no harm.
    :param user_now: The gateway's time at sign-in, in the zone that it wrote; None if it gave none.
    """

    id: str = field(repr=False)
    endpoint: str
    entity: str
    expires: datetime
    user_now: datetime | None = None

    def usable(self) -> bool:
        """False from a minute before its end."""
        return datetime.now(UTC) < self.expires - MARGIN

    def until(self, expires: datetime) -> Session:
        """The same session with another end: each answer moves it."""
        return replace(self, expires=expires)


class Sessions(Protocol):
    """Where sessions are shared: by threads, or (stored in a database) by processes."""

    def get(self, key: SessionKey) -> Session | None:
        """The session last put, also an expired one."""

    def put(self, key: SessionKey, session: Session) -> None:
        """Keep it, in place of any other."""

    def drop(self, key: SessionKey) -> None:
        """Forget it; nothing happens if there is none."""

    def lock(self, key: SessionKey) -> AbstractContextManager[object]:
        """Held while signing in, so that only one does."""


class MemorySessions:
    """Sessions of one process."""

    def __init__(self) -> None:
        self._sessions: dict[SessionKey, Session] = {}
        self._locks: dict[SessionKey, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: SessionKey) -> Session | None:
        return self._sessions.get(key)

    def put(self, key: SessionKey, session: Session) -> None:
        self._sessions[key] = session

    def drop(self, key: SessionKey) -> None:
        self._sessions.pop(key, None)

    def lock(self, key: SessionKey) -> AbstractContextManager[object]:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())


def moment(stamp: str) -> datetime | None:
    """Read one of the envelope's times, which carry their offset; None if it is none."""
    try:
        read = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def end_of(timeout: str, there: datetime | None) -> datetime:
    """A session's end by our clock, from its end by the gateway's.

    :param there: What the gateway's clock shows now; None if it did not say.
    """
    here = datetime.now(UTC)
    end = moment(timeout)
    return here + (UNSTATED_LIFE if end is None else end - (there or here))
