"""What Prometheus is told, as the command prints it and the extension gives it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from redis.exceptions import ConnectionError
from rq import Worker
from world import MakeWorld, World, host
from world.statements import counted

from flask_intacct import Intacct, jobs, queued, queueing
from flask_intacct.errors import ConfigError
from flask_intacct.issues import Finding, open_issue
from flask_intacct.messages import quoted
from flask_intacct.models import ApiUsage, Connection, Meta, Operation, Run
from flask_intacct.onboarding import connect
from flask_intacct.state import current
from flask_intacct.sync import run as runs

Metrics = dict[tuple[str, ...], float]
"""By name and the values of the labels, in the order of their names."""


def measured() -> Metrics:
    host.db.session.rollback()
    families = text_string_to_metric_families(Intacct().metrics())
    return {
        (one.name, *(one.labels[label] for label in sorted(one.labels))): one.value
        for family in families
        for one in family.samples
    }


def states(found: Metrics, name: str, connection: int = 1) -> dict[str, float]:
    """Those of the states of a connection whose number is not 0."""
    return {key[2]: value for key, value in found.items() if key[:2] == (name, str(connection)) and value}


def of_run(world: World) -> dict[str, float]:
    return states(measured(), "intacct_runs", world.id)


@contextmanager
def changed(run_id: int) -> Iterator[Run]:
    with current().transaction() as session:
        yield session.get_one(Run, run_id)


def test_a_connection_is_named_once_with_its_state(synced_world: World) -> None:
    found = measured()
    assert found["intacct_connection_info", "Northgate", "1", "connected"] == 1
    assert [key for key in found if "Northgate" in key[1:]] == [
        ("intacct_connection_info", "Northgate", "1", "connected")
    ]


def test_the_age_of_the_last_complete_sync_is_by_the_database_s_clock(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="synced")
    with current().transaction() as session:
        row = session.get_one(Connection, world.id)
        assert row.synced_at is not None
        row.synced_at -= timedelta(hours=2)
    assert 7200 <= measured()["intacct_sync_age_seconds", "1"] < 7200 + 3600


def test_a_connection_without_a_complete_sync_has_no_age(read_world: World) -> None:
    found = measured()
    assert ("intacct_sync_age_seconds", "1") not in found
    assert found["intacct_connection_info", "Northgate", "1", "onboarding"] == 1


def test_a_run_is_told_in_the_state_that_it_is_in(synced_world: World) -> None:
    world = synced_world
    assert of_run(world) == {}
    run = runs.start(world.id, runs.SYNC, "ada")
    assert of_run(world) == {"queued": 1}
    with changed(run.id) as row:
        row.rests_until = row.asked_at + timedelta(hours=1)
    assert of_run(world) == {"resting": 1}
    with changed(run.id) as row:
        row.rests_until = row.asked_at - timedelta(hours=1)
    assert of_run(world) == {"queued": 1}
    runs.pause(run.id, "ada")
    assert of_run(world) == {"paused": 1}


def test_open_issues_are_told_by_severity(synced_world: World) -> None:
    world = synced_world
    before = states(measured(), "intacct_issues")
    with current().transaction() as session:
        for number, severity in enumerate(("error", "error", "warning")):
            open_issue(session, world.id, f"link:{number}", Finding("odd", quoted("Odd."), severity=severity))
    found = measured()
    assert states(found, "intacct_issues") == {
        **before,
        "error": before.get("error", 0) + 2,
        "warning": before.get("warning", 0) + 1,
    }
    assert {key[2] for key in found if key[0] == "intacct_issues"} == {"error", "warning", "notice"}


def test_operations_are_told_until_they_are_over(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="synced")
    assert set(world.operations()) == {"DONE"}
    assert states(measured(), "intacct_operations") == {}
    with current().transaction() as session:
        ids = session.scalars(sa.select(Operation.id).order_by(Operation.id).limit(3)).all()
        session.execute(sa.update(Operation).where(Operation.id.in_(ids[:2])).values(state="UNKNOWN"))
        session.execute(sa.update(Operation).where(Operation.id == ids[2]).values(state="MANUAL"))
    found = measured()
    assert states(found, "intacct_operations") == {"UNKNOWN": 2, "MANUAL": 1}
    assert len([key for key in found if key[0] == "intacct_operations"]) == 6


def test_api_transactions_are_those_of_this_month_beside_the_limit(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="synced")
    with current().reading() as session:
        used = session.scalars(sa.select(ApiUsage.functions)).one()
    found = measured()
    assert found["intacct_api_transactions", "1"] == used > 0
    assert ("intacct_api_limit", "1") not in found
    world.configure(api_limit=500)
    assert measured()["intacct_api_limit", "1"] == 500


def test_the_tick_and_what_is_held_are_told(synced_world: World) -> None:
    with current().transaction() as session:
        session.execute(sa.update(Meta).values(ticked_at=None))
    assert ("intacct_tick_age_seconds",) not in measured()
    jobs.tick()
    found = measured()
    assert 0 <= found["intacct_tick_age_seconds",] < 60
    assert found["intacct_held",] == 0
    with current().transaction() as session:
        session.execute(sa.update(Meta).values(held="restored"))
    assert measured()["intacct_held",] == 1


def test_queue_and_workers_are_told(synced_world: World) -> None:
    redis = queueing.queue().connection
    redis.delete(queueing.queue().key)
    before = measured()
    assert (before["intacct_queue_jobs",], before["intacct_queue_age_seconds",]) == (0, 0)
    queueing.enqueue(1)
    worker = Worker([queueing.queue()], connection=redis)
    worker.register_birth()  # type: ignore[no-untyped-call]
    try:
        found = measured()
    finally:
        worker.register_death()  # type: ignore[no-untyped-call]
    assert (found["intacct_redis_up",], found["intacct_queue_jobs",], found["intacct_workers",]) == (1, 1, 1)


def test_all_else_is_told_where_redis_is_away(synced_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(queued, "workers", away)
    found = measured()
    assert found["intacct_redis_up",] == 0
    assert not {"intacct_queue_jobs", "intacct_workers"} & {key[0] for key in found}
    assert ("intacct_sync_age_seconds", "1") in found


def test_more_companies_cost_no_more_statements(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")

    def statements() -> int:
        host.db.session.rollback()
        with counted() as seen:
            Intacct().metrics()
        return len(seen)

    alone = statements()
    for number in range(2, 12):
        world.save(host.Company(id=number, name=f"Company {number}"))
        id_ = connect.start(str(number), "ada").id
        with current().transaction() as session:
            session.get_one(Connection, id_).intacct_company = f"demo-{number}"
            session.add(Run(connection_id=id_, live=id_, kind="read"))
    assert len([key for key in measured() if key[0] == "intacct_connection_info"]) == 11
    assert statements() == alone <= 8


def test_the_command_prints_what_the_extension_gives(synced_world: World) -> None:
    result = synced_world.app.test_cli_runner().invoke(args=["intacct", "metrics"])
    assert result.exit_code == 0
    printed = {one.name for one in text_string_to_metric_families(result.output)}
    assert printed == {one.name for one in text_string_to_metric_families(Intacct().metrics())}
    assert result.output.endswith("\n")
    assert not result.output.endswith("\n\n")


def test_without_the_extra_both_say_what_to_install(synced_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "prometheus_client"]:
        monkeypatch.setitem(sys.modules, name, None)
    cure = "pip install 'Flask-Intacct[prometheus]'"
    with pytest.raises(ConfigError) as caught:
        Intacct().metrics()
    assert cure in str(caught.value)
    result = synced_world.app.test_cli_runner().invoke(args=["intacct", "metrics"])
    assert result.exit_code == 1
    assert cure in result.output
