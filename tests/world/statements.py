"""How many statements go to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from . import host


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are carried out in here; one for many rows counts once, BEGIN and COMMIT do not count."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    sa.event.listen(host.db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(host.db.engine, "before_cursor_execute", note)
