"""What a run consists of, as data. The table of all runs stands in :mod:`~flask_intacct.run_kinds`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .messages import Message

Cursor = dict[str, Any]
"""Where a stage goes on, as JSON; empty at its beginning."""

Step = Callable[[Any, Cursor], Cursor | None]
"""One step of a stage: works on a bounded number of records from the cursor on, commits, and gives the cursor behind
them, or None at the end of the stage. All that it has to know is in the cursor and the database: it may be stopped
after any step, and the last step may come again if the worker died before its cursor was committed."""


def following(rows: Sequence[Any], most: int) -> Cursor | None:
    """The cursor behind rows that were read in the order of their ids, `most` of them unless they are the last."""
    return {"after": rows[-1].id} if len(rows) == most else None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a phase.

    :param kind: Whose records it is about, if it is about one kind: it is left out where the host maps none of it, and
        where Intacct answers and only this can't be had, the run goes on without it.
    :param role: The same for one role of the kind.
    :param past: Where it goes over several objects: the one at a cursor, and the cursor behind it, or None for a cursor
        at none of them. Only that one is gone without then.
    :param spare: Runs that are all or nothing go without one of these objects, too.
    :param asks: Has Intacct asked early what the first step will ask, where that is known.
    :param border: Nothing that is read behind it is asked before it: it may change Intacct, or find that nothing is to
        be asked.
    """

    step: Step
    kind: str = ""
    role: str = ""
    past: Callable[[Cursor], tuple[str, Cursor] | None] = lambda cursor: None
    spare: bool = False
    asks: Callable[[Any], None] | None = None
    border: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a run: one bar on the screen.

    :param name: How its row in the database is called.
    :param label: How people know it.
    :param kinds: Whose records it brings into step. It is left out where the host maps none of them.
    :param stages: What is done, in order.
    """

    name: str
    label: str
    kinds: tuple[str, ...]
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class RunKind:
    """One kind of run.

    :param label: How people know it.
    :param starts: The states of a connection in which it may start.
    :param phases: In order.
    :param all_or_nothing: What it makes is of no use if an object is missing.
    :param apart: It may ask Intacct nothing, so that its end says nothing of the connection.
    """

    label: Message
    starts: tuple[str, ...]
    phases: tuple[Phase, ...]
    all_or_nothing: bool = False
    apart: bool = False

    def stages(self, phase: str) -> tuple[Stage, ...]:
        """The stages of one of its phases; none of a phase that an older version knew."""
        return next((item.stages for item in self.phases if item.name == phase), ())
