"""RQ only wakes workers: the database is the truth about work, so a lost or doubled job costs nothing.

Jobs are queued by dotted name, with ints only, after the commit that made the work. The id of a job says its run, so
that nobody has to load a job to know what it is for: see :mod:`~flask_intacct.queued`.
"""

from __future__ import annotations

import uuid

from redis.exceptions import RedisError
from rq import Queue

from . import logs
from .state import current

log = logs.logger(__name__)

WORK = "flask_intacct.jobs.work"

JOB_SECONDS = 600
"""RQ ends a job that takes longer."""

RUN_ID = "intacct-run-{}-"
"""How the id of a run's job begins; twelve hexadecimal digits follow."""


def queue() -> Queue:
    """The RQ queue that our jobs go to."""
    state = current()
    return state.rq.get_queue(state.config.queue)


def enqueue(run_id: int) -> bool:
    """Wake a worker for a run; False if Redis can't be reached, and then the next tick finds the run."""
    job_id = RUN_ID.format(run_id) + uuid.uuid4().hex[:12]
    try:
        queue().enqueue(
            WORK,
            run_id,
            job_id=job_id,
            description=f"Sage Intacct run {run_id}",
            job_timeout=JOB_SECONDS,
            result_ttl=60,
        )
    except RedisError as error:
        log.warning("Run %s could not be queued (%s); the tick will pick it up.", run_id, type(error).__name__)
        return False
    return True
