"""The states of our rows: one table of transitions for each state column, and the only way to change one.

What two people, a person and a worker, or two workers do at the same moment is decided under a lock; these tables are
the last line behind it: a change that they don't name is a defect, and it is raised before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from .. import logs
from ..errors import IntacctError
from ..gateway.classify import printable
from .connection import Connection
from .link import Link
from .operation import Operation
from .work import Phase, Run

log = logs.logger(__name__)


class IllegalTransition(IntacctError):
    """A state was to be changed as its table does not name: a defect of ours, of which nothing is written."""


@dataclass(frozen=True, slots=True)
class States:
    """The transitions of one state column.

    :param moves: From each state, those that it may change to. A state that stands among its own may be set again.
    :param ends: States in which the column `live` is NULL, so that another row may take the place.
    """

    moves: Mapping[str, frozenset[str]]
    ends: frozenset[str] = frozenset()

    def sources(self, to: str) -> list[str]:
        """The states that may change to `to`."""
        return sorted(state for state, targets in self.moves.items() if to in targets)


def _states(ends: str = "", **moves: str) -> States:
    return States({state: frozenset(targets.split()) for state, targets in moves.items()}, frozenset(ends.split()))


CONNECTION = _states(
    onboarding="onboarding connected needs_reconnecting ended",
    connected="connected paused needs_reconnecting disconnected ended",
    paused="connected disconnected ended",
    needs_reconnecting="onboarding connected disconnected ended",
    disconnected="onboarding connected ended",
    ended="",
)

LINK = _states(
    undecided="undecided matched create archived linked orphaned suspended",
    matched="undecided matched create archived linked orphaned suspended",
    create="undecided matched create archived linked orphaned suspended",
    # linked: what was sent of it was found in Intacct
    archived="undecided matched create archived linked orphaned suspended",
    linked="linked create orphaned suspended",  # create: its record was deleted in Intacct, by us
    suspended="undecided matched create archived linked orphaned",  # what it was before, if it is the same record
    orphaned="undecided linked",  # it is there again; or what was sent of it was found in Intacct
)

OPERATION = _states(
    BLOCKED="BLOCKED READY CANCELLED SUPERSEDED",  # READY: what it waits for is done
    READY="READY SENT DONE CANCELLED SUPERSEDED",
    SENT="READY DONE REJECTED UNKNOWN",  # READY: proved not executed
    UNKNOWN="READY DONE MANUAL CANCELLED SUPERSEDED",  # READY: proved absent
    REJECTED="READY DONE CANCELLED SUPERSEDED",  # READY: a new revision
    MANUAL="DONE READY CANCELLED",  # READY: a person looked for it in vain; CANCELLED: and matched or unlinked it
    DONE="",
    CANCELLED="",
    SUPERSEDED="",
    ends="DONE CANCELLED SUPERSEDED",
)

RUN = _states(
    queued="queued running paused failed cancelled",
    running="queued running paused done failed cancelled",
    paused="queued failed cancelled",
    done="",
    failed="",
    cancelled="",
    ends="done failed cancelled",
)

PHASE = _states(
    waiting="running skipped",
    running="running done failed skipped",
    done="",
    failed="",
    skipped="",
)

TABLES: Mapping[type[Any], States] = {
    Connection: CONNECTION,
    Link: LINK,
    Operation: OPERATION,
    Run: RUN,
    Phase: PHASE,
}

Row = Connection | Link | Operation | Run | Phase


def transition(row: Row, to: str, because: str) -> None:
    """Change the state of a row within the caller's transaction; one that ends gives up its place (`live`).

    :param because: What happened, for the log.
    :raises IllegalTransition: the table does not name this change.
    """
    states = TABLES[type(row)]
    if to not in states.moves.get(row.state, ()):
        raise IllegalTransition(f"{row.__tablename__} {row.id} can't go from {row.state} to {to}: {because}.")
    known = {"operation": row.id, "control_id": row.control_id} if isinstance(row, Operation) else None
    log.debug("%s %s: %s -> %s, %s", row.__tablename__, row.id, row.state, to, printable(because), extra=known)
    row.state = to
    if to in states.ends:
        row.live = None  # type: ignore[union-attr]  # the models whose states end have it


def transition_all(
    session: Session, model: type[Row], to: str, because: str, *where: ColumnElement[bool], **values: Any
) -> int:
    """Change the state of all rows that meet the conditions and may change to it; gives how many did.

    :param values: Other columns that are set with it.
    """
    states = TABLES[model]
    if to in states.ends:
        values["live"] = None
    changed = session.execute(
        update(model).where(*where, model.state.in_(states.sources(to))).values(state=to, **values)
    ).rowcount  # type: ignore[attr-defined]  # a CursorResult, which the annotations hide
    log.debug("%s: %s rows -> %s, %s", model.__tablename__, changed, to, printable(because))
    return int(changed)
