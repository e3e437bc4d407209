"""The matching views: Flask-Admin ModelViews over our links, with match, create, archive and undo as actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, ClassVar

from flask import abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.actions import action
from flask_admin.base import expose
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from .. import bars, choices, kinds, links, matching, proposals
from ..bars import Bar
from ..choices import ARCHIVED, CREATE, LINKED, MATCHED, UNDECIDED
from ..counting import counted
from ..errors import Refused
from ..messages import Message
from ..models import Link
from ..onboarding import connect, suggest
from ..onboarding.wanted import ACCEPT, ADD, ARCHIVE, Wanted
from ..proposals import SURE, Filter
from ..state import ADMINISTER, MATCH, SEE, current
from ..translation import gettext, lazy_gettext, ngettext
from . import keyset, many, override, rows, undo, words
from .base import given, here, who
from .bounds import whole
from .listing import BoundedListView
from .messages import flash

TABS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "undecided": (lazy_gettext("To match"), (UNDECIDED,)),
    "matched": (lazy_gettext("Matched"), (MATCHED, LINKED)),
    "create": (lazy_gettext("To create"), (CREATE,)),
    "archived": (lazy_gettext("Archived"), (ARCHIVED,)),
}

LOOKED_AT = 100
"""So many suggestions are looked at for the number on the button of *Accept all certain*: a page costs the same however
many there are."""


class LinkView(BoundedListView):
    """One matching list. A host may subclass it, and its actions, and pass the subclass as ``views=``."""

    kind: ClassVar[str] = ""
    step: ClassVar[str] = ""
    title: ClassVar[Any] = ""
    ours: ClassVar[Any] = lazy_gettext("In this application")
    roles: ClassVar[tuple[str, ...]] = ()

    rights = {  # noqa: RUF012
        "index_view": SEE,
        "action_view": MATCH,
        "candidates": SEE,
        "choose": MATCH,
        "archive": MATCH,
        "every": MATCH,
        "go_on": MATCH,
        "refresh": MATCH,
    }
    list_template = "intacct/match.html"
    can_create = can_edit = can_delete = can_export = False
    column_display_actions = False
    column_list = ("label", "detail", "confidence", "state")
    column_sortable_list = ()
    column_searchable_list = ("search",)
    action_disallowed_list: tuple[str, ...] = ("delete",)

    def __init__(self, db: SQLAlchemy, **options: Any) -> None:
        super().__init__(Link, db, name=options.pop("name", self.title), **options)

    @property
    def page_size(self) -> int:  # type: ignore[override]
        """The application's own setting: one view may serve several applications."""
        return current().config.page_size

    # What the list holds

    @property
    def kinds(self) -> tuple[str, ...]:
        return (self.kind,)

    @property
    def shown_kind(self) -> str:
        """The kind on the page just now."""
        return self.kind

    def tab(self) -> str:
        wanted = request.args.get("state", "undecided")
        return wanted if wanted in self.tabs() else "undecided"

    def tabs(self) -> list[str]:
        creatable = any(kinds.kind(kind, role).creatable for kind in self.kinds for role in kinds.roles(kind))
        return [name for name in TABS if name != "create" or creatable]

    @property
    def filter(self) -> Filter:
        """What the list is narrowed to."""
        role, sure = request.args.get("role", ""), request.args.get("sure", "")
        return Filter(
            self.shown_kind,
            role if role in self.roles else "",
            sure if sure in SURE else "",
            request.args.get("search", ""),
            request.args.get("parent", ""),
        )

    @property
    def states(self) -> Sequence[str]:
        return TABS[self.tab()][1]

    def get_query(self) -> Any:
        wanted = self.filter
        bar = self.bar() if wanted.sure else Bar()
        where = wanted.where(current().session, self.connection.id, bar)
        return super().get_query().filter(*where, Link.state.in_(self.states))

    def bar(self) -> Bar:
        """How confident a certain suggestion has to be on this page, read once a request."""
        known: dict[str, Bar] = request.environ.setdefault("flask_intacct.bars", {})
        if self.shown_kind not in known:
            known[self.shown_kind] = bars.bar(current().session, self.connection.id, self.shown_kind)
        return known[self.shown_kind]

    # Drawing

    def render(self, template: str, **kwargs: Any) -> str:
        session, connection = current().session, self.connection
        counts = self.counts(*self.kinds)
        if template == self.list_template:
            kwargs["bar"] = bar = self.bar()
            most = LOOKED_AT if self.tab() == "undecided" else 0
            kwargs["rows"], kwargs["certain"] = proposals.shown(
                session, connection, self.shown_kind, kwargs["data"], bar, most
            )
            kwargs["many"] = many.latest(session, connection.id, who())
            kwargs["every"] = self.every_actions() if self.tab() == "undecided" else ()
            kwargs["plain"] = bool(counts.undecided) and not matching.available() and self.may(ADMINISTER)
            own = ("state", *keyset.ARGUMENTS)
            kwargs["extra"] = {key: value for key, value in kwargs["extra_args"].items() if key not in own}
            kwargs.update(page=self.page, place=self.place)
        shown = self.counts(self.shown_kind)
        return super().render(
            template,
            counts=counts,
            shown=shown,
            tab=self.tab(),
            tabs=[(name, TABS[name][0], getattr(shown, name)) for name in self.tabs()],
            steps=connect.steps(connection),
            step=self.step,
            onboarding=connection.state == "onboarding",
            said=rows.said,
            agreed=rows.agreed,
            known=choices.detail_of,
            **kwargs,
        )

    # Actions

    @expose("/action/", methods=("POST",))
    def action_view(self) -> ResponseReturnValue:
        name, sent = request.form.get("action", ""), request.form.getlist("rowid")
        single = request.form.get("single", "")
        if ":" in single:
            name, sent = single.split(":", 1)[0], [single.split(":", 1)[1]]
        handler = self.need_action(name)
        ids = [str(link.id) for link in self.ticked(sent)]
        if name == "undo" and "since" in request.form:
            ids = undo.decided(self.connection.id, self.kinds, request.form["since"], request.form.get("until", ""))
        if not ids and name != "accept_certain":
            flash(gettext("Tick at least one row first."), "error")
            return redirect(self.back(), 303)
        return handler(ids) or redirect(self.back(), 303)

    def need_action(self, name: str) -> Callable[[Sequence[str]], ResponseReturnValue | None]:
        """The action of this name; 400 if there is none, or the host has switched it off."""
        if name not in self._actions_data or not self.is_action_allowed(name):
            abort(400)
        handler: Callable[[Sequence[str]], ResponseReturnValue | None] = self._actions_data[name][0]
        return handler

    @action("match", lazy_gettext("Accept selected"))
    def action_match(self, ids: Sequence[str]) -> ResponseReturnValue | None:
        began, outcome = undo.moment(), links.Outcome()
        for link_id in map(int, ids):
            link = self.get_one(link_id)
            key = request.form.get(f"key-{link_id}", link.suggested_key)
            role, version = request.form.get(f"as-{link_id}", ""), request.form.get(f"version-{link_id}", type=int)
            try:
                if not key:
                    raise Refused(Message("decide.choose_first", label=link.label))
                links.match(
                    self.connection.id, link_id, key, who(), role=role, version=version,
                    origin="suggested" if key == link.suggested_key and not role else "hand",
                    confirmed=override.agreed(), reason=override.reason(),
                )  # fmt: skip
                outcome.done.append(link_id)
            except Refused as refusal:
                outcome.refuse(refusal)
        if outcome.done and self.shown_kind == kinds.TRACKING_CATEGORY:
            suggest.suggest_options(self.connection.id)
        return self._matched(outcome, began)

    @action("accept_certain", lazy_gettext("Accept all certain"))
    def action_accept_certain(self, ids: Sequence[str]) -> ResponseReturnValue | None:
        """Match each certain suggestion; in the background where they are more than a page has."""
        bar, began = self.bar(), undo.moment()
        found = proposals.look(current().session, self.connection, self.shown_kind, bar, self.page_size)
        if found.more:
            return many.begin(self, Wanted(ACCEPT, self.shown_kind, least=bar.least))
        return self._matched(links.accept(self.connection.id, found.ids, who()), began)

    def _matched(self, outcome: links.Outcome, began: datetime) -> ResponseReturnValue | None:
        self._tell(
            outcome, lambda number: ngettext("%(num)s record matched.", "%(num)s records matched.", number), began
        )
        return override.page(self, "match", outcome.asked) if outcome.asked else None

    @action("archive", lazy_gettext("Archive selected"))
    def action_archive(self, ids: Sequence[str]) -> ResponseReturnValue | None:
        """Archiving asks first, on a page that shows where the records are used."""
        return redirect(self.get_url(".archive", rowid=list(ids), url=self.back()), 303)

    @action("undo", lazy_gettext("Undo"))
    def action_undo(self, ids: Sequence[str]) -> ResponseReturnValue | None:
        mistaken = "since" in request.form  # the button of a message, pressed right after
        outcome = links.undo(self.connection.id, [int(link_id) for link_id in ids], who(), mistaken=mistaken)
        self._tell(
            outcome, lambda number: ngettext("%(num)s record is open again.", "%(num)s records are open again.", number)
        )
        return None

    def _tell(self, outcome: links.Outcome, text_of: Callable[[int], str], began: datetime | None = None) -> None:
        """Flash what was done, with an Undo button if it began at `began`, and each final refusal in its own words."""
        if outcome.done:
            text = text_of(len(outcome.done))
            url = self.get_url(".action_view")
            flash(text if began is None else undo.button(text, began, url, self.back()), "success")
        refused = list(dict.fromkeys(outcome.final))
        for message in refused[:5]:
            flash(message, "error")
        if len(refused) > 5:
            more = len(refused) - 5
            flash(ngettext("%(num)s more was refused.", "%(num)s more were refused.", more), "error")

    # The pages around the list

    @expose("/candidates/<int:link_id>")
    def candidates(self, link_id: int) -> ResponseReturnValue:
        """What the typeahead offers, as JSON."""
        link = self.get_one(link_id)
        found = choices.candidates(current().session, self.connection, link, request.args.get("q", ""))
        return jsonify([rows.offered(item) for item in found])

    @expose("/choose/<int:link_id>")
    def choose(self, link_id: int) -> str:
        """The same choice as a page, for whoever has no JavaScript; a contact's among both customers and vendors."""
        link, text, role = self.get_one(link_id), request.args.get("q", ""), request.args.get("as", "")
        role = role if role in self.roles and link.kind == kinds.CONTACT else link.role
        found = choices.candidates(current().session, self.connection, link, text, 50, role)
        others = [name for name in self.roles if name != role] if link.kind == kinds.CONTACT else []
        return self.render(
            "intacct/choose.html", link=link, q=text, candidates=found, back=self.back(), role=role, others=others
        )

    @expose("/archive", methods=("GET", "POST"))
    def archive(self) -> ResponseReturnValue:
        self.need_action("archive")
        found = self.ticked(given().getlist("rowid"))
        if request.method == "POST":
            began = undo.moment()
            outcome = links.archive(self.connection.id, [link.id for link in found], who())
            self._tell(
                outcome,
                lambda number: ngettext(
                    "%(num)s record will be archived.", "%(num)s records will be archived.", number
                ),
                began,
            )
            return redirect(self.back(), 303)
        session = current().session
        usage = [(link, choices.usage(link), links.kept(session, link)) for link in found]
        return self.render("intacct/archive.html", usage=usage, back=self.back())

    def every_actions(self) -> list[tuple[str, Any]]:
        """The actions that can be had for all that a filter leaves, and their labels.

        None where a host's subclass chooses the rows of the list itself: what it leaves out must not be decided.
        """
        own = ("get_query", "get_list", "filter", "states")
        if any(getattr(type(self), name) is not getattr(LinkView, name) for name in own):
            return []
        names = [*(name for name in override.CREATES if self.kind == kinds.CONTACT), "archive"]
        return [
            (name, override.LABELS[name])
            for name in names
            if name in self._actions_data and self.is_action_allowed(name)
        ]

    @expose("/every", methods=("GET", "POST"))
    def every(self) -> ResponseReturnValue:
        """Archive or create all that the filter leaves, after a question, in the background."""
        name = request.args.get("do", "")
        if name not in dict(self.every_actions()):
            abort(400)
        asked, session = request.form, current().session
        last = whole(asked.get("last")) or session.scalar(select(func.max(Link.id))) or 0
        least = whole(asked["least"], 100) if "least" in asked else self.bar().least
        wanted = Wanted(
            ADD if name in override.CREATES else ARCHIVE,
            **asdict(self.filter),
            new_role=override.CREATES.get(name, ""),
            least=least if self.filter.sure else 0,
            last=last,
        )
        if request.method == "POST":
            return many.begin(self, wanted)
        query = wanted.links(session, self.connection.id, Bar(wanted.least)).with_only_columns(Link.id)
        (number,) = counted(session, query)
        return self.render(
            "intacct/every.html", do=name, number=number, asks=override.asks(name, words.limited(number)),
            told=many.wanted_words(wanted), here=here(), back=self.back(), last=last, least=least,
        )  # fmt: skip

    @expose("/go-on", methods=("POST",))
    def go_on(self) -> ResponseReturnValue:
        connect.go_on(self.connection.id, self.step, who())
        return redirect(self.get_url("intacct_connect.resume"), 303)

    @expose("/refresh", methods=("POST",))
    def refresh(self) -> ResponseReturnValue:
        connect.refresh(self.connection.id, who())
        return redirect(self.get_url("intacct_connect.reading", next=self.step), 303)
