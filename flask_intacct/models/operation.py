"""The outbox: what is to be written to Intacct, what has to be written before it, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..clock import now
from ..messages import NOTHING, Message
from .base import Base, index, key_text, to, unique
from .link import Link

UNDER_WAY = ("SENT", "UNKNOWN", "MANUAL")
"""The states of what was sent, and of which nobody knows yet what became of it."""


class Operation(Base):
    """One write to Intacct: the intent, committed before the wire, and what became of it.

    `epoch` is that of the installation when it was made (a restore begins a new one), `needs` counts the operations
    that have to be done first and are not, `object` is what it writes and `size` the bytes of its function.
    `outcome_hash` is the digest of what Intacct held of it when it was done.
    """

    connection_id: Mapped[int] = to("connection", "operation")
    link_id: Mapped[int] = to("link", "operation")
    run_id: Mapped[int | None]
    op_key: Mapped[str] = mapped_column(key_text(120))
    live: Mapped[str | None] = mapped_column(key_text(40))
    action: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="READY")
    control_id: Mapped[str] = mapped_column(key_text(64), default="")
    revision: Mapped[int] = mapped_column(default=1)
    epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    needs: Mapped[int] = mapped_column(default=0, server_default="0")
    object: Mapped[str] = mapped_column(key_text(80), default="", server_default="")
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    function: Mapped[str] = mapped_column(String(40), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    payload_hash: Mapped[str] = mapped_column(String(64), default="")
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outcome_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    reason: Mapped[Message] = mapped_column(default=NOTHING)
    claims: Mapped[int] = mapped_column(default=0)
    lookups: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now())
    updated_at: Mapped[datetime] = mapped_column(default=now(), onupdate=now())

    link: Mapped[Link] = relationship(viewonly=True, lazy="raise")
    """What it is about: for queries to join along."""

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("operation", "key", "connection_id", "op_key"),
            unique("operation", "live", "link_id", "live"),
            index("operation", "state", "connection_id", "state", "due_at"),
            index("operation", "control", "control_id"),
        )


class OperationDependency(Base):
    """An operation that waits until another one (`needs_id`) is done."""

    __tablename__ = "intacct_operation_dependency"

    operation_id: Mapped[int] = to("operation", "operation_dependency")
    needs_id: Mapped[int] = to("operation", "operation_dependency", "needs")

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("operation_dependency", "pair", "operation_id", "needs_id"),
            unique("operation_dependency", "needs", "needs_id", "operation_id"),
        )
