"""The client: what an integrator calls."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from . import deletions, functions
from .channel import Channel
from .dates import USUAL, UserFormat
from .definitions import Definition, definition, holders, permissions
from .errors import ProtocolError
from .filters import Filter
from .formats import Row, element_name, listed
from .function import Aggregate, Function, Order
from .functions import CURSOR_PAGE, MOST_KEYS, PAGE
from .gate import Gate, LocalGate
from .halves import only, whole
from .mending import Spoiled
from .paging import KeysetPages, Page, cursor_pages, offset_pages
from .redact import Exchange
from .reply import Reply, Result
from .session import Login, MemorySessions, Sender, Session, Sessions
from .transport import ENDPOINT, LARGEST_REPLY, Transport, check_endpoint, is_loopback


class Client:
    """A Sage Intacct company, through its XML gateway. Threads may share one.

    ::

        client = Client(Login("acme", "ws", "…", entity="E1"), Sender("my-sender", "…"))
        for row in client.query("CUSTOMER", ["CUSTOMERID", "NAME"], filter=filters.eq("STATUS", "active")):
            ...

    :param endpoint: Where to sign in; must be https below `.intacct.com`.
    :param allow_loopback: Accept an endpoint on this machine, for a simulator; nothing else then.
    :param sessions: Shared by all who work as this user; by default by those who share this client.
    :param connect_timeout: Seconds.
    :param read_timeout: Seconds for the whole answer. The gateway itself may go on working for 15 minutes.
    :param max_in_flight: Requests at once; see `gate`.
    :param gate: In place of a :class:`LocalGate` of `max_in_flight`.
    :param on_exchange: Called after every try with a redacted :class:`Exchange`.
    :param brief: Give it no request and no response of reads that succeed; redacting them takes time.
    :param on_spoiled: Called for each row of a read that was not well-formed and had to be repaired or left out, before
        the rows of its page are handed out.
    :param tries: How often a read is sent at most, and a sign-in that did not arrive. Writes are sent once.
    :param backoff: Seconds, doubled with each try, with full jitter.
    :param largest_reply: Bytes after unpacking; 2,000 rows of 140 fields are 14 MB.
    :raises UnsafeEndpoint: for an endpoint that is not the gateway's.
    """

    def __init__(
        self,
        login: Login,
        sender: Sender,
        *,
        endpoint: str = ENDPOINT,
        allow_loopback: bool = False,
        sessions: Sessions | None = None,
        connect_timeout: float = 10,
        read_timeout: float = 60,
        max_in_flight: int = 2,
        gate: Gate | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        on_spoiled: Callable[[Spoiled], None] | None = None,
        brief: bool = False,
        tries: int = 5,
        backoff: float = 1.0,
        largest_reply: int = LARGEST_REPLY,
    ) -> None:
        check_endpoint(endpoint, loopback=allow_loopback and is_loopback(endpoint))
        self.login = login
        self._transport = Transport(
            connect_timeout=connect_timeout, read_timeout=read_timeout, largest_reply=largest_reply
        )
        self._channel = Channel(
            self._transport,
            endpoint,
            login,
            sender,
            sessions=sessions or MemorySessions(),
            gate=gate or LocalGate(max_in_flight),
            on_exchange=on_exchange,
            on_spoiled=on_spoiled,
            brief=brief,
            tries=tries,
            backoff=backoff,
        )

    def sign_in(self) -> Session:
        """Sign in now, in place of any session there is.

        :raises AuthError: if the company, the user or the sender is refused.
        """
        return self._channel.sign_in()

    def query(
        self,
        object: str,
        fields: Iterable[str | Aggregate],
        *,
        filter: Filter | None = None,
        order: Sequence[Order] | None = None,
        show_private: bool = False,
        case_insensitive: bool = False,
        page_size: int = PAGE,
        key: str = "RECORDNO",
        document_type: str = "",
    ) -> Generator[Row, None, None]:
        """All rows, in constant memory; the next page is fetched while this one is used.

        :param order: None: by `key`, which stays right while rows are added and changed. With an order of your own,
            or with aggregates, pages go by offset: rows that change meanwhile may be missed or come twice.
        :param show_private: At the top level, also what belongs to single entities.
        :param key: A field of rising whole numbers.
        """
        wanted = listed(fields, "fields")
        options: dict[str, Any] = {
            "filter": filter,
            "page_size": page_size,
            "show_private": show_private,
            "case_insensitive": case_insensitive,
            "document_type": document_type,
        }
        if order is None and not any(isinstance(item, Aggregate) for item in wanted):
            return iter(KeysetPages(self._channel, object, wanted, key=element_name(key).upper(), **options))
        by = order or [Order(item) for item in wanted if isinstance(item, str)]

        def at(offset: int) -> Function:
            return functions.query(object, wanted, order=by, offset=offset, **options)

        return offset_pages(self._channel, at, page_size, key)

    def page(
        self,
        object: str,
        fields: Iterable[str | Aggregate],
        *,
        filter: Filter | None = None,
        order: Sequence[Order] | None = None,
        page_size: int = 1000,
        offset: int = 0,
        show_private: bool = False,
        case_insensitive: bool = False,
        key: str = "RECORDNO",
        document_type: str = "",
    ) -> Page:
        """One page, in one request; in more if it came damaged.

        :param order: None: by `key`, with aggregates by the fields that they are grouped by.
        :param key: A field that names a record for ever.
        """
        wanted = listed(fields, "fields")
        grouped = any(isinstance(item, Aggregate) for item in wanted)
        usual = [Order(item) for item in wanted if isinstance(item, str)] if grouped else [Order(key)]
        function = functions.query(
            object,
            wanted,
            filter=filter,
            order=usual if order is None else order,
            page_size=page_size,
            offset=offset,
            show_private=show_private,
            case_insensitive=case_insensitive,
            document_type=document_type,
        )
        return Page.of(whole(self._channel, function, key), page_size)

    def read(self, object: str, keys: Iterable[object], fields: str | Iterable[str] = "*") -> list[Row]:
        """Records by record number, owned lines included. One that does not exist is simply not there."""
        return self._by_keys(functions.read, object, keys, fields)

    def read_by_name(self, object: str, keys: Iterable[object], fields: str | Iterable[str] = "*") -> list[Row]:
        """Records by their id."""
        return self._by_keys(functions.read_by_name, object, keys, fields)

    def _by_keys(
        self, build: Callable[..., Function], object: str, keys: Iterable[object], fields: str | Iterable[str]
    ) -> list[Row]:
        wanted = listed(keys, "keys")
        rows: list[Row] = []
        for at in range(0, len(wanted), MOST_KEYS):
            rows += whole(self._channel, build(object, wanted[at : at + MOST_KEYS], fields)).rows
        return rows

    def read_by_query(
        self,
        object: str,
        fields: str | Iterable[str] = "*",
        *,
        query: str = "",
        page_size: int = CURSOR_PAGE,
    ) -> Iterator[Row]:
        """All rows of the older read, through the gateway's cursor."""
        return cursor_pages(self._channel, functions.read_by_query(object, fields, query=query, page_size=page_size))

    def lookup(self, object: str, document_type: str = "") -> Definition:
        """What an object is made of, custom fields included."""
        function = functions.lookup(object, document_type)
        return definition(self._first(function))

    def inspect(self, object: str = "*", *, detail: bool = False) -> list[Row]:
        """The objects there are, or (older than :meth:`outcome_lookup`) the fields of one."""
        return only(self._channel, functions.inspect(object, detail)).rows

    def dimensions(self) -> list[Row]:
        """The company's dimensions, user-defined ones among them."""
        rows = only(self._channel, Function("getDimensions")).rows
        return [item for row in rows for item in holders(row, "DIMENSION")]

    def entity_details(self) -> Row:
        """The entity that the session works in: id, name, currency, first months."""
        return self._first(Function("readEntityDetails"))

    def user_permissions(self, user: str) -> dict[str, dict[str, frozenset[str]]]:
        """What a user may do: application, policy, rights (`List`, `View`, `Add` …)."""
        return permissions(only(self._channel, Function("getUserPermissions", {"userId": user})).rows)

    def user_formatting(self, user: str = "", *, key: object = None) -> UserFormat:
        """How a user's dates and times are written, for :mod:`flask_intacct.gateway.formats`.

        :param user: The login id, or give `key`, the record number of the USERINFO.
        :raises UnknownFormat: for a format that this client could misread.
        """
        body = {"key": str(key)} if key is not None else {"userId": user or self.login.user}
        return UserFormat.parse(self._first(Function("readUserFormatting", body)))

    def execute(
        self,
        functions: Sequence[Function],
        unique: bool = False,
        transaction: bool = False,
        *,
        policy: str = "",
        late: Callable[[], bool] | None = None,
    ) -> Reply:
        """Several functions in one request.

        A request with writes is never sent twice, but for a session that had expired, when nothing ran. Look at each
        result: a success here says nothing about the functions.

        :param unique: Refuse a function whose control id was executed before.
        :param transaction: All or none.
        :param policy: Run later; the reply only acknowledges.
        :param late: Asked right before anything leaves, whether it is too late: sign-in, the gate or a frozen process
            may have held it up.
        :raises Crowded: if it was too late.
        :raises ExchangeError: if the request as a whole failed; its `executed` says whether anything may have run.
        """
        return self._channel.call(functions, unique=unique, transaction=transaction, policy=policy, late=late)

    def call(self, function: Function) -> Result:
        """One function alone in a request; a read whose page came damaged takes more.

        :raises ResultError: if it failed.
        """
        return whole(self._channel, function)

    def deletions(
        self, objects: Sequence[str], since: datetime, *, form: UserFormat = USUAL, page_size: int = PAGE
    ) -> Iterator[Row]:
        """What was deleted of these objects, from the audit history: `OBJECTTYPE` in small letters, `OBJECTKEY` and
        `ACCESSTIME`, oldest first.

        The key is the object's name key: the id of a class, the record number of a bill. Where the history names it
        with what it is (`17--REC`), only the number is given.

        The history only grows at its end, so paging by offset loses nothing here. A stretch that the gateway fails to
        read is asked for in ever smaller pieces; what is left of it at last is told to `on_spoiled`. Needs the right to
        view custom reports.

        :param form: The user's format, in which `since` is written.
        :raises PermissionDenied: without that right.
        """
        return deletions.deletions(self._channel, objects, since, form, page_size)

    def at(self, entity: str) -> Client:
        """The same user in another entity, "" the top level; connections, gate and session store are shared."""
        other = copy.copy(self)
        other.login = replace(self.login, entity=entity)
        other._channel = self._channel.at(other.login)
        return other

    def _first(self, function: Function) -> Row:
        rows = only(self._channel, function).rows
        if not rows:
            raise ProtocolError(f"{function.name}: the reply is empty", function=function.name)
        return rows[0]

    def close(self) -> None:
        """Close the connections. The session lives on for others."""
        self._transport.close()
