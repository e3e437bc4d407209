"""What the matching says: a suggestion."""

from __future__ import annotations

from dataclasses import dataclass

from ..ledger import Ref
from ..messages import Message


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`confidence` is 0 to 100, `reasons` at most three; `runner_up` the next best record, if any.

    `conflicts` are all the things that speak against it; a `certain` one may be accepted without looking at it alone.
    """

    local: Ref
    role: str
    remote: Ref
    confidence: int
    reasons: tuple[Message, ...]
    runner_up: Ref | None = None
    certain: bool = False
    conflicts: tuple[Message, ...] = ()
