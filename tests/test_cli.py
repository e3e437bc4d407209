"""The commands under `flask intacct`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from redis.exceptions import ConnectionError
from rq import Worker
from world import MakeWorld, World, host

from flask_intacct import cli, jobs, queued, queueing
from flask_intacct.models import Connection, Meta, Run, Session
from flask_intacct.onboarding import connect
from flask_intacct.state import current
from flask_intacct.vault import Vault


def invoke(world: World, *words: str) -> tuple[int, str]:
    result = world.app.test_cli_runner().invoke(args=["intacct", *words])
    return result.exit_code, result.output


@contextmanager
def listening() -> Iterator[Worker]:
    """A worker is there, and idle."""
    worker = Worker([queueing.queue()], connection=queueing.queue().connection)
    worker.register_birth()  # type: ignore[no-untyped-call]
    try:
        yield worker
    finally:
        worker.register_death()  # type: ignore[no-untyped-call]


def test_status_shows_every_company(synced_world: World) -> None:
    synced_world.save(host.Company(id=2, name="Harbour"))
    jobs.tick()  # else it would say that there is no scheduler
    queueing.queue().connection.delete(queueing.queue().key)
    with listening():
        code, text = invoke(synced_world, "status")
    first, second = text.splitlines()
    assert code == 0
    assert first == "Harbour: Not connected, 0 open issues"
    assert second.startswith("Northgate: Connected, last sync ")
    assert second.endswith(" UTC, 0 open issues")


def test_status_ends_with_1_where_no_worker_listens(synced_world: World) -> None:
    jobs.tick()
    code, text = invoke(synced_world, "status")
    assert code == 1
    assert "No worker listens to the queue intacct. Run `flask rq worker intacct`." in text


def test_status_ends_with_1_where_jobs_wait_for_long(synced_world: World) -> None:
    jobs.tick()
    queueing.queue().connection.delete(queueing.queue().key)
    queueing.enqueue(1)
    (job_id,) = queueing.queue().job_ids
    past = datetime.now(UTC) - timedelta(minutes=7)
    queueing.queue().connection.hset(f"rq:job:{job_id}", "enqueued_at", past.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    with listening():
        code, text = invoke(synced_world, "status")
    assert code == 1
    assert "A job in the queue intacct has waited for 7 minutes." in text


def test_status_ends_with_1_where_redis_is_away(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")
    jobs.tick()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queued, "workers", _away)
        code, text = invoke(world, "status")
    assert code == 1
    assert "Redis can't be reached (ConnectionError)." in text


def _away() -> None:
    raise ConnectionError("nobody there")


@pytest.mark.parametrize(("state", "code"), [("done", 0), ("failed", 1)])
def test_sync_waits_for_the_end_of_the_run_where_it_is_told_to(
    synced_world: World, monkeypatch: pytest.MonkeyPatch, state: str, code: int
) -> None:
    world = synced_world
    if state == "failed":
        world.sim.company.users["ws_user"].password = "changed"
        world.sim.expire_sessions()

    def work(seconds: float) -> None:
        world.drain(world.rows(Run, Run.kind == "sync")[-1])

    monkeypatch.setattr(cli, "sleep", work)
    found, text = invoke(world, "sync", "--wait")
    assert (found, f"run {world.rows(Run)[-1].id} is {state}" in text) == (code, True)


def test_sync_asks_for_a_run_of_each_connected_company(synced_world: World) -> None:
    code, text = invoke(synced_world, "sync")
    (run,) = synced_world.rows(Run, Run.kind == "sync")
    assert (code, text) == (0, f"Northgate: run {run.id} is queued.\n")
    assert run.asked_by == "command line"


def test_sync_of_a_company_that_is_not_connected_is_refused(synced_world: World) -> None:
    code, text = invoke(synced_world, "sync", "77")
    assert (code, text) == (1, "Error: No such company is connected.\n")


def test_sync_says_when_another_run_is_at_work(synced_world: World) -> None:
    connect.refresh(synced_world.id, "ada")
    code, text = invoke(synced_world, "sync", "1")
    assert code == 0
    assert "is still at work" in text


def test_upgrade_may_be_run_at_any_time(world: World) -> None:
    first, second = invoke(world, "upgrade"), invoke(world, "upgrade")
    (meta,) = world.rows(Meta)
    assert first == second == (0, f"The tables are those of this release (installation {meta.installation_id}).\n")


def test_rotated_secrets_open_with_the_new_key_alone(make_world: MakeWorld) -> None:
    new = Fernet.generate_key().decode()
    world = make_world(stage="read", INTACCT_SECRET_KEYS=[new, host.KEY])
    world.sign_in()
    assert invoke(world, "rotate-keys") == (0, "Sealed anew: 1 password. Stored sessions are dropped.\n")
    assert world.rows(Session) == []
    later = host.make_app(world.database, world.sim.url, INTACCT_SECRET_KEYS=[new])
    with later.app_context():
        assert connect.locations(world.id, "E1") == [("E1-10", "High Street"), ("E1-20", "Station Road")]
        assert current().config.secret_keys == (new,)
        host.db.session.remove()
        host.db.engine.dispose()


def test_a_secret_that_no_key_opens_is_named_with_its_cure(make_world: MakeWorld) -> None:
    world = make_world(stage="read", INTACCT_SECRET_KEYS=[Fernet.generate_key().decode()])
    run = world.drain(connect.refresh(world.id, "ada"))
    assert run.state == "failed"
    assert "INTACCT_SECRET_KEYS" in str(run.problem)


@pytest.fixture
def half_lost(make_world: MakeWorld) -> World:
    """Two companies; the key of the first one's password is gone."""
    world = make_world(stage="read")
    world.save(host.Company(id=2, name="Harbour"))
    world.begin("2")
    world.sign_in()
    with current().transaction() as session:
        session.get_one(Connection, 1).password_sealed = Vault([DROPPED]).seal("secret")
    return world


