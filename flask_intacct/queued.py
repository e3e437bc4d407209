"""What our queue holds, read and removed with plain Redis commands.

Redis is not trusted: RQ pickles what a job is given and gives back, so whoever can write to Redis could have a page
run what he likes. No job is ever loaded here. A job of ours is told by its id, which
:mod:`~flask_intacct.queueing` makes of its run, and the rest is read from the database; of Redis' texts only times and
counts are shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError
from rq import Worker
from rq.executions import ExecutionRegistry
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.results import Result
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from .models import MAX_ID
from .queueing import RUN_ID, queue

LATEST = 1000
"""So many jobs of a list are looked at."""

ROUTINES = {"tick": "flask_intacct.jobs.tick()", "nightly": "flask_intacct.jobs.nightly()"}
"""What the schedule queues, by the description that RQ makes of a call; they belong to no company."""

_IDS = re.compile(RUN_ID.format("([1-9][0-9]{0,9})") + "[0-9a-f]{12}")
_TIMES = ("enqueued_at", "started_at", "ended_at")
_STATES = ("busy", "idle", "suspended", "started")


@dataclass(frozen=True, slots=True)
class Queued:
    """One job of ours, without anything that it carries.

    :param run_id: The run that it works on; 0 for one of the schedule, which `routine` then names.
    :param gone: Its id is listed, but Redis has no such job any more.
    """

    id: str
    run_id: int = 0
    routine: str = ""
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One list of the queue: our jobs in it, the newest first, and how many jobs there are in all."""

    jobs: Sequence[Queued]
    total: int


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker that listens to our queue."""

    name: str
    state: str
    beat_at: datetime | None
    done: int
    failed: int


def run_of(job_id: str) -> int:
    """The run that a job of ours works on; 0 for an id that we did not make."""
    found = _IDS.fullmatch(job_id)
    return int(found[1]) if found and int(found[1]) <= MAX_ID else 0


def waiting() -> Listed:
    """Jobs that wait for a worker."""
    redis, key = queue().connection, queue().key
    return Listed(_jobs(reversed(redis.lrange(key, -LATEST, -1))), length())


def length() -> int:
    """How many jobs wait for a worker."""
    return int(queue().connection.llen(queue().key))


def oldest() -> float | None:
    """Seconds for which the job has waited whose turn is next, by Redis's clock; None if none waits."""
    redis = queue().connection
    entries: list[Any] = redis.lrange(queue().key, 0, 0)
    if not entries:
        return None
    (values,) = _read([Job.key_for(_text(entries[0]))], ("enqueued_at",))
    since = _moment(_text(values[0]))
    return None if since is None else redis.time()[0] - since.timestamp()


def awaited() -> set[int]:
    """The runs for which a job waits; none where Redis can't be reached."""
    try:
        entries: list[Any] = queue().connection.lrange(queue().key, 0, -1)
    except RedisError:
        return set()
    return set(filter(None, map(run_of, map(_text, entries))))


def running() -> Listed:
    """Jobs that a worker has taken. RQ's own listing would load those whose worker died; this one does not."""
    return _registered(StartedJobRegistry(queue=queue()).key)


def failed() -> Listed:
    """Jobs that died."""
    return _registered(FailedJobRegistry(queue=queue()).key)


def workers() -> list[WorkerView]:
    """The workers alive on our queue."""
    redis = queue().connection
    keys = sorted(redis.smembers(WORKERS_BY_QUEUE_KEY % queue().name))[:LATEST]
    names = ("state", "last_heartbeat", "successful_job_count", "failed_job_count")
    found = []
    for key, values in zip(keys, _read(keys, names), strict=True):
        state, beat, done, failed_ = map(_text, values)
        if beat:
            known = state if state in _STATES else "?"
            name = _text(key).removeprefix(Worker.redis_worker_namespace_prefix)
            found.append(WorkerView(name, known, _moment(beat), _number(done), _number(failed_)))
    return found


def find(job_id: str) -> Queued | None:
    """A job of ours by its id, None if it is not ours; `gone` where Redis has no such job."""
    return next(iter(_jobs([job_id])), None)


def is_failed(job_id: str) -> bool:
    """Whether a job is among the failed ones."""
    return queue().connection.zscore(FailedJobRegistry(queue=queue()).key, job_id) is not None


def remove(job_id: str) -> bool:
    """Remove a waiting or failed job; False if it is neither, as one that a worker has taken is."""
    redis = queue().connection
    with redis.pipeline() as both:
        both.lrem(queue().key, 0, job_id)
        both.zrem(FailedJobRegistry(queue=queue()).key, job_id)
        removed = any(both.execute())
    if removed:
        executions = ExecutionRegistry(job_id=job_id, connection=redis).key
        results = Result.get_key(job_id)  # type: ignore[no-untyped-call]
        redis.delete(Job.key_for(job_id), Job.dependents_key_for(job_id), results, executions)
    return removed


def _registered(key: str) -> Listed:
    redis = queue().connection
    return Listed(_jobs(redis.zrange(key, 0, LATEST - 1, desc=True)), redis.zcard(key))


def _jobs(entries: Any) -> list[Queued]:
    """Those of a list that are ours; an entry of a running job has its execution behind a colon."""
    ids = [_text(entry).partition(":")[0] for entry in entries]
    found = []
    for job_id, values in zip(ids, _read(map(Job.key_for, ids), (*_TIMES, "description")), strict=True):
        run_id, description = run_of(job_id), _text(values[3])
        routine = next((name for name, call in ROUTINES.items() if description == call), "")
        if run_id or routine:
            queued, started, ended = (_moment(_text(value)) for value in values[:3])
            named = "" if run_id else routine
            found.append(Queued(job_id, run_id, named, queued, started, ended, gone=not any(values)))
    return found


def _read(keys: Any, names: Sequence[str]) -> list[list[Any]]:
    """These fields of several hashes; nothing of one that is not there, or is no hash."""
    with queue().connection.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.hmget(key, names)
        answers = pipeline.execute(raise_on_error=False)
    return [[None] * len(names) if isinstance(answer, RedisError) else answer for answer in answers]


def _text(value: bytes | str | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None  # no time, or not RQ's way to write one
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
