"""One session for all who work as a user: got once, shared, renewed, and never asked for with refused credentials."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from weakref import WeakKeyDictionary

from ..secret import discreet
from .classify import unknown
from .errors import AuthError, ControlError, EntityRefused, ExchangeError, ProtocolError, ResultError, RetryClass
from .formats import text
from .function import Function
from .reply import Reply, Result
from .request import build
from .session import Login, Refusals, Sender, Session, SessionKey, Sessions, end_of, moment
from .transport import check_endpoint, is_loopback

_WORTH_STORING = timedelta(minutes=1)
_UNAUTHORIZED = 401

Exchange = Callable[[str, bytes, Function, str], Reply]


class _Shared:
    """By all who sign in with the same credentials through one store, at whatever level."""

    def __init__(self) -> None:
        self.refused: dict[str | None, ExchangeError] = {}
        self.alone = threading.Lock()


_guard = threading.Lock()
_known: WeakKeyDictionary[Sessions, dict[tuple[Login, Sender, str], _Shared]] = WeakKeyDictionary()


def _shared(sessions: Sessions, login: Login, sender: Sender, endpoint: str) -> _Shared:
    with _guard, contextlib.suppress(TypeError):  # a store that can't be a key has no other users to share with
        return _known.setdefault(sessions, {}).setdefault((login, sender, endpoint), _Shared())
    return _Shared()


class SignIn:
    """The way into one company, as one user, at one level.

    :param exchange: Sends a body with one function to an address; given the request's control id too.
    :param nap: Waits before the next try, or raises the error.
    :param tries: How often a sign-in that did not arrive is sent at most.
    """

    def __init__(
        self,
        login: Login,
        sender: Sender,
        endpoint: str,
        sessions: Sessions,
        *,
        exchange: Exchange,
        nap: Callable[[ExchangeError, int], None],
        tries: int,
    ) -> None:
        self._login = login
        self._sender = sender
        self._endpoint = endpoint
        self._sessions = sessions
        self._exchange = exchange
        self._nap = nap
        self._tries = tries
        self._from: SessionKey | None = None
        shared = _shared(sessions, replace(login, entity=""), sender, endpoint)
        self._refused, self._alone = shared.refused, shared.alone

    def at(self, login: Login) -> SignIn:
        """The same user's way into another entity."""
        other = copy.copy(self)
        other._login = login
        other._from = self._login.key
        return other

    @discreet
    def session(self) -> Session:
        """The shared session; signs in if there is none."""
        key = self._login.key
        session = self._sessions.get(key)
        if session and session.usable():
            return session
        with self._sessions.lock(key):
            session = self._sessions.get(key)
            return session if session and session.usable() else self._signed_in()

    @discreet
    def renew(self, stale: Session) -> Session:
        """A session in place of one that the gateway no longer knows; one sign-in for all who ask."""
        key = self._login.key
        with self._sessions.lock(key):
            session = self._sessions.get(key)
            if session and session.id != stale.id and session.usable():
                return session
            self._sessions.drop(key)
            return self._signed_in()

    @discreet
    def anew(self) -> Session:
        """Sign in now, whatever there is already; also after a refusal, for a person asked for it."""
        with self._sessions.lock(self._login.key):
            self._refused.pop(None, None)
            self._refused.pop(self._login.entity, None)
            return self._signed_in(asked=True)

    def slide(self, session: Session, reply: Reply) -> None:
        """Every answer moves the session's end; stored only where that is worth a write."""
        if not reply.session_timeout:
            return
        moved = session.until(reply.session_timeout, reply.date)
        if abs(moved.expires - session.expires) > _WORTH_STORING:
            current = self._sessions.get(self._login.key)
            if current and current.id == session.id:
                self._sessions.put(self._login.key, moved)

    def _signed_in(self, *, asked: bool = False) -> Session:
        """Under the lock. Refused credentials are not tried again: every further failure may lock the user.

        :param asked: A person asks for it: with the password, also after a refusal.
        """
        with self._alone:
            session = None if asked else self._derived()
            if session is None:
                if not asked:
                    self._check()
                session = self._with_password()
        self._sessions.put(self._login.key, session)
        return session

    def _derived(self) -> Session | None:
        """From the user's session at another level, which needs no password; None where that does not work out."""
        parent = self._sessions.get(self._from) if self._from else None
        if parent is None or not parent.usable():
            return None
        function = Function("getAPISession", {"locationid": self._login.entity})
        control_id, body = build(self._sender, parent, [function])
        try:
            url = check_endpoint(parent.endpoint, loopback=is_loopback(self._endpoint))
            reply = self._exchange(url, body, function, control_id)
            session = signed_in(reply, function.control_id, self._login.entity, self._endpoint, level=False)
        except (AuthError, ResultError, ProtocolError):
            return None
        return session if session.entity.lower() == self._login.entity.lower() else None

    def _check(self) -> None:
        """:raises ExchangeError: these credentials were refused before."""
        refused = self._refused.get(None) or self._refused.get(self._login.entity)
        if refused is None and isinstance(self._sessions, Refusals):
            refused = self._sessions.refusal(self._login)
        if refused is not None:
            raise copy.copy(refused).judged(refused.retry, False)

    def _remember(self, error: ExchangeError) -> None:
        self._refused[self._login.entity if isinstance(error, EntityRefused) else None] = copy.copy(error)
        if error.may_lock and isinstance(self._sessions, Refusals):
            self._sessions.refused(self._login, error)

    def _with_password(self) -> Session:
        tries = 1
        while True:
            function = Function("getAPISession")
            control_id, body = build(self._sender, self._login, [function])
            try:
                reply = self._exchange(self._endpoint, body, function, control_id)
                session = signed_in(reply, function.control_id, self._login.entity, self._endpoint)
            except ExchangeError as error:
                if isinstance(error, ProtocolError) and error.http_status == _UNAUTHORIZED:
                    error.judged(RetryClass.CREDENTIAL, False).may_lock = True
                known = isinstance(error, AuthError | ControlError | ProtocolError)
                if known and error.retry is RetryClass.CREDENTIAL:
                    self._remember(error)
                if error.retry not in (RetryClass.NOT_SENT, RetryClass.RATE) or tries >= self._tries:
                    raise
                self._nap(error, tries)
                tries += 1
            else:
                if isinstance(self._sessions, Refusals):
                    self._sessions.accepted(self._login)
                return session


