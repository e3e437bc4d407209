"""Many rows of ours at once."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from world import MakeWorld, World, databases

from flask_intacct import bulk
from flask_intacct.models import Record
from flask_intacct.state import current

pytestmark = pytest.mark.skipif(not databases.MARIADB, reason="INTACCT_TEST_MARIADB is not set")


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    world: World = make_world(on="mariadb", stage="read")
    return world


def some(number: int, size: int) -> list[dict[str, Any]]:
    same = {"connection_id": 1, "object": "ARINVOICE", "name": "Some", "payload": {"NOTE": "x" * size}}
    return [{"key": f"some{at}"} | same for at in range(number)]


def inserts(session: Session) -> int:
    """How many of them the server has carried out for this session."""
    (row,) = session.execute(sa.text("SHOW SESSION STATUS LIKE 'Com_insert'"))
    return int(row[1])


def test_many_rows_are_a_few_statements_on_mariadb(world: World) -> None:
    with current().transaction() as session:
        before = inserts(session)
        bulk.insert_rows(session, Record, some(500, 10))
        assert inserts(session) - before <= 10
    assert len(world.rows(Record, Record.name == "Some")) == 500


def test_many_long_rows_are_more_than_mariadb_takes_at_once(world: World) -> None:
    with current().transaction() as session:
        bulk.insert_rows(session, Record, some(400, 60_000))
    assert len(world.rows(Record, Record.name == "Some")) == 400
