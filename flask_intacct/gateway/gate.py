"""How many requests are in flight at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol, runtime_checkable

Kind = Literal["session", "read", "write"]


class Gate(Protocol):
    """Whoever wants to send, enters a slot first and leaves it when the answer is in."""

    def slot(self, kind: Kind) -> AbstractContextManager[None]:
        """Wait for a slot; hold it inside the `with`.

        :raises Crowded: there is none in time; a gate that waits for ever raises nothing.
        """


@runtime_checkable
class Narrowing(Protocol):
    """A gate that lets fewer through for a while."""

    def narrow(self) -> None:
        """The gateway refused a request because there are too many; the slot is left already."""


class LocalGate:
    """A gate for the threads of one process.

    :param max_in_flight: The vendor's oldest stated limit per company is two.
    :raises ValueError: for a gate that nobody could pass.
    """

    def __init__(self, max_in_flight: int = 2) -> None:
        if max_in_flight < 1:
            raise ValueError("one request at once is the least that may be in flight")
        self._slots = threading.BoundedSemaphore(max_in_flight)

    @contextmanager
    def slot(self, kind: Kind) -> Iterator[None]:
        with self._slots:
            yield
