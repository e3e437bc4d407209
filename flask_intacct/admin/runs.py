"""The page of a run while it works and after it, and the history of a connection's runs."""

from __future__ import annotations

from flask import abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from sqlalchemy import select

from .. import issues, notices
from ..counting import counted
from ..models import Run
from ..onboarding import connect, deciding
from ..onboarding.wanted import UNDO, Wanted
from ..state import MATCH, SEE, current
from ..sync import run as runs
from ..translation import gettext
from . import keyset, many, progress
from .base import IntacctView, who
from .keyset import Order
from .messages import flash

PAGE = 25


class RunsView(IntacctView):
    """Runs: history, progress, and the switches."""

    rights = {  # noqa: RUF012
        "start_page": SEE,
        "index": SEE,
        "show": SEE,
        "poll": SEE,
        "pause": MATCH,
        "resume": MATCH,
        "cancel": MATCH,
        "undo": MATCH,
    }

    @expose("/")
    def start_page(self) -> ResponseReturnValue:
        return redirect(self.get_url("intacct_companies.index"))

    @expose("/<int:connection_id>/")
    def index(self) -> str:
        session, connection = current().session, self.connection
        ids = select(Run.id).where(Run.connection_id == connection.id)
        page = keyset.page(session, [ids], (Order(int, up=False),), PAGE, request.args)
        (total,) = counted(session, ids)
        return self.render(
            "intacct/runs.html",
            runs=keyset.rows(session, Run, page),
            page=page,
            total=total,
            state=connect.view_state(connection),
            live=runs.live(session, connection.id),
        )

    def _run(self, run_id: int) -> Run:
        """A run of this connection; anything else does not exist here."""
        run = current().session.get(Run, run_id)
        if run is None or run.connection_id != self.connection.id:
            abort(404)
        return run

    @expose("/<int:connection_id>/<int:run_id>")
    def show(self, run_id: int) -> str:
        session, run = current().session, self._run(run_id)
        newest = runs.latest(session, self.connection.id, *progress.SYNCS)
        return self.render(
            "intacct/run.html",
            run=run,
            going=run.state in progress.LIVE,
            newest=newest is not None and newest.id == run.id,
            state=connect.view_state(self.connection),
            live=runs.live(session, self.connection.id),
            left=progress.left(session, run),
            rest=notices.resting(run),
            bars=progress.bars(session, run),
            many=many.of(session, run, who()) if run.kind == runs.DECIDE else None,
            reasons=many.reasons(run),
            issues=issues.count(session, self.connection.id),
        )

    @expose("/<int:connection_id>/<int:run_id>/progress")
    def poll(self, run_id: int) -> ResponseReturnValue:
        answer = jsonify(progress.as_json(current().session, self._run(run_id)))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/<int:connection_id>/<int:run_id>/pause", methods=("POST",))
    def pause(self, run_id: int) -> ResponseReturnValue:
        runs.pause(self._run(run_id).id, who())
        flash(gettext("The run pauses after the record it is at."), "success")
        return self._to(run_id)

    @expose("/<int:connection_id>/<int:run_id>/resume", methods=("POST",))
    def resume(self, run_id: int) -> ResponseReturnValue:
        runs.resume(self._run(run_id).id, who())
        flash(gettext("The run goes on where it was."), "success")
        return self._to(run_id)

    @expose("/<int:connection_id>/<int:run_id>/cancel", methods=("POST",))
    def cancel(self, run_id: int) -> ResponseReturnValue:
        runs.cancel(self._run(run_id).id, who())
        flash(gettext("The run is cancelled. What was done stays done."), "success")
        return self._to(run_id)

    @expose("/<int:connection_id>/<int:run_id>/undo", methods=("POST",))
    def undo(self, run_id: int) -> ResponseReturnValue:
        """Take back what a run decided, in the background."""
        run = self._run(run_id)
        if not deciding.undoable(run, who()):
            abort(404)
        return many.begin(self, Wanted(UNDO, Wanted.of(run).kind, run=run_id))

    def _to(self, run_id: int) -> ResponseReturnValue:
        return redirect(self.get_url(".show", run_id=run_id), 303)
