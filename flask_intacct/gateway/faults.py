"""What the gateway says went wrong, and what can be done next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Level = Literal["request", "transport", "http", "control", "authentication", "result"]


class RetryClass(StrEnum):
    """What to do next; the caller's policy hangs on this alone."""

    NOT_SENT = "not_sent"  # back off and send again
    RATE = "rate"  # wait as told, does not count as a try
    SESSION = "session"  # sign in once, replay once
    CREDENTIAL = "credential"  # stop: a person must act, more tries lock the user
    BUSY = "busy"  # back off and send again; met with reads only, or when nothing ran
    AMBIGUOUS = "ambiguous"  # a write that may have run: look it up first
    DATA = "data"  # the same call will fail the same way
    PERIOD = "period"  # a closed period


@dataclass(frozen=True, slots=True)
class GatewayFault:
    """One `error` element as the gateway sent it, its support id taken out of the texts and decoded."""

    errorno: str = ""
    description: str = ""
    description2: str = ""
    correction: str = ""
    support_id: str = ""

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(part for part in (self.description, self.description2, self.correction) if part)

    def __str__(self) -> str:
        return f"{self.errorno}: {self.text}" if self.errorno else self.text
