"""Conditions by which an index of MariaDB finds the few rows that are meant."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, databases, host

from flask_intacct import keys
from flask_intacct.models import Link
from flask_intacct.state import current

pytestmark = pytest.mark.skipif(not databases.MARIADB, reason="INTACCT_TEST_MARIADB is not set")

MANY = 2000


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """All is in step, and many other documents are known."""
    world: World = make_world(on="mariadb", stage="synced")
    other = {"connection_id": world.id, "kind": "invoice", "source": "another", "seen_at": 1}
    with current().transaction() as session:
        session.execute(sa.insert(Link), [{**other, "local_id": f"{at:05}"} for at in range(MANY)])
        session.execute(sa.text("ANALYZE TABLE intacct_link")).all()
    return world


def looked_at(query: str, given: Any) -> int:
    """How many links MariaDB expects to look at."""
    with host.db.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {query}", given).mappings()
        return max(int(row["rows"] or 0) for row in plan if row["table"] == "intacct_link")


def test_what_stands_behind_a_key_of_several_columns_is_found(world: World) -> None:
    columns = (Link.source, Link.local_id)
    behind = keys.beyond(columns, ("another", f"{MANY - 10:05}"))
    query = sa.select(Link.id).where(Link.connection_id == world.id, Link.kind == "invoice", behind).order_by(*columns)
    with current().reading() as session:
        assert len(session.execute(query.where(Link.source == "another")).all()) == 9
    compiled = query.compile(host.db.engine, compile_kwargs={"render_postcompile": True})
    assert looked_at(str(compiled), compiled.params) < 100


def test_a_sync_looks_at_no_other_documents_for_those_that_it_reads(world: World) -> None:
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and "FROM intacct_link" in statement and "local_id IN" in statement:
            seen.append((statement, given))

    sa.event.listen(host.db.engine, "before_cursor_execute", note)
    try:
        assert world.sync().state == "done"
    finally:
        sa.event.remove(host.db.engine, "before_cursor_execute", note)
    assert seen
    assert [statement for statement, given in seen if looked_at(statement, given) >= 100] == []
