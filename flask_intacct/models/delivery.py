"""Signals that are still to be delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import now
from .base import Base, index


class Delivery(Base):
    """A signal of what was committed together with this row, which goes once the receivers were called.

    They are called right after the commit; at `due_at` the tick does it, where that came to nothing. `payload` holds
    what is sent, each time beside `connection_id`.
    """

    connection_id: Mapped[int]
    signal: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now(30))
    created_at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (index("delivery", "due", "due_at", "id"),)
