"""Hosts with Flask-Migrate."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from flask_intacct import Intacct, Local

from . import first_version, last_of_schema_one

EARLIER = {"first": [first_version], "schema one": [first_version, last_of_schema_one]}


class App:
    """A host of its own with Flask-Migrate, with or without the extension, on a folder of migrations."""

    def __init__(self, address: str, folder: Path, *, ours: bool = True) -> None:
        self.db = SQLAlchemy()
        self.folder = folder

        class Tenant(self.db.Model):  # type: ignore[name-defined, misc]
            id = self.db.Column(self.db.Integer, primary_key=True)
            name = self.db.Column(self.db.String(40))

        self.app = Flask("host")
        self.app.config.update(
            SECRET_KEY="test",
            SQLALCHEMY_DATABASE_URI=address,
            INTACCT_SENDER_ID="sender",
            INTACCT_SENDER_PASSWORD="s3cret",
            INTACCT_SECRET_KEYS=[Fernet.generate_key().decode()],
        )
        self.db.init_app(self.app)
        Migrate(self.app, self.db, directory=str(folder))
        if ours:
            Intacct(contacts=Local(Tenant, role="customer", name="name")).init_app(self.app, self.db)

    def __enter__(self) -> App:
        self._context = self.app.app_context()
        self._context.push()
        if not self.folder.exists():
            flask_migrate.init()
        return self

    def __exit__(self, *error: object) -> None:
        self.db.session.remove()
        self.db.engine.dispose()
        self._context.pop()

    def migrate(self) -> str:
        """Write a migration for what the database lacks, run it, and return its text."""
        before = set(self.folder.glob("versions/*.py"))
        flask_migrate.migrate()
        flask_migrate.upgrade()
        (made,) = set(self.folder.glob("versions/*.py")) - before
        return made.read_text()

    def earlier(self, version: str) -> None:
        """Bring the tables of an earlier version, as a host has them that kept its migrations."""
        for module in EARLIER[version]:
            shutil.copy(str(module.__file__), self.folder / "versions")
        flask_migrate.upgrade()

    def differences(self) -> list[Any]:
        """What a second ``flask db migrate`` would find."""
        with self.db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            return list(compare_metadata(context, self.db.metadata))

    def tables(self) -> set[str]:
        return set(sa.inspect(self.db.engine).get_table_names())

    def columns(self, table: str) -> set[str]:
        """Those of a table in the database; none if it is not there."""
        inspector = sa.inspect(self.db.engine)
        return {column["name"] for column in inspector.get_columns(table)} if inspector.has_table(table) else set()


Made = Callable[..., App]
