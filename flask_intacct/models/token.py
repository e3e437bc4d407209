"""The words by which links and records are found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, index, key_text, to, unique


class Token(Base):
    """A word of a link or a record, folded; a search asks for words that begin with what was typed.

    `kind` is a kind of links, or an object of records (whose names are in capitals); `row_id` is the id of the row.
    Words are ordered by code points on each database, so that an index finds by their beginnings.
    """

    connection_id: Mapped[int] = to("connection", "token")
    kind: Mapped[str] = mapped_column(key_text(80))
    word: Mapped[str] = mapped_column(key_text(40).with_variant(String(40, collation="C"), "postgresql"))
    row_id: Mapped[int]

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("token", "word", "connection_id", "kind", "word", "row_id"),
            index("token", "row", "connection_id", "kind", "row_id"),
        )
