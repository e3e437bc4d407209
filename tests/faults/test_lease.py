"""The lease: kept by whoever lives, lost by whoever hangs, is frozen or was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from world import MakeWorld, host

from flask_intacct import gates, jobs, queueing
from flask_intacct.clock import boot, now
from flask_intacct.config import Config
from flask_intacct.models import Lease, Run
from flask_intacct.state import current
from flask_intacct.sync import keeper, lease
from flask_intacct.sync import run as runs

from .test_workers import TESTS, WORKER, arrived, wait_for

FROZEN = """
import os, signal, sys, sqlite3
sys.path.insert(0, sys.argv[1])
import sqlalchemy as sa
from world import host
from flask_intacct import jobs
app = host.make_app(*sys.argv[2:4], INTACCT_LEASE_SECONDS=1)
with app.app_context():
    file, met = host.db.engine.url.database, []
    def look(*_):
        if not met:
            query = "SELECT 1 FROM intacct_operation WHERE state = 'SENT' AND function = 'create_invoice'"
            with sqlite3.connect(file) as db:
                met.extend(db.execute(query))
            if met:
                os.kill(os.getpid(), signal.SIGSTOP)
    sa.event.listen(host.db.engine.pool, "checkin", look)
    jobs.work(int(sys.argv[4]))
"""
"""A worker that stops between the commit of what it sends and the request."""


def keepers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("intacct lease")]


def test_a_request_that_takes_longer_than_the_lease_lives_costs_nobody_the_run(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    world.configure(lease_seconds=2, read_timeout=30)
    run = world.confirm()
    world.sim.faults.add("latency", when="after", function="create_invoice", seconds=5)

    def worker() -> None:
        with world.app.app_context():
            jobs.work(run.id)

    thread = threading.Thread(target=worker)
    thread.start()
    wait_for(lambda: arrived(world, "create_invoice"))
    while world.operations()["SENT"]:
        jobs.tick()
        jobs.work(run.id)  # another worker, which finds the lease held
        thread.join(0.05)
    thread.join()
    assert world.get(Run, run.id).state == "done"
    assert (world.issues(), world.operations(), set(world.executions())) == ([], {"DONE": 7}, {1})


def test_code_of_the_host_that_takes_longer_than_the_lease_lives_brings_each_record_in_once(
    make_world: MakeWorld, on: str
) -> None:
    world = make_world(on=on, stage="decided")
    world.configure(lease_seconds=1)
    run, slow = world.confirm(), threading.Event()

    def takes_its_time(*_: object) -> None:
        if not slow.is_set():
            slow.set()
            time.sleep(2.5)

    def worker() -> None:
        with world.app.app_context():
            jobs.work(run.id)

    sa.event.listen(host.Invoice, "init", takes_its_time)
    try:
        thread = threading.Thread(target=worker)
        thread.start()
        assert slow.wait(30)
        jobs.tick()
        jobs.work(run.id)  # another worker
        thread.join()
        world.drain(run)
    finally:
        sa.event.remove(host.Invoice, "init", takes_its_time)
    assert world.get(Run, run.id).state == "done"
    assert (world.issues(), world.operations(), set(world.executions())) == ([], {"DONE": 7}, {1})
    numbers = [row.number for row in world.host(host.Invoice)]
    assert len(numbers) == len(set(numbers))


def test_a_worker_that_hangs_longer_than_it_said_loses_the_lease(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    world.configure(lease_seconds=1)
    hold = lease.take(current(), world.id)
    assert hold is not None
    with keeper.keeping(hold):
        hold.until(0)
        wait_for(lambda: lease.take(current(), world.id))
        with pytest.raises(lease.LeaseLost):
            hold.assure()
        with pytest.raises(lease.LeaseLost), current().transaction() as session:
            hold.fence(session)
    lease.release(current(), hold)


def test_a_worker_that_shows_a_sign_of_life_in_time_keeps_the_lease(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    world.configure(lease_seconds=1)
    hold = lease.take(current(), world.id)
    assert hold is not None
    with keeper.keeping(hold):
        first = hold.sure_until
        wait_for(lambda: hold.sure_until > first + 1)  # in time that would have been over
        assert lease.take(current(), world.id) is None
        hold.assure()
    lease.release(current(), hold)


def test_a_keeper_outlives_whatever_a_renewal_raises(make_world: MakeWorld, on: str) -> None:
    """A host that fetches its database's password when it connects, say, may raise anything."""
    world = make_world(on=on, stage="read")
    world.configure(lease_seconds=1)
    hold = lease.take(current(), world.id)
    assert hold is not None
    raised: list[object] = []

    @sa.event.listens_for(hold.engine.pool, "connect")
    def no_token(raw: object, record: object) -> None:
        if not raised:
            raised.append(raw)
            raise RuntimeError("no token")

    with keeper.keeping(hold):
        first = hold.sure_until
        wait_for(lambda: hold.sure_until > first)
    assert raised
    lease.release(current(), hold)


