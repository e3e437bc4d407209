"""Exchanges with the gateway: session, gate, retries. What :class:`~flask_intacct.gateway.Client` is built on."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from .. import logs
from ..secret import discreet
from .classify import printable, unknown
from .errors import (
    Crowded,
    Damaged,
    ExchangeError,
    GatewayBusy,
    NoReply,
    ProtocolError,
    ResultError,
    RetryClass,
    SessionExpired,
)
from .function import Function
from .gate import Gate, Kind, Narrowing
from .mending import Spoiled
from .redact import Exchange, Secrets, numbers, redact
from .reply import Reply, judge
from .request import build
from .session import Login, Sender, Session, Sessions
from .signin import SignIn
from .transport import Answer, Transport, check_endpoint, is_loopback

log = logs.logger(__name__)

_LONGEST_NAP = 60.0
_AGAIN = frozenset({RetryClass.NOT_SENT, RetryClass.RATE, RetryClass.BUSY})


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer not yet judged, and what it answers."""

    answer: Answer
    session: Session | None
    control_id: str
    kind: Kind
    secrets: Secrets
    note: Callable[[str, Reply | None], None] = field(repr=False)

    @discreet
    def reply(self) -> Reply:
        """Judge it.

        :raises ExchangeError: unless control and authentication succeeded.
        """
        try:
            reply = judge(
                self.answer,
                control_id=self.control_id,
                writes=self.kind == "write",
                mending=self.kind == "read",
                secrets=self.secrets,
            )
        except ExchangeError as error:
            self.note(f"{type(error).__name__}: {error.message}", None)
            raise
        self.note("", reply)
        return reply


def _unexplained(error: ResultError | None) -> bool:
    """Did it fail for no reason that the gateway tells? That may pass, once."""
    return type(error) is ResultError and error.retry is RetryClass.BUSY


def _about(functions: Sequence[Function]) -> AbstractContextManager[None]:
    """Have what is logged meanwhile say which function it is about, where that is but one."""
    return logs.about(control_id=functions[0].control_id) if len(functions) == 1 else nullcontext()


def _failure(reply: Reply, function: Function) -> str:
    """The class of a function's failure; "" if it succeeded or is only acknowledged."""
    result = reply.result(function.control_id)
    if result is None:
        return "" if reply.acknowledged else "NoResult"
    return type(result.error).__name__ if result.error else ""


