"""The connect wizard: one thing per screen, resumable at the step where the connection stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from .. import reconnecting
from ..config import EARLIEST_SYNC_FROM
from ..errors import GatewayError, Refused
from ..ledger import folded
from ..matching.text.legal_forms import LEGAL
from ..messages import Message
from ..models import now
from ..onboarding import connect
from ..onboarding.company import EntityChoice
from ..onboarding.switches import lost_with_company, lost_with_entity
from ..state import ADMINISTER, SEE, current
from ..sync import run as runs
from ..translation import gettext, lazy_gettext
from . import progress, words
from .access import may, require
from .base import PLACES, IntacctView, given, who
from .forms import CredentialsForm, DateForm

INWARDS, BOTH, NEITHER = lazy_gettext("From Sage Intacct"), lazy_gettext("Both ways"), lazy_gettext("Not synced")

WHAT_SYNCS: tuple[tuple[Any, Any, str, Any], ...] = (
    (
        lazy_gettext("Tax details, GL accounts, dimensions"),
        INWARDS,
        "in",
        lazy_gettext("Managed in Sage Intacct only. Made inactive there means archived here."),
    ),
    (
        lazy_gettext("Customers and vendors"),
        BOTH,
        "both",
        lazy_gettext("New ones are created on either side. After that, edits are made in Sage Intacct and come in."),
    ),
    (
        lazy_gettext("AR invoices and AP bills"),
        BOTH,
        "both",
        lazy_gettext(
            "New ones: awaiting approval goes out as a draft, approved is posted, and Sage Intacct's number is kept."
            " Edits made after that, and approving a draft that was sent, do not go out yet: make them there too."
        ),
    ),
    (
        lazy_gettext("Voids"),
        INWARDS,
        "in",
        lazy_gettext("A document reversed in Sage Intacct is voided here. Void there first: a void here stays here."),
    ),
    (
        lazy_gettext("Payments and credit notes"),
        NEITHER,
        "none",
        lazy_gettext(
            "Not yet. What is paid in full in Sage Intacct comes in as paid, or is left out where this application has"
            " no word for that. What is paid in part waits until it is paid in full."
        ),
    ),
    (lazy_gettext("Attachments and journals"), NEITHER, "none", lazy_gettext("They stay where they are.")),
)
"""What travels, which way, and the rule in a sentence."""


def _told(choice: EntityChoice) -> EntityChoice:
    """A choice that names the company that has it to those who may see that company."""
    hidden = choice.taken_by and not may(SEE, choice.taker_id)
    return replace(choice, taken_by=gettext("another company")) if hidden else choice


def _namesake(choices: Sequence[EntityChoice], company: str) -> str | None:
    """The one free entity that is called like the company, legal forms aside; None if there are none or several."""
    name = _plain(company)
    found = [choice.id for choice in choices if name and not choice.taken_by and _plain(choice.name) == name]
    return found[0] if len(found) == 1 else None


def _plain(name: str) -> list[str]:
    return [word for word in re.findall(r"\w+", folded(name)) if word not in LEGAL]


class ConnectView(IntacctView):
    """The wizard up to the matching lists, which are views of their own."""

    rights = {"start_page": SEE, "resume": SEE, "overview": SEE, "reading": SEE}  # noqa: RUF012

    def _page(self, template: str, step: str, **more: Any) -> str:
        return self.render(f"intacct/connect/{template}.html", steps=connect.steps(self.connection), step=step, **more)

    def _on(self) -> ResponseReturnValue:
        return redirect(self.get_url(".resume"), 303)

    @expose("/")
    def start_page(self) -> ResponseReturnValue:
        return redirect(self.get_url("intacct_companies.index"))

    @expose("/<int:connection_id>/")
    def resume(self) -> ResponseReturnValue:
        """To the screen where this connection stands."""
        session, connection = current().session, self.connection
        live = runs.live(session, connection.id)
        if live is not None and live.kind == runs.READ:
            return redirect(self.get_url(".reading"))
        if connection.state in ("needs_reconnecting", "disconnected"):
            return redirect(self.get_url(".credentials"))
        return redirect(self.get_url(PLACES.get(connection.step, PLACES["done"])))

    @expose("/<int:connection_id>/overview", methods=("GET", "POST"))
    def overview(self) -> ResponseReturnValue:
        if request.method == "POST":
            require(ADMINISTER, self.connection.company_id)
            connect.go_on(self.connection.id, "overview", who())
            return self._on()
        return self._page("overview", "overview", table=WHAT_SYNCS)

    @expose("/<int:connection_id>/prerequisites", methods=("GET", "POST"))
    def prerequisites(self) -> ResponseReturnValue:
        ticked, message = list(self.connection.ticked), ""
        if request.method == "POST":
            ticked = request.form.getlist("tick")
            try:
                connect.tick(self.connection.id, ticked, who())
                return self._on()
            except Refused as refusal:
                message = refusal.message
        page = self._page(
            "prerequisites",
            "prerequisites",
            items=connect.PREREQUISITES,
            sender=current().config.sender_id,
            ticked=ticked,
            message=message,
        )
        return page, 422 if message else 200

    @expose("/<int:connection_id>/credentials", methods=("GET", "POST"))
    def credentials(self) -> ResponseReturnValue:
        form, message, lost = CredentialsForm(request.form, obj=self.connection), "", dict[str, int]()
        if request.method == "POST" and form.validate():
            try:
                connect.credentials(
                    self.connection.id,
                    form.intacct_company.data or "",
                    form.user_id.data or "",
                    form.password.data or "",
                    who(),
                    reopen=request.form.get("reopen", 0, type=int),
                )
                return self._on()
            except Refused as refusal:
                message = refusal.message
                company = form.intacct_company.data or ""
                lost = lost_with_company(current().session, self.connection, company)
        why = reconnecting.reason(current().session, self.connection)
        page = self._page("credentials", "credentials", form=form, message=message, why=why, lost=lost)
        return page, 422 if message or form.errors else 200

    @expose("/<int:connection_id>/entity", methods=("GET", "POST"))
    def entity(self) -> ResponseReturnValue:
        connection, message, status = self.connection, "", 200
        chosen = given().get("entity", connection.entity if connection.level else None)
        location = connection.default_location
        top_level_posting = connection.top_level_posting
        if request.method == "POST":
            location, top_level_posting = request.form.get("location", ""), "top_level_posting" in request.form
            try:
                if chosen is None:
                    raise Refused(Message("connection.choose_entity"))
                agreed = request.form.get("reopen", 0, type=int)
                connect.entity(connection.id, chosen, location, top_level_posting, who(), reopen=agreed)
                return self._on()
            except Refused as refusal:
                message, status = refusal.message, 422
        staged = "entity" in given()
        down, choices, locations = "", [], []
        try:
            choices = [_told(choice) for choice in connect.entities(connection.id)]
            locations = connect.locations(connection.id, chosen or "") if staged else []
            if chosen is None:
                chosen = _namesake(choices, connection.company_name)
        except reconnecting.NeedsReconnecting:
            raise  # nothing can be done on this page
        except Refused as refusal:
            down, status = refusal.message, 503
        except GatewayError:
            down, status = words.gateway_down(), 503
        page = self._page(
            "entity",
            "entity",
            choices=choices,
            locations=locations,
            chosen=chosen,
            chosen_name=next((item.label for item in choices if item.id == chosen), chosen),
            staged=staged,
            lost=lost_with_entity(current().session, connection, chosen) if staged and chosen is not None else {},
            location=location,
            top_level_posting=top_level_posting,
            message=message,
            down=down,
        )
        return page, status

    @expose("/<int:connection_id>/date", methods=("GET", "POST"))
    def date(self) -> ResponseReturnValue:
        connection, message = self.connection, ""
        form = DateForm(request.form, obj=connection)
        if request.method == "GET":
            form.without_transactions.data = not connection.with_transactions
        if request.method == "POST" and form.validate() and form.sync_from.data is not None:
            try:
                connect.date(connection.id, form.sync_from.data, not form.without_transactions.data, who())
                return redirect(self.get_url(".reading"), 303)
            except Refused as refusal:
                message = refusal.message
        page = self._page("date", "date", form=form, message=message, earliest=EARLIEST_SYNC_FROM, today=now().date())
        return page, 422 if message or form.errors else 200

    @expose("/<int:connection_id>/reading")
    def reading(self) -> ResponseReturnValue:
        """Progress while Intacct is read; goes on by itself when it is done."""
        session = current().session
        run = runs.latest(session, self.connection.id, runs.READ)
        if run is None or run.state == runs.DONE:
            return self._on()
        live = run.state in progress.LIVE
        return self._page("reading", self.connection.step, run=run, live=live, bars=progress.bars(session, run))

    @expose("/<int:connection_id>/read", methods=("POST",))
    def read(self) -> ResponseReturnValue:
        """Once more, after a failure."""
        connect.refresh(self.connection.id, who())
        return redirect(self.get_url(".reading"), 303)

    def back(self) -> str:
        return self.get_url(".resume")
