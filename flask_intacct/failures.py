"""What fails while rows of the host are read or written: whose fault it is, and how it is said."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

PASSING = (OperationalError, InterfaceError, PoolTimeout)
"""The database is away or busy: no fault of the row at hand, so the run tries again."""

LONGEST = 300


def told(error: BaseException) -> str:
    """Kind and text of an exception in one short line, without the values that went to the database."""
    if isinstance(error, StatementError) and error.orig is not None:
        error = error.orig
    text = " ".join(str(error).split())
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def roll_back(session: Session, error: BaseException) -> None:
    """After a statement that failed the database answers no more until its transaction is rolled back."""
    if isinstance(error, DBAPIError):
        session.rollback()
