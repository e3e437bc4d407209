"""Values that no report shows, and calls that leave none behind.

Error trackers and debuggers list the variables of the frames that an exception went through. What is secret therefore
travels as a :class:`Secret` or as :class:`Hidden` bytes; where other people's code has to see it plain, the call is
:func:`discreet`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Secret(str):
    """A password, a key, a session id: the text itself, only its repr hides it, and that of its parts."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        return super().__new__(cls, value)

    def __repr__(self) -> str:
        return "<secret>"

    def __getitem__(self, key: Any) -> Secret:
        return Secret(super().__getitem__(key))

    def strip(self, chars: str | None = None) -> Secret:
        return Secret(super().strip(chars))

    def reveal(self) -> str:
        """The plain text, for the last moment: no variable should hold it."""
        return "".join(self)


class Hidden(bytes):
    """Bytes with something secret in them, the bodies of requests and replies: not shown, nor is a part of them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        return Hidden(part) if isinstance(part, bytes) else part


def discreet(function: Callable[P, T]) -> Callable[P, T]:
    """Let errors out of a function with the places they passed, but without the variables of the frames below."""

    @wraps(function)
    def call(*args: P.args, **named: P.kwargs) -> T:
        outside = sys.exception()  # that somebody is handling meanwhile: its frames are not ours
        try:
            return function(*args, **named)
        except BaseException as error:  # raised on; what stops a worker is reported with its frames too
            _clear(error, outside)
            del args, named
            raise

    return call


def _clear(error: BaseException, outside: BaseException | None) -> None:
    seen: set[int] = {id(None), id(outside)}
    chain: list[BaseException | None] = [error]
    while chain:
        one = chain.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            traceback.clear_frames(one.__traceback__)
            chain += [one.__cause__, one.__context__]
