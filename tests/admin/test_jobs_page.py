"""The page of the jobs: ours alone, by the right in their company; nothing that lies in Redis is believed or run."""

from __future__ import annotations

import pickle
import re
import zlib
from base64 import b64encode
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from rq import SimpleWorker

import flask_intacct
from flask_intacct import queued, queueing
from flask_intacct.models import Run
from flask_intacct.queued import Queued

from .conftest import World, run_of

PAGE = "/admin/intacct/jobs/"
JOB = "intacct-run-1-0123456789ab"
LISTS = {"failed": "rq:failed:intacct", "running": "rq:wip:intacct", "waiting": "rq:queue:intacct"}


@pytest.fixture
def redis(world: World) -> Any:
    with world.app.app_context():
        return queueing.queue().connection


def totals(world: World) -> dict[str, int]:
    """How many jobs each list of the queue has."""
    with world.app.app_context():
        return {name: getattr(queued, name)().total for name in LISTS}


def listed(redis: Any, name: str, entry: str | bytes, score: float | None = None) -> None:
    """Put an id into one of the queue's lists; by default it expires in an hour."""
    if name == "waiting":
        redis.rpush(LISTS[name], entry)
    else:
        redis.zadd(LISTS[name], {entry: time() + 3600 if score is None else score})


def in_queue(app: Flask) -> list[Queued]:
    with app.app_context():
        return list(queued.waiting().jobs)


def test_waiting_run_is_told_by_its_company_and_what_it_does(world: World) -> None:
    world.click("/admin/intacct/companies/2/sync")
    page = world.page(PAGE)
    assert "Sync (run 1)" in page
    assert '<td data-label="Company">Harbour</td>' in page
    assert "No worker listens" in page


def test_failed_job_has_the_words_of_its_run(world: World, redis: Any) -> None:
    world.add(run_of(2, kind="sync", state="failed", problem="Sage Intacct refused the credentials."))
    listed(redis, "failed", JOB)
    redis.hset(f"rq:job:{JOB}", mapping={"description": "Evil", "exc_info": zlib.compress(b"evil reason"),
                                         "ended_at": "2026-01-02T03:04:05.000000Z"})  # fmt: skip
    page = world.page(PAGE)
    assert "Sage Intacct refused the credentials." in page
    assert "ago</td>" in page
    assert "vil" not in page


def test_requeue_wakes_the_run_and_the_failed_job_goes(world: World, redis: Any) -> None:
    world.add(run_of(2, kind="sync", state="queued"))
    with world.app.app_context():
        queueing.queue().enqueue("flask_intacct.jobs.gone", 1, job_id=JOB)
        SimpleWorker([queueing.queue()], connection=redis).work(burst=True)
    assert "The run goes on by itself within minutes." in world.page(PAGE)
    assert "The run is in the queue again." in world.click(f"{PAGE}requeue/{JOB}")
    (job,) = in_queue(world.app)
    assert (job.run_id, job.id == JOB) == (1, False)
    assert [key for key in list(redis.scan_iter()) if JOB.encode() in key] == []
    assert totals(world)["failed"] == 0


@pytest.mark.parametrize("state", ["done", "paused"])
def test_job_whose_run_does_not_wait_is_not_requeued(world: World, redis: Any, state: str) -> None:
    world.add(run_of(2, state=state))
    listed(redis, "failed", JOB)
    assert "Requeue" not in world.page(PAGE)
    assert "There is nothing left to wake" in world.click(f"{PAGE}requeue/{JOB}")
    assert in_queue(world.app) == []


def test_job_that_waits_or_failed_can_be_deleted(world: World, redis: Any) -> None:
    world.add(run_of(2))
    for name in ("waiting", "failed"):
        listed(redis, name, JOB)
        assert "The job is deleted." in world.click(f"{PAGE}delete/{JOB}")
    assert totals(world) == dict.fromkeys(LISTS, 0)


def test_job_that_a_worker_has_taken_stays(world: World, redis: Any) -> None:
    world.add(run_of(2))
    listed(redis, "running", f"{JOB}:e1")
    redis.hset(f"rq:job:{JOB}", "started_at", "2026-01-02T03:04:05.000000Z")
    assert "it is running" in world.click(f"{PAGE}delete/{JOB}")
    assert redis.exists(f"rq:job:{JOB}")
    assert "no longer among the failed ones" in world.click(f"{PAGE}requeue/{JOB}")


