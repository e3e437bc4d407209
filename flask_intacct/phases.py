"""What a run consists of, as data. The table of all runs stands in :mod:`~flask_intacct.jobs`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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
    stages: tuple[Callable[[Any], None], ...]


@dataclass(frozen=True, slots=True)
class RunKind:
    """One kind of run.

    :param label: How people know it.
    :param starts: The states of a connection in which it may start.
    :param phases: In order.
    """

    label: str
    starts: tuple[str, ...]
    phases: tuple[Phase, ...]

    def phase(self, name: str) -> Phase:
        """One of its phases.

        :raises KeyError: there is none of this name.
        """
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)
