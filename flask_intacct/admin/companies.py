"""The companies and their connections: where each stands, and the one thing to do next."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from sqlalchemy import select

from .. import choices, exchanges, issues, kinds
from ..errors import Refused
from ..models import Connection, Notice, Run
from ..onboarding import connect, settings
from ..reconnecting import NeedsReconnecting
from ..state import ADMINISTER, MATCH, SEE, current
from ..sync import run as runs
from ..sync.unlisted import UNLISTED
from ..translation import gettext, lazy_gettext
from . import progress
from .access import companies, may, require
from .base import IntacctView, who
from .messages import flash

ACTIONS: dict[str, tuple[Any, Any, Any]] = {
    "pause": (
        lazy_gettext("Pause"),
        lazy_gettext("Pause this connection?"),
        lazy_gettext("Nothing is sent or read until you resume it. What is in step stays in step."),
    ),
    "resume": (
        lazy_gettext("Resume"),
        lazy_gettext("Resume this connection?"),
        lazy_gettext("The next sync brings in whatever changed while it was paused."),
    ),
    "pause_receivables": (
        lazy_gettext("Pause receivables"),
        lazy_gettext("Pause receivables?"),
        lazy_gettext(
            "Customers and their documents are neither sent nor brought in until you resume them. All else goes on."
        ),
    ),
    "pause_payables": (
        lazy_gettext("Pause payables"),
        lazy_gettext("Pause payables?"),
        lazy_gettext(
            "Vendors and their documents are neither sent nor brought in until you resume them. All else goes on."
        ),
    ),
    "resume_receivables": (
        lazy_gettext("Resume receivables"),
        lazy_gettext("Resume receivables?"),
        lazy_gettext("The next sync sends and brings in whatever came up while they were paused."),
    ),
    "resume_payables": (
        lazy_gettext("Resume payables"),
        lazy_gettext("Resume payables?"),
        lazy_gettext("The next sync sends and brings in whatever came up while they were paused."),
    ),
    "disconnect": (
        lazy_gettext("Disconnect"),
        lazy_gettext("Disconnect this company?"),
        lazy_gettext(
            "Syncing stops, the password is forgotten and the records can be edited here again. Links and document"
            " numbers are kept, so that the same Sage Intacct company can be connected again later."
        ),
    ),
    "start_over": (
        lazy_gettext("Start over"),
        lazy_gettext("Start this connection over?"),
        lazy_gettext(
            "All decisions made so far are thrown away. Nothing has been written to Sage Intacct yet, so nothing there"
            " changes."
        ),
    ),
}
"""What may be done to a connection after a confirmation: its name, the question, what will happen."""

POSSIBLE = {
    "onboarding": ("start_over",),
    "connected": ("pause", "disconnect"),
    "syncing": ("pause", "disconnect"),
    "has_errors": ("pause", "disconnect"),
    "sync_paused": ("pause", "disconnect"),
    "incomplete": ("pause", "disconnect"),
    "held": ("pause", "disconnect"),
    "needs_reconnecting": ("disconnect",),
    "paused": ("resume", "disconnect"),
}
"""Which of them each state offers."""


def possible(connection: Connection, state: str) -> list[str]:
    """What may be done to a connection: with all of it, and with each side of it that the application has."""
    names = list(POSSIBLE.get(state, ()))
    if "disconnect" in names and connection.confirmed_at:
        has = {side.name for kind in kinds.documents() if current().host.has(kind) and (side := kinds.side(kind))}
        roles = current().host.roles(kinds.CONTACT) if current().host.has(kinds.CONTACT) else ()
        has |= {side.name for role in roles if (side := kinds.side(kinds.CONTACT, role))}
        names += [f"{'resume' if one in connection.resting else 'pause'}_{one}" for one in sorted(has, reverse=True)]
    return names


class CompaniesView(IntacctView):
    """The list of companies, and the page of each connection."""

    rights = {  # noqa: RUF012
        "index": SEE,
        "start": ADMINISTER,
        "show": SEE,
        "confirm": ADMINISTER,
        "act": ADMINISTER,
        "settings": ADMINISTER,
        "limit": ADMINISTER,
        "sync": MATCH,
    }
    in_menu = True

    @expose("/")
    def index(self) -> str:
        views = [view for view in connect.companies() if may(SEE, view.company_id)]
        search = request.args.get("search", "").strip()
        shown = [view for view in views if search.casefold() in view.name.casefold()]
        state = request.args.get("state", "")
        tiles: dict[str, list[Any]] = {}
        for view in views:
            tiles.setdefault(view.state, []).append(view)
        if state:
            shown = [view for view in shown if view.state == state]
        return self.render(
            "intacct/companies.html", companies=shown, total=len(views), tiles=tiles, search=search, state=state
        )

    @expose("/start", methods=("POST",))
    def start(self) -> ResponseReturnValue:
        company_id = request.form.get("company_id", "")
        if company_id not in {known for known, _ in companies()}:
            abort(404)
        require(ADMINISTER, company_id)
        connection = connect.start(company_id, who())
        return redirect(self.get_url("intacct_connect.resume", connection_id=connection.id), 303)

    @expose("/<int:connection_id>/")
    def show(self) -> str:
        session, connection = current().session, self.connection
        state = connect.view_state(connection)
        mapped = [kind for kind in kinds.MATCHED if current().host.has(kind)]
        return self.render(
            "intacct/company.html",
            view=next((view for view in connect.companies() if view.company_id == connection.company_id), None),
            state=state,
            actions=[(name, ACTIONS[name][0]) for name in possible(connection, state) if self.may(ADMINISTER)],
            counts=[(kind, choices.counts(session, connection.id, kind)) for kind in mapped],
            issues=issues.count(session, connection.id),
            use=exchanges.use(session, current().config, connection),
            unlisted=connection.facts.get(UNLISTED, {}),
            live=runs.live(session, connection.id),
            left=progress.left(session, runs.latest(session, connection.id, *progress.SYNCS)),
            runs=session.scalars(
                select(Run).where(Run.connection_id == connection.id).order_by(Run.id.desc()).limit(5)
            ).all(),
            notices=session.scalars(
                select(Notice).where(Notice.connection_id == connection.id).order_by(Notice.id.desc()).limit(3)
            ).all(),
        )

    @expose("/<int:connection_id>/confirm/<action>")
    def confirm(self, action: str) -> str:
        label, question, consequence = ACTIONS.get(action) or abort(404)
        return self.render(
            "intacct/confirm.html", action=action, label=label, question=question, consequence=consequence
        )

    @expose("/<int:connection_id>/do/<action>", methods=("POST",))
    def act(self, action: str) -> ResponseReturnValue:
        connection_id = self.connection.id
        if action == "pause":
            connect.pause(connection_id, who())
            flash(gettext("The connection is paused."), "success")
        elif action == "resume":
            connect.resume(connection_id, who())
            flash(gettext("The connection is running again."), "success")
        elif action in ("pause_receivables", "pause_payables"):
            connect.pause_side(connection_id, action.removeprefix("pause_"), who())
            flash(gettext("That side is paused."), "success")
        elif action in ("resume_receivables", "resume_payables"):
            connect.resume_side(connection_id, action.removeprefix("resume_"), who())
            flash(gettext("That side goes on with the next sync."), "success")
        elif action == "disconnect":
            connect.disconnect(connection_id, who())
            flash(gettext("The company is disconnected. Its links are kept."), "success")
        elif action == "start_over":
            connect.start_over(connection_id, who())
            flash(gettext("The connection starts over."), "success")
        else:
            abort(404)
        return redirect(self.get_url(".index"), 303)

    @expose("/<int:connection_id>/settings", methods=("GET", "POST"))
    def settings(self) -> ResponseReturnValue:
        """Default location and posting level of a confirmed connection."""
        connection, message, down = self.connection, "", ""
        location, top, locations = connection.default_location, connection.top_level_posting, []
        if request.method == "POST":
            location, top = request.form.get("location", ""), "top_level_posting" in request.form
            try:
                settings.change(connection.id, location, top, who())
                flash(gettext("The settings are saved."), "success")
                return redirect(self.get_url(".show"), 303)
            except Refused as refusal:
                message = refusal.message
        try:
            locations = settings.choices(connection.id)
        except NeedsReconnecting:
            raise  # nothing can be done on this page
        except Refused as refusal:
            down = refusal.message
        given = {"location": location, "top_level_posting": top, "locations": locations}
        page = self.render("intacct/settings.html", message="" if down else message, down=down, **given)
        return page, 503 if down else 422 if message else 200

    @expose("/<int:connection_id>/limit", methods=("GET", "POST"))
    def limit(self) -> ResponseReturnValue:
        """After how many API transactions of a month what can wait does wait."""
        own, message = str(self.connection.facts.get(exchanges.LIMIT, "")), ""
        if request.method == "POST":
            own = request.form.get("limit", "").strip()
            try:
                settings.limit(self.connection.id, own, who())
                flash(gettext("The settings are saved."), "success")
                return redirect(self.get_url(".show"), 303)
            except Refused as refusal:
                message = refusal.message
        page = self.render("intacct/limit.html", own=own, usual=current().config.api_limit, message=message)
        return page, 422 if message else 200

    @expose("/<int:connection_id>/sync", methods=("POST",))
    def sync(self) -> ResponseReturnValue:
        run = runs.start(self.connection.id, "sync", who(), pressed=True)
        if run.state == runs.QUEUED and run.slices:
            flash(gettext("The run goes on where it was."), "success")
        return redirect(self.get_url("intacct_runs.show", run_id=run.id), 303)
