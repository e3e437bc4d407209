"""What can be told wrong about a host's descriptions at start: each refusal names the model, the entry and the cure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Table
from sqlalchemy.orm import ColumnProperty, RelationshipProperty
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from . import loading
from .entries import OTHERS
from .errors import ConfigError, MappingError
from .local import Local, LocalDocument


def check(described: Sequence[Local], locals_of: Callable[[str], Sequence[Local]], db: SQLAlchemy) -> None:
    """Check what the descriptions say of each other and of the database.

    :param locals_of: Gives the descriptions of a kind.
    :raises MappingError: naming the model and the entry.
    """
    tables: dict[tuple[str, str], Any] = {}
    for local in described:
        _check_metadata(local, db)
        table = local.mapper.local_table
        if tables.setdefault((local.kind, local.source), table) is not table:
            raise MappingError(f"{local.who}: another table of this kind is called {local.source} too.")
        for part in (local.lines, local) if isinstance(local, LocalDocument) else (local,):
            loading.check(part)
            for name in part.entries:
                if name in OTHERS:
                    _check_lead(part, name, locals_of(OTHERS[name]), local)


def _check_metadata(local: Local, db: SQLAlchemy) -> None:
    for table in local.mapper.tables:
        if isinstance(table, Table) and table.metadata not in db.metadatas.values():
            raise MappingError(
                f"{local.who}: its table {table.name} is in a metadata that Flask-SQLAlchemy does not know, so that"
                " migrations of that metadata would drop our tables, which are in Flask-SQLAlchemy's. Make the two one:"
                f" db = SQLAlchemy(metadata={local.model.__name__}.metadata), or SQLAlchemy(model_class=Base) with the"
                " base of your models."
            )


def _check_lead(local: Local, name: str, others: Sequence[Local], maker: Local) -> None:
    """Where an entry means another row, the column or relationship has to say which."""
    prop, entry = local.prop(name), local.entries[name]
    if not others or prop is None:
        return  # nothing is described that it could mean, or only the host's own Python knows
    known = " or ".join(other.model.__name__ for other in others)
    cure = (
        f"It has to lead to a {known}: declare the ForeignKey, name a relationship, or give a callable that returns the"
        " row or its primary key."
    )
    if isinstance(prop, RelationshipProperty):
        target = prop.mapper.class_
        if not any(issubclass(target, other.model) or issubclass(other.model, target) for other in others):
            raise MappingError(f"{local.who}: {name}={entry!r} leads to a {target.__name__}. {cure}")
        if prop.viewonly and maker.create is None:
            raise MappingError(f"{local.who}: {name}={entry!r} is for viewing only. Name its column, or give create=.")
        return
    if not isinstance(prop, ColumnProperty):
        return
    found = local.leads(name)
    near = [(lead, other) for lead in found for other in others if lead.table in other.mapper.tables]
    if not found:
        raise MappingError(
            f"{local.who}: {name}={entry!r} is a column without a foreign key that we can follow. {cure}"
        )
    if not near:
        raise MappingError(f"{local.who}: {name}={entry!r} leads to the table {found[0].table.name}. {cure}")
    if not any(other.names(lead.there) for lead, other in near):
        columns = ", ".join(str(column) for column in near[0][0].there)
        raise MappingError(
            f"{local.who}: {name}={entry!r} refers to {columns}, which is no attribute of {known}. {cure}"
        )


def check_database(app: Flask, db: SQLAlchemy) -> None:
    """Refuse a database that all sessions share one connection to.

    :raises ConfigError: it does; the text says what to use instead.
    """
    if "sqlalchemy" not in app.extensions:
        raise ConfigError("Call db.init_app(app) first: our tables live in its database.")
    with app.app_context():
        engine = db.engines.get(None)
    if engine is None:
        raise ConfigError("Flask-SQLAlchemy has no default bind: set SQLALCHEMY_DATABASE_URI. Our tables live there.")
    in_memory = engine.dialect.name == "sqlite" and (
        engine.url.database in (None, "", ":memory:") or engine.url.query.get("mode") == "memory"
    )
    if in_memory or isinstance(engine.pool, StaticPool | SingletonThreadPool):
        raise ConfigError(
            "The database has one connection for everything (SQLite in memory, or a StaticPool): committing what is"
            " ours would commit what your session has not committed yet, and a rollback would undo both. Use a file,"
            ' in tests f"sqlite:///{tmp_path}/test.db".'
        )
