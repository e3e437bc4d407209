"""What our transactions see: in each statement what is committed by then, as PostgreSQL has it; MariaDB is told to.

There the default is REPEATABLE READ: what is read behind a lock would be what was there before the lock was waited for,
and what is deleted or updated would lock the gaps around it, which others want to write in.
"""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.orm import Session

MARIADB = ("mysql", "mariadb")
"""What SQLAlchemy calls its dialects."""

LEVEL = "READ COMMITTED"


def see_committed(connection: Connection) -> None:
    """Tell a connection on which nothing was asked yet; holds for its next transaction, and costs one statement."""
    if connection.dialect.name in MARIADB:
        connection.exec_driver_sql(f"SET TRANSACTION ISOLATION LEVEL {LEVEL}")


def begin_committed(session: Session) -> None:
    """Begin a transaction of the host's session, which may have listeners that ask something as soon as it begins."""
    if session.get_bind().dialect.name in MARIADB:
        session.connection(execution_options={"isolation_level": LEVEL})
