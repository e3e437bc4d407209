"""The queue: what waits, runs and failed, without ever opening a job's arguments."""

from __future__ import annotations

import pytest
from rq import SimpleWorker
from sqlalchemy import update
from world import MakeWorld, World

from flask_intacct import jobs, queued, queueing
from flask_intacct.errors import SchemaError
from flask_intacct.models import Meta, Run
from flask_intacct.onboarding import connect
from flask_intacct.state import current


def work_off(world: World) -> None:
    """One worker that takes all there is, as `flask rq worker` would."""
    SimpleWorker([queueing.queue()], connection=queueing.queue().connection).work(burst=True)


def test_a_run_is_one_job_of_our_queue(read_world: World) -> None:
    run = connect.refresh(read_world.id, "ada")
    (job,) = queued.waiting().jobs
    assert (job.run_id, queued.run_of(job.id), job.gone) == (run.id, run.id, False)
    assert job.queued_at is not None
    assert queued.running().total == queued.failed().total == 0
    assert queued.workers() == []


def test_a_worker_does_the_run(read_world: World) -> None:
    run = connect.refresh(read_world.id, "ada")
    work_off(read_world)
    assert read_world.get(Run, run.id).state == "done"
    assert queued.waiting().total == queued.failed().total == 0


def test_a_job_that_died_is_listed(read_world: World) -> None:
    queueing.queue().enqueue("flask_intacct.jobs.nothing", job_id="intacct-run-77-0123456789ab")
    work_off(read_world)
    (job,) = queued.failed().jobs
    assert (job.run_id, job.ended_at is not None) == (77, True)
    assert queued.is_failed(job.id)
    assert queued.remove(job.id)
    assert queued.failed().total == 0


def test_a_waiting_job_may_be_deleted_and_the_tick_brings_its_run_back(read_world: World) -> None:
    run = connect.refresh(read_world.id, "ada")
    (job,) = queued.waiting().jobs
    assert queued.remove(job.id)
    assert queued.waiting().total == 0
    with current().transaction() as session:
        row = session.get_one(Run, run.id)
        row.asked_at = row.asked_at.replace(year=2025)
    jobs.tick()
    assert queued.waiting().total == 1


def test_the_tick_wakes_runs_where_the_companies_can_not_be_read(
    read_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    run = connect.refresh(read_world.id, "ada")
    (job,) = queued.waiting().jobs
    queued.remove(job.id)
    with current().transaction() as session:
        row = session.get_one(Run, run.id)
        row.asked_at = row.asked_at.replace(year=2025)
        session.connection().exec_driver_sql("ALTER TABLE company RENAME TO elsewhere")
    jobs.tick()
    assert queued.waiting().total == 1
    assert "The companies of the application could not be read" in caplog.text


def test_a_job_that_is_not_there_can_not_be_removed(read_world: World) -> None:
    assert not queued.remove("intacct-run-77-0123456789ab")


def scheduled() -> dict[str, tuple[str, object]]:
    """The queue and the time of each job on the host's schedule."""
    jobs_ = current().rq.make_cron_scheduler().get_jobs()
    return {job.func_name: (job.queue_name, job.cron or job.interval) for job in jobs_}


def test_the_tick_and_the_night_are_on_the_host_s_schedule(world: World) -> None:
    assert scheduled() == {
        "flask_intacct.jobs.tick": ("intacct", 60),
        "flask_intacct.jobs.nightly": ("intacct", "0 2 * * *"),
    }


def test_an_empty_cron_expression_switches_the_night_off(make_world: MakeWorld) -> None:
    make_world(INTACCT_NIGHTLY="")
    assert list(scheduled()) == ["flask_intacct.jobs.tick"]


def test_a_job_for_a_run_that_is_gone_does_nothing(read_world: World) -> None:
    jobs.work(4711)
    assert read_world.sim.requests == []


def test_a_worker_of_an_older_release_leaves_an_upgraded_database_alone(read_world: World) -> None:
    jobs.tick()  # this process has seen the version before
    run = connect.refresh(read_world.id, "ada")
    with current().transaction() as session:
        session.execute(update(Meta).values(schema_version=Meta.schema_version + 1))
    ticked_at = read_world.rows(Meta)[0].ticked_at
    with pytest.raises(SchemaError, match=r"Start this process anew with the release that upgraded the database\."):
        jobs.work(run.id)
    with pytest.raises(SchemaError):
        jobs.tick()
    left = read_world.get(Run, run.id)
    assert (left.state, left.slices, left.beat_at) == ("queued", 0, None)
    assert read_world.rows(Meta)[0].ticked_at == ticked_at
    with current().transaction() as session:
        session.execute(update(Meta).values(schema_version=Meta.schema_version - 1))
    assert read_world.drain(run).state == "done"
