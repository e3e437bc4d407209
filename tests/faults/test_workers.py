"""Workers that die, lose their lease or meet each other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rq import SimpleWorker
from world import MakeWorld, World

from flask_intacct import jobs, links, queued, queueing
from flask_intacct.models import Lease, Link, Run, now
from flask_intacct.state import current
from flask_intacct.sync import lease, records
from flask_intacct.sync import run as runs

TESTS = Path(__file__).parents[1]
WORKER = """
import sys
sys.path.insert(0, sys.argv[1])
from world import host
from flask_intacct import jobs
with host.make_app(*sys.argv[2:4]).app_context():
    jobs.work(int(sys.argv[4]))
"""


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lapse(world: World, seconds: int = 120) -> None:
    """Let the time of the lease and of the run's last beat pass."""
    ago = now() - timedelta(seconds=seconds)
    with current().transaction() as session:
        session.execute(sa.update(Lease).values(expires_at=ago))
        session.execute(sa.update(Run).where(Run.live.is_not(None)).values(beat_at=ago, asked_at=ago))


def arrived(world: World, function: str) -> bool:
    return any(function in request.functions for request in world.sim.requests)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_goes_on_after_its_worker_was_killed_while_sending(make_world: MakeWorld, on: str, when: str) -> None:
    world = make_world(on=on, stage="decided")
    run = world.confirm()
    world.sim.faults.add("latency", when=when, function="create_invoice", seconds=1.5)
    command = [sys.executable, "-c", WORKER, str(TESTS), world.database, world.sim.url, str(run.id)]
    worker = subprocess.Popen(command, start_new_session=True)
    wait_for(lambda: arrived(world, "create_invoice"))
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert world.operations()["SENT"] == 1
    jobs.work(run.id)  # the lease of the dead still holds
    assert world.operations()["SENT"] == 1
    lapse(world)
    queueing.queue().connection.flushall()
    jobs.tick()
    assert queueing.queue().count == 1
    assert world.drain(run).state == "done"
    assert world.issues() == [("INV-1", "outcome unknown")]
    wait_for(lambda: "INV-1" in world.numbers("ARINVOICE"))  # the gateway works on, whoever has died
    world.age(timedelta(seconds=31))
    assert world.sync().state == "done"
    assert world.numbers("ARINVOICE").count("INV-1") == 1
    assert (world.issues(), world.operations()) == ([], {"DONE": 7})
    assert set(world.executions()) == {1}


def test_a_worker_that_lost_its_lease_writes_nothing_more(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    world.sim.faults.add("latency", when="after", function="create_invoice", seconds=1)

    def old_worker() -> None:
        with world.app.app_context():
            jobs.work(run.id)

    thread = threading.Thread(target=old_worker)
    thread.start()
    wait_for(lambda: arrived(world, "create_invoice"))
    hold = None
    while hold is None:  # its keeper may renew it in between
        lapse(world)
        hold = lease.take(current(), world.id)
    thread.join()
    assert (world.operations()["SENT"], world.link("INV-1").state) == (1, "create")
    lease.release(current(), hold)
    assert world.drain(run).state == "done"
    world.age(timedelta(seconds=31))
    world.sync()
    assert (world.issues(), world.operations(), set(world.executions())) == ([], {"DONE": 7}, {1})


def test_two_workers_at_one_run_do_its_work_once(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="decided")
    run = world.confirm()

    def worker() -> None:
        with world.app.app_context():
            while world.get(Run, run.id).live is not None:
                jobs.work(run.id)

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (world.get(Run, run.id).state, world.issues()) == ("done", [])
    assert (world.operations(), set(world.executions())) == ({"DONE": 7}, {1})


def test_a_worker_that_is_told_to_stop_hands_over_after_its_step(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    world.sim.faults.add("latency", when="after", function="create_invoice", seconds=1.5)
    command = [sys.executable, "-c", WORKER, str(TESTS), world.database, world.sim.url, str(run.id)]
    with subprocess.Popen(command) as worker:
        wait_for(lambda: arrived(world, "create_invoice"))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    row = world.get(Run, run.id)
    assert (row.state, row.live, world.operations()["SENT"]) == ("queued", world.id, 0)
    assert (world.link("INV-1").state, world.link("INV-3").state) == ("linked", "create")
    assert world.drain(run).state == "done"
    assert (world.issues(), set(world.executions())) == ([], {1})


def test_a_job_whose_worker_rq_was_told_to_stop_hands_over_and_wakes_another(decided_world: World) -> None:
    """A worker that forks gets the signal itself, and its job does not: RQ notes it in Redis."""
    world = decided_world
    run = world.confirm()
    sent = len(world.sim.requests)
    queue = queueing.queue()
    queue.connection.flushall()  # the plan has a job there, too
    queueing.enqueue(run.id)
    worker = SimpleWorker([queue], connection=queue.connection)
    world.sim.faults.add("latency", when="after", function="query", seconds=1.5)

    def stop() -> None:
        wait_for(lambda: len(world.sim.requests) > sent)
        queue.connection.hset(worker.key, "shutdown_requested_date", "2026-01-01T00:00:00.000000Z")

    thread = threading.Thread(target=stop)
    thread.start()
    worker.work(burst=True, max_jobs=1)
    thread.join()
    assert world.get(Run, run.id).state == "queued"
    assert [job.run_id for job in queued.waiting().jobs] == [run.id]


def test_a_worker_that_comes_too_late_leaves_an_ended_run_alone(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    runs.cancel(run.id, "ada")
    jobs.work(run.id)
    assert world.get(Run, run.id).state == "cancelled"


def test_a_redis_that_is_down_loses_no_run(make_world: MakeWorld) -> None:
    redis = {"RQ_CONNECTION": {"unix_socket_path": "/nonexistent"}, "RQ_CONNECTION_CLASS": "redis.Redis"}
    world = make_world(stage="decided", **redis)
    run = world.confirm()
    assert (run.state, queueing.enqueue(run.id)) == ("queued", False)
    assert world.drain(run).state == "done"


def test_what_a_person_takes_back_while_a_worker_joins_it_is_refused_or_stands(
    make_world: MakeWorld, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link is not joined to nothing: who decides waits for the worker, and then sees what it did."""
    world = make_world(on=server, stage="decided")
    run = world.confirm()
    link = next(link for link in world.links("tax_type", "matched"))
    outcomes: list[links.Outcome] = []

    def person() -> None:
        with world.app.app_context():
            outcomes.append(links.undo(world.id, [link.id], "ada"))

    thread, by_key = threading.Thread(target=person), records.by_key

    def between(session: Any, *given: Any) -> Any:
        if thread.ident is None and any(isinstance(row, Link) and row.id == link.id for row in session):
            thread.start()
            thread.join(1)
        return by_key(session, *given)

    monkeypatch.setattr(records, "by_key", between)
    world.drain(run)
    thread.join()
    now_ = world.get(Link, link.id)
    assert (now_.state, now_.record_key) == ("linked", link.record_key)
    assert outcomes[0].refused


def test_a_slow_worker_finds_a_run_that_was_paused_twice_at_rest(decided_world: World) -> None:
    world = decided_world
    world.configure(slice_seconds=0)
    run = world.confirm()
    jobs.work(run.id)
    hold = lease.take(current(), world.id)
    assert hold is not None
    runs.pause(run.id, "ada")  # its worker will see it
    lapse(world)
    runs.pause(run.id, "ada")  # nobody seems to be at it any more
    with current().transaction() as session:
        hold.fence(session)
        runs.heed(session, session.get_one(Run, run.id))
    lease.release(current(), hold)
    assert world.get(Run, run.id).state == "paused"
