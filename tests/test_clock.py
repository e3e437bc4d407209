"""Clocks that are an hour off: they block nobody, take nobody's lease and prove nothing early."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.clocks import off

from flask_intacct import jobs, queueing, signins
from flask_intacct.clock import boot, now, read
from flask_intacct.errors import Refused
from flask_intacct.gateway import Login
from flask_intacct.models import Connection, Lease, Run, SignIn
from flask_intacct.state import State, current
from flask_intacct.sync import lease
from flask_intacct.sync import run as runs

HOUR = timedelta(hours=1)
VARIABLES = {"postgresql": "INTACCT_TEST_POSTGRES", "mariadb": "INTACCT_TEST_MARIADB"}
SERVERS = {name: os.environ[variable] for name, variable in VARIABLES.items() if os.environ.get(variable)}

wrong = pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["fast", "slow"])


@pytest.fixture(params=["sqlite", *SERVERS])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    """An application with one connection, on each database that there is."""
    address, name = f"sqlite:///{tmp_path / 'app.db'}", f"c{uuid4().hex[:12]}"
    server = sa.create_engine(SERVERS.get(request.param, "sqlite://"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        if request.param in SERVERS:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
            address = server.url.set(database=name).render_as_string(hide_password=False)
        with host.make_app(address).app_context():
            host.db.create_all()
            with current().transaction() as session:
                session.add(Connection(id=1, company_id="1"))
            yield current()
            host.db.session.remove()
            host.db.engine.dispose()
        if request.param in SERVERS:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
    server.dispose()


def until(at: datetime) -> float:
    """Seconds from now on, by the database's clock."""
    with current().transaction() as session:
        return (at - read(session)).total_seconds()


# The database's clock


def test_the_clock_goes_on_within_a_transaction(state: State) -> None:
    with state.transaction() as session:
        first, deadline = read(session), boot() + 20
        while read(session) == first:
            assert boot() < deadline


def test_the_clock_shows_utc_whatever_zone_the_session_has(state: State) -> None:
    zone = {"postgresql": "SET TIME ZONE 'Asia/Kolkata'", "mysql": "SET time_zone = '+05:30'"}
    with state.transaction() as session:
        dialect = session.get_bind().dialect.name
        if dialect in zone:
            session.execute(sa.text(zone[dialect]))
        shown = read(session)
        assert abs(shown - datetime.now(UTC)) < timedelta(seconds=20)
        if dialect in zone:
            session.execute(sa.text({"postgresql": "RESET TIME ZONE", "mysql": "SET time_zone = DEFAULT"}[dialect]))


@pytest.mark.parametrize("seconds", [90, -90, 0.5])
def test_an_instant_from_now_is_stored_and_compared_in_sql(state: State, seconds: float) -> None:
    with state.transaction() as session:
        before = read(session)
        session.add(Lease(connection_id=1, expires_at=now(seconds)))
        session.flush()
        after = read(session)
        stored = session.scalars(sa.select(Lease.expires_at)).one()
        moved, second = timedelta(seconds=seconds), timedelta(seconds=1)  # MariaDB's column keeps whole seconds
        assert before - second <= stored - moved <= after
        later = sa.select(Lease.id).where(Lease.expires_at > now(seconds - 10), Lease.expires_at < now(seconds + 10))
        assert session.scalars(later).all()


# Leases


@wrong
def test_a_wrong_clock_takes_nobody_s_lease(state: State, by: timedelta) -> None:
    assert lease.take(state, 1) is not None
    with off(by):
        assert lease.take(state, 1) is None


@wrong
def test_a_worker_with_a_wrong_clock_holds_its_lease_like_any_other(state: State, by: timedelta) -> None:
    with off(by):
        hold = lease.take(state, 1)
        assert hold is not None
        with state.transaction() as session:
            hold.fence(session)
    assert lease.take(state, 1) is None
    with state.transaction() as session:
        expires = session.scalars(sa.select(Lease.expires_at)).one()
    assert until(expires) <= state.config.lease_seconds
    with off(by):
        lease.release(state, hold)
    assert lease.take(state, 1) is not None


