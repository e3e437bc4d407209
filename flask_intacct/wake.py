"""RQ only wakes workers: the database is the truth about work, so a lost or doubled job costs nothing.

Jobs are queued by dotted name, with ints only, after the commit that made the work. The dashboard's helpers look at
our queue alone and never load a job's arguments, which are pickled.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry

from .errors import Refused
from .state import current

log = logging.getLogger(__name__)

WORK = "flask_intacct.jobs.work"


@dataclass(frozen=True, slots=True)
class JobView:
    """One job of our queue, as the dashboard shows it."""

    id: str
    name: str
    state: str
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker that listens to our queue."""

    name: str
    state: str
    job_id: str
    beat_at: datetime | None
    done: int
    failed: int


def queue() -> Queue:
    """The RQ queue that our jobs go to."""
    state = current()
    return state.rq.get_queue(state.config.queue)


def enqueue(run_id: int) -> bool:
    """Wake a worker for a run; False if Redis can't be reached, and then the next tick finds the run."""
    try:
        queue().enqueue(WORK, run_id, description=f"Sage Intacct run {run_id}", job_timeout=600, result_ttl=60)
    except RedisError as error:
        log.warning("Run %s could not be queued (%s); the tick will pick it up.", run_id, type(error).__name__)
        return False
    return True


def workers() -> list[WorkerView]:
    """The workers alive on our queue."""
    return [
        WorkerView(
            name=worker.name,
            state=str(worker.get_state()),
            job_id=worker.get_current_job_id() or "",
            beat_at=worker.last_heartbeat,
            done=worker.successful_job_count,
            failed=worker.failed_job_count,
        )
        for worker in Worker.all(queue=queue())
    ]


def waiting(limit: int = 100) -> list[JobView]:
    """Jobs that wait for a worker."""
    return _views(queue().get_job_ids(0, limit), "waiting")


def running(limit: int = 100) -> list[JobView]:
    """Jobs that a worker has taken."""
    return _views(StartedJobRegistry(queue=queue()).get_job_ids(0, limit), "running")


def failed(limit: int = 100) -> list[JobView]:
    """Jobs that died, the newest first, with the last line of the reason."""
    return _views(FailedJobRegistry(queue=queue()).get_job_ids(0, limit, desc=True), "failed")


def requeue(job_id: str) -> None:
    """Put a failed job of ours back into the queue.

    :raises Refused: it is not a failed job of our queue.
    """
    if job_id not in FailedJobRegistry(queue=queue()):
        raise Refused("This job is no longer among the failed ones.")
    FailedJobRegistry(queue=queue()).requeue(job_id)


def delete(job_id: str) -> None:
    """Delete a failed or waiting job of ours; the tick wakes its run again if there is work left.

    :raises Refused: it is not such a job of our queue.
    """
    if job_id not in queue().get_job_ids() and job_id not in FailedJobRegistry(queue=queue()):
        raise Refused("This job is no longer there, or it is running.")
    Job.fetch(job_id, connection=queue().connection).delete()


def _views(job_ids: list[str], state: str) -> list[JobView]:
    views = []
    for job_id in job_ids:
        try:
            job = Job.fetch(job_id, connection=queue().connection)
        except NoSuchJobError:
            continue  # it ended between the two reads
        result = job.latest_result() if state == "failed" else None
        lines = ((result and result.exc_string) or "").strip().splitlines()
        views.append(
            JobView(
                id=job_id,
                name=job.description or "",
                state=state,
                queued_at=job.enqueued_at,
                started_at=job.started_at,
                ended_at=job.ended_at,
                reason=lines[-1] if lines else "",
            )
        )
    return views
