"""The audit log: who did what, when, from what to what. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from . import bulk
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


def record_all(
    session: Session,
    connection_id: int,
    who: str,
    events: Iterable[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]],
) -> None:
    """Add many in one statement.

    :param events: The action of each, its subject, and what that was before and is afterwards.
    """
    rows = [
        {"connection_id": connection_id, "who": who[:120], "action": action, "subject": subject[:255],
         "before": before, "after": after}
        for action, subject, before, after in events
    ]  # fmt: skip
    bulk.insert_rows(session, Event, rows)
