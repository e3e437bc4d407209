"""What the matching says: a suggestion, and a reason that can be said in another language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ledger import Ref


class Reason(str):
    """A reason in English that keeps what it was made of, so that it can be translated.

    :ivar message: The English words with ``%(name)s`` in place of values: the id under which it is translated.
    :ivar values: What goes into those places.
    """

    __slots__ = ("message", "values")

    message: str
    values: dict[str, str]

    def __new__(cls, message: str, **values: str) -> Reason:
        made = super().__new__(cls, message % values if values else message)
        made.message = message
        made.values = values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.message,), dict(self.values)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`confidence` is 0 to 100, `reasons` at most three, in words; `runner_up` the next best record, if any.

    `conflicts` are all the things that speak against it; a `certain` one may be accepted without looking at it alone.
    """

    local: Ref
    role: str
    remote: Ref
    confidence: int
    reasons: tuple[str, ...]
    runner_up: Ref | None = None
    certain: bool = False
    conflicts: tuple[str, ...] = ()
