"""Databases of a test's own, on SQLite and, where its address is given, on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

import sqlalchemy as sa

from . import World, books

POSTGRES = os.environ.get("INTACCT_TEST_POSTGRES", "")
KINDS = ("sqlite", "postgresql") if POSTGRES else ("sqlite",)
STAGES = ("filled", "read", "decided")


class Databases:
    """Makes databases; those of one stage are copies of one that was worked out once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[str] = []
        self._templates: dict[tuple[str, str], str] = {}

    def make(self, kind: str, stage: str) -> str:
        """The address of a new database."""
        return self._copy(kind, self._template(kind, stage) if stage else "")

    def drop(self) -> None:
        """Remove what was made in PostgreSQL; SQLite's files go with their folder."""
        for address in self._made:
            if not address.startswith("sqlite"):
                _postgres(f'DROP DATABASE IF EXISTS "{sa.make_url(address).database}" WITH (FORCE)')

    def _template(self, kind: str, stage: str) -> str:
        if (kind, stage) not in self._templates:
            before = ("", *STAGES)[STAGES.index(stage)]
            address = self.make(kind, before)
            world = World(address, stage=before)
            if stage == "filled":
                books.fill_host()
            elif stage == "read":
                world.connect()
            else:
                world.decide()
            world.close()
            self._templates[kind, stage] = address
        return self._templates[kind, stage]

    def _copy(self, kind: str, template: str) -> str:
        name = f"w{uuid.uuid4().hex[:12]}"
        if kind == "sqlite":
            path = self._folder / f"{name}.sqlite"
            if template:
                shutil.copy(sa.make_url(template).database or "", path)
            address = f"sqlite:///{path}"
        else:
            base = sa.make_url(template).database if template else "template1"
            _postgres(f'CREATE DATABASE "{name}" TEMPLATE "{base}"')
            address = sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        self._made.append(address)
        return address


def _postgres(statement: str) -> None:
    engine = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
