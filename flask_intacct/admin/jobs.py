"""The job queue: who works, what waits, what died. Jobs of ours alone, in our words, by the right in their company."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flask import abort, current_app, redirect
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from redis.exceptions import RedisError
from sqlalchemy import select

from .. import queued, queueing
from ..errors import Refused
from ..messages import Message
from ..models import Connection, Run
from ..queued import Listed, Queued
from ..state import ADMINISTER, SEE, current
from ..sync import run as runs
from ..translation import gettext, lazy_gettext
from . import words
from .access import may, may_everywhere
from .base import IntacctView
from .messages import flash

SHOWN = 100
"""So many jobs of a list are drawn."""

ROUTINES = {"tick": lazy_gettext("The minute's tick"), "nightly": lazy_gettext("The nightly sync")}


@contextmanager
def reachable() -> Iterator[None]:
    """Turn an unreachable Redis into words."""
    try:
        yield
    except RedisError:
        raise Refused(Message("jobs.no_queue")) from None


@dataclass(frozen=True, slots=True)
class Shown:
    """One job of the page: what it does, and for which company."""

    job: Queued
    what: str
    company: str
    reason: str
    wakes: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One list of the page; `others` are jobs of other companies, or not ours."""

    jobs: Sequence[Shown]
    total: int
    others: int


def part(listed: Listed) -> Part:
    """Those jobs of a list that this person may see. Jobs of no company are for whoever administers all of them."""
    query = select(Run, Connection).join(Connection, Connection.id == Run.connection_id)
    found = current().session.execute(query.where(Run.id.in_([job.run_id for job in listed.jobs]))).all()
    known = {run.id: (run, connection) for run, connection in found}
    jobs = [shown(job, *known.get(job.run_id, (None, None))) for job in listed.jobs]
    mine = sorted((job for job in jobs if job is not None), key=lambda one: not one.job.run_id)
    return Part(mine[:SHOWN], listed.total, max(listed.total - len(mine), 0))


def shown(job: Queued, run: Run | None, connection: Connection | None) -> Shown | None:
    """A job in our words; None where this person may not see it. Nothing of it is what Redis says."""
    died = gettext("A worker died at it, or could not begin.")
    if run is None or connection is None:
        what = str(ROUTINES[job.routine]) if job.routine else gettext("A run that is gone")
        return Shown(job, what, "", died, wakes=False) if may_everywhere(ADMINISTER) else None
    if not all(may(right, connection.company_id) for right in (SEE, ADMINISTER)):
        return None
    if run.live is None:
        reason = str(run.problem) or gettext("Its run has ended since.")
    else:
        goes_on = gettext("The run goes on by itself within minutes.")
        reason = f"{died} {goes_on}"
    what = gettext("%(run)s (run %(number)s)", run=words.run(run.kind), number=str(run.id))
    return Shown(job, what, connection.company_name, reason, wakes=run.live is not None and run.state != runs.PAUSED)


class JobsView(IntacctView):
    """The dashboard of the queue."""

    rights = {"index": ADMINISTER, "requeue": ADMINISTER, "delete": ADMINISTER}  # noqa: RUF012
    menu_right = ADMINISTER
    in_menu = True

    @expose("/")
    def index(self) -> ResponseReturnValue:
        queue = current().config.queue
        lists: tuple[Callable[[], Listed], ...] = (queued.failed, queued.running, queued.waiting)
        try:
            workers, (failed, running, waiting) = queued.workers(), (read() for read in lists)
        except RedisError as error:
            current_app.logger.warning("The job queue could not be read: %s", type(error).__name__)
            return self.render("intacct/jobs.html", queue=queue, unreachable=True), 503
        return self.render(
            "intacct/jobs.html",
            queue=queue,
            workers=workers,
            failed=part(failed),
            running=part(running),
            waiting=part(waiting),
        )

    def _mine(self, job_id: str) -> Shown:
        """A job that this person may touch; 404 for one that is not ours, or that the person may not see."""
        with reachable():
            job = queued.find(job_id)
        found = part(Listed([job] if job else [], 1)).jobs
        return found[0] if found else abort(404)

    @expose("/requeue/<job_id>", methods=("POST",))
    def requeue(self, job_id: str) -> ResponseReturnValue:
        """Wake the run of a failed job anew: the job itself stays unread, and goes."""
        found = self._mine(job_id)
        with reachable():
            if not queued.is_failed(job_id):
                raise Refused(Message("jobs.not_failed"))
            if not found.wakes:
                raise Refused(Message("jobs.nothing_left"))
            if not queueing.enqueue(found.job.run_id):
                raise Refused(Message("jobs.no_queue"))
            queued.remove(job_id)
        flash(gettext("The run is in the queue again."), "success")
        return redirect(self.get_url(".index"), 303)

    @expose("/delete/<job_id>", methods=("POST",))
    def delete(self, job_id: str) -> ResponseReturnValue:
        self._mine(job_id)
        with reachable():
            if not queued.remove(job_id):
                raise Refused(Message("jobs.gone"))
        flash(gettext("The job is deleted. If its run has work left, it is woken again within a minute."), "success")
        return redirect(self.get_url(".index"), 303)
