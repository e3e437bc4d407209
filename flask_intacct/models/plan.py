"""What a run is going to do, record by record, and what both sides come to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ..messages import NOTHING, Message
from .base import Base, index, key_text, to, unique


class PlanItem(Base):
    """What will happen to one record: a link of ours, a record of Intacct's, or both (0 where there is none).

    `cause` and `reason` say why it is left alone, `cents` is its amount (NULL where it has none), and `hash` the digest
    of the value that the plan showed.
    """

    __tablename__ = "intacct_plan_item"

    run_id: Mapped[int] = to("run", "plan_item")
    kind: Mapped[str] = mapped_column(key_text(20))
    action: Mapped[str] = mapped_column(key_text(20))
    link_id: Mapped[int] = mapped_column(default=0)
    record_id: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(255), default="")
    cents: Mapped[int | None] = mapped_column(BigInteger)
    cause: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[Message] = mapped_column(default=NOTHING)
    hash: Mapped[str] = mapped_column(String(64), default="")

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("plan_item", "row", "run_id", "kind", "link_id", "record_id"),
            index("plan_item", "action", "run_id", "kind", "action", "id"),
        )


class Total(Base):
    """How many records of a kind both sides have after a run, and what they come to in cents, by where they came from
    (`origin`, as in links)."""

    run_id: Mapped[int] = to("run", "total")
    kind: Mapped[str] = mapped_column(key_text(20))
    origin: Mapped[str] = mapped_column(key_text(20), default="")
    ours_count: Mapped[int] = mapped_column(default=0)
    ours_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    theirs_count: Mapped[int] = mapped_column(default=0)
    theirs_cents: Mapped[int] = mapped_column(BigInteger, default=0)

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("total", "kind", "run_id", "kind", "origin"),)
