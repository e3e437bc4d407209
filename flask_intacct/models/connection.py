"""The connection of a company, what all its workers share (session, lease, gate), and what they learnt of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import now
from .base import Base, index, key_text, to, unique


class Meta(Base):
    """One row: which schema this is, which installation wrote it, and when the scheduler last gave a sign of life.

    `epoch` grows when the database was restored from a backup: what was sent after the backup must not be met again.
    `sends` counts the requests that were to write to Intacct, `installation` is the name of the place that the database
    belongs to (``INTACCT_INSTALLATION``), and `held` why nothing is sent or read (:mod:`flask_intacct.restored`).
    """

    schema_version: Mapped[int]
    installation_id: Mapped[str] = mapped_column(String(36))
    ticked_at: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    sends: Mapped[int] = mapped_column(default=0, server_default="0")
    installation: Mapped[str] = mapped_column(String(80), default="", server_default="")
    held: Mapped[str] = mapped_column(String(20), default="", server_default="")


class Connection(Base):
    """One host company and the Intacct company and entity that it is joined to.

    `suggested` holds, per kind, the digest of what the stored suggestions were made from. `notice_id` is the notice
    that is its flag, `notice_rank` the place of its colour (:mod:`flask_intacct.notices` keeps both). `paused_sides`
    names the sides that a person paused, with commas. `touches` grows when the host touches documents that nothing
    joins yet, until a push takes them up.
    """

    company_id: Mapped[str] = mapped_column(key_text(64))
    company_name: Mapped[str] = mapped_column(key_text(255), default="")
    live_company: Mapped[str | None] = mapped_column(key_text(64))
    live_target: Mapped[str | None] = mapped_column(key_text(255))
    intacct_company: Mapped[str] = mapped_column(key_text(80), default="")
    user_id: Mapped[str] = mapped_column(key_text(80), default="")
    password_sealed: Mapped[str] = mapped_column(Text, default="", deferred=True)
    entity: Mapped[str] = mapped_column(key_text(80), default="")
    entity_name: Mapped[str] = mapped_column(String(255), default="")
    level: Mapped[str] = mapped_column(String(10), default="")
    default_location: Mapped[str] = mapped_column(String(80), default="")
    top_level_posting: Mapped[bool] = mapped_column(default=False)
    with_transactions: Mapped[bool] = mapped_column(default=True)
    sync_from: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20), default="onboarding")
    paused_sides: Mapped[str] = mapped_column(String(40), default="", server_default="")
    step: Mapped[str] = mapped_column(String(20), default="overview")
    ticked: Mapped[list[Any]] = mapped_column(default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    plan_digest: Mapped[str] = mapped_column(String(64), default="")
    suggested: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now())
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(String(120), default="")
    synced_at: Mapped[datetime | None]
    touches: Mapped[int] = mapped_column(default=0, server_default="0")
    notice_id: Mapped[int | None]
    notice_rank: Mapped[int | None]

    @property
    def resting(self) -> tuple[str, ...]:
        """The names of the sides that a person paused."""
        return tuple(filter(None, self.paused_sides.split(",")))

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("connection", "company", "live_company"),
            unique("connection", "target", "live_target"),
            index("connection", "notice", "notice_rank", "company_name", "id"),
        )


class Session(Base):
    """A gateway session, shared by all processes; the id is sealed, `company` and `user_id` are in lower case."""

    company: Mapped[str] = mapped_column(key_text(80))
    user_id: Mapped[str] = mapped_column(key_text(80))
    entity: Mapped[str] = mapped_column(key_text(80), default="")
    sealed: Mapped[str] = mapped_column(Text, deferred=True)
    expires_at: Mapped[datetime]

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("session", "login", "company", "user_id", "entity"),)


class SignIn(Base):
    """Signing in as one Intacct user: who is at it, and what was refused, until credentials are accepted.

    `company` and `user_id` are in lower case. `refused` holds keyed digests of the passwords that Intacct refused,
    `typed` counts what people tried, and `until` is when they may try again.
    """

    company: Mapped[str] = mapped_column(key_text(80))
    user_id: Mapped[str] = mapped_column(key_text(80))
    owner: Mapped[str] = mapped_column(String(80), default="")
    claimed_until: Mapped[datetime]
    refused: Mapped[list[Any]] = mapped_column(default=list)
    refused_at: Mapped[datetime | None]
    typed: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime | None]

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("signin", "user", "company", "user_id"),)


class Lease(Base):
    """Who may write for a connection just now; `token` grows with each new owner."""

    connection_id: Mapped[int] = to("connection", "lease")
    owner: Mapped[str] = mapped_column(String(80), default="")
    token: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("lease", "connection", "connection_id"),)


class Gate(Base):
    """One slot for requests to an Intacct company: whoever has it (`owner`, until `expires_at`) may have one in flight.

    `company` is case-folded. A rate limit of Intacct's shuts a slot until `shut_until`. `turn_of` waits for a slot
    until `turn_until`, and the next free one is his; `turn_rank` says whether he is a person (see
    :mod:`flask_intacct.turns`).
    """

    company: Mapped[str] = mapped_column(key_text(80))
    slot: Mapped[int]
    owner: Mapped[str] = mapped_column(String(80), default="")
    expires_at: Mapped[datetime]
    shut_until: Mapped[datetime | None]
    turn_of: Mapped[str] = mapped_column(String(40), default="", server_default="")
    turn_rank: Mapped[int] = mapped_column(default=0, server_default="0")
    turn_until: Mapped[datetime | None]

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("gate", "slot", "company", "slot"),)


class ClosedPeriod(Base):
    """Days that a ledger of Intacct refuses, as a refusal or a look at its settings taught; open-ended without
    `last_day`.
    """

    __tablename__ = "intacct_closed_period"

    connection_id: Mapped[int] = to("connection", "closed_period")
    ledger: Mapped[str] = mapped_column(key_text(20))
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    learnt_at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("closed_period", "days", "connection_id", "ledger", "first_day"),)
