"""Work and its traces: runs, issues, notices, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import now
from ..messages import NOTHING, Message
from .base import Base, both, index, key_text, to, unique


class Run(Base):
    """One pass of background work over a connection.

    `failures` counts at the place that it is at. While it rests until a time, `problem` is what it rests for.
    """

    connection_id: Mapped[int] = to("connection", "run")
    live: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="queued")
    asked_by: Mapped[str] = mapped_column(String(120), default="")
    wish: Mapped[str] = mapped_column(String(10), default="")
    problem: Mapped[Message] = mapped_column(default=NOTHING)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    slices: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None]
    asked_at: Mapped[datetime] = mapped_column(default=now())
    started_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return unique("run", "live", "live"), *both("run", "connection", ("connection_id", "id"))


class Phase(Base):
    """One phase of a run, with what is done; `total` is -1 until it is known, `place` where the next slice goes on."""

    run_id: Mapped[int] = to("run", "phase")
    name: Mapped[str] = mapped_column(key_text(40))
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=-1)
    place: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("phase", "name", "run_id", "name"),)


class Issue(Base):
    """Something a person has to look at. `live` is NULL once it is resolved, so that it may come again.

    `content` stands for what was said of the record and for the record itself: an issue that a person marked as handled
    (`resolution`) stays away as long as that is the same.
    """

    connection_id: Mapped[int] = to("connection", "issue")
    fingerprint: Mapped[str] = mapped_column(key_text(64))
    subject: Mapped[str] = mapped_column(key_text(120))
    live: Mapped[str | None] = mapped_column(key_text(10))
    severity: Mapped[str] = mapped_column(String(10), default="error")
    kind: Mapped[str] = mapped_column(String(20), default="")
    direction: Mapped[str] = mapped_column(String(10), default="")
    label: Mapped[str] = mapped_column(String(255), default="")
    message: Mapped[Message]
    cure: Mapped[Message] = mapped_column(default=NOTHING)
    count: Mapped[int] = mapped_column(default=1)
    content: Mapped[str] = mapped_column(String(64), default="", server_default="")
    resolution: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    handled_by: Mapped[str] = mapped_column(String(120), default="", server_default="")
    handled_at: Mapped[datetime | None]
    first_seen: Mapped[datetime] = mapped_column(default=now())
    last_seen: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        open_, what = ("connection_id", "live"), ("fingerprint", "kind", "severity")
        return (
            unique("issue", "live", "connection_id", "fingerprint", "subject", "live"),
            index("issue", "open", *open_, "id"),
            # The lists are read and counted from these alone, without a look at the rows.
            index("issue", "seen", *open_, "last_seen", "id", *what, "label"),
            index("issue", "cause", *open_, *what, "first_seen", "last_seen", "id"),
        )


class Event(Base):
    """The audit log: append-only."""

    connection_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now())
    who: Mapped[str] = mapped_column(String(120), default="")
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(255), default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (index("event", "connection", "connection_id", "id"),)


class Notice(Base):
    """What a run came to, or (without a run) that somebody must sign in again: the flag, and kept as history."""

    connection_id: Mapped[int] = to("connection", "notice")
    run_id: Mapped[int | None]
    level: Mapped[str] = mapped_column(String(10))
    message: Mapped[Message]
    detail: Mapped[Message] = mapped_column(default=NOTHING)
    at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("notice", "run", "run_id"),)


class Dismissal(Base):
    """A person has put this notice's flag away."""

    notice_id: Mapped[int] = to("notice", "dismissal")
    who: Mapped[str] = mapped_column(key_text(120))

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("dismissal", "who", "notice_id", "who"),)
