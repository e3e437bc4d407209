"""Intacct away, or a right missing, for a moment, an hour, a night: the run rests and goes on, and each change is told
once."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from world import MakeWorld, World
from world.papers import another_invoice

from flask_intacct import jobs, signals
from flask_intacct.gateway import channel
from flask_intacct.models import Notice, Run
from flask_intacct.state import current
from flask_intacct.sync import run as runs

MINUTE, HOUR = 60, 3600
STEP = 10 * MINUTE
RESTED = ["The sync rests.", "The sync goes on.", "The sync is complete."]


@pytest.fixture(autouse=True)
def _no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own waits between two tries."""
    monkeypatch.setattr(channel, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: None))


def waiting(world: World) -> World:
    """A document waits to be sent; slices are so short that no worker sleeps."""
    world.configure(slice_seconds=0.5)
    world.save(another_invoice(world, "N-1"))
    return world


def let_pass(world: World, seconds: float) -> None:
    """Let time pass: the scheduler ticks, and workers do what it wakes."""
    while seconds > 0:
        step = min(seconds, STEP)
        seconds -= step
        with current().transaction() as session:
            for run in session.scalars(sa.select(Run)):
                for name in ("asked_at", "started_at", "beat_at", "rests_until", "finished_at"):
                    moment = getattr(run, name)
                    setattr(run, name, moment and moment - timedelta(seconds=step))
        jobs.tick()
        for run in world.rows(Run, Run.live.is_not(None)):
            jobs.work(run.id)


def told(world: World) -> list[str]:
    return [str(row.message) for row in world.rows(Notice)][1:]  # but for that of the initial sync


@pytest.mark.parametrize(
    ("seconds", "notices"),
    [(44, RESTED[-1:]), (HOUR, RESTED), (8 * HOUR, RESTED)],
    ids=["44 seconds", "an hour", "a night"],
)
def test_a_gateway_that_is_away_is_told_once_as_it_goes_and_once_as_it_comes_back(
    make_world: MakeWorld, on: str, seconds: float, notices: list[str], pauses: None
) -> None:
    world = waiting(make_world(on=on, stage="synced"))
    world.sim.faults.add("http", status=503, times=0)
    run, asked = runs.start(world.id, runs.SYNC, "ada"), len(world.sim.requests)
    jobs.work(run.id)
    let_pass(world, seconds)
    jobs.nightly()
    assert world.get(Run, run.id).state == "running"
    assert len(world.sim.requests) - asked < 300
    world.sim.faults.clear()
    world.configure(slice_seconds=45)
    let_pass(world, STEP * 4)
    assert (world.get(Run, run.id).state, told(world), world.issues()) == ("done", notices, [])
    assert world.numbers("ARINVOICE").count("N-1") == 1


def test_a_right_that_is_missing_for_a_night_is_told_once_as_it_goes_and_once_as_it_comes_back(
    make_world: MakeWorld, on: str
) -> None:
    world = waiting(make_world(on=on, stage="synced", INTACCT_PUSH=True))
    heard: list[str] = []

    def hear(sender: object, **given: str) -> None:
        heard.append(given["level"])

    with signals.run_finished.connected_to(hear):
        world.sim.deny("ARINVOICE")
        for _ in range(3):
            jobs.nightly()
            let_pass(world, 3 * HOUR)
        assert (told(world), [cause for _, cause in world.issues()]) == (["The sync stopped."], ["stopped"])
        world.sim.company.denied.clear()
        jobs.nightly()
        let_pass(world, HOUR)
    assert (told(world), world.issues()) == (["The sync stopped.", "The sync is complete."], [])
    assert (heard[0], heard[-1]) == ("red", "blue")
    assert world.numbers("ARINVOICE").count("N-1") == 1
