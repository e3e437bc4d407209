"""Issues: what a person has to look at. One live row per cause and record; it closes when the cause is gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from . import audit
from .errors import Refused
from .models import Issue, now
from .state import current

LIVE = "live"
NOTICE = "notice"
"""The severity of what waits without anybody having to do anything."""


NEEDS_SOMEBODY = (Issue.live == LIVE, Issue.severity != NOTICE)
"""The condition of an open issue that a person has to work on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong with one record.

    :param cause: Short name of the cause; equal causes are shown as one group.
    :param message: What is wrong, for a person.
    :param cure: What that person can do.
    :param severity: ``error``, ``warning``, or :data:`NOTICE`.
    """

    cause: str
    message: str
    cure: str = ""
    severity: str = "error"


def open_issue(
    session: Session,
    connection_id: int,
    subject: str,
    finding: Finding,
    *,
    kind: str = "",
    label: str = "",
    direction: str = "",
) -> None:
    """Open an issue, or count it once more if it is open already.

    :param subject: Names the record: ``link:12``, ``record:7``, ``run:3``.
    """
    cause = finding.cause[:64]
    issue = session.scalar(
        select(Issue).where(
            Issue.connection_id == connection_id,
            Issue.fingerprint == cause,
            Issue.subject == subject,
            Issue.live == LIVE,
        )
    )
    if issue is None:
        issue = Issue(connection_id=connection_id, fingerprint=cause, subject=subject, live=LIVE, count=0)
        session.add(issue)
    issue.count += 1
    issue.last_seen = now()
    issue.severity, issue.kind, issue.direction, issue.label = finding.severity, kind, direction, label[:255]
    issue.message, issue.cure = finding.message, finding.cure
    session.flush()


def close(session: Session, connection_id: int, subject: str, *, but: Collection[str] = ()) -> None:
    """Close what is open on a record: its cause is gone.

    :param but: Causes that are still there.
    """
    session.execute(
        update(Issue)
        .where(
            Issue.connection_id == connection_id,
            Issue.subject == subject,
            Issue.live == LIVE,
            Issue.fingerprint.not_in([cause[:64] for cause in but]),
        )
        .values(live=None, resolution="solved", last_seen=now())
    )


def open_issues(connection_id: int) -> Select[Any]:
    """The open issues of a connection, newest first; add filters and a limit to it."""
    return select(Issue).where(Issue.connection_id == connection_id, Issue.live == LIVE).order_by(Issue.id.desc())


def of_cause(connection_id: int, cause: str) -> Select[Any]:
    """The subjects of the open issues of one cause."""
    return select(Issue.subject).where(
        Issue.connection_id == connection_id, Issue.fingerprint == cause[:64], Issue.live == LIVE
    )


def count(session: Session, connection_id: int) -> int:
    """How many open issues need a person."""
    return _count(session, connection_id, *NEEDS_SOMEBODY)


def waiting(session: Session, connection_id: int) -> int:
    """How many records wait without anybody having to do anything."""
    return _count(session, connection_id, Issue.live == LIVE, Issue.severity == NOTICE)


def _count(session: Session, connection_id: int, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Issue).where(Issue.connection_id == connection_id, *conditions)
    return session.scalar(query) or 0


def resolve(connection_id: int, issue_id: int, resolution: str, who: str) -> None:
    """Mark an issue as handled by a person.

    :raises Refused: it is not an open issue of this connection.
    """
    with current().transaction() as session:
        issue = session.get(Issue, issue_id)
        if issue is None or issue.connection_id != connection_id or issue.live is None:
            raise Refused("This issue is no longer open.")
        issue.live, issue.resolution, issue.last_seen = None, resolution, now()
        audit.record(session, connection_id, who, "issue resolved", issue.label, after={"resolution": resolution})