def signed_in(reply: Reply, control_id: str, wanted: str, asked: str, *, level: bool = True) -> Session:
    """The session of a `getAPISession`.

    :param wanted: The entity asked for, "" for the top level.
    :param asked: The address that was asked; the session's own must be of its kind.
    :param level: The reply's own entity counts where the session names none.
    :raises UnsafeEndpoint: for an endpoint that is not the gateway's.
    :raises EntityRefused: if the gateway put us into another entity.
    """
    result = reply.result(control_id)
    if result is not None:
        result.raise_for_status()
    if result is None or not _told(result, "SESSIONID"):
        raise ProtocolError("the gateway signed us in and gave no session").judged(*unknown(False))
    endpoint = check_endpoint(_told(result, "ENDPOINT") or asked, loopback=is_loopback(asked))
    if level:
        entity = _entity(_told(result, "LOCATIONID")) or _entity(reply.entity) or wanted
    elif "LOCATIONID" in result.rows[0]:
        entity = _entity(_told(result, "LOCATIONID"))
    else:
        raise ProtocolError("the gateway did not say which entity its session is for").judged(*unknown(False))
    if wanted and entity.lower() != wanted.lower():
        raise EntityRefused(f"asked for entity {wanted!r}, the gateway signed us in to {entity!r}")
    user_now = moment(reply.session_timestamp)
    return Session(
        id=_told(result, "SESSIONID"),
        endpoint=endpoint,
        entity=entity,
        expires=end_of(reply.session_timeout, user_now, reply.date),
        user_now=user_now,
        stated=moment(reply.session_timeout),
    )


def _told(result: Result, name: str) -> str:
    return text(result.rows[0], name) if result.rows else ""


def _entity(name: str) -> str:
    return "" if name.lower() == "none" else name
