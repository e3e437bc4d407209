"""What fails while rows of the host are read or written: whose fault it is, and how it is said."""

from __future__ import annotations

import hashlib
import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from types import CodeType
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from . import logs
from .errors import Refused
from .messages import Message, quoted

_REFUSED = (1054, 1146, 1264, 1265, 1292, 1364, 1366, 1406, 3819, 4025)
"""Refusals of a statement or a row that MySQL and MariaDB count as operational errors."""

_LIBRARIES = frozenset(
    ("flask", "flask_sqlalchemy", "mariadb", "MySQLdb", "psycopg", "psycopg2", "pymysql", "sqlalchemy", "werkzeug")
)
_CONSTRAINT = re.compile(r"for key '([\w.]+)'|CONSTRAINT `(\w+)`|constraint failed: ([\w.]+(?:, [\w.]+)*)$")
"""Where drivers name a constraint or its columns in their own words, and nothing that anybody typed."""


def passing(error: BaseException) -> bool:
    """Whether the database is away or busy: no fault of the row at hand, so the run tries again."""
    if isinstance(error, OperationalError):
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            return False  # the statement is wrong; SQLite calls nearly all that goes wrong operational
        return next(iter(getattr(error.orig, "args", ())), None) not in _REFUSED
    return isinstance(error, InterfaceError | PoolTimeout)


def noted(log: logging.Logger, error: BaseException, what: str, *given: Any) -> Message:
    """Log the exception at hand with its traceback, under a reference; gives what people are told of it.

    :param what: What failed, for the log, with places for what is `given`.
    """
    said = told(error)
    logs.warning(log, f"{what} (reference %s)", *given, reference(error))
    return said


def told(error: BaseException) -> Message:
    """What people are told of an exception: its kind, its place, and the reference under which the log has it all.

    Never its text, which may hold anything that was at hand: keys, addresses, names. What is refused is written for
    people.
    """
    if isinstance(error, Refused):
        return error.said
    return Message("exception", what=kind(error), reference=reference(error))


def kind(error: BaseException) -> Message:
    """Kind and place of an exception; of what a database refuses, the constraint in place of it."""
    error, constraint = _raised(error), _constraint(error)
    name, place = type(error).__name__, _place(error)
    if constraint:
        return Message("exception.of", kind=name, constraint=constraint)
    return Message("exception.at", kind=name, place=place) if place else quoted(name)


def reference(error: BaseException) -> str:
    """Eight hexadecimal digits: the same for all exceptions of one kind that were raised in the same way."""
    raised = _raised(error)
    parts = [type(raised).__qualname__, _constraint(error), str(getattr(error, "statement", ""))]
    parts += [f"{name}.{code.co_qualname}:{line}" for name, code, line in _frames(raised)]
    return hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:8]


def _raised(error: BaseException) -> BaseException:
    """The driver's, or the host's own, in place of what SQLAlchemy makes of it."""
    return error.orig if isinstance(error, StatementError) and error.orig is not None else error


def _frames(error: BaseException) -> Iterator[tuple[str, CodeType, int]]:
    """The way that an exception took, from the outside in: module, code and line."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield str(frame.f_globals.get("__name__", "")), frame.f_code, line


def _place(error: BaseException) -> str:
    """The innermost function of the host's, else of ours, that an exception passed; "" if there is none."""
    names = [(name, code.co_qualname.replace(".<locals>", "")) for name, code, _ in _frames(error)]
    known = [(name, where) for name, where in names if _top(name) not in sys.stdlib_module_names | _LIBRARIES]
    hosts = [(name, where) for name, where in known if _top(name) != _top(__name__)]
    return ".".join((hosts or known)[-1]) if known else ""


def _top(module: str) -> str:
    return module.partition(".")[0]


def _constraint(error: BaseException) -> str:
    """What a database calls the constraint that a row breaks, or its columns; "" if it does not say."""
    if not isinstance(error, DBAPIError):
        return ""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)  # PostgreSQL's
    if name:
        return str(name)
    found = _CONSTRAINT.search(_text(error.orig))
    return next(filter(None, found.groups()), "") if found else ""


def _text(error: BaseException | None) -> str:
    try:
        return str(error)
    except Exception:
        # The host's own exceptions may fail at anything.
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
