"""The wire, as it was: requests to the gateway and their answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import now
from .base import Base, both, index, key_text, large_binary, to, unique


class Exchange(Base):
    """One request and its answer, both redacted and compressed, reads too; for the results page and support cases.

    `functions` names those of the request, `http_status` is 0 where no answer came.
    """

    connection_id: Mapped[int] = to("connection", "exchange")
    run_id: Mapped[int | None]
    functions: Mapped[str] = mapped_column(String(255), default="")
    request: Mapped[bytes] = mapped_column(large_binary(), default=b"")
    response: Mapped[bytes] = mapped_column(large_binary(), default=b"")
    http_status: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(40), default="")
    milliseconds: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return both("exchange", "at", ("connection_id", "at"), "id")


class ExchangeOperation(Base):
    """A request carried an operation."""

    __tablename__ = "intacct_exchange_operation"

    exchange_id: Mapped[int] = to("exchange", "exchange_operation")
    operation_id: Mapped[int] = to("operation", "exchange_operation")

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (
            unique("exchange_operation", "pair", "exchange_id", "operation_id"),
            unique("exchange_operation", "operation", "operation_id", "exchange_id"),
        )


def folded(company: str) -> str:
    """The ID of a company of Intacct, however somebody wrote it; as long as the columns."""
    return company.casefold()[:80]


class ApiUsage(Base):
    """What was asked of an Intacct company in a month ("2026-01"): requests, their functions, and rows that came."""

    __tablename__ = "intacct_api_usage"

    company: Mapped[str] = mapped_column(key_text(80))
    month: Mapped[str] = mapped_column(key_text(7))
    requests: Mapped[int] = mapped_column(BigInteger, default=0)
    functions: Mapped[int] = mapped_column(BigInteger, default=0)
    rows: Mapped[int] = mapped_column(BigInteger, default=0)

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return (unique("api_usage", "month", "company", "month"),)


class Attempt(Base):
    """Empty: nothing writes it. It goes in the release after this one, so that one can go back from this one."""

    connection_id: Mapped[int] = to("connection", "attempt")
    operation_id: Mapped[int | None]
    run_id: Mapped[int | None]
    functions: Mapped[str] = mapped_column(String(255), default="")
    request: Mapped[str] = mapped_column(Text, default="")
    response: Mapped[str] = mapped_column(Text, default="")
    http_status: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(40), default="")
    milliseconds: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=now())

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        return index("attempt", "operation", "operation_id"), *both("attempt", "at", ("connection_id", "at"), "id")
