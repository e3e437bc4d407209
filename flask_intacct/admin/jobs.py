"""The job queue: who works, what waits, what died. Our own queue only; arguments of jobs are never loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, flash, redirect
from flask.typing import ResponseReturnValue
from flask_admin.babel import gettext
from flask_admin.base import expose
from redis.exceptions import RedisError

from .. import wake
from ..errors import Refused
from ..state import ADMINISTER, current
from .base import IntacctView


@contextmanager
def reachable() -> Iterator[None]:
    """Turn an unreachable Redis into words."""
    try:
        yield
    except RedisError:
        raise Refused(gettext("The job queue can't be reached just now (Redis does not answer).")) from None


class JobsView(IntacctView):
    """The dashboard of the queue."""

    rights = {"index": ADMINISTER, "requeue": ADMINISTER, "delete": ADMINISTER}  # noqa: RUF012
    menu_right = ADMINISTER
    in_menu = True

    @expose("/")
    def index(self) -> ResponseReturnValue:
        queue = current().config.queue
        try:
            return self.render(
                "intacct/jobs.html",
                queue=queue,
                workers=wake.workers(),
                waiting=wake.waiting(),
                running=wake.running(),
                failed=wake.failed(),
            )
        except RedisError as error:
            current_app.logger.warning("The job queue could not be read: %s", type(error).__name__)
            return self.render("intacct/jobs.html", queue=queue, unreachable=True), 503

    @expose("/requeue/<job_id>", methods=("POST",))
    def requeue(self, job_id: str) -> ResponseReturnValue:
        with reachable():
            wake.requeue(job_id)
        flash(gettext("The job is back in the queue."), "success")
        return redirect(self.get_url(".index"), 303)

    @expose("/delete/<job_id>", methods=("POST",))
    def delete(self, job_id: str) -> ResponseReturnValue:
        with reachable():
            wake.delete(job_id)
        flash(gettext("The job is deleted. If its run has work left, it is woken again within a minute."), "success")
        return redirect(self.get_url(".index"), 303)
