"""The audit log: who did what, when, from what to what. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from .models import Event


def record(
    session: Session,
    connection_id: int,
    who: str,
    action: str,
    subject: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add one event within the caller's transaction, so that it is kept exactly if the change is."""
    session.add(
        Event(
            connection_id=connection_id,
            who=who[:120],
            action=action,
            subject=subject[:255],
            before=before or {},
            after=after or {},
        )
    )


def record_all(session: Session, connection_id: int, action: str, events: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Add an event of a job for each subject, with what it is afterwards, in one statement."""
    rows = [
        {"connection_id": connection_id, "action": action, "subject": subject[:255], "before": {}, "after": after}
        for subject, after in events
    ]
    session.execute(insert(Event), rows)
