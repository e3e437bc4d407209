"""A sweep over keys that is broken off in its middle: what it did not meet is not taken for gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from world import MakeWorld, World

from flask_intacct.gateway import channel
from flask_intacct.models import Cursor, Record, Run
from flask_intacct.sync import run as runs

from .test_deletions import GONE, HISTORY, delete
from .test_failures import tried


def worker(world: World) -> None:
    """Another worker goes on with it: each slice has one."""


def right(world: World) -> None:
    world.sim.deny("CUSTOMER")


def error(world: World) -> None:
    world.sim.faults.add("http", status=502, function="query", times=8)


def swept(world: World) -> str:
    """How far the sweep of customers came."""
    found = world.rows(Cursor, Cursor.object == "CUSTOMER", Cursor.stream == "sweep")
    return found[0].point if found else ""


@pytest.mark.parametrize("trouble", [worker, right, error])
def test_what_a_broken_sweep_did_not_meet_is_not_taken_for_gone(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, on: str, trouble: Callable[[World], None]
) -> None:
    monkeypatch.setattr(channel, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: None))
    monkeypatch.setattr("flask_intacct.sync.source.PAGE", 1)
    world = make_world(on=on, stage="synced")
    world.sim.deny(HISTORY)
    world.configure(slice_seconds=0)
    delete(world, "VENDOR", "V1")
    run = runs.start(world.id, runs.SYNC, "ada", scan=True)
    while swept(world) not in ("1", "2", "3"):
        assert tried(world, run).live is not None
    trouble(world)
    for _ in range(4):
        tried(world, run)
    assert world.rows(Record, Record.object == "CUSTOMER", Record.missing_since.is_not(None)) == []
    world.sim.company.denied.clear()
    world.sim.deny(HISTORY)
    world.sim.faults.clear()
    world.configure(slice_seconds=45)
    if tried(world, run).live is None:
        world.sync()
    else:
        world.drain(world.get(Run, run.id))
    gone = world.rows(Record, Record.missing_since.is_not(None))
    assert [record.natural_id for record in gone] == ["V1"]
    assert ("Daves Plumbing", GONE) in world.issues()