@pytest.mark.parametrize("name", LISTS)
def test_job_of_another_company_is_counted_and_out_of_reach(world: World, redis: Any, name: str) -> None:
    world.add(run_of(2, state="failed", problem="Harbour has no money."))
    listed(redis, name, JOB)
    world.token()
    world.rights["2"] = {"see", "match"}
    page = world.page(PAGE)
    assert "1 job of another company, or not of ours, is not shown." in page
    assert "Harbour" not in page
    assert JOB not in page
    for act in ("requeue", "delete"):
        assert world.post(f"{PAGE}{act}/{JOB}").status_code == 404
    assert totals(world)[name] == 1


@pytest.mark.parametrize(
    "job_id", ["0123", "intacct-run-1", "intacct-run-01-0123456789ab", "intacct-run-1-0123456789ab\n", "1",
               "intacct-run-9999999999-0123456789ab", "intacct-run-\u0661-0123456789ab"]
)  # fmt: skip
def test_job_that_is_not_ours_is_counted_and_out_of_reach(world: World, redis: Any, job_id: str) -> None:
    world.add(run_of(2))
    listed(redis, "failed", job_id)
    redis.hset(f"rq:job:{job_id}", "description", "flask_intacct.jobs.work(1)")
    page = world.page(PAGE)
    assert "1 job of another company, or not of ours, is not shown." in page
    assert "flask_intacct.jobs" not in page
    assert world.post(f"{PAGE}delete/{quote(job_id)}").status_code == 404
    assert totals(world)["failed"] == 1


def test_job_of_another_queue_is_out_of_reach(world: World) -> None:
    world.add(run_of(2))
    with world.app.app_context():
        other = world.app.extensions["rq"].get_queue("default")
        other.enqueue("flask_intacct.jobs.work", 1, job_id=JOB)
    assert "Only its id" not in world.page(PAGE)
    assert "no longer there" in world.click(f"{PAGE}delete/{JOB}")
    with world.app.app_context():
        assert other.get_job_ids() == [JOB]


def test_jobs_of_the_schedule_are_for_who_administers_every_company(world: World, redis: Any) -> None:
    with world.app.app_context():
        scheduler = world.app.extensions["rq"].make_cron_scheduler()
        (tick, *_) = [job.enqueue(redis) for job in scheduler.get_jobs()]
    page = world.page(PAGE)
    assert "The minute's tick" in page
    assert "The nightly sync" in page
    world.rights["1"] = {"see"}
    assert "The minute's tick" not in world.page(PAGE)
    assert world.post(f"{PAGE}delete/{tick.id}").status_code == 404
    world.rights["1"] = {"administer", "see"}
    assert "The job is deleted." in world.click(f"{PAGE}delete/{tick.id}")


@pytest.mark.parametrize("name", LISTS)
def test_id_without_its_job_is_told_and_can_be_deleted(world: World, redis: Any, name: str) -> None:
    world.add(run_of(2))
    listed(redis, name, f"{JOB}:e1" if name == "running" else JOB)
    assert "Only its id is left in Redis." in world.page(PAGE)


@pytest.mark.parametrize("name", LISTS)
def test_id_of_any_bytes_breaks_no_page(world: World, redis: Any, name: str) -> None:
    for entry in (b"\xff\xfe\x00", b"", b":", b"intacct-run-1-" + b"\xff" * 12):
        listed(redis, name, entry)
    assert "4 jobs of other companies, or not of ours" in world.page(PAGE)


@pytest.mark.parametrize("field", ["enqueued_at", "started_at", "ended_at", "description"])
def test_field_of_any_bytes_breaks_no_page(world: World, redis: Any, field: str) -> None:
    world.add(run_of(2))
    for name in LISTS:
        listed(redis, name, JOB)
    for value in (b"\xff\xfe", b"0000-99-99", b"9999-12-31T23:59:59-23:00", b"0001-01-01T00:00:00+14:00", b"7" * 5000):
        redis.hset(f"rq:job:{JOB}", field, value)
        assert "Initial sync (run 1)" in world.page(PAGE)


def test_key_of_another_make_breaks_no_page(world: World, redis: Any) -> None:
    world.add(run_of(2))
    listed(redis, "failed", JOB)
    redis.set(f"rq:job:{JOB}", "no hash")
    assert "Only its id is left in Redis." in world.page(PAGE)


