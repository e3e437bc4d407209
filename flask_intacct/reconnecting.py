"""Connections whose credentials stopped working: they rest until a person signs in again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import audit, issues, logs, notices, signals
from .errors import Refused
from .issues import Finding
from .messages import Message
from .models import Connection, Issue, transition

log = logs.logger(__name__)

RESTS = "needs_reconnecting"
"""The state."""

FROM = ("onboarding", "connected")
"""The states that it takes the place of. A pause stays one: its run finds out when it is resumed."""

LOST = Finding("password lost", Message("signin.lost"), Message("signin.lost.cure"))

SIGNED_OUT = Finding("signed out", Message("signin.stopped"), Message("signin.stopped.cure"))

NO_PASSWORD = Finding("signed out", Message("signin.no_password"), Message("signin.no_password.cure"))


class NeedsReconnecting(Refused):
    """The credentials of a connection can't be used until a person signs in again."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.whole)
        self.finding = finding


def stop(session: Session, connection_ids: Collection[int], finding: Finding) -> list[signals.Event]:
    """Let connections rest, within the caller's transaction; gives what to :func:`tell` after the commit."""
    query = select(Connection).where(Connection.id.in_(connection_ids), Connection.state.in_(FROM))
    stopped = session.scalars(query.order_by(Connection.id).with_for_update()).all()
    for connection in stopped:
        audit.record(
            session, connection.id, "", "needs reconnecting", connection.company_name, {"state": connection.state}
        )
        transition(connection, RESTS, finding.cause)
        issues.open_issue(session, connection.id, f"connection:{connection.id}", finding, label="Sign-in")
        notices.signed_out(session, connection, finding)
    session.flush()
    told: list[dict[str, Any]] = [{}]
    return [
        event
        for connection in stopped
        for event in signals.keep(session, connection.id, {signals.needs_reconnecting: told})
    ]


def found_again(session: Session, connection_ids: Collection[int]) -> None:
    """Their passwords open again: those that rest for no other reason go on."""
    lost = select(Issue.connection_id).where(Issue.fingerprint == LOST.cause, Issue.live == issues.LIVE)
    query = select(Connection).where(
        Connection.id.in_(connection_ids), Connection.state == RESTS, Connection.id.in_(lost)
    )
    for connection in session.scalars(query.order_by(Connection.id).with_for_update()):
        transition(connection, "connected" if connection.confirmed_at else "onboarding", "the password opens again")
        issues.close(session, connection.id, f"connection:{connection.id}")
        notices.renew(session, connection)
        audit.record(session, connection.id, "", "password opens again", connection.company_name)


def tell(events: Sequence[signals.Event]) -> None:
    """Send the signal."""
    signals.tell(events)


def reason(session: Session, connection: Connection) -> Finding | None:
    """Why a connection rests; None if it does not."""
    if connection.state != RESTS:
        return None
    subject = f"connection:{connection.id}"
    query = select(Issue).where(Issue.connection_id == connection.id, Issue.subject == subject)
    issue = session.scalar(query.order_by(Issue.last_seen.desc(), Issue.id.desc()).limit(1))
    return Finding(issue.fingerprint, issue.message, issue.cure) if issue else SIGNED_OUT


def check(session: Session, connection: Connection) -> None:
    """:raises NeedsReconnecting: the connection rests; with the reason that it was stopped for."""
    finding = reason(session, connection)
    if finding is not None:
        raise NeedsReconnecting(finding)