class Channel:
    """One company, user and entity, over one transport.

    :param brief: Tell `on_exchange` of a read that succeeds without its request and response.
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
        on_spoiled: Callable[[Spoiled], None] | None = None,
        brief: bool = False,
        tries: int = 5,
        backoff: float = 1.0,
    ) -> None:
        self._transport = transport
        self._loopback = is_loopback(endpoint)
        self._sender = sender
        self._passwords = (sender.password, login.password)
        self._gate = gate
        self._on_exchange = on_exchange
        self._on_spoiled = on_spoiled
        self._brief = brief
        self._tries = tries
        self._backoff = backoff
        self._signin = SignIn(login, sender, endpoint, sessions, exchange=self._get_session, nap=self._nap, tries=tries)

    def at(self, login: Login) -> Channel:
        """The same channel for another entity."""
        other = copy.copy(self)
        other._signin = self._signin.at(login)
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
        halved: bool = False,
        late: Callable[[], bool] | None = None,
    ) -> Reply:
        """Exchange, with the retries that are safe: an expired session once, and reads.

        :param first: Gives the first try's answer, if that was sent ahead.
        :param arrived: Sees an answer's bytes before they are judged.
        :param halved: The caller asks for less where an answer came damaged; the same is not asked for again then.
        :param late: As in :meth:`Transport.post`.
        """
        tries, renewed, repeated = 1, False, False
        writes = any(function.writes for function in functions)
        moves = any(function.name == "readMore" for function in functions)  # its cursor, with every page
        with _about(functions):
            while True:
                sent: Sent | None = None
                try:
                    sent = first() if first else self.send(functions, unique, transaction, policy, late=late)
                    if arrived:
                        arrived(sent.answer.content)
                    reply = self._judged(sent, functions)
                    if halved and any(
                        row.left_out and not row.key for result in reply.results for row in result.spoiled
                    ):
                        raise Damaged(f"{functions[0].name}: nobody can tell which record can't be read")
                    if sent.session:
                        self._slide(sent.session, reply)
                    busy = next((r.error for r in reply.results if isinstance(r.error, GatewayBusy)), None)
                    if busy is None and not (repeated or moves):
                        busy = next((r.error for r in reply.results if _unexplained(r.error)), None)
                        repeated = busy is not None
                    if writes or busy is None or tries >= self._tries:
                        for spoiled in (row for result in reply.results for row in result.spoiled):
                            self.tell(spoiled)
                        return reply
                    self._nap(busy, tries)
                    tries += 1
                except SessionExpired:
                    if renewed or sent is None or sent.session is None:
                        raise
                    renewed = True
                    self._entered(self._signin.renew, sent.session)
                except Crowded:
                    raise
                except ExchangeError as error:
                    # The gateway goes on with what a proxy in between gave up; a lost page has moved the cursor.
                    lost = error.executed is None and (moves or error.http_status == 524)
                    damaged = halved and isinstance(error, Damaged)
                    if writes or lost or damaged or error.retry not in _AGAIN or tries >= self._tries:
                        raise
                    self._nap(error, tries)
                    tries += 1
                first = None

    def _slide(self, session: Session, reply: Reply) -> None:
        """Have the session's end moved in its store, whose failure must not lose an answer that is in."""
        try:
            self._signin.slide(session, reply)
        except Exception:  # a store may raise whatever its database does
            logs.exception(log, "intacct: the end of the session could not be stored")

    def tell(self, row: Spoiled) -> None:
        """Tell of a row that could not be read as it is."""
        log.warning("intacct: %s %s: %s", printable(row.object), printable(row.key), row.reason)
        if self._on_spoiled:
            self._on_spoiled(row)

    def send(
        self,
        functions: Sequence[Function],
        unique: bool = False,
        transaction: bool = False,
        policy: str = "",
        *,
        gone: Callable[[], None] | None = None,
        late: Callable[[], bool] | None = None,
    ) -> Sent:
        """One exchange within the shared session; nothing is tried twice.

        :param gone: Called when the request is on its way.
        """
        session = self._entered(self._signin.session)
        writes = any(function.writes for function in functions)
        control_id, body = build(
            self._sender, session, functions, unique=unique, transaction=transaction, policy=policy
        )
        url = check_endpoint(session.endpoint, loopback=self._loopback)
        kind: Kind = "write" if writes else "read"
        return self._exchange(url, body, functions, session, control_id, kind, gone, late)

    def _judged(self, sent: Sent, functions: Sequence[Function]) -> Reply:
        """The reply; after one that is not ours the connections are dropped: the next would not be either."""
        try:
            reply = sent.reply()
        except ProtocolError:
            self._transport.close()
            raise
        except GatewayBusy as error:
            self._narrow(error)
            raise
        for result in reply.results:
            if isinstance(result.error, GatewayBusy):
                self._narrow(result.error)
        if not reply.acknowledged and any(reply.result(function.control_id) is None for function in functions):
            self._transport.close()
        return reply

    def _narrow(self, error: GatewayBusy) -> None:
        """Tell the gate of a rate limit."""
        if error.retry is not RetryClass.RATE or not isinstance(self._gate, Narrowing):
            return
        try:
            self._gate.narrow()
        except Exception:  # a gate that can't be told must not make a known outcome unknown
            logs.exception(log, "intacct: the gate could not be told of a rate limit")

    def _entered(self, enter: Callable[..., Session], *stale: Session) -> Session:
        """The session; where there is none to be had, what was to be sent in it did not run."""
        try:
            return enter(*stale)
        except ExchangeError as error:
            error.judged(error.retry, False)
            raise

    def sign_in(self) -> Session:
        """Sign in now, whatever there is already; also after a refusal, for a person asked for it."""
        return self._signin.anew()

    def _get_session(self, url: str, body: bytes, function: Function, control_id: str) -> Reply:
        return self._judged(self._exchange(url, body, [function], None, control_id, "session"), [function])

    def _exchange(
        self,
        url: str,
        body: bytes,
        functions: Sequence[Function],
        session: Session | None,
        control_id: str,
        kind: Kind,
        gone: Callable[[], None] | None = None,
        late: Callable[[], bool] | None = None,
    ) -> Sent:
        began = 0.0
        answer: Answer | None = None
        seconds = 0.0
        secrets = Secrets(*self._passwords, session.id if session else "", *numbers(body))

        def note(error: str, reply: Reply | None = None) -> None:
            if self._on_exchange is None:
                return
            refused = tuple(_failure(reply, function) for function in functions) if reply else ()
            whole = not self._brief or kind == "write" or error or any(refused)
            exchange = Exchange(
                kind=kind,
                functions=tuple(function.name for function in functions),
                control_ids=tuple(function.control_id for function in functions),
                request=redact(body, secrets) if whole else "",
                response=redact(answer.content, secrets) if answer and whole else "",
                http_status=answer.status if answer else None,
                seconds=seconds or time.monotonic() - began,
                error=error,
                refused=refused,
                rows=sum(len(result.rows) for result in reply.results) if reply else 0,
            )
            try:
                self._on_exchange(exchange)
            except Exception:  # a log that fails must not make a known outcome unknown
                logs.exception(log, "intacct: the exchange could not be recorded")

        with _about(functions), self._gate.slot(kind):
            began = time.monotonic()
            try:
                answer = self._transport.post(url, body, gone, late=late)
            except ExchangeError as error:
                if isinstance(error, NoReply | ProtocolError):
                    error.judged(*unknown(kind == "write"))
                note(f"{type(error).__name__}: {error.message}")
                raise
        seconds = time.monotonic() - began
        return Sent(answer, session, control_id, kind, secrets, note)

    def _nap(self, error: ExchangeError, tries: int) -> None:
        wait: float = random.uniform(0, self._backoff * 2 ** (tries - 1))  # noqa: S311 - jitter
        if isinstance(error, GatewayBusy) and error.retry_after is not None:
            wait = error.retry_after
            if wait > _LONGEST_NAP:
                raise error
        log.info("intacct: %s; again in %.1f s", type(error).__name__, wait)
        time.sleep(wait)
