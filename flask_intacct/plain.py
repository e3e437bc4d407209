"""What the host gives us to call is called and not awaited: a coroutine in place of an answer is no answer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial

from .errors import ConfigError


def refuse_async(where: str, functions: Mapping[str, object]) -> None:
    """Refuse coroutine functions at start-up, where they can still be told apart from plain ones.

    :param where: What they were given to, ``Intacct(...)``.
    :raises ConfigError: one of them is a coroutine function; the text names it and the cure.
    """
    for name, function in functions.items():
        if callable(function) and is_async(function):
            raise ConfigError(
                f"{where}: {name}= is a coroutine function, but it is called and not awaited. Give a plain function"
                " that returns its answer; asgiref's async_to_sync makes one of a coroutine function."
            )


def is_async(function: object) -> bool:
    """Whether calling it gives something to await; looks behind partial and into callable objects."""
    while isinstance(function, partial):
        function = function.func
    call = getattr(type(function), "__call__", None)  # noqa: B004  # the method itself, not whether there is one
    return any(inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one) for one in (function, call))


def let_go(answer: object) -> str:
    """What kind of thing was answered in place of an answer; a coroutine is closed, which nobody will await."""
    if inspect.iscoroutine(answer):
        answer.close()
    return type(answer).__name__
