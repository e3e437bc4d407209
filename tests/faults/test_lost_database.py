"""The database is lost right when Intacct's answer is to be written down: what became of it is looked up."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from urllib3.connection import HTTPConnection
from world import MakeWorld, World, host
from world.databases import POSTGRES

from flask_intacct import jobs

from .test_outbox import LATE, sent, settled
from .test_workers import lapse


@contextmanager
def answered(function: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something when the first answer to this function is there, and nothing of it is written down."""
    request, answer = HTTPConnection.request, HTTPConnection.getresponse
    asking: list[HTTPConnection] = []

    def sending(self: HTTPConnection, method: str, url: str, body: Any = None, **more: Any) -> Any:
        if f"<{function}>".encode() in body._stream.getvalue():
            asking.append(self)
        return request(self, method, url, body=body, **more)

    def answering(self: HTTPConnection) -> Any:
        found = answer(self)
        if asking == [self]:
            asking.append(self)
            act()
        return found

    HTTPConnection.request, HTTPConnection.getresponse = sending, answering  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        HTTPConnection.request, HTTPConnection.getresponse = request, answer  # type: ignore[method-assign]
    assert asking


class Server:
    """The database of a world, which may be lost: PostgreSQL ends its connections, SQLite can't commit."""

    def __init__(self, world: World) -> None:
        self._address = sa.make_url(world.database)
        self._failing = 0
        sa.event.listen(host.db.engine, "commit", self._committing)

    def stop(self) -> None:
        """It is away until it is started."""
        self._failing = -1
        self._tell("ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self.restart()

    def start(self) -> None:
        self._failing = 0
        self._tell("ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        sa.event.remove(host.db.engine, "commit", self._committing)

    def restart(self) -> None:
        """It is away for a moment."""
        self._failing = self._failing or 1
        self._tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def _tell(self, statement: str) -> None:
        if self._address.drivername.startswith("postgresql"):
            self._failing = 0
            engine = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
            with engine.connect() as connection:
                connection.exec_driver_sql(statement.format(name=self._address.database))

    def _committing(self, connection: Any) -> None:
        if self._failing:
            self._failing -= 1
            raise sa.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))


@pytest.mark.parametrize("lost", [Server.restart, Server.stop], ids=["for a moment", "for long"])
def test_a_document_whose_result_is_lost_with_the_database_is_there_once(
    make_world: MakeWorld, on: str, lost: Callable[[Server], None]
) -> None:
    world = make_world(on=on, stage="decided")
    run, server = world.confirm(), Server(world)
    with answered("create_invoice", lambda: lost(server)), suppress(sa.exc.OperationalError):
        jobs.work(run.id)
    server.start()
    assert (world.numbers("ARINVOICE").count("INV-1"), len(sent(world, "INV-1"))) == (1, 1)
    lapse(world)
    assert world.drain(run).state == "done"
    world.age(LATE)
    assert world.sync().state == "done"
    settled(world)
    assert len(sent(world, "INV-1")) == 1
