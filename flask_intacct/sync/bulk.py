"""New rows of ours in one statement: the ORM sends one for each where its database can't give ids back in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.orm import Session

from ..models.base import Base


def add(session: Session, rows: Sequence[Base]) -> None:
    """Insert rows, alike in which columns are given, that belong to no session; their ids are not told."""
    if rows:
        session.execute(insert(type(rows[0])), [_given(row) for row in rows])


def _given(row: Base) -> dict[str, Any]:
    state = inspect(row)
    assert state is not None  # a row of a mapped class
    return {name: value for name, value in state.dict.items() if name in state.mapper.column_attrs}
