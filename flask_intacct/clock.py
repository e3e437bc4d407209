"""The two clocks that decide anything: the database's, and the one that counts since the machine was started.

Workers may be on machines whose clocks differ, so an instant that two processes compare is the database's: it is
written and compared as :func:`now`, in SQL, or read by :func:`read`. What a process measures for itself, it measures by
:func:`boot`. A process's own time of day (:func:`flask_intacct.models.now`) is only ever shown.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Dialect, Float, literal, select
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import TypeDecorator

_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", None) or time.CLOCK_MONOTONIC


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in Python, plain UTC in the database: SQLite keeps no zone. MariaDB keeps no parts of a second
    unless it is told to.
    """

    impl = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class _Now(FunctionElement[datetime]):
    type = UtcDateTime()
    inherit_cache = True


def now(seconds: float | ColumnElement[float] = 0) -> ColumnElement[datetime]:
    """The present instant of the database's clock, for INSERT, UPDATE and WHERE; not that of the transaction's start.

    :param seconds: So much later; negative for earlier.
    """
    if isinstance(seconds, ColumnElement):
        return _Now(seconds)
    return _Now(literal(float(seconds), Float)) if seconds else _Now()


def read(session: Session) -> datetime:
    """The present instant of the database's clock, where Python has to compare."""
    return session.scalars(select(now())).one()


def boot() -> float:
    """Seconds since the machine was started, also those in which it slept; for deadlines within a process."""
    return time.clock_gettime(_SINCE_BOOT)


# Each gives UTC without a zone, as UtcDateTime stores it.


@compiles(_Now, "sqlite")
def _sqlite(element: _Now, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    moved = f", printf('%+.3f seconds', {seconds})" if seconds else ""
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now'{moved})"


@compiles(_Now, "postgresql")
def _postgresql(element: _Now, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    moved = f" + CAST({seconds} AS double precision) * INTERVAL '1 second'" if seconds else ""
    return f"(clock_timestamp() AT TIME ZONE 'UTC'{moved})"


@compiles(_Now, "mysql", "mariadb")
def _mariadb(element: _Now, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    moved = f" + INTERVAL {seconds} SECOND" if seconds else ""
    return f"(UTC_TIMESTAMP(6){moved})"
