"""What the syncs came to: what needs a person by cause, and all records tried one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from sqlalchemy import func, select

from .. import issues
from ..counting import counted
from ..errors import Refused
from ..models import Issue, Link, Run
from ..onboarding import answers, connect, outcomes
from ..onboarding.wanted import HANDLE, RETRY, Wanted, causes_of, narrowed
from ..state import ADMINISTER, MATCH, SEE, current
from ..sync import run as runs
from ..translation import gettext, ngettext
from . import keyset, many, progress, retried, sent, sync_log
from .access import visible_connections
from .base import IntacctView, given, here, who
from .bounds import row_ids, whole
from .causes import causes, per_kind, tallied
from .keyset import Order
from .messages import flash

PAGE = 50

ANSWERS = {"same": answers.same, "another": answers.another, "again": answers.again}
"""What a person can say of what seems to be another record, or was deleted in Intacct."""

FOUND = "found-"
"""Before the key of the record of Intacct that a person found."""


class ResultsView(IntacctView):
    """Results of the syncs."""

    rights = {  # noqa: RUF012
        "index": SEE,
        "show": SEE,
        "listing": SEE,
        "handled": SEE,
        "sent": ADMINISTER,
        "exchange": ADMINISTER,
        "handle": MATCH,
        "take_back": MATCH,
        "retry": MATCH,
        "answer": MATCH,
        "outcome": MATCH,
    }
    in_menu = True
    home = "show"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """All companies with their open issues; straight to the results where there is just one."""
        session = current().session
        found = visible_connections(SEE)
        if len(found) == 1:
            return redirect(self.get_url(".show", connection_id=found[0].id))
        query = select(Issue.connection_id, func.count()).where(*issues.NEEDS_SOMEBODY)
        counted: dict[int, int] = dict(session.execute(query.group_by(Issue.connection_id)).all())
        found.sort(key=lambda item: (-counted.get(item.id, 0), item.company_name))
        return self.render("intacct/results_companies.html", connections=found, counted=counted)

    @expose("/<int:connection_id>/")
    def show(self) -> str:
        kind, text = request.args.get("kind", ""), request.args.get("search", "").strip()
        every = causes(self.connection.id, text)
        found = [one for one in every if kind in ("", one.kind)]
        all_ = issues.open_issues(self.connection.id).with_only_columns(Issue.kind)
        kinds_ = per_kind(current().session, all_) if text else tallied(every)
        return self._page("intacct/results.html", kind, text, causes=found, per_kind=kinds_)

    @expose("/<int:connection_id>/list")
    def listing(self) -> str:
        """All records that were tried, in any run or in one of them."""
        session, connection_id = current().session, self.connection.id
        run = session.get(Run, whole(request.args.get("run")))
        if run is not None and run.connection_id != connection_id:
            abort(404)
        names = {name: request.args.get(name, "").strip() for name in ("kind", "outcome", "search", "cause")}
        called = causes_of(session, connection_id, names["search"])
        wanted = sync_log.Wanted(**names, called=called, run=run)
        found, page, total = sync_log.page(session, connection_id, wanted, PAGE, request.args)
        return self._page(
            "intacct/sync_log.html",
            wanted.kind,
            wanted.search,
            wanted=wanted,
            rows=found,
            page=page,
            total=total,
            per_kind=per_kind(session, sync_log.kinds(connection_id)),
            outcomes=sync_log.OUTCOMES,
            runs=sync_log.choosable(session, connection_id),
            every=self._every(wanted),
        )

    def _every(self, wanted: sync_log.Wanted) -> dict[str, Any]:
        """What chooses all issues that the filters leave, and how many there are; nothing if none is left."""
        session, outcome = current().session, wanted.outcome
        if wanted.run is not None or outcome not in ("", sync_log.FAILED, sync_log.HELD):
            return {}
        chosen: dict[str, Any] = {
            "kind": wanted.kind,
            "search": wanted.search,
            "cause": wanted.cause,
            "outcome": outcome,
        }
        all_ = Wanted(HANDLE, **chosen, called=wanted.called).issues(session, self.connection.id)
        (number,) = counted(session, all_.with_only_columns(Issue.id))
        return {**chosen, "number": number}

    @expose("/<int:connection_id>/sent/<int:link_id>")
    def sent(self, link_id: int) -> str:
        """The requests that carried a record."""
        link, session = self._link(link_id), current().session
        rows, days = sent.of_link(session, self.connection.id, link.id), current().config.exchange_days
        return self.render("intacct/sent.html", link=link, rows=rows, days=days)

    @expose("/<int:connection_id>/sent/<int:link_id>/<int:exchange_id>")
    def exchange(self, link_id: int, exchange_id: int) -> str:
        """One of them, with what was said and what was answered."""
        link = self._link(link_id)
        found = sent.one(current().session, self.connection.id, exchange_id)
        if found is None:
            abort(404)
        row, said, answered = found
        return self.render("intacct/exchange.html", link=link, row=row, said=said, answered=answered)

    def _link(self, link_id: int) -> Link:
        found = current().session.get(Link, link_id)
        if found is None or found.connection_id != self.connection.id:
            abort(404)
        return found

    def _page(self, template: str, kind: str, text: str, **more: Any) -> str:
        session, connection = current().session, self.connection
        latest = runs.latest(session, connection.id, *progress.SYNCS)
        return self.render(
            template,
            kind=kind,
            search=text,
            asked=issues.ASKED,
            deleted=issues.DELETED_THERE,
            unsure=issues.NEEDS_A_PERSON,
            answered=issues.ANSWERED,
            place=here(),
            state=connect.view_state(connection),
            live=runs.live(session, connection.id),
            many=many.latest(session, connection.id, who()),
            latest=latest,
            left=progress.left(session, latest),
            aside=counted(session, issues.handled(connection.id).with_only_columns(Issue.id))[0],
            **more,
        )

    @expose("/<int:connection_id>/handled")
    def handled(self) -> str:
        """What was marked as handled and still stands, with who, when and why."""
        session, connection_id = current().session, self.connection.id
        kind, text = request.args.get("kind", ""), request.args.get("search", "").strip()
        query = narrowed(current().session, issues.handled(connection_id), connection_id, kind, text)
        keys: Any = query.with_only_columns(func.coalesce(Issue.handled_at, Issue.last_seen), Issue.id)
        page = keyset.page(session, [keys], (Order(datetime, up=False), Order(int, up=False)), PAGE, request.args)
        (total,) = counted(session, keys)
        return self._page(
            "intacct/handled.html",
            kind,
            text,
            rows=keyset.rows(session, Issue, page),
            page=page,
            total=total,
            per_kind=per_kind(session, issues.handled(connection_id).with_only_columns(Issue.kind)),
        )

    @expose("/<int:connection_id>/handle", methods=("GET", "POST"))
    def handle(self) -> ResponseReturnValue:
        """Mark the ticked issues, a whole cause, or all that a filter leaves, as handled: ask why, then do it."""
        sent, session = given(), current().session
        wanted = many.asked_for(HANDLE, sent, reason=sent.get("reason", "").strip())
        chosen = {name: getattr(wanted, name) for name in many.CHOSEN}
        every, ids = bool(sent.get("every") or wanted.cause), row_ids(sent.getlist("rowid"), PAGE)
        if every:
            query = wanted.issues(session, self.connection.id)
            found = session.scalars(query.order_by(Issue.id.desc()).limit(PAGE + 1)).all()
        else:
            found = self._ticked(ids)
        if not found:
            flash(gettext("Tick at least one row first."), "error")
            return redirect(self.back(), 303)
        reason = sent.get("reason")
        if request.method == "POST" and reason is None:
            return redirect(self.get_url(".handle", rowid=ids or None, url=self.back()), 303)
        if request.method != "POST" or not (reason or "").strip():
            text = self._page(
                "intacct/handle.html", "", "", found=found, chosen=chosen if every else {}, ids=ids, back=self.back(),
                number=counted(session, query.with_only_columns(Issue.id))[0] if every else len(found),
                last=wanted.last or found[0].id, limit=PAGE, missing=request.method == "POST",
            )  # fmt: skip
            return text, 422 if request.method == "POST" else 200
        if len(found) > PAGE:
            called = causes_of(session, self.connection.id, wanted.search)
            return many.begin(self, replace(wanted, called=called))
        return self._each(
            found,
            lambda issue: issues.resolve(self.connection.id, issue.id, reason or "", who()),
            lambda number: ngettext(
                "%(num)s record is marked as handled.", "%(num)s records are marked as handled.", number
            ),
        )

    @expose("/<int:connection_id>/retry", methods=("POST",))
    def retry(self) -> ResponseReturnValue:
        """Try again one, the ticked ones, a whole cause, or all that a filter leaves."""
        sent = request.form
        if sent.get("every"):
            return retried.every(self, many.asked_for(RETRY, sent), PAGE)
        return retried.some(self, row_ids(sent.getlist("one") or sent.getlist("rowid"), PAGE))

    def _ticked(self, ids: Sequence[int]) -> Sequence[Issue]:
        """The open issues that were ticked; 404 if one is not there any more."""
        query = issues.open_issues(self.connection.id).where(Issue.id.in_(ids))
        found = current().session.scalars(query).all()
        if len(found) < len(set(ids)):
            abort(404)
        return found

    @expose("/<int:connection_id>/take-back", methods=("POST",))
    def take_back(self) -> ResponseReturnValue:
        """Open issues again that were marked as handled."""
        ids = row_ids(request.form.getlist("rowid"), PAGE)
        found = current().session.scalars(issues.handled(self.connection.id).where(Issue.id.in_(ids))).all()
        if not ids or len(found) < len(set(ids)):
            abort(404)
        return self._each(
            found,
            lambda issue: issues.take_back(self.connection.id, issue.id, who()),
            lambda number: ngettext("%(num)s record is open again.", "%(num)s records are open again.", number),
        )

    @expose("/<int:connection_id>/answer", methods=("POST",))
    def answer(self) -> ResponseReturnValue:
        """Say of what seems to be another record, or another company, whether it is."""
        said, ids = request.form.get("answer", ""), row_ids(request.form.getlist("rowid"), PAGE)
        if said not in ANSWERS:
            abort(400)
        found = self._ticked(ids)
        if any(issue.fingerprint == issues.ANOTHER_COMPANY for issue in found) and not self.may(ADMINISTER):
            abort(403)
        if not found:
            flash(gettext("Tick at least one row first."), "error")
            return redirect(self.back(), 303)
        return self._each(
            found,
            lambda issue: ANSWERS[said](self.connection.id, issue.id, who()),
            lambda number: ngettext("%(num)s question is answered.", "%(num)s questions are answered.", number),
        )

    @expose("/<int:connection_id>/outcome/<int:link_id>", methods=("GET", "POST"))
    def outcome(self, link_id: int) -> ResponseReturnValue:
        """Say what became of a record that was sent, and of which only a person can tell."""
        link, said, version = self._link(link_id), request.form.get("said", ""), request.form.get("version", "")
        try:
            if said == "absent":
                outcomes.send_again(self.connection.id, link.id, who(), version)
            elif said.startswith(FOUND):
                outcomes.carried_out(self.connection.id, link.id, said.removeprefix(FOUND), who(), version)
            else:
                sent_ = outcomes.sent(current().session, self.connection.id, link.id)
                missing = request.method == "POST"
                page = self.render("intacct/outcome.html", sent=sent_, found=FOUND, back=self.back(), missing=missing)
                return page, 422 if missing else 200
        except Refused as refusal:
            flash(refusal.message, "error")
        else:
            flash(gettext("%(label)s goes on from here with the next sync.", label=link.label), "success")
        return redirect(self.back(), 303)

    def _each(
        self, found: Sequence[Issue], do: Callable[[Issue], None], told: Callable[[int], str]
    ) -> ResponseReturnValue:
        """Do it for each; one that somebody else was quicker with does not stop the others."""
        done = 0
        for issue in found:
            try:
                do(issue)
                done += 1
            except Refused as refusal:
                flash(f"{issue.label}: {refusal.message}" if issue.label else refusal.message, "error")
        if done:
            flash(told(done), "success")
        return redirect(self.back(), 303)
