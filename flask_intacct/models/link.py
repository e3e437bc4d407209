"""How the host's records are joined to Intacct's, and what was last seen of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from ..clock import now
from ..messages import NOTHING, Message
from .base import Base, index, key_text, to, unique
from .document import DocumentColumns
from .record import Record


class Link(DocumentColumns, Base):
    """One local record in one role, and what was decided for it; `facts` is the local record as it was last read.
    `detail` is empty: earlier releases kept words of the facts there, and one can go back to them.

    `overrides` are the decisions against the evidence that a person agreed to, with who and when; `own_role` is the
    host's role of a contact for which a person chose another, which is then in `role`.
    `sure_key` is the record that was suggested as certain when a person decided; it stays when the decision is undone.
    `hash` is the digest of the value (:class:`LinkValue`), "" while there is none; `party_source` and `party` name the
    contact of a document by its link's source and local id.
    `agreed` says on what the two were joined, and of a suspended link what its state was and what its row is now.
    `outcome` is what the last sync made of it, with its `direction` ("in" or "out"), words and time. `to_send` counts
    the documents still to be sent that use it; `seen_at` is the generation of the last scan that saw its row.
    """

    connection_id: Mapped[int] = to("connection", "link")
    kind: Mapped[str] = mapped_column(key_text(20))
    source: Mapped[str] = mapped_column(key_text(80))
    local_id: Mapped[str] = mapped_column(key_text(80))
    role: Mapped[str] = mapped_column(key_text(20), default="")
    label: Mapped[str] = mapped_column(String(255), default="")
    detail: Mapped[str] = mapped_column(String(255), default="")
    search: Mapped[str] = mapped_column(String(500), default="")
    parent: Mapped[str] = mapped_column(key_text(80), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    party_source: Mapped[str] = mapped_column(key_text(80), default="", server_default="")
    party: Mapped[str] = mapped_column(key_text(80), default="", server_default="")
    state: Mapped[str] = mapped_column(String(20), default="undecided")
    object: Mapped[str] = mapped_column(key_text(80), default="")
    record_key: Mapped[str] = mapped_column(key_text(120), default="")
    exclusive: Mapped[str | None] = mapped_column(key_text(120))
    suggested_key: Mapped[str] = mapped_column(key_text(120), default="")
    runner_up_key: Mapped[str] = mapped_column(key_text(120), default="")
    confidence: Mapped[int] = mapped_column(default=0)
    certain: Mapped[bool] = mapped_column(default=False)
    sure_key: Mapped[str] = mapped_column(key_text(120), default="")
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    conflicts: Mapped[list[Any]] = mapped_column(default=list)
    own_role: Mapped[str] = mapped_column(String(20), default="", server_default="")
    overrides: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    origin: Mapped[str] = mapped_column(String(20), default="")
    agreed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outcome: Mapped[str] = mapped_column(String(20), default="", server_default="")
    direction: Mapped[str] = mapped_column(String(4), default="", server_default="")
    outcome_text: Mapped[Message] = mapped_column(default=NOTHING, server_default="")
    outcome_at: Mapped[datetime | None]
    to_send: Mapped[int] = mapped_column(default=0, server_default="0")
    seen_at: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1)
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now())

    record: Mapped[Record | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(Link.connection_id) == Record.connection_id,
            foreign(Link.object) == Record.object,
            foreign(Link.record_key) == Record.key,
        ),
        viewonly=True,
        lazy="raise",
    )
    """Intacct's record that it is joined to, as it was last read: for queries to join along."""
    value: Mapped[LinkValue | None] = relationship(viewonly=True, lazy="raise")
    """The local record as a ledger value, likewise."""

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("link", "local", "connection_id", "kind", "source", "local_id", "role"),
            unique("link", "exclusive", "connection_id", "object", "exclusive"),
            index("link", "state", "connection_id", "kind", "state", "label", "id"),
            index("link", "role", "connection_id", "kind", "role", "state", "label", "id"),
            index("link", "certain", "connection_id", "kind", "certain", "state", "label", "id"),
            index("link", "record", "connection_id", "object", "record_key"),
            index("link", "sure", "connection_id", "kind", "sure_key", "record_key"),
            index("link", "suggested", "connection_id", "kind", "state", "suggested_key"),
            index("link", "number", "connection_id", "kind", "number_folded"),
            index("link", "party", "connection_id", "kind", "party_source", "party", "day"),
            index("link", "status", "connection_id", "kind", "status", "id"),
        )


class LinkValue(Base):
    """The local record of a link as a ledger value: a table beside it, so that lists scan narrow rows.

    :func:`flask_intacct.ledger.dump` wrote `value`; `agreed` is the last value that both sides had, NULL where none is
    known. `codec` and `agreed_codec` are the forms in which they are written. `judged` stands for the record of Intacct
    and for the states of both sides in which they were compared last.
    """

    __tablename__ = "intacct_link_value"

    link_id: Mapped[int] = to("link", "link_value")
    value: Mapped[dict[str, Any]]
    codec: Mapped[int]
    agreed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    agreed_codec: Mapped[int | None]
    judged: Mapped[str] = mapped_column(String(255), default="", server_default="")

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("link_value", "link", "link_id"),)


class LinkUse(Base):
    """A document (`link_id`) uses a record of the host in a role: on so many `lines`, with so many `cents` net of them,
    or as its contact.
    """

    __tablename__ = "intacct_link_use"

    connection_id: Mapped[int] = to("connection", "link_use")
    link_id: Mapped[int] = to("link", "link_use")
    kind: Mapped[str] = mapped_column(key_text(20))
    source: Mapped[str] = mapped_column(key_text(80))
    local_id: Mapped[str] = mapped_column(key_text(80))
    role: Mapped[str] = mapped_column(key_text(20), default="")
    lines: Mapped[int] = mapped_column(default=0)
    cents: Mapped[int] = mapped_column(BigInteger, default=0)

    link: Mapped[Link] = relationship(viewonly=True, lazy="raise")
    """The document: for queries to join along."""

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("link_use", "link", "link_id", "kind", "source", "local_id", "role"),
            unique("link_use", "used", "connection_id", "kind", "source", "local_id", "role", "link_id"),
        )


class Rejection(Base):
    """A pair that a person refused; it is not suggested again."""

    link_id: Mapped[int] = to("link", "rejection")
    record_key: Mapped[str] = mapped_column(key_text(120))

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("rejection", "pair", "link_id", "record_key"),)


class Touch(Base):
    """The host changed this row; written in the host's own transaction, so it has no unique key that would make the
    host wait. `company_id` is the company that the host says, "" where it does not; `parent` what the row belongs to.
    """

    kind: Mapped[str] = mapped_column(key_text(20))
    source: Mapped[str] = mapped_column(key_text(80))
    local_id: Mapped[str] = mapped_column(key_text(80))
    company_id: Mapped[str] = mapped_column(key_text(64), default="", server_default="")
    parent: Mapped[str] = mapped_column(key_text(80), default="", server_default="")
    at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (index("touch", "row", "kind", "source", "local_id"),)
