"""The plan: what Confirm will do, before it does anything."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from .. import choices, kinds
from ..errors import Stale
from ..ledger import money
from ..onboarding import connect, items
from ..onboarding import plan as plans
from ..state import ADMINISTER, MATCH, SEE, current
from ..sync import run as runs
from ..translation import gettext
from . import progress
from .base import LISTS, IntacctView, who
from .bounds import whole


class PlanView(IntacctView):
    """The plan and its Confirm."""

    rights = {"start_page": SEE, "index": SEE, "rows": SEE, "make": MATCH, "confirm": ADMINISTER}  # noqa: RUF012

    @expose("/")
    def start_page(self) -> ResponseReturnValue:
        return redirect(self.get_url("intacct_companies.index"))

    @expose("/<int:connection_id>/")
    def index(self) -> str:
        session, connection = current().session, self.connection
        run = runs.latest(session, connection.id, runs.PLAN)
        live = run is not None and run.state in progress.LIVE
        return self.render(
            "intacct/plan.html",
            plan=None if live else plans.current_plan(connection),
            run=run,
            live=live,
            bars=progress.bars(session, run) if run is not None else [],
            reopened=[(kind, number) for kind in kinds.MATCHED if (number := self._undecided(kind))],
            steps=connect.steps(connection),
            step="plan",
            opens=self._opens,
        )

    def _opens(self, kind: str, action: str) -> str:
        """Where the records behind a figure are listed."""
        tab = {"link": "matched", "create": "create", "archive": "archived"}.get(action)
        if kind in kinds.documents() or tab is None:
            return self.get_url(".rows", kind=kind, action=action)
        view = LISTS[kind]
        layer = {"layer": kind} if kind.startswith("tracking") else {}
        return self.get_url(view, state=tab, **layer)

    def _undecided(self, kind: str) -> int:
        """New records of the host reopen a step that was finished."""
        return choices.counts(current().session, self.connection.id, kind).undecided

    @expose("/<int:connection_id>/rows")
    def rows(self) -> ResponseReturnValue:
        """The records behind one figure of the plan, some at a time."""
        session, connection = current().session, self.connection
        plan, run = plans.current_plan(connection), runs.latest(session, connection.id, runs.PLAN)
        kind, action = request.args.get("kind", ""), request.args.get("action", "")
        found = [row for section in plan.sections if section.kind == kind for row in section.rows] if plan else []
        row = next((row for row in found if row.action == action), None)
        if plan is None or run is None or row is None:
            return redirect(self.get_url(".index"))
        after, size = whole(request.args.get("after", "0")) or 0, current().config.page_size
        some = items.some(session, run.id, kind, action, after=after, limit=size + 1)
        return self.render(
            "intacct/plan_rows.html",
            plan=plan,
            kind=kind,
            row=row,
            items=some[:size],
            about=items.about(session, some[:size]) if kind in kinds.documents() else {},
            after=after,
            behind=some[size - 1].id if len(some) > size else 0,
            money=money,
            steps=connect.steps(connection),
            step="plan",
        )

    @expose("/<int:connection_id>/make", methods=("POST",))
    def make(self) -> ResponseReturnValue:
        plans.make(self.connection.id, who())
        return redirect(self.get_url(".index"), 303)

    @expose("/<int:connection_id>/confirm", methods=("POST",))
    def confirm(self) -> ResponseReturnValue:
        """Start the initial sync; where the plan is no longer the one shown, make it again and ask again."""
        plan = plans.current_plan(self.connection)
        if plan is not None and plan.against and "against" not in request.form:
            return self.refused(gettext("Look at what you decided against the evidence, and tick that you want it."))
        try:
            run = connect.confirm(self.connection.id, request.form.get("digest", ""), who())
        except Stale as stale:
            plans.make(self.connection.id, who())
            return self.refused(stale.message)
        return redirect(self.get_url("intacct_runs.show", run_id=run.id), 303)

    def back(self) -> str:
        return self.get_url(".index")
