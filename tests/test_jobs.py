"""The queue: what waits, runs and failed, without ever opening a job's arguments."""

from __future__ import annotations

import pytest
from rq import SimpleWorker
from world import World

from flask_intacct import jobs, wake
from flask_intacct.errors import Refused
from flask_intacct.models import Run
from flask_intacct.onboarding import connect
from flask_intacct.state import current


def work_off(world: World) -> None:
    """One worker that takes all there is, as `flask rq worker` would."""
    SimpleWorker([wake.queue()], connection=wake.queue().connection).work(burst=True)


def test_a_run_is_one_job_of_our_queue(read_world: World) -> None:
    run = connect.refresh(read_world.id, "ada")
    (job,) = wake.waiting()
    assert (job.name, job.state, job.reason) == (f"Sage Intacct run {run.id}", "waiting", "")
    assert job.queued_at is not None
    assert wake.running() == wake.failed() == wake.workers() == []


def test_a_worker_does_the_run(read_world: World) -> None:
    run = connect.refresh(read_world.id, "ada")
    work_off(read_world)
    assert read_world.get(Run, run.id).state == "done"
    assert wake.waiting() == wake.failed() == []


def test_a_job_that_died_is_listed_with_its_reason_and_can_be_queued_again(read_world: World) -> None:
    wake.queue().enqueue("flask_intacct.jobs.nothing", description="Sage Intacct run 77")
    work_off(read_world)
    (job,) = wake.failed()
    assert "nothing" in job.reason
    wake.requeue(job.id)
    assert [view.id for view in wake.waiting()] == [job.id]
    work_off(read_world)
    wake.delete(job.id)
    assert wake.failed() == []


def test_a_waiting_job_may_be_deleted_and_the_tick_brings_its_run_back(read_world: World) -> None:
    run = connect.refresh(read_world.id, "ada")
    (job,) = wake.waiting()
    wake.delete(job.id)
    assert wake.waiting() == []
    with current().transaction() as session:
        row = session.get_one(Run, run.id)
        row.asked_at = row.asked_at.replace(year=2025)
    jobs.tick()
    assert len(wake.waiting()) == 1


def test_jobs_that_are_not_there_are_refused(read_world: World) -> None:
    for act in (wake.requeue, wake.delete):
        with pytest.raises(Refused, match="no longer"):
            act("nothing")


def scheduled() -> dict[str, tuple[str, object]]:
    """The queue and the time of each job on the host's schedule."""
    jobs_ = current().rq.make_cron_scheduler().get_jobs()
    return {job.func_name: (job.queue_name, job.cron or job.interval) for job in jobs_}


def test_the_tick_and_the_night_are_on_the_host_s_schedule(world: World) -> None:
    assert scheduled() == {
        "flask_intacct.jobs.tick": ("intacct", 60),
        "flask_intacct.jobs.nightly": ("intacct", "0 2 * * *"),
    }


def test_an_empty_cron_expression_switches_the_night_off(make_world) -> None:
    make_world(INTACCT_NIGHTLY="")
    assert list(scheduled()) == ["flask_intacct.jobs.tick"]


def test_a_job_for_a_run_that_is_gone_does_nothing(read_world: World) -> None:
    jobs.work(4711)
    assert read_world.sim.requests == []
