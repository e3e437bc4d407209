"""What ``flask db migrate`` writes for our tables runs: up, down and up again, on every database, empty or filled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_intacct.models import Base as OwnBase

from .apps import EARLIER, Made

# Flask-Migrate's own env.py is written for several versions of Flask-SQLAlchemy.
pytestmark = pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning")

OURS = {table.name: table for table in OwnBase.metadata.sorted_tables}


def type_of(column: sa.Column[Any]) -> type[Any]:
    plain = column.type.impl_instance if isinstance(column.type, sa.TypeDecorator) else column.type
    return plain.python_type


def example(column: sa.Column[Any]) -> Any:
    """A value that a column takes."""
    if isinstance(column.type, sa.JSON):
        return {"a": 1}
    kind = type_of(column)
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    return {str: "x", bytes: b"x", bool: True, int: 1, date: date(2026, 1, 31), datetime: moment}[kind]


def fill(connection: sa.Connection, present: Callable[[str], set[str]]) -> None:
    """One row in each table of ours, in the columns that are present."""
    for table in OwnBase.metadata.sorted_tables:
        there = present(table.name)
        if there:
            old = [column for column in table.columns if column.name in there]
            plain = sa.table(table.name, *(sa.column(column.name, column.type) for column in old))
            connection.execute(plain.insert().values({column.name: example(column) for column in old}))


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_our_tables_come_go_and_come_again_beside_those_of_the_host(host: Made, filled: bool) -> None:
    with host(ours=False) as before:
        before.migrate()
        if filled:
            before.db.session.execute(sa.text("INSERT INTO tenant (id, name) VALUES (1, 'Ann')"))
            before.db.session.commit()
    with host() as app:
        app.migrate()
        assert app.tables() >= set(OURS)
        assert app.differences() == []
        if filled:
            with app.db.engine.begin() as connection:
                fill(connection, app.columns)
        flask_migrate.downgrade()
        assert not app.tables() & set(OURS)
        flask_migrate.upgrade()
        assert app.tables() >= set(OURS)
        assert app.db.session.scalar(sa.text("SELECT count(*) FROM tenant")) == int(filled)


@pytest.mark.parametrize("version", EARLIER)
@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_tables_of_an_earlier_version_become_todays(host: Made, version: str, filled: bool) -> None:
    with host() as app:
        app.earlier(version)
        old = app.tables()
        if filled:
            with app.db.engine.begin() as connection:
                fill(connection, app.columns)
        app.migrate()
        assert app.differences() == []
        if filled:
            with Session(app.db.engine) as session:
                for mapper in OwnBase.registry.mappers:
                    if mapper.class_.__tablename__ in old:
                        assert session.scalars(sa.select(mapper.class_)).one()
        flask_migrate.downgrade()
        flask_migrate.upgrade()
        assert app.differences() == []


def test_a_migration_names_no_type_of_ours(host: Made) -> None:
    with host() as app:
        assert "flask_intacct" not in app.migrate()


def test_a_table_can_be_dropped_index_by_index() -> None:
    """MariaDB keeps an index that a foreign key uses, so such a key has a constraint that goes with the table."""
    for table in OwnBase.metadata.sorted_tables:
        leading = {next(iter(index.columns)) for index in table.indexes}
        assert not [column for column in leading if column.foreign_keys and column not in led_by_constraint(table)]


def led_by_constraint(table: sa.Table) -> list[sa.Column[Any]]:
    return [next(iter(key.columns)) for key in table.constraints if isinstance(key, sa.UniqueConstraint)]
