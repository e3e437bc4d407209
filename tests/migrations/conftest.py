"""Databases of all three makes, each a test's own, and loggers that Alembic's set-up does not silence for others."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from .apps import App, Made

VARIABLES = {"postgresql": "INTACCT_TEST_POSTGRES", "mariadb": "INTACCT_TEST_MARIADB"}
SERVERS = {name: os.environ[variable] for name, variable in VARIABLES.items() if os.environ.get(variable)}


@pytest.fixture(params=["sqlite", *SERVERS])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    server = SERVERS.get(request.param)
    if server is None:
        yield f"sqlite:///{tmp_path / 'app.db'}"
        return
    name = f"m{uuid4().hex[:12]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP DATABASE {name}")
    engine.dispose()


@pytest.fixture
def host(address: str, tmp_path: Path) -> Made:
    """Makes applications on this test's database and folder of migrations."""
    return lambda **options: App(address, tmp_path / "migrations", **options)


@pytest.fixture(autouse=True)
def _loggers() -> Iterator[None]:
    """Alembic's ``env.py`` sets logging up anew, as is right in a process of its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    disabled = {name for name, item in logging.root.manager.loggerDict.items() if getattr(item, "disabled", False)}
    yield
    root.handlers[:], root.level = handlers, level
    for name, item in logging.root.manager.loggerDict.items():
        if isinstance(item, logging.Logger):
            item.disabled = name in disabled
