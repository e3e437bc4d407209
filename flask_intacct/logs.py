"""Our logs: what each record is about, and exceptions without the values that were on their way into the database.

A record has these attributes where they are known, for a formatter of the host's to write: `connection` and `run`, the
ids of what a worker is at; `operation`, the id of a write to Intacct; `control_id`, that of a function of a request.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")

_about: ContextVar[Mapping[str, int | str]] = ContextVar("flask_intacct_about", default=MappingProxyType({}))

_VALUES = re.compile(
    r"\nDETAIL:.*"  # PostgreSQL: the key that is there already, the row that fails
    r"|(?<=Duplicate entry )'.*'(?= for key)"  # MariaDB
    r"|(?<=value: )['\"].*['\"]",
    re.DOTALL,
)
"""Where drivers repeat values in their own words."""


class _About(logging.Filter):
    """Lets all records through, and has them say what they are about."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _about.get().items():
            record.__dict__.setdefault(name, value)
        return True


_ABOUT = _About()


def logger(name: str) -> logging.Logger:
    """The logger of one of our modules."""
    found = logging.getLogger(name)
    found.addFilter(_ABOUT)  # one of a parent would not see its records
    return found


@contextmanager
def about(**known: int | str) -> Iterator[None]:
    """Have all that is logged meanwhile, by this thread, say this beside what is known already."""
    token = _about.set({**_about.get(), **known})
    try:
        yield
    finally:
        _about.reset(token)


def carried(call: Callable[Given, Found]) -> Callable[Given, Found]:
    """A call that another thread is to make: what it logs says what is known here. Nothing else of the context goes
    along, above all no application and no session of the database.
    """
    known = _about.get()

    def there(*args: Given.args, **named: Given.kwargs) -> Found:
        with about(**known):
            return call(*args, **named)

    return there


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