@pytest.mark.parametrize("key", [*LISTS.values(), "rq:workers:intacct"])
def test_list_of_another_make_is_told(world: World, redis: Any, key: str) -> None:
    redis.set(key, "no list")
    assert "The job queue can not be reached." in world.page(PAGE, status=503)


def test_workers_are_read_without_rq(world: World, redis: Any) -> None:
    redis.sadd("rq:workers:intacct", b"rq:worker:mill", b"rq:worker:\xff", b"rq:worker:dead", "<b>")
    good = {"state": "busy", "last_heartbeat": "2026-01-02T03:04:05.000000Z", "successful_job_count": 3}
    redis.hset("rq:worker:mill", mapping=good)
    redis.hset(b"rq:worker:\xff", mapping={**good, "state": "<script>", "successful_job_count": b"\xff" * 9})
    with world.app.app_context():
        first, second = queued.workers()
    assert (first.name, first.state, first.done, first.failed) == ("mill", "busy", 3, 0)
    assert (second.name, second.state, second.done) == ("\ufffd", "?", 0)
    assert "mill" in world.page(PAGE)


class Payload:
    """What runs as soon as somebody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.fixture
def planted(redis: Any, tmp_path: Path) -> Path:
    """A payload in every field of jobs in every list, of workers and results; the file that it makes when it runs."""
    trap = tmp_path / "sprung"
    payload = pickle.dumps(Payload(trap))
    pickle.loads(payload)
    assert trap.exists(), "the payload must work"
    trap.unlink()
    call = pickle.dumps((f"{__name__}.Payload", None, (Payload(trap),), {}))
    made = "2026-01-02T03:04:05.000000Z"
    fields = {"data": zlib.compress(call), "meta": payload, "result": payload, "exc_info": zlib.compress(payload),
              "status": "started", "origin": "intacct", "created_at": made, "description": "?"}  # fmt: skip
    for number, name in enumerate(LISTS):
        job_id = JOB[:-1] + str(number)
        listed(redis, name, f"{job_id}:e1" if name == "running" else job_id, score=1)  # as of a worker that died
        redis.hset(f"rq:job:{job_id}", mapping=fields)
        result = {"type": 2, "return_value": b64encode(payload), "exc_string": b64encode(zlib.compress(payload))}
        redis.xadd(f"rq:results:{job_id}", result)
    redis.sadd("rq:workers:intacct", "rq:worker:mill")
    redis.hset("rq:worker:mill", mapping={"last_heartbeat": "2026-01-02T03:04:05.000000Z", "state": payload})
    redis.sadd("rq:worker:mill:executions", f"{JOB}:e1")
    redis.hset(f"rq:execution:{JOB}:e1", mapping={"job_id": JOB, "created_at": 1, "last_heartbeat": 1})
    return trap


def test_nothing_that_was_planted_in_redis_is_ever_run(world: World, planted: Path) -> None:
    world.add(run_of(2, state="queued"))
    assert world.page(PAGE).count("Initial sync (run 1)") == 3
    for number, _ in enumerate(LISTS):
        for act in ("requeue", "delete"):
            world.click(f"{PAGE}{act}/{JOB[:-1]}{number}")
            assert not planted.exists(), (act, number)
    assert "Requeue" not in world.page(PAGE)
    assert not planted.exists()


def test_no_module_of_ours_loads_a_job() -> None:
    forbidden = re.compile(
        r"pickle|Job\.fetch|fetch_job|fetch_many|latest_result|return_value\(|\.get_jobs\(|\.requeue\(|Worker\.all"
        r"|\.get_job_ids\(|\.cleanup\("
    )
    folder = Path(flask_intacct.__file__).parent
    found = {
        f"{path.relative_to(folder)}:{number}": line
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if forbidden.search(line) and "pickles" not in line
    }
    assert found == {}


def test_unreachable_redis_is_told(world: World) -> None:
    server = world.app.config["RQ_CONNECTION"]["server"]
    server.connected = False
    try:
        assert "Redis does not answer" in world.page(PAGE, status=503)
        assert "can't be reached" in world.click(f"{PAGE}requeue/{JOB}")
    finally:
        server.connected = True


def test_run_that_is_gone_is_for_who_administers_every_company(world: World, redis: Any) -> None:
    listed(redis, "failed", JOB)
    assert not world.rows(Run)
    assert "A run that is gone" in world.page(PAGE)
    world.rights["1"] = set()
    assert "A run that is gone" not in world.page(PAGE)
