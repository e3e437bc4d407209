"""The scheduler's sign of life: without it nobody wakes what a killed worker, or a lost Redis, left behind."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .clock import now, read
from .models import Meta

LATE = 90
"""Seconds without a tick after which something is wrong, also where `flask rq cron` queues one a minute."""


def beat(session: Session) -> None:
    """Keep that it ticks, within the caller's transaction."""
    session.execute(update(Meta).values(ticked_at=now()))


def age(session: Session) -> float | None:
    """Seconds since the last tick; None if there was none yet."""
    ticked_at = session.scalar(select(Meta.ticked_at).order_by(Meta.id).limit(1))
    return None if ticked_at is None else (read(session) - ticked_at).total_seconds()