# What was sent without an answer


@wrong
def test_a_worker_with_a_wrong_clock_proves_no_absence_early(make_world: MakeWorld, on: str, by: timedelta) -> None:
    world = make_world(on=on, stage="decided")
    world.sim.faults.add("drop", when="before", function="create_invoice")
    world.drain(world.confirm())
    with off(by):
        jobs.tick()
        assert world.rows(Run, Run.live.is_not(None)) == []  # no look-up is due
        world.sync()
    assert world.operations()["UNKNOWN"] == 1


@wrong
def test_what_a_worker_with_a_wrong_clock_sent_is_looked_up_in_time(decided_world: World, by: timedelta) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="before", function="create_invoice")
    with off(by):
        world.drain(world.confirm())
    jobs.tick()
    assert world.rows(Run, Run.live.is_not(None)) == []
    world.sync()
    assert world.operations()["UNKNOWN"] == 1
    world.age(timedelta(minutes=17))
    jobs.tick()
    (run,) = world.rows(Run, Run.live.is_not(None))
    world.drain(run)
    assert (world.operations(), world.issues(), set(world.executions())) == ({"DONE": 7}, [], {1})


# Runs


@wrong
def test_a_tick_with_a_wrong_clock_wakes_what_sleeps_and_nothing_else(decided_world: World, by: timedelta) -> None:
    run = decided_world.confirm()
    queueing.queue().connection.flushall()
    with off(by):
        jobs.tick()
    assert queueing.queue().count == 0  # it was asked for a moment ago
    with current().transaction() as session:
        session.execute(sa.update(Run).where(Run.id == run.id).values(asked_at=now(-60)))
    with off(by):
        jobs.tick()
    assert queueing.queue().count == 1


@wrong
def test_a_run_that_a_worker_with_a_wrong_clock_let_rest_rests_as_long_as_it_must(
    decided_world: World, by: timedelta
) -> None:
    run = decided_world.confirm()
    decided_world.sim.faults.add("rate", seconds=300)
    with off(by):
        jobs.work(run.id)
    rests = decided_world.get(Run, run.id).rests_until
    assert rests is not None
    assert 240 < until(rests) <= 300
    decided_world.sim.faults.clear()
    requests = len(decided_world.sim.requests)
    with off(by):
        jobs.work(run.id)
    assert len(decided_world.sim.requests) == requests
    with current().transaction() as session:
        row = session.get_one(Run, run.id)
        row.rests_until = read(session) - timedelta(seconds=1)
    with off(by):
        assert decided_world.drain(run).state == "done"


# Signing in


@wrong
def test_a_session_that_a_process_with_a_wrong_clock_got_serves_the_others(read_world: World, by: timedelta) -> None:
    read_world.sim.expire_sessions()
    with off(by):
        read_world.drain(runs.start(read_world.id, runs.READ, "ada"))
    requests = len(read_world.sim.requests)
    read_world.drain(runs.start(read_world.id, runs.READ, "ada"))
    assert all("getAPISession" not in request.functions for request in read_world.sim.requests[requests:])


@wrong
def test_a_process_with_a_wrong_clock_that_dies_signing_in_holds_nobody_up(state: State, by: timedelta) -> None:
    with off(by):
        signins.claim(state, "demo", "ws_user")
    with state.transaction() as session:
        claimed = session.scalars(sa.select(SignIn.claimed_until)).one()
    assert 0 < until(claimed) <= state.config.connect_timeout + state.config.read_timeout + 30


@wrong
def test_a_person_waits_as_long_as_they_must_before_a_wrong_clock(state: State, by: timedelta) -> None:
    login = Login("demo", "ws_user", "wrong")
    signins.begin(state, login)
    with off(by):
        signins.begin(state, login)
    with pytest.raises(Refused, match="try again from"):
        signins.begin(state, login)
    with state.transaction() as session:
        session.execute(sa.update(SignIn).values(until=now(-1)))
    signins.begin(state, login)
