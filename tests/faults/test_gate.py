"""The gate: how many requests are in flight to an Intacct company, over all processes, and whose turn is next."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World
from world.statements import counted

from flask_intacct import gates, jobs, queueing, turns
from flask_intacct.clock import boot, now
from flask_intacct.errors import Refused
from flask_intacct.gateway import functions
from flask_intacct.gateway.errors import Crowded
from flask_intacct.models import Gate, Run
from flask_intacct.sessions import client_for, login_of
from flask_intacct.state import current
from flask_intacct.sync import lease
from flask_intacct.sync import run as runs

from .test_workers import TESTS, WORKER, arrived, lapse, wait_for

READER = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from world import host
from flask_intacct import gates
from flask_intacct.gateway import Login
from flask_intacct.sessions import client_for
from flask_intacct.state import current
with host.make_app(*sys.argv[2:4], INTACCT_MAX_IN_FLIGHT=int(sys.argv[5])).app_context():
    state = current()
    gate = gates.for_work(state.silent, "Demo", state.config, sys.argv[4])
    client = client_for(state, Login("demo", "ws_user", "secret"), gate=gate)
    for number in range(int(sys.argv[6])):
        list(client.query("LOCATION", ["RECORDNO"]))
        if sys.argv[7:] == ["stops"] and number == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
    gate.close()
"""
"""A worker that asks so often, one request after the other, and may be frozen after the first."""


def reader(world: World, name: str, most: int, times: int, *more: str) -> subprocess.Popen[bytes]:
    given = [world.database, world.sim.url, name, str(most), str(times), *more]
    return subprocess.Popen([sys.executable, "-c", READER, str(TESTS), *given])


def slots(owner: str, *, most: int, rank: int = turns.BACKGROUND) -> turns.Slots:
    return turns.Slots(current().silent, "demo", most, owner, rank, 60)


def queries(world: World) -> int:
    return sum("query" in request.functions for request in world.sim.requests)


@contextmanager
def all_in_use(owner: str = "another") -> Iterator[turns.Slots]:
    """Somebody has requests in flight in all slots."""
    other = slots(owner, most=current().config.max_in_flight)
    taken = other.take(owner, current().config.max_in_flight)
    assert len(taken) == current().config.max_in_flight
    yield other
    other.give_back(taken)


def test_four_workers_have_as_many_requests_in_flight_as_are_allowed(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere)
    world.sim.faults.add("latency", when="after", function="query", seconds=0.2, times=0)
    workers = [reader(world, f"worker{number}", 2, 10) for number in range(4)]
    assert [worker.wait(120) for worker in workers] == [0] * 4
    assert (world.sim.most_at_once, queries(world)) == (2, 40)


def test_a_run_keeps_within_what_is_allowed_however_it_reads_ahead(make_world: MakeWorld) -> None:
    world = make_world(stage="decided")
    world.configure(max_in_flight=1)
    assert world.start().state == "done"
    assert world.sim.most_at_once == 1


