"""What schema version 1 had sent without an answer is looked up and adopted after the upgrade, never sent again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from flask_migrate import Migrate
from world import MakeWorld, World, host

from flask_intacct.models import Base, Operation
from flask_intacct.state import current

from .apps import EARLIER
from .rows_of_schema_one import OPERATION, filled, plain

pytestmark = pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning")


def take_over(source: sa.Engine, target: sa.Engine) -> None:
    """Copy all rows into the host's tables and into those of schema version 1, as that wrote them."""
    inspector = sa.inspect(target)
    ours = {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}
    host.db.metadata.create_all(target, [t for t in host.db.metadata.sorted_tables if t.name not in Base.metadata])
    with source.connect() as reading, target.begin() as writing:
        for table in host.db.metadata.sorted_tables:
            if table.name in Base.metadata.tables:
                if table.name not in ours:
                    continue
                table = plain(table.name, ours[table.name])
            rows = [dict(row) for row in reading.execute(sa.select(table)).mappings()]
            for row in rows:
                if table.name == "intacct_meta":
                    row["schema_version"] = 1
                if table.name == "intacct_operation" and row["state"] == "UNKNOWN":
                    same = {name: row[name] for name in ("link_id", "op_key", "control_id")}
                    row |= filled(table, OPERATION | same)
            if rows:
                writing.execute(table.insert(), rows)
            if target.dialect.name == "postgresql" and "id" in table.columns:
                last = sa.func.coalesce(sa.func.max(table.c.id), 1)
                writing.execute(sa.select(sa.func.setval(f"{table.name}_id_seq", last)))


@contextmanager
def upgraded(world: World, address: str, folder: str) -> Iterator[None]:
    """An application on a database of schema version 1 that goes on with a world's rows, after its upgrade."""
    app = host.make_app(address, world.sim.url)
    Migrate(app, host.db, directory=folder)
    with app.app_context():
        try:
            flask_migrate.init()
            for module in EARLIER["schema one"]:
                shutil.copy(str(module.__file__), f"{folder}/versions")
            flask_migrate.upgrade()
            source = sa.create_engine(world.database)
            take_over(source, current().engine)
            source.dispose()
            flask_migrate.migrate()
            flask_migrate.upgrade()
            assert app.test_cli_runner().invoke(args=["intacct", "upgrade"]).exit_code == 0
            yield
        finally:
            host.db.session.remove()
            host.db.engine.dispose()


def test_an_operation_of_unknown_outcome_is_adopted_after_an_upgrade(
    make_world: MakeWorld, address: str, tmp_path: Path
) -> None:
    backend = sa.make_url(address).get_backend_name()
    world = make_world(stage="decided", on={"mysql": "mariadb"}.get(backend, backend))
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    (sent,) = world.rows(Operation, Operation.state == "UNKNOWN")
    with upgraded(world, address, str(tmp_path / "migrations")):
        (operation,) = world.rows(Operation, Operation.state == "UNKNOWN")
        assert (operation.control_id, operation.payload) == (sent.control_id, OPERATION["payload"])
        before = len(world.sim.requests)
        assert world.sync().state == "done"
        assert "<invoiceno>INV-1<" not in "".join(one.body for one in world.sim.requests[before:])
        assert world.get(Operation, operation.id).state == "DONE"
        assert world.link("INV-1").state == "linked"
        assert world.operations() == {"DONE": sum(world.executions().values())}
        assert set(world.executions()) == {1}
