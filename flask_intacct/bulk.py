"""Many rows of ours in few statements.

The ORM sends one for each where its database can't give ids back in order. Drivers of MariaDB send one for each row in
which the database fills a column, the time say, unless SQLAlchemy puts the rows together: it does to give something
back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from .isolation import MARIADB
from .models.base import Base

AT_ONCE = 100
"""Rows of a statement on MariaDB, which takes 16 MB unless it is told otherwise."""


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, given as what their columns hold, which are the same for all; their ids are not told."""
    if not rows:
        return
    statement = insert(model)
    dialect = session.get_bind().dialect
    if dialect.name in MARIADB and dialect.insert_returning:
        statement = statement.returning(model.id)
    session.execute(statement, rows, execution_options={"insertmanyvalues_page_size": AT_ONCE})


ID = "row_id"
"""What names a row for :func:`set_rows`."""


def set_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Set columns of rows, each to its own values, in one statement; rows that the session holds are not told.

    :param rows: The id of each under :data:`ID`, and what its columns become; all have the same columns.
    """
    if not rows:
        return
    table: Any = model.__table__
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in rows[0] if name != ID}
    given = [{name if name == ID else f"new_{name}": value for name, value in row.items()} for row in rows]
    session.connection().execute(update(table).where(table.c.id == bindparam(ID)).values(values), given)
