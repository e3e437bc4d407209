"""Exceptions in our logs: what failed and where, without the values that were on their way into the database."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

_VALUES = re.compile(
    r"\nDETAIL:.*"  # PostgreSQL: the key that is there already, the row that fails
    r"|(?<=Duplicate entry )'.*'(?= for key)"  # MariaDB
    r"|(?<=value: )['\"].*['\"]",
    re.DOTALL,
)
"""Where drivers repeat values in their own words."""


def exception(log: logging.Logger, message: str, *given: Any) -> None:
    """Log the exception at hand with its traceback, without the parameters of SQL statements."""
    _hide(sys.exception())
    log.exception(message, *given)


def warning(log: logging.Logger, message: str, *given: Any) -> None:
    """Likewise, of what is no failure of ours."""
    _hide(sys.exception())
    log.warning(message, *given, exc_info=True)


def _hide(error: BaseException | None) -> None:
    """In it and in all it is chained to: their texts are made when a log, or an error tracker, writes them."""
    seen = set[int]()
    chain = [error]
    while chain:
        one = chain.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        chain += [one.__cause__, one.__context__]
        if hasattr(one, "hide_parameters"):  # SQLAlchemy's, which the gateway client does without
            one.hide_parameters = True
            chain.append(getattr(one, "orig", None))
        if hasattr(one, "hide_parameters") or _of_driver(one):
            one.args = tuple(_VALUES.sub("(hidden)", part) if isinstance(part, str) else part for part in one.args)
        if any(isinstance(part, str) and not _writable(part) for part in one.args):
            one.args = tuple(_written(part) if isinstance(part, str) else part for part in one.args)


def _writable(text: str) -> bool:
    """Whether a log can be written with it: half a character, as of a name of a file, has no form in UTF-8."""
    return text == _written(text)


def _written(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _of_driver(one: BaseException) -> bool:
    """Whether a database driver raised it: each has a tree of its own, of the same names."""
    return any(kind.__name__ in ("DatabaseError", "DataError") for kind in type(one).__mro__)