DROPPED = Fernet.generate_key().decode()


def test_a_password_that_no_key_opens_is_named_and_the_others_are_sealed_anew(half_lost: World) -> None:
    code, text = invoke(half_lost, "rotate-keys")
    assert code == 1
    assert "Sealed anew: 1 password." in text
    assert "Northgate: The stored password can't be opened" in text
    assert "Harbour" not in text
    assert [row.state for row in half_lost.rows(Connection)] == ["needs_reconnecting", "onboarding"]
    half_lost.id = 1
    half_lost.sign_in()
    assert invoke(half_lost, "rotate-keys")[0] == 0


def test_a_key_that_is_found_again_brings_the_connection_back(half_lost: World) -> None:
    assert invoke(half_lost, "rotate-keys")[0] == 1
    state = half_lost.app.extensions["intacct"]
    half_lost.app.extensions["intacct"] = replace(state, vault=Vault([host.KEY, DROPPED]))
    assert invoke(half_lost, "rotate-keys")[0] == 0
    assert [row.state for row in half_lost.rows(Connection)] == ["onboarding", "onboarding"]
    half_lost.app.extensions["intacct"] = state
    assert connect.entities(1)


def test_a_disconnected_company_has_no_password_to_lose(half_lost: World) -> None:
    with current().transaction() as session:
        session.get_one(Connection, 1).state = "disconnected"
    assert invoke(half_lost, "rotate-keys")[0] == 0


def test_an_upgrade_forgets_the_passwords_of_disconnected_companies(half_lost: World) -> None:
    with current().transaction() as session:
        session.get_one(Connection, 1).state = "disconnected"
    assert invoke(half_lost, "upgrade")[0] == 0
    with current().transaction() as session:
        sealed = session.execute(sa.select(Connection.id).where(Connection.password_sealed != "")).all()
    assert sealed == [(2,)]
