"""Worlds on databases of their own, on SQLite and, where their addresses are given, on PostgreSQL and MariaDB.

What takes long is done once: each stage is worked out for the first world that asks for it and copied for the others,
and an application, with all that its engine has learnt, is handed on from one world to the next.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from flask_intacct import installation, queueing
from flask_intacct.models import Session as StoredSession

from . import World, books, host

POSTGRES = os.environ.get("INTACCT_TEST_POSTGRES", "")
MARIADB = os.environ.get("INTACCT_TEST_MARIADB", "")
SERVERS = (*(("postgresql",) if POSTGRES else ()), *(("mariadb",) if MARIADB else ()))
"""Databases with several writers at a time."""
ANYWHERE = ("sqlite", *SERVERS)
"""Each database, for the main path and for what databases have ways of their own in."""
KINDS = ("sqlite", *(("postgresql",) if POSTGRES else ()))
"""What most tests of databases run on: few need MariaDB as well."""
STAGES = ("", "filled", "read", "decided", "synced")
_NUMBERS = count()


class Worlds:
    """Makes worlds, and ends them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prefix = f"w{os.getpid()}_{next(_NUMBERS)}"  # several of them may live in one process
        self._count = 0
        self._templates: dict[tuple[str, str], str] = {}
        self._synced: dict[str, World] = {}
        self._free: defaultdict[str, list[Flask]] = defaultdict(list)
        self._lent: dict[World, str] = {}
        self._made: list[str] = []

    def make(self, dataset: Any = None, *, on: str = "sqlite", stage: str = "filled", **settings: Any) -> World:
        """A world at this stage; with settings it has an application of its own."""
        template = self._template(on, stage)
        if settings or not self._free[on]:
            app = host.make_app(self._copy(template, self._address(on)), **settings)
        else:
            app = self._free[on].pop()
            self._copy(template, app.config["SQLALCHEMY_DATABASE_URI"])
        with app.app_context():
            installation._known.pop(host.db.engine, None)
        world = World(app, dataset, stage, self._synced.get(on) if stage == "synced" else None)
        if not settings:
            queueing.queue().connection.flushall()
            self._lent[world] = on
        return world

    def empty(self, on: str) -> str:
        """The address of a new database without tables."""
        address = self._address(on)
        if on != "sqlite":
            _create(address)
        return address

    def end(self, world: World) -> None:
        world.close()
        on = self._lent.pop(world, "")
        if on:
            self._free[on].append(world.app)

    def drop(self) -> None:
        """Remove what was made in servers; SQLite's files go with their folder."""
        for address in self._made:
            _drop(address)

    def _template(self, on: str, stage: str) -> str:
        """The address of a database that is never used but copied."""
        if (on, stage) not in self._templates:
            if stage:
                world = self.make(on=on, stage=STAGES[STAGES.index(stage) - 1])
                steps: dict[str, Callable[..., object]] = {
                    "filled": books.fill_host,
                    "read": world.connect,
                    "decided": world.decide,
                }
                steps.get(stage, world.start)()
                host.db.session.execute(sa.delete(StoredSession))  # another world has another simulator
                host.db.session.commit()
                self.end(world)
                if stage == "synced":
                    self._synced[on] = world
                self._templates[on, stage] = self._copy(world.database, self._address(on))
            else:
                self._templates[on, stage] = self._empty(self._address(on))
        return self._templates[on, stage]

    def _address(self, on: str) -> str:
        self._count += 1
        name = f"{self._prefix}_{self._count}"
        if on == "sqlite":
            return f"sqlite:///{self._folder / name}.sqlite"
        server = sa.make_url(POSTGRES if on == "postgresql" else MARIADB)
        self._made.append(server.set(database=name).render_as_string(hide_password=False))
        return self._made[-1]

    def _empty(self, address: str) -> str:
        if not address.startswith("sqlite"):
            _create(address)
        app = host.make_app(address)
        with app.app_context():
            host.db.create_all()
            host.db.session.remove()
            host.db.engine.dispose()
        return address

    def _copy(self, template: str, address: str) -> str:
        source, target = (sa.make_url(one).database or "" for one in (template, address))
        if address.startswith("sqlite"):
            shutil.copy(source, target)
        elif address.startswith("postgresql"):
            _drop(address)
            _execute(POSTGRES, f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
        else:
            _drop(address)
            self._empty(address)
            tables = [name for (name,) in _execute(template, "SHOW TABLES")]
            copies = [f"INSERT INTO `{target}`.`{name}` SELECT * FROM `{source}`.`{name}`" for name in tables]
            _execute(MARIADB, "SET foreign_key_checks = 0", *copies)
        return address


def _create(address: str, language: str = "") -> None:
    """An empty database; on PostgreSQL one that sorts texts as people of a language do, if one is named."""
    name = sa.make_url(address).database
    if address.startswith("postgresql"):
        sorting = f" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE '{language}'" if language else ""
        _execute(POSTGRES, f'CREATE DATABASE "{name}"{sorting}')
    else:
        _execute(MARIADB, f"CREATE DATABASE `{name}`")


def _drop(address: str) -> None:
    name = sa.make_url(address).database
    if address.startswith("postgresql"):
        _execute(POSTGRES, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    else:
        # What a worker that was made to die left open would be waited for.
        for (id_,) in _execute(MARIADB, f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"):
            with suppress(sa.exc.OperationalError):  # it ended by itself
                _execute(MARIADB, f"KILL {id_}")
        _execute(MARIADB, f"DROP DATABASE IF EXISTS `{name}`")


def _execute(address: str, *statements: str) -> list[Any]:
    """Carry statements out one after the other; gives the rows of the last one."""
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement)
        return list(result) if result.returns_rows else []
