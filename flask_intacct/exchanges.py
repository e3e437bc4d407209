"""What was said to the gateway and what it answered, kept to look at on the results page, with its secrets masked.

Of reads that succeed only functions, outcome and time are kept. They are gathered while a slice works and written at
its end; what belongs to a write is written with its result. Where that fails, the log has a gap, and nothing else.

All requests are counted, people's too: Intacct sells them by month.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, has_app_context
from sqlalchemy import Float, String, bindparam, cast, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from . import gateway, logs
from .clock import boot, now
from .config import Config
from .models import ApiUsage, Connection, Exchange, ExchangeOperation, Operation, folded
from .state import State

log = logs.logger(__name__)

ANSWERED, REFUSED = "answered", "refused"
"""Outcomes of a request that the gateway dealt with: all functions succeeded, or some did not. Others are classes of
:mod:`~flask_intacct.gateway.errors`.
"""

LONGEST = 31 * 86400.0
"""Seconds of a month, at most: so long ago it was the last one, or the one before."""

LIMIT = "api_limit"
"""Where a connection's facts keep a limit of its own."""

BATCH = 500
"""So many one transaction deletes."""


@dataclass(slots=True, eq=False)
class Gathered:
    """What the requests of one slice were; any thread may add one.

    :param company: Intacct's company ID, case-folded.
    """

    connection_id: int
    run_id: int
    company: str
    _rows: list[tuple[float, gateway.Exchange]] = field(default_factory=list, repr=False)
    _asked: list[int] = field(default_factory=lambda: [0, 0, 0])
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, exchange: gateway.Exchange) -> None:
        """One more, whose answer is in."""
        with self._lock:
            self._rows.append((boot(), exchange))
            for place, more in enumerate((1, len(exchange.functions), exchange.rows)):
                self._asked[place] += more

    def settle(self, session: Session) -> None:
        """Write those that carried operations, joined to these, within the transaction that writes what became of them.

        It is to come before anything else: what goes out once more gets another control id.
        """
        with self._lock:
            writes = [row for row in self._rows if row[1].kind == "write"]
            self._rows = [row for row in self._rows if row[1].kind != "write"]
        if not writes:
            return
        try:
            with session.begin_nested():
                self._join(session, writes)
        except Exception:  # it is a log: what became of the operations is written all the same
            logs.exception(log, "Requests of connection %s could not be kept", self.connection_id)

    def write(self, state: State) -> None:
        """Write the rest, and how much was asked, in a transaction of its own; at the end of the slice."""
        with self._lock:
            rows, self._rows = self._rows, []
            asked, self._asked = self._asked, [0, 0, 0]
        if not asked[0]:
            return
        try:
            with state.transaction() as session:
                self._join(session, [row for row in rows if row[1].kind == "write"])
                self._insert(session, [row for row in rows if row[1].kind != "write"])
                known = _add(session, self.company, asked)
            if not known:
                _begin(state, self.company, asked)
        except Exception:  # as above
            logs.exception(log, "Requests of connection %s could not be kept", self.connection_id)

    def _join(self, session: Session, rows: Sequence[tuple[float, gateway.Exchange]]) -> None:
        if not rows:
            return
        ids = [control_id for _, exchange in rows for control_id in exchange.control_ids]
        query = select(Operation.control_id, Operation.id).where(Operation.control_id.in_(ids))
        found = session.execute(query.where(Operation.connection_id == self.connection_id)).all()
        known: dict[str, int] = dict(found)
        pairs = []
        for at, exchange in rows:
            row = insert(Exchange).values(at=now(at - boot()), **self._values(exchange))
            made = session.connection().execute(row)
            carried = {known[control_id] for control_id in exchange.control_ids if control_id in known}
            (number,) = made.inserted_primary_key or (0,)
            pairs += [{"exchange_id": number, "operation_id": operation_id} for operation_id in sorted(carried)]
        if pairs:
            session.execute(insert(ExchangeOperation), pairs)

    def _insert(self, session: Session, rows: Sequence[tuple[float, gateway.Exchange]]) -> None:
        if rows:
            age = now(bindparam("age", type_=Float))
            values = [{"age": at - boot(), **self._values(exchange)} for at, exchange in rows]
            session.connection().execute(insert(Exchange).values(at=age), values)

    def _values(self, exchange: gateway.Exchange) -> dict[str, Any]:
        outcome = exchange.error.partition(":")[0] or (REFUSED if any(exchange.refused) else ANSWERED)
        return {
            "connection_id": self.connection_id,
            "run_id": self.run_id,
            "functions": ", ".join(dict.fromkeys(exchange.functions))[:255],
            "request": packed(exchange.request),
            "response": packed(exchange.response),
            "http_status": exchange.http_status or 0,
            "outcome": outcome[:40],
            "milliseconds": round(exchange.seconds * 1000),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Counts the requests that a person waits for, each at once; any thread may.

    :param company: Intacct's company ID, case-folded.
    """

    state: State
    app: Flask
    company: str

    def add(self, exchange: gateway.Exchange) -> None:
        """One more, whose answer is in."""
        asked = (1, len(exchange.functions), exchange.rows)
        try:
            with nullcontext() if has_app_context() else self.app.app_context():
                with self.state.transaction() as session:
                    known = _add(session, self.company, asked)
                if not known:
                    _begin(self.state, self.company, asked)
        except Exception:  # what was asked is answered all the same
            logs.exception(log, "A request to the Intacct company %s could not be counted", self.company)


def _add(session: Session, company: str, asked: Sequence[int]) -> bool:
    """Add to what was asked this month; False if nothing was yet."""
    requests, functions, rows = asked
    more = {
        "requests": ApiUsage.requests + requests,
        "functions": ApiUsage.functions + functions,
        "rows": ApiUsage.rows + rows,
    }
    this = (ApiUsage.company == company, ApiUsage.month == _month())
    done = session.execute(update(ApiUsage).where(*this).values(more).execution_options(synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined]  # as in sync.lease


def _begin(state: State, company: str, asked: Sequence[int]) -> None:
    requests, functions, rows = asked
    values = {"requests": requests, "functions": functions, "rows": rows}
    try:
        with state.transaction() as session:
            session.execute(insert(ApiUsage).values(company=company, month=_month(), **values))
    except IntegrityError:  # another process began with it in between
        with state.transaction() as session:
            _add(session, company, asked)


@dataclass(frozen=True, slots=True)
class Use:
    """The API transactions of an Intacct company in this month and the last one.

    :param limit: So many of this month are used before what can wait does wait; 0 for any number.
    """

    this: int
    last: int
    limit: int

    @property
    def up(self) -> bool:
        """Whether what can wait is held back until the next month."""
        return 0 < self.limit <= self.this


def limit(facts: Mapping[str, Any], config: Config) -> int:
    """The limit of a connection: its own, by its facts, or that of the configuration."""
    return int(facts.get(LIMIT, config.api_limit))


def use(session: Session, config: Config, connection: Connection) -> Use:
    """What was asked of the company of Intacct that a connection is to, however its ID is written.

    Intacct counts an object that is created, changed or deleted, and a page of a query: for us a function is one, so
    that a sign-in counts, too.
    """
    company = connection.intacct_company
    return replace(uses(session, config, [company])[company], limit=limit(connection.facts, config))


def uses(session: Session, config: Config, companies: Iterable[str]) -> dict[str, Use]:
    """The same of several companies, in one statement, with the limit of the configuration; by their IDs as given."""
    ids = {company: folded(company) for company in companies}
    query = select(ApiUsage.company, ApiUsage.month, ApiUsage.functions, _month())
    recent = query.where(ApiUsage.company.in_(set(ids.values())), ApiUsage.month >= _month(-LONGEST))
    rows = session.execute(recent).all()
    found = {(company, month): functions for company, month, functions, _ in rows}
    this = str(rows[0][3]) if rows else ""
    last = _before(this)
    return {
        company: Use(found.get((id_, this), 0), found.get((id_, last), 0), config.api_limit)
        for company, id_ in ids.items()
    }


def _before(month: str) -> str:
    """The month before another one."""
    if not month:
        return ""
    year, number = map(int, month.split("-"))
    return f"{year}-{number - 1:02}" if number > 1 else f"{year - 1}-12"


def _month(seconds: float = 0) -> Any:
    """The month of the database's clock, "2026-01"; that of so much later."""
    return func.substr(cast(now(seconds), String(30)), 1, 7)


def packed(text: str) -> bytes:
    """A text as it is kept; nothing for nothing."""
    return zlib.compress(text.encode()) if text else b""


def opened(content: bytes) -> str:
    """The text that was kept."""
    return zlib.decompress(content).decode() if content else ""


def prune(session: Session, connection_id: int, days: int, most: int) -> None:
    """Delete some of what is too old or too much of a connection, at most :data:`BATCH`."""
    mine = Exchange.connection_id == connection_id
    old = select(Exchange.id).where(mine, Exchange.at < now(-86400.0 * days)).order_by(Exchange.at).limit(BATCH)
    ids = session.scalars(old).all()
    if not ids:
        newest = select(Exchange.id).where(mine).order_by(Exchange.at.desc(), Exchange.id.desc())
        ids = session.scalars(newest.offset(most).limit(BATCH)).all()
    if ids:
        session.execute(delete(ExchangeOperation).where(ExchangeOperation.exchange_id.in_(ids)))
        session.execute(delete(Exchange).where(Exchange.id.in_(ids)))
