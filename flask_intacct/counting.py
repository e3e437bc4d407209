"""Counts that end at a limit: counting takes long, and nobody asks whether a list has 40,000 rows or 41,000."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

LIMIT = 10_000
"""What is counted as one more than this may be any number more."""


def whole(number: int) -> bool:
    """Whether a count did not end at the limit."""
    return number <= LIMIT


def counted(session: Session, *queries: Select[Any]) -> list[int]:
    """How many rows each of these queries has, in one statement; one more than :data:`LIMIT` where there are more."""
    limited = (query.order_by(None).limit(LIMIT + 1).subquery() for query in queries)
    counts = (select(func.count()).select_from(query).scalar_subquery() for query in limited)
    return list(session.execute(select(*counts)).one())


def per_value(session: Session, query: Select[Any]) -> tuple[dict[Any, int], int]:
    """How often a query of one column has each value, and how many rows it has; of no more than :data:`LIMIT` + 1."""
    rows = query.order_by(None).limit(LIMIT + 1).subquery()
    (value,) = rows.c
    found: dict[Any, int] = dict(session.execute(select(value, func.count()).group_by(value)).all())
    return found, sum(found.values())
