"""The columns that this release needs, as the host's migrations brought them; and what they can't bring on MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Engine, inspect, text
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateColumn

from ..models import Base
from ..models.base import CHARSET


def lacking(engine: Engine) -> list[str]:
    """Tables and columns of ours that the database does not have."""
    inspector = inspect(engine)
    there = set(inspector.get_table_names())
    found = []
    for table in Base.metadata.sorted_tables:
        if table.name not in there:
            found.append(table.name)
            continue
        names = {column["name"] for column in inspector.get_columns(table.name)}
        found += [f"{table.name}.{column.name}" for column in table.columns if column.name not in names]
    return found


def convert(engine: Engine) -> Iterator[str]:
    """On MariaDB, have keys compared by code points, times kept to the microsecond, and texts take every letter; gives
    each changed table.

    Earlier versions had none of it there, and Alembic sees no difference between the two. Rows stay as they are.
    """
    if engine.dialect.name not in ("mysql", "mariadb"):
        return
    for table in Base.metadata.sorted_tables:
        with engine.connect() as connection:
            facts = _facts(connection, table.name)
            wrong = [column for column in table.columns if _differs(column, engine, *facts[column.name])]
            if not wrong:
                continue
            changes = (f"MODIFY COLUMN {CreateColumn(column).compile(dialect=engine.dialect)}" for column in wrong)
            name = engine.dialect.identifier_preparer.format_table(table)
            connection.exec_driver_sql(f"ALTER TABLE {name} DEFAULT CHARACTER SET {CHARSET}")  # of columns from then on
            connection.exec_driver_sql(f"ALTER TABLE {name} {', '.join(changes)}")
        yield table.name


def _facts(connection: Any, table: str) -> dict[str, list[Any]]:
    query = text(
        "SELECT column_name, character_set_name, collation_name, datetime_precision FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = :table"
    )
    return {name: facts for name, *facts in connection.execute(query, {"table": table})}


def _differs(
    column: Column[Any], engine: Engine, charset: str | None, collation: str | None, precision: int | None
) -> bool:
    if charset not in (None, CHARSET):
        return True
    wanted = column.type.dialect_impl(engine.dialect)
    inner = getattr(wanted, "impl_instance", wanted)  # below a decorator of ours
    if isinstance(inner, mysql.VARCHAR) and inner.collation:
        return collation != inner.collation
    return isinstance(inner, mysql.DATETIME) and precision != (inner.fsp or 0)
