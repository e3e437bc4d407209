"""What was read of Intacct, and how far."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import now
from .base import Base, index, key_text, to, unique
from .document import DocumentColumns


class Record(DocumentColumns, Base):
    """An Intacct record as it was last read. `hash` is of the payload, `applied_hash` what the host has of it; `party`
    is the customer or vendor of a document, by its id in Intacct.
    """

    connection_id: Mapped[int] = to("connection", "record")
    object: Mapped[str] = mapped_column(key_text(80))
    key: Mapped[str] = mapped_column(key_text(120))
    natural_id: Mapped[str] = mapped_column(key_text(120), default="")
    role: Mapped[str] = mapped_column(key_text(20), default="")
    entity: Mapped[str] = mapped_column(key_text(80), default="")
    name: Mapped[str] = mapped_column(String(255), default="")
    search: Mapped[str] = mapped_column(String(500), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    tax_number: Mapped[str] = mapped_column(String(80), default="")
    active: Mapped[bool] = mapped_column(default=True)
    party: Mapped[str] = mapped_column(key_text(120), default="", server_default="")
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
            index("record", "number", "connection_id", "object", "number_folded"),
            index("record", "party", "connection_id", "object", "party", "day"),
        )


class Cursor(Base):
    """How far a stream of records was read, as the data says; `version` guards against a second reader."""

    connection_id: Mapped[int] = to("connection", "cursor")
    object: Mapped[str] = mapped_column(key_text(80))
    stream: Mapped[str] = mapped_column(key_text(20), default="")
    watermark: Mapped[str] = mapped_column(String(40), default="")
    tie_break: Mapped[str] = mapped_column(String(40), default="")
    point: Mapped[str] = mapped_column(String(40), default="")
    level: Mapped[str] = mapped_column(String(80), default="")
    generation: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("cursor", "stream", "connection_id", "object", "stream"),)
