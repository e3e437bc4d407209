"""The scheduler: it ticks in its own process, and outlives a database and a Redis that are away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World

from flask_intacct import heartbeat, jobs, queued, queueing
from flask_intacct.clock import now
from flask_intacct.models import Meta, Run
from flask_intacct.scheduler import Scheduler
from flask_intacct.state import current

TESTS = Path(__file__).parent
SCHEDULER = """
import sys
sys.path.insert(0, sys.argv[1])
from world import host
app = host.make_app(sys.argv[2])
sys.exit(app.test_cli_runner().invoke(args=["intacct", "scheduler"]).exit_code)
"""


def scheduler(world: World) -> Scheduler:
    return Scheduler(world.app, current())


def late(world: World, seconds: float) -> None:
    """Let the live runs have been silent for so long."""
    with current().transaction() as session:
        ago = {"beat_at": now(-seconds), "asked_at": now(-seconds)}
        session.execute(sa.update(Run).where(Run.live.is_not(None)).values(ago))


def age() -> float | None:
    with current().transaction() as session:
        return heartbeat.age(session)


def listed() -> list[str]:
    """The jobs that wait, by what RQ calls them."""
    queue = queueing.queue()
    connection: Any = queue.connection
    keys = (f"rq:job:{id_.decode()}" for id_ in connection.lrange(queue.key, 0, -1))
    return [(connection.hget(key, "description") or b"").decode() for key in keys]


def test_it_ticks_in_its_own_process(decided_world: World) -> None:
    run = decided_world.confirm()
    queueing.queue().connection.flushall()
    late(decided_world, 60)
    ours = scheduler(decided_world)
    assert 0 < ours.turn() <= jobs.TICK_SECONDS
    assert listed() == [f"Sage Intacct run {run.id}"]  # and no tick among them
    assert age() is not None
    queueing.queue().connection.flushall()
    ours.turn()
    assert listed() == []  # the next tick is not due yet


def test_it_queues_what_the_application_has_on_its_schedule(make_world: MakeWorld) -> None:
    world = make_world(INTACCT_NIGHTLY="")
    current().rq.cron_register(jobs.nightly, 3600, queue="intacct")
    scheduler(world).turn()
    assert listed() == ["flask_intacct.jobs.nightly()"]


def test_two_schedulers_start_one_sync_a_night(synced_world: World) -> None:
    for _ in range(2):
        scheduler(synced_world).turn()
        jobs.nightly()
    assert len(synced_world.rows(Run, Run.kind == "sync")) == 1


def test_it_outlives_a_redis_that_is_away(decided_world: World) -> None:
    run = decided_world.confirm()
    ours = scheduler(decided_world)
    server = decided_world.app.config["RQ_CONNECTION"]["server"]
    server.connected = False
    try:
        assert 0 < ours.turn() <= jobs.TICK_SECONDS
    finally:
        server.connected = True
    assert age() is not None
    queueing.queue().connection.flushall()
    late(decided_world, 60)
    jobs.tick()
    assert listed() == [f"Sage Intacct run {run.id}"]


def test_a_tick_that_fails_does_not_end_it(make_world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    world = make_world(stage="")
    with current().transaction() as session:
        session.execute(sa.text("ALTER TABLE intacct_lease RENAME TO elsewhere"))
    assert 0 < scheduler(world).turn() <= jobs.TICK_SECONDS
    assert "The tick failed." in caplog.text


def test_ticks_do_not_pile_up_jobs_while_no_worker_is_there(decided_world: World) -> None:
    run = decided_world.confirm()
    queueing.queue().connection.flushall()
    for _ in range(5):
        late(decided_world, 60)
        jobs.tick()
    assert [job.run_id for job in queued.waiting().jobs] == [run.id]


def test_it_ends_when_it_is_told_to(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world()
    command = [sys.executable, "-c", SCHEDULER, str(TESTS), world.database]
    process = subprocess.Popen(command)
    while age() is None:
        assert process.poll() is None
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 0


def status(world: World) -> Any:
    return world.app.test_cli_runner().invoke(args=["intacct", "status"])


def test_status_tells_of_a_scheduler_that_never_ran_or_is_silent(world: World) -> None:
    assert "The scheduler has not run yet." in status(world).stderr
    scheduler(world).turn()
    assert "scheduler" not in status(world).output
    with current().transaction() as session:
        session.execute(sa.update(Meta).values(ticked_at=now(-600)))
    assert "The scheduler has been silent for 10 minutes." in status(world).stderr
