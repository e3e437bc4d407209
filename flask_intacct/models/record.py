"""What was read of Intacct, and how it is joined to the host's records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import now
from .base import Base, index, to, unique


class Record(Base):
    """An Intacct record as it was last read. `hash` is of the payload, `applied_hash` what the host has of it."""

    connection_id: Mapped[int] = to("connection", "record")
    object: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(120))
    natural_id: Mapped[str] = mapped_column(String(120), default="")
    role: Mapped[str] = mapped_column(String(20), default="")
    entity: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[str] = mapped_column(String(255), default="")
    search: Mapped[str] = mapped_column(String(500), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    tax_number: Mapped[str] = mapped_column(String(80), default="")
    active: Mapped[bool] = mapped_column(default=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hash: Mapped[str] = mapped_column(String(64), default="")
    applied_hash: Mapped[str] = mapped_column(String(64), default="")
    modified: Mapped[str] = mapped_column(String(40), default="")
    generation: Mapped[int] = mapped_column(default=0)
    missing_since: Mapped[datetime | None]
    read_at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("record", "key", "connection_id", "object", "key"),
            index("record", "natural", "connection_id", "object", "natural_id"),
            index("record", "name", "connection_id", "object", "name", "id"),
        )


class Link(Base):
    """One local record in one role, and what was decided for it; `facts` is the local record as it was last read.
    `detail` is empty: earlier releases kept words of the facts there, and one can go back to them.

    `overrides` are the decisions against the evidence that a person agreed to, with who and when; `own_role` is the
    host's role of a contact for which a person chose another, which is then in `role`.
    `sure_key` is the record that was suggested as certain when a person decided; it stays when the decision is undone.
    """

    connection_id: Mapped[int] = to("connection", "link")
    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(80))
    local_id: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20), default="")
    label: Mapped[str] = mapped_column(String(255), default="")
    detail: Mapped[str] = mapped_column(String(255), default="")
    search: Mapped[str] = mapped_column(String(500), default="")
    parent: Mapped[str] = mapped_column(String(80), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default="undecided")
    object: Mapped[str] = mapped_column(String(80), default="")
    record_key: Mapped[str] = mapped_column(String(120), default="")
    exclusive: Mapped[str | None] = mapped_column(String(120))
    suggested_key: Mapped[str] = mapped_column(String(120), default="")
    runner_up_key: Mapped[str] = mapped_column(String(120), default="")
    confidence: Mapped[int] = mapped_column(default=0)
    certain: Mapped[bool] = mapped_column(default=False)
    sure_key: Mapped[str] = mapped_column(String(120), default="")
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    conflicts: Mapped[list[Any]] = mapped_column(default=list)
    own_role: Mapped[str] = mapped_column(String(20), default="", server_default="")
    overrides: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    origin: Mapped[str] = mapped_column(String(20), default="")
    agreed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("link", "local", "connection_id", "kind", "source", "local_id", "role"),
            unique("link", "exclusive", "connection_id", "object", "exclusive"),
            index("link", "state", "connection_id", "kind", "state", "label", "id"),
            index("link", "record", "connection_id", "object", "record_key"),
            index("link", "sure", "connection_id", "kind", "sure_key", "record_key"),
        )


class Rejection(Base):
    """A pair that a person refused; it is not suggested again."""

    link_id: Mapped[int] = to("link", "rejection")
    record_key: Mapped[str] = mapped_column(String(120))

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("rejection", "pair", "link_id", "record_key"),)


class Touch(Base):
    """The host changed this row; written in the host's own transaction."""

    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(80))
    local_id: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (index("touch", "row", "kind", "source", "local_id"),)


class Cursor(Base):
    """How far a stream of records was read, as the data says; `version` guards against a second reader."""

    connection_id: Mapped[int] = to("connection", "cursor")
    object: Mapped[str] = mapped_column(String(80))
    stream: Mapped[str] = mapped_column(String(20), default="")
    watermark: Mapped[str] = mapped_column(String(40), default="")
    tie_break: Mapped[str] = mapped_column(String(40), default="")
    point: Mapped[str] = mapped_column(String(40), default="")
    level: Mapped[str] = mapped_column(String(80), default="")
    generation: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("cursor", "stream", "connection_id", "object", "stream"),)