def test_the_slot_of_a_killed_worker_is_free_when_its_lease_is_taken_over(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    world.configure(max_in_flight=1)
    run = world.confirm()
    world.sim.faults.add("latency", when="after", function="create_invoice", seconds=1)
    script = WORKER.replace("sys.argv[2:4]", "sys.argv[2:4], INTACCT_MAX_IN_FLIGHT=1, INTACCT_READ_TIMEOUT=600")
    command = [sys.executable, "-c", script, str(TESTS), world.database, world.sim.url, str(run.id)]
    worker = subprocess.Popen(command, start_new_session=True)
    wait_for(lambda: arrived(world, "create_invoice"))
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert [bool(row.owner) for row in world.rows(Gate)] == [True, False]
    lapse(world)
    hold = lease.take(current(), world.id)
    assert hold is not None
    assert slots(hold.owner, most=1).take("mark") == [0]
    lease.release(current(), hold)


def test_a_frozen_worker_asks_again_before_it_sends(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on)
    worker = reader(world, "frozen", 1, 2, "stops")
    try:
        _, status = os.waitpid(worker.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        with current().transaction() as session:  # as after its time-outs
            session.execute(sa.update(Gate).values(expires_at=now(-1)))
        time.sleep(gates.KEPT)
        world.configure(max_in_flight=1)
        with all_in_use():
            os.kill(worker.pid, signal.SIGCONT)
            time.sleep(1)
            assert queries(world) == 1
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait()
    assert queries(world) == 2


def test_a_slot_runs_out_if_nobody_gives_it_back(make_world: MakeWorld, anywhere: str) -> None:
    make_world(on=anywhere)
    dead = turns.Slots(current().silent, "demo", 1, "dead", turns.BACKGROUND, 0.5)
    assert (dead.take("dead"), slots("next", most=1).take("next")) == ([0], [])
    time.sleep(0.6)
    assert slots("next", most=1).take("next") == [0]
    assert not dead.renew(0, yields=False)


def test_a_slot_is_given_back_though_the_database_was_started_again_meanwhile(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on)
    engine, gone = current().silent, [True]
    gate = gates.for_person(engine, "demo", current().config)

    def executing(*_: Any) -> None:
        if gone:
            gone.pop()
            raise sa.exc.OperationalError("", {}, sqlite3.OperationalError("the connection is closed"))

    with gate.slot("read"):
        sa.event.listen(engine, "before_cursor_execute", executing)
    sa.event.remove(engine, "before_cursor_execute", executing)
    assert not gone
    assert [row.owner for row in world.rows(Gate)] == ["", ""]


def test_a_rate_limit_halves_what_is_allowed_and_it_grows_back(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="read")
    world.configure(max_in_flight=4)
    work, at_once = slots("work", most=4), turns.AT_ONCE

    def open_() -> int:
        taken = work.take("work", 4, waits=False)
        work.give_back(taken)
        return len(taken)

    def age(seconds: float) -> None:
        with current().transaction() as session:
            rows = session.scalars(sa.select(Gate).where(Gate.shut_until.is_not(None))).all()
            for row in rows:
                assert row.shut_until is not None
                row.shut_until -= timedelta(seconds=seconds)

    client = client_for(current(), login_of(current(), world.id))
    client.sign_in()
    world.sim.faults.add("rate", function="query", seconds=0.01, times=2)  # two at once are one
    list(client.query("LOCATION", ["RECORDNO"]))
    assert open_() == 2
    age(at_once + 1)
    world.sim.faults.add("busy", function="query")
    list(client.query("LOCATION", ["RECORDNO"]))
    client.close()
    assert open_() == 1
    age(turns.GROWS + 1)
    assert open_() == 2
    age(turns.GROWS)
    assert open_() == 3
    age(turns.GROWS)
    assert open_() == 4


def test_one_slot_is_left_whatever_intacct_refuses(make_world: MakeWorld, on: str) -> None:
    make_world(on=on)
    work = slots("work", most=1)
    work.take("work")
    work.narrow()
    assert work.renew(0, yields=True)


def test_the_next_free_slot_is_that_of_a_person(make_world: MakeWorld, anywhere: str) -> None:
    make_world(on=anywhere)
    first, second = slots("first", most=1), slots("second", most=1)
    person = slots("person", most=1, rank=turns.PERSON)
    assert (first.take("1"), second.take("2"), person.take("p")) == ([0], [], [])
    assert not first.renew(0, yields=True)
    assert first.renew(0, yields=False)  # a write that is committed already
    first.give_back([0])
    assert (first.take("1"), second.take("2"), second.promising("2")) == ([], [], False)
    assert person.promising("p")
    assert person.take("p") == [0]
    person.give_back([0])
    assert second.take("2") == [0]


def test_nobody_waits_for_a_person_who_is_gone(make_world: MakeWorld, on: str) -> None:
    make_world(on=on)
    work, person = slots("work", most=1), slots("person", most=1, rank=turns.PERSON)
    assert (work.take("w"), person.take("p")) == ([0], [])
    work.give_back([0])
    assert work.take("w") == []
    with current().transaction() as session:
        session.execute(sa.update(Gate).values(turn_until=now()))
    assert work.take("w") == [0]


def test_a_person_gets_an_answer_while_workers_hold_all_slots(make_world: MakeWorld) -> None:
    world = make_world(stage="read")
    world.configure(max_in_flight=1)
    world.sim.faults.add("latency", when="after", function="query", seconds=0.2, times=0)
    workers = [reader(world, f"worker{number}", 1, 40) for number in range(2)]
    wait_for(lambda: queries(world) > 2)
    client, began = client_for(current(), login_of(current(), world.id), tries=1), boot()
    list(client.query("DEPARTMENT", ["RECORDNO"]))
    took = boot() - began
    client.close()
    left = [worker.poll() for worker in workers]
    for worker in workers:
        worker.kill()
        worker.wait()
    assert left == [None, None]  # they were at it
    assert took < gates.PATIENCE


def test_a_person_who_waits_too_long_is_told_so(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    world.begin()
    monkeypatch.setattr(gates, "PATIENCE", 0.3)
    with all_in_use(), pytest.raises(Refused, match=r"in line.*Try again in a minute"):
        world.sign_in()
    assert world.sim.requests == []
    world.sign_in()


def test_a_run_that_waits_longer_than_its_slice_comes_again(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(stage="synced")
    run = runs.start(world.id, runs.SYNC, "ada")
    queueing.queue().connection.flushall()
    world.configure(slice_seconds=1)
    for module in (gates, sys.modules["flask_intacct.sync.keeper"]):
        monkeypatch.setattr(module, "PATIENCE", 0.3)
    sent = len(world.sim.requests)
    with all_in_use():
        jobs.work(run.id)
    row = world.get(Run, run.id)
    assert (row.live, row.failures, queueing.queue().count) == (world.id, 0, 1)
    assert len(world.sim.requests) == sent
    assert world.drain(run).state == "done"


def test_a_write_whose_turn_does_not_come_is_proved_not_executed(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(stage="read")
    client = client_for(current(), login_of(current(), world.id))
    client.sign_in()
    sent = len(world.sim.requests)
    monkeypatch.setattr(gates, "PATIENCE", 0.3)
    with all_in_use(), pytest.raises(Crowded) as caught:
        client.execute([functions.create("VENDOR", {"VENDORID": "V77", "NAME": "Pipe & Co"})])
    client.close()
    assert (caught.value.executed, len(world.sim.requests)) == (False, sent)


def test_a_slot_that_was_reserved_is_there_for_the_write(make_world: MakeWorld, on: str) -> None:
    make_world(on=on)
    gate = gates.for_work(current().silent, "DEMO", current().config, "work")
    assert gate.reserve(5) == 2
    person = slots("person", most=2, rank=turns.PERSON)
    assert person.take("p") == []
    with gate.slot("write"), gate.slot("write"):
        pass
    gate.close()
    assert person.take("p", 2) == [0, 1]


@contextmanager
def both_in_use(gate: gates.CompanyGate) -> Iterator[threading.Event]:
    """Two requests are in flight by a gate until the event is set."""
    answered, entered = threading.Event(), threading.Semaphore(0)

    def ask() -> None:
        with gate.slot("write"):
            entered.release()
            answered.wait(30)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
        assert entered.acquire(timeout=30)
    assert gate.full()
    yield answered
    answered.set()
    for thread in asking:
        thread.join()


def behind(gate: gates.CompanyGate) -> threading.Thread:
    """One more request that waits for its turn."""

    def ask() -> None:
        with gate.slot("write"):
            pass

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_a_request_behind_those_of_its_own_process_costs_no_statement(make_world: MakeWorld, on: str) -> None:
    make_world(on=on)
    gate = gates.for_work(current().silent, "demo", current().config, "work")
    with both_in_use(gate) as answered, counted(current().silent) as sent:
        waiting = behind(gate)
        time.sleep(3 * gates._LOOK)
        assert sent == []
        answered.set()
        waiting.join(30)
    gate.close()
    assert not waiting.is_alive()


def test_a_write_behind_those_of_its_own_process_lets_a_person_go_first(make_world: MakeWorld, on: str) -> None:
    make_world(on=on)
    gate = gates.for_work(current().silent, "demo", current().config, "work")
    person = slots("person", most=2, rank=turns.PERSON)
    with both_in_use(gate) as answered:
        waiting = behind(gate)
        assert person.take("p") == []
        for held in gate._held:
            held.until = boot()  # they were kept for long enough
        answered.set()
        wait_for(lambda: person.take("p"))
        waiting.join(30)
    gate.close()
    assert not waiting.is_alive()


def test_what_a_worker_does_not_use_it_gives_back(make_world: MakeWorld, on: str) -> None:
    make_world(on=on)
    gate = gates.for_work(current().silent, "demo", current().config, "work")
    with gate.slot("read"):
        pass
    other = slots("other", most=2)
    assert len(other.take("other", 2, waits=False)) == 1
    wait_for(lambda: other.take("other", waits=False))
    wait_for(lambda: not any(thread.name == "intacct gate demo" for thread in threading.enumerate()))
    gate.close()


def test_companies_do_not_wait_for_each_other(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on)
    world.configure(max_in_flight=1)
    config, engine = current().config, current().silent
    first, same, second = (gates.for_person(engine, name, config) for name in ("Acme", "ACME", "Zeta"))
    with first.slot("read"):
        with second.slot("read"):
            pass
        with pytest.raises(Crowded), same.slot("read", until=boot()):
            raise AssertionError("it was let through")


def test_a_quiet_sync_asks_the_gate_a_few_times_only(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")
    world.sync()
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if "intacct_gate" in statement:
            seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    asked = len(world.sim.requests)
    try:
        world.sync()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert len(world.sim.requests) - asked > 10
    assert 1 <= len(seen) <= 6
