"""The course of a run: its stages in order, which of them are wanted, and where it is among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Any

from .. import kinds
from ..models import Phase
from ..phases import Cursor, Stage
from ..state import State
from .job_context import STEPS


@dataclass(slots=True)
class Place:
    """Where a phase goes on, as its row keeps it.

    :param stage: Which of its stages.
    :param given_up: Kinds (and roles) that can't be had in this run.
    :param steps: How many steps lie before it.
    :param deaths: How many workers died at it, one after the other.
    """

    stage: int = 0
    cursor: Cursor = field(default_factory=dict)
    given_up: Sequence[str] = ()
    steps: int = 0
    deaths: int = 0

    @classmethod
    def of(cls, phase: Phase) -> Place:
        """The place of a phase; its beginning if an older version wrote it."""
        row: dict[str, Any] = phase.place
        if not isinstance(row.get("stage"), int):
            return cls()
        return cls(
            row["stage"], row.get("cursor", {}), row.get("given_up", ()), row.get(STEPS, 0), row.get("deaths", 0)
        )

    def row(self) -> dict[str, Any]:
        """As JSON."""
        row = {"stage": self.stage, "cursor": self.cursor, "given_up": list(self.given_up), STEPS: self.steps}
        return row | ({"deaths": self.deaths} if self.deaths else {})


class Course:
    """The stages of runs.

    :ivar resting: The names of the sides that a person paused.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.resting: Sequence[str] = ()

    def stages(self, run: str, phase: str) -> Sequence[Stage]:
        """The stages of a phase of a kind of run."""
        return self._state.runs[run].stages(phase)

    def wanted(self, stage: Stage, place: Place) -> bool:
        """Whether the host has what a stage is about, its side is not paused, and this run was able to get at it."""
        host, side = self._state.host, kinds.side(stage.kind, stage.role)
        if side is not None and side.name in self.resting:
            return False
        if stage.kind and (not host.has(stage.kind) or (stage.role and stage.role not in host.roles(stage.kind))):
            return False
        return not {named(stage), stage.kind} & set(place.given_up)

    def first(self, stages: Sequence[Stage], place: Place, begin: int) -> int | None:
        """The first of them that is wanted, from one on."""
        return next((at for at in range(begin, len(stages)) if self.wanted(stages[at], place)), None)

    def questions(self, run: str, phase: str, place: Place) -> Iterator[Callable[[Any], None]]:
        """What asks early, of the stages that are wanted from a place on, up to a border."""
        for one in dropwhile(lambda one: one.name != phase, self._state.runs[run].phases):
            for stage in one.stages[place.stage :]:
                if stage.border:
                    return
                if stage.asks is not None and self.wanted(stage, place):
                    yield stage.asks
            place = Place()


def named(stage: Stage) -> str:
    """By what a stage is given up: its kind, and its role if it has one."""
    return f"{stage.kind}:{stage.role}" if stage.role else stage.kind
