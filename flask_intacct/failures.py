"""What fails while rows of the host are read or written: whose fault it is, and how it is said."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

_REFUSED = (1054, 1146, 1264, 1265, 1292, 1364, 1366, 1406, 3819, 4025)
"""Refusals of a statement or a row that MySQL and MariaDB count as operational errors."""

LONGEST = 300


def passing(error: BaseException) -> bool:
    """Whether the database is away or busy: no fault of the row at hand, so the run tries again."""
    if isinstance(error, OperationalError):
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            return False  # the statement is wrong; SQLite calls nearly all that goes wrong operational
        return next(iter(getattr(error.orig, "args", ())), None) not in _REFUSED
    return isinstance(error, InterfaceError | PoolTimeout)


def told(error: BaseException) -> str:
    """Kind and text of an exception in one short line, without the values that went to the database."""
    text = _text(error)
    if isinstance(error, StatementError) and error.orig is not None:
        error = error.orig
        text = _text(error).partition("\n")[0]  # PostgreSQL tells the whole row below
    text = " ".join(text.split()).rstrip(".")
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def _text(error: BaseException) -> str:
    """As a database can keep it."""
    try:
        return str(error).encode(errors="backslashreplace").decode()
    except Exception:
        # The host's own exceptions may fail at anything; their kind is told.
        return ""


def roll_back(session: Session, error: BaseException) -> None:
    """After a statement that failed the database answers no more until its transaction is rolled back.

    :param error: What was raised, of the statement or because of it.
    """
    seen: set[int] = set()
    behind: BaseException | None = error
    while behind is not None and id(behind) not in seen:
        if isinstance(behind, DBAPIError):
            session.rollback()
            return
        seen.add(id(behind))
        behind = behind.__cause__ or behind.__context__
