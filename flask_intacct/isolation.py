"""What our transactions see: in each statement what is committed by then, as PostgreSQL has it; MariaDB is told to.

There the default is REPEATABLE READ: what is read behind a lock would be what was there before the lock was waited for,
and what is deleted or updated would lock the gaps around it, which others want to write in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

MARIADB = ("mysql", "mariadb")
"""What SQLAlchemy calls its dialects."""

LEVEL = "READ COMMITTED"


def see_committed(connection: Connection) -> None:
    """Tell a connection on which nothing was asked yet; holds for its next transaction, and costs one statement."""
    if connection.dialect.name in MARIADB:
        connection.exec_driver_sql(f"SET TRANSACTION ISOLATION LEVEL {LEVEL}")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One short transaction on a connection of its own, committed at the end.

    On SQLite it starts with BEGIN IMMEDIATE: a transaction that begins with a read and then writes would fail at once,
    or lose an update, when a second writer comes in between.
    """
    with engine.connect() as connection, connection.begin():
        see_committed(connection)
        _begin_immediate(connection)
        yield connection


def _begin_immediate(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    raw: Any = connection.connection.dbapi_connection
    if not raw.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def begin_committed(session: Session) -> None:
    """Begin a transaction of the host's session, which may have listeners that ask something as soon as it begins."""
    if session.get_bind().dialect.name in MARIADB:
        session.connection(execution_options={"isolation_level": LEVEL})


def forbids_locks(connection: Connection) -> bool:
    """Whether to lock what others changed since this transaction began would end it, with all that it did.

    MariaDB does so from 11.6.2 on, unless the transaction is READ COMMITTED.
    """
    if connection.dialect.name not in MARIADB:
        return False
    names = "'innodb_snapshot_isolation', 'transaction_isolation', 'tx_isolation'"
    found: dict[str, str] = dict(connection.exec_driver_sql(f"SHOW VARIABLES WHERE Variable_name IN ({names})").all())
    return found.pop("innodb_snapshot_isolation", "OFF") == "ON" and LEVEL.replace(" ", "-") not in found.values()
