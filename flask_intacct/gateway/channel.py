"""Exchanges with the gateway: session, gate, retries. What :class:`~flask_intacct.gateway.Client` is built on."""

from __future__ import annotations

import copy
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from .classify import unknown
from .envelope import build
from .errors import (
    AuthError,
    ControlError,
    ExchangeError,
    GatewayBusy,
    NoReply,
    ProtocolError,
    RetryClass,
    SessionExpired,
)
from .functions import Function
from .gate import Gate, Kind
from .redact import Exchange, redact
from .reply import Reply, judge
from .session import Login, Sender, Session, Sessions, end_of
from .signin import signed_in
from .transport import Answer, Transport, check_endpoint, is_loopback

log = logging.getLogger(__name__)

_WORTH_STORING = timedelta(minutes=1)
_LONGEST_NAP = 60.0
_AGAIN = frozenset({RetryClass.NOT_SENT, RetryClass.RATE, RetryClass.BUSY})


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer not yet judged, and what it answers."""

    answer: Answer
    session: Session | None
    control_id: str
    writes: bool
    note: Callable[[str], None] = field(repr=False)

    def reply(self) -> Reply:
        """Judge it.

        :raises ExchangeError: unless control and authentication succeeded.
        """
        try:
            reply = judge(self.answer, control_id=self.control_id, writes=self.writes)
        except ExchangeError as error:
            self.note(f"{type(error).__name__}: {error.message}")
            raise
        self.note("")
        return reply


class Channel:
    """One company, user and entity, over one transport.

    :param tries: How often a read is sent at most; a write is sent once.
    :param backoff: Seconds before the second try; doubled for each further one, with full jitter.
    """

    def __init__(
        self,
        transport: Transport,
        endpoint: str,
        login: Login,
        sender: Sender,
        *,
        sessions: Sessions,
        gate: Gate,
        on_exchange: Callable[[Exchange], None] | None = None,
        tries: int = 5,
        backoff: float = 1.0,
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._loopback = is_loopback(endpoint)
        self._login = login
        self._sender = sender
        self._sessions = sessions
        self._gate = gate
        self._on_exchange = on_exchange
        self._tries = tries
        self._backoff = backoff
        self._refused: ExchangeError | None = None

    def at(self, login: Login) -> Channel:
        """The same channel for another entity."""
        other = copy.copy(self)
        other._login = login
        other._refused = None
        return other

    def call(
        self,
        functions: Sequence[Function],
        *,
        unique: bool = False,
        transaction: bool = False,
        policy: str = "",
        first: Callable[[], Sent] | None = None,
        arrived: Callable[[bytes], None] | None = None,
    ) -> Reply:
        """Exchange, with the retries that are safe: an expired session once, and reads.

        :param first: Gives the first try's answer, if that was sent ahead.
        :param arrived: Sees an answer's bytes before they are judged.
        """
        tries, renewed = 1, False
        writes = any(function.writes for function in functions)
        while True:
            sent: Sent | None = None
            try:
                sent = first() if first else self.send(functions, unique, transaction, policy)
                if arrived:
                    arrived(sent.answer.content)
                reply = sent.reply()
                if sent.session:
                    self._slide(sent.session, reply)
                busy = next((r.error for r in reply.results if isinstance(r.error, GatewayBusy)), None)
                if writes or busy is None or tries >= self._tries:
                    return reply
                self._nap(busy, tries)
                tries += 1
            except SessionExpired:
                if renewed or sent is None or sent.session is None:
                    raise
                renewed = True
                self.renew(sent.session)
            except ExchangeError as error:
                if writes or error.retry not in _AGAIN or tries >= self._tries:
                    raise
                self._nap(error, tries)
                tries += 1
            first = None

    def send(
        self,
        functions: Sequence[Function],
        unique: bool = False,
        transaction: bool = False,
        policy: str = "",
        *,
        gone: Callable[[], None] | None = None,
    ) -> Sent:
        """One exchange within the shared session; nothing is tried twice.

        :param gone: Called when the request is on its way.
        """
        session = self.session()
        writes = any(function.writes for function in functions)
        control_id, body = build(
            self._sender, session, functions, unique=unique, transaction=transaction, policy=policy
        )
        url = check_endpoint(session.endpoint, loopback=self._loopback)
        kind: Kind = "write" if writes else "read"
        return self._exchange(url, body, functions, session, control_id, kind, gone)

    def session(self) -> Session:
        """The shared session; signs in if there is none."""
        key = self._login.key
        session = self._sessions.get(key)
        if session and session.usable():
            return session
        with self._sessions.lock(key):
            session = self._sessions.get(key)
            return session if session and session.usable() else self._signed_in()

    def renew(self, stale: Session) -> Session:
        """A session in place of one that the gateway no longer knows; one sign-in for all who ask."""
        key = self._login.key
        with self._sessions.lock(key):
            session = self._sessions.get(key)
            if session and session.id != stale.id and session.usable():
                return session
            self._sessions.drop(key)
            return self._signed_in()

    def sign_in(self) -> Session:
        """Sign in now, whatever there is already; also after a refusal, for a person asked for it."""
        with self._sessions.lock(self._login.key):
            self._refused = None
            return self._signed_in()

    def _signed_in(self) -> Session:
        """Under the lock. Refused credentials are not tried again: every further failure may lock the user."""
        if self._refused is not None:
            raise type(self._refused)(
                self._refused.message, errors=self._refused.errors, http_status=self._refused.http_status
            ).judged(self._refused.retry, False)
        tries = 1
        while True:
            try:
                session = self._get_session()
                break
            except ExchangeError as error:
                if isinstance(error, AuthError | ControlError) and error.retry is RetryClass.CREDENTIAL:
                    self._refused = error
                if error.retry not in (RetryClass.NOT_SENT, RetryClass.RATE) or tries >= self._tries:
                    raise
                self._nap(error, tries)
                tries += 1
        self._sessions.put(self._login.key, session)
        return session

    def _get_session(self) -> Session:
        function = Function("getAPISession")
        control_id, body = build(self._sender, self._login, [function])
        sent = self._exchange(self._endpoint, body, [function], None, control_id, "session")
        return signed_in(sent.reply(), function.control_id, self._login.entity, self._endpoint)

    def _slide(self, session: Session, reply: Reply) -> None:
        """Every answer moves the session's end; stored only where that is worth a write."""
        if not reply.session_timeout:
            return
        expires = end_of(reply.session_timeout, reply.date)
        if abs(expires - session.expires) > _WORTH_STORING:
            current = self._sessions.get(self._login.key)
            if current and current.id == session.id:
                self._sessions.put(self._login.key, session.until(expires))

    def _exchange(
        self,
        url: str,
        body: bytes,
        functions: Sequence[Function],
        session: Session | None,
        control_id: str,
        kind: Kind,
        gone: Callable[[], None] | None = None,
    ) -> Sent:
        began = time.monotonic()
        answer: Answer | None = None
        seconds = 0.0

        def note(error: str) -> None:
            if self._on_exchange is None:
                return
            exchange = Exchange(
                kind=kind,
                functions=tuple(function.name for function in functions),
                control_ids=tuple(function.control_id for function in functions),
                request=redact(body),
                response=redact(answer.content) if answer else "",
                http_status=answer.status if answer else None,
                seconds=seconds or time.monotonic() - began,
                error=error,
            )
            try:
                self._on_exchange(exchange)
            except Exception:  # a log that fails must not make a known outcome unknown
                log.exception("intacct: the exchange could not be recorded")

        with self._gate.slot(kind):
            try:
                answer = self._transport.post(url, body, gone)
            except ExchangeError as error:
                if isinstance(error, NoReply | ProtocolError):
                    error.judged(*unknown(kind == "write"))
                note(f"{type(error).__name__}: {error.message}")
                raise
        seconds = time.monotonic() - began
        return Sent(answer, session, control_id, kind == "write", note)

    def _nap(self, error: ExchangeError, tries: int) -> None:
        wait: float = random.uniform(0, self._backoff * 2 ** (tries - 1))  # noqa: S311 - jitter
        if isinstance(error, GatewayBusy) and error.retry_after is not None:
            wait = error.retry_after
            if wait > _LONGEST_NAP:
                raise error
        log.info("intacct: %s; again in %.1f s", type(error).__name__, wait)
        time.sleep(wait)