def test_a_worker_that_was_robbed_sends_nothing_more(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="read")
    hold = lease.take(current(), world.id)
    assert hold is not None
    with current().transaction() as session:
        session.execute(sa.update(Lease).values(token=Lease.token + 1))
    with pytest.raises(lease.LeaseLost):
        hold.renew()
    inner = gates.for_work(hold.engine, "demo", current().config, hold.owner)
    gate = keeper.LeasedGate(hold, inner, 60, lambda: boot() + 60, lambda: None)
    for kind in ("read", "write"):
        with pytest.raises(lease.LeaseLost), gate.slot(kind):
            raise AssertionError("it was let through")
    inner.close()
    lease.release(current(), hold)


def test_a_write_cuts_nothing_off_the_time_that_was_asked_for(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    hold = lease.take(current(), world.id)
    assert hold is not None
    hold.until(lease.PATIENCE * 2)
    due = hold.due
    with current().transaction() as session:
        hold.fence(session)
    assert hold.due == due
    hold.until(0)
    with current().transaction() as session:
        hold.fence(session)
    assert hold.due > boot() + lease.PATIENCE / 2


def test_what_a_released_lease_left_behind_renews_nothing(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="read")
    hold = lease.take(current(), world.id)
    assert hold is not None
    lease.release(current(), hold)
    with pytest.raises(lease.LeaseLost):
        hold.renew()
    hold.engine.dispose()
    assert lease.take(current(), world.id) is not None


def test_no_thread_and_no_connection_outlives_the_work(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    world.configure(lease_seconds=1)
    hold = lease.take(current(), world.id)
    assert hold is not None
    open_: list[object] = []
    sa.event.listen(hold.engine.pool, "connect", lambda raw, _: open_.append(raw))
    sa.event.listen(hold.engine.pool, "close", lambda raw, _: open_.remove(raw))
    with keeper.keeping(hold):
        wait_for(lambda: open_)
    lease.release(current(), hold)
    assert (keepers(), open_) == ([], [])
    jobs.work(runs.start(world.id, runs.READ, "ada").id)
    assert keepers() == []


def test_a_worker_frozen_between_claim_and_wire_sends_nothing_after_it_was_replaced(make_world: MakeWorld) -> None:
    world = make_world(stage="decided")
    world.configure(lease_seconds=1)
    run = world.confirm()
    command = [sys.executable, "-c", FROZEN, str(TESTS), world.database, world.sim.url, str(run.id)]
    worker = subprocess.Popen(command)
    try:
        _, status = os.waitpid(worker.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert (world.operations()["SENT"], arrived(world, "create_invoice")) == (1, False)

        def taken_over() -> bool:
            jobs.work(run.id)
            return world.get(Run, run.id).live is None

        wait_for(taken_over)
        assert world.operations()["UNKNOWN"] == 1
        os.kill(worker.pid, signal.SIGCONT)
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait()
    assert "INV-1" not in world.numbers("ARINVOICE")
    world.age(timedelta(minutes=17))
    world.sync()
    assert (world.issues(), world.operations(), set(world.executions())) == ([], {"DONE": 7}, {1})


def test_the_tick_brings_the_run_of_a_killed_worker_back(make_world: MakeWorld) -> None:
    world = make_world(stage="decided")
    run = world.confirm()
    queueing.queue().connection.flushall()
    world.sim.faults.add("latency", when="after", function="create_invoice", seconds=1)
    script = WORKER.replace("sys.argv[2:4]", "sys.argv[2:4], INTACCT_LEASE_SECONDS=2")
    command = [sys.executable, "-c", script, str(TESTS), world.database, world.sim.url, str(run.id)]
    worker = subprocess.Popen(command, start_new_session=True)
    wait_for(lambda: arrived(world, "create_invoice"))
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    with current().transaction() as session:  # what a lease of 30 s would have left behind
        session.execute(sa.update(Run).values(beat_at=now(-22), asked_at=now(-22)))

    def woken() -> int:
        jobs.tick()
        return queueing.queue().count

    wait_for(woken)  # and that it does within the life of the lease
    assert world.drain(run).state == "done"
    assert max(world.executions()) == 1  # the others wait until it is known what became of the first


def test_a_killed_worker_is_replaced_within_45_seconds_at_the_shipped_settings() -> None:
    start = 5  # seconds for RQ to start a job and for the application to load
    assert Config().lease_seconds + jobs.TICK_SECONDS + start <= 45
