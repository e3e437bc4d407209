"""Statements: how many go to the database, and those of another program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from . import host


def plain_sql(*statements: str) -> None:
    """What another program does with the host's tables."""
    host.db.session.remove()
    with host.db.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextmanager
def counted(engine: sa.Engine | None = None) -> Iterator[list[str]]:
    """The statements that are carried out in here; one for many rows counts once, BEGIN and COMMIT do not count.

    :param engine: Where; else on the engine of the host of these tests.
    """
    seen: list[str] = []
    engine = engine or host.db.engine

    def note(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
