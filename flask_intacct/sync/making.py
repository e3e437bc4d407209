"""What makes a kind's documents ready to be sent: some steps, gone through also while others are on their way."""

from __future__ import annotations

from collections.abc import Sequence

from ..phases import Cursor, Step
from .job_context import JobContext


class Making:
    """Goes through steps, one after the other.

    :param steps: Each from its own cursor on until its end.
    :param place: Where it goes on, empty at the beginning.
    """

    def __init__(self, job: JobContext, steps: Sequence[Step], place: Cursor) -> None:
        self._slice, self._steps = job, steps
        self._at: int = place.get("at", 0)
        self._cursor: Cursor = place.get("cursor", {})

    @property
    def place(self) -> Cursor:
        """Where another one goes on."""
        return {"at": self._at, "cursor": self._cursor}

    @property
    def over(self) -> bool:
        """Whether nothing more is made ready."""
        return self._at >= len(self._steps)

    def some(self) -> bool:
        """Do one step; False if there is none any more."""
        if self.over:
            return False
        behind = self._steps[self._at](self._slice, self._cursor)
        self._at, self._cursor = (self._at + 1, {}) if behind is None else (self._at, behind)
        return True
