"""What the gateway says went wrong, and what can be done next: what all errors of an exchange have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from ..errors import GatewayError

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


class ExchangeError(GatewayError):
    """An exchange with the gateway that did not end in success.

    :param message: One line for logs.
    :param level: Where it was noticed.
    :param errors: What the gateway said.
    :param function: The function concerned, "" if none in particular; `control_id` is its own.
    :param http_status: None if no answer came.

    `executed` is False when it is proved that nothing ran, True when something was written, None when unknown.
    `may_lock` is True for a refused sign-in that may count towards locking the user out.
    """

    level: Level = "transport"
    retry: RetryClass = RetryClass.AMBIGUOUS
    executed: bool | None = None
    may_lock: bool = False

    def __init__(
        self,
        message: str,
        *,
        level: Level | None = None,
        errors: tuple[GatewayFault, ...] = (),
        function: str = "",
        control_id: str = "",
        http_status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        if level:
            self.level = level
        self.errors = errors
        self.function = function
        self.control_id = control_id
        self.http_status = http_status

    @property
    def support_id(self) -> str:
        """What Sage's support asks for, "" if the gateway gave none."""
        return next((fault.support_id for fault in self.errors if fault.support_id), "")

    def judged(self, retry: RetryClass, executed: bool | None) -> Self:
        """Set the verdict where it differs from the class's own."""
        self.retry = retry
        self.executed = executed
        return self
