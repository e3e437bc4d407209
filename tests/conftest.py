"""Fixtures for tests of the whole: see :mod:`world`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from world import MakeWorld, World
from world.databases import ANYWHERE, KINDS, SERVERS, Worlds

from flask_intacct import sessions
from flask_intacct.sync import failing

MAIN_PATH = ("migrations/", "sync/test_initial.py", "test_clock.py", "test_transactions.py")
"""What `make test` runs on servers, too; what else there is on them is the matrix."""

WAITS = failing.WAITS
NOTHING = SimpleNamespace(params={})


@pytest.hookimpl(tryfirst=True)  # before it is chosen by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        given = getattr(item, "callspec", NOTHING).params.values()
        on_a_server = set(SERVERS) & {one.split(" ")[0] for one in given if isinstance(one, str)}
        if on_a_server and not item.path.relative_to(here).as_posix().startswith(MAIN_PATH):
            item.add_marker(pytest.mark.matrix)


@pytest.fixture(scope="session", autouse=True)
def no_pauses() -> Iterator[None]:
    """What would be tried again after some seconds is at once; what waits for a minute or longer does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "BACKOFF", 0.01)
        patch.setattr(failing, "WAITS", tuple(0.02 if wait < failing.LONG else wait for wait in failing.WAITS))
        yield


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits are as they are in production."""
    monkeypatch.setattr(failing, "WAITS", WAITS)


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    worlds = Worlds(tmp_path_factory.mktemp("worlds"))
    yield worlds
    worlds.drop()


@pytest.fixture
def make_world(worlds: Worlds) -> Iterator[MakeWorld]:
    """Makes worlds to a test's own measure, and ends them."""
    made: list[World] = []

    def make(*given: Any, **options: Any) -> World:
        made.append(worlds.make(*given, **options))
        return made[-1]

    yield make
    for world in reversed(made):
        worlds.end(world)


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A host and an Intacct company that know nothing of each other yet."""
    return make_world()


@pytest.fixture
def read_world(make_world: MakeWorld) -> World:
    """Both sides are read, and nothing is decided."""
    return make_world(stage="read")


@pytest.fixture
def decided_world(make_world: MakeWorld) -> World:
    """All is decided, and nothing confirmed."""
    return make_world(stage="decided")


@pytest.fixture
def synced_world(make_world: MakeWorld) -> World:
    """The initial sync is complete."""
    return make_world(stage="synced")


@pytest.fixture(params=KINDS)
def on(request: pytest.FixtureRequest) -> str:
    """SQLite and PostgreSQL, for tests of what a database must hold."""
    kind: str = request.param
    return kind


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    """Each database with several writers at a time, for tests of what they lock."""
    kind: str = request.param
    return kind


@pytest.fixture(params=ANYWHERE)
def anywhere(request: pytest.FixtureRequest) -> str:
    """Each database, MariaDB too, for the main path and for what databases say and compare in ways of their own."""
    kind: str = request.param
    return kind
