"""Who we are to the gateway, and the session it gave us."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol, runtime_checkable

from ..secret import Secret
from .errors import ExchangeError

MARGIN = timedelta(seconds=60)
UNSTATED_LIFE = timedelta(minutes=10)  # for replies that name no end of the session, or one that can't be
LONGEST_LIFE = timedelta(days=2)


def _hide(holder: Login | Sender | Session, name: str) -> None:
    value = getattr(holder, name)
    if isinstance(value, str):  # what is not text is refused where it is to be sent
        object.__setattr__(holder, name, Secret(value))


class SessionKey(NamedTuple):
    """What one session stands for."""

    company: str
    user: str
    entity: str


@dataclass(frozen=True, slots=True)
class Login:
    """A company's Web Services user.

    :param password: Kept as a :class:`~flask_intacct.secret.Secret`.
    :param entity: The entity to work in, "" for the top level.
    """

    company: str
    user: str
    password: str = field(repr=False)
    entity: str = ""

    def __post_init__(self) -> None:
        _hide(self, "password")

    @property
    def key(self) -> SessionKey:
        """What its session is stored under."""
        return SessionKey(self.company, self.user, self.entity)


@dataclass(frozen=True, slots=True)
class Sender:
    """The Web Services licence: not the company's, the integration's own."""

    id: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        _hide(self, "password")


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session.

    :param id: Kept as a :class:`~flask_intacct.secret.Secret`.
    :param endpoint: Where its calls go.
    :param entity: "" at the top level.
    :param expires: By our clock; computed from the gateway's own times, so that a wrong clock here does no harm.
    :param user_now: The gateway's time at sign-in, in the zone that it wrote; None if it gave none.
    :param stated: Its end by the gateway's clock; None if not known.
    """

    id: str = field(repr=False)
    endpoint: str
    entity: str
    expires: datetime
    user_now: datetime | None = None
    stated: datetime | None = None

    def __post_init__(self) -> None:
        _hide(self, "id")

    def usable(self) -> bool:
        """False from a minute before its end."""
        return datetime.now(UTC) < self.expires - MARGIN

    def until(self, timeout: str, there: datetime | None) -> Session:
        """The same session with another end: each answer moves it.

        :param timeout: The end as the gateway states it now.
        :param there: What its clock shows, where that is known.
        """
        end = moment(timeout)
        if end is not None and self.stated is not None:  # moved as far as the gateway moves it, whatever clocks show
            expires = self.expires + max(min(end - self.stated, LONGEST_LIFE), -LONGEST_LIFE)
            if timedelta(0) < expires - datetime.now(UTC) <= LONGEST_LIFE:
                return replace(self, expires=expires, stated=end)
        return replace(self, expires=end_of(timeout, there), stated=end)


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


@runtime_checkable
class Refusals(Protocol):
    """What a store of sessions may do besides: remember refused credentials for all who share it.

    Only refusals that may lock the user get here. Without it they are remembered for as long as the store is there.
    """

    def refusal(self, login: Login) -> ExchangeError | None:
        """What to raise in place of trying these credentials; None to try them."""

    def refused(self, login: Login, error: ExchangeError) -> None:
        """The gateway refused these credentials."""

    def accepted(self, login: Login) -> None:
        """The gateway accepted these credentials."""


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


def end_of(timeout: str, *clocks: datetime | None) -> datetime:
    """A session's end by our clock, from its end by the gateway's.

    :param clocks: What the gateway's clock may show now, the likeliest first; ours is the last resort. A life that
        can't be is not believed: that would mean a sign-in for each call.
    """
    here = datetime.now(UTC)
    end = moment(timeout)
    lives = [end - clock for clock in (*clocks, here) if end is not None and clock is not None]
    likely = (life for life in lives if timedelta(0) < life <= LONGEST_LIFE)
    return here + next(likely, LONGEST_LIFE if any(life > LONGEST_LIFE for life in lives) else UNSTATED_LIFE)
