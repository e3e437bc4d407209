"""The four matching views that a host may subclass and replace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.actions import action
from flask_admin.base import expose
from sqlalchemy import select

from .. import kinds, links
from ..models import Link
from ..onboarding.steps import taxes_open
from ..onboarding.switches import no_taxes
from ..state import MATCH, current
from ..sync.reading import TAXES_UNREAD
from ..translation import gettext, lazy_gettext, ngettext
from . import override, undo
from .base import who
from .match import LinkView
from .messages import flash


class TaxTypeLinkView(LinkView):
    """Tax types against tax details, one slot for sale and one for purchase."""

    kind, step, title = kinds.TAX_TYPE, "tax_type", lazy_gettext("Match tax types")
    roles = kinds.roles(kinds.TAX_TYPE)
    rights = {**LinkView.rights, "no_taxes": MATCH}  # noqa: RUF012

    def render(self, template: str, **kwargs: Any) -> str:
        facts = self.connection.facts
        kwargs["taxes"] = "unread" if taxes_open(self.connection) else "none" if facts.get("no_taxes") else ""
        kwargs["taxes_unread"] = TAXES_UNREAD
        return super().render(template, **kwargs)

    @expose("/no-taxes", methods=("POST",))
    def no_taxes(self) -> ResponseReturnValue:
        """Say that Intacct has no taxes, where they can't be read; or take it back."""
        none = request.form.get("none") == "yes"
        no_taxes(self.connection.id, none, who())
        flash(
            gettext("Kept: this company has no taxes in Sage Intacct.")
            if none
            else gettext("Taken back. Give the right, then refresh from Intacct."),
            "success",
        )
        return redirect(self.get_url(".index_view"), 303)


class AccountLinkView(LinkView):
    """Ledger accounts against GL accounts."""

    kind, step, title = kinds.ACCOUNT, "account", lazy_gettext("Match accounts")


class TrackingLinkView(LinkView):
    """Tracking in two layers: categories against dimensions first, then options against their values."""

    kind, step, title = kinds.TRACKING_CATEGORY, "tracking", lazy_gettext("Match tracking")

    @property
    def kinds(self) -> tuple[str, ...]:
        return (kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION)

    @property
    def shown_kind(self) -> str:
        wanted = request.args.get("layer", "")
        if wanted in self.kinds:
            return wanted
        counts = self.counts(kinds.TRACKING_CATEGORY)
        return kinds.TRACKING_CATEGORY if counts.undecided or not counts.total else kinds.TRACKING_OPTION

    def render(self, template: str, **kwargs: Any) -> str:
        session, connection = current().session, self.connection
        categories = session.scalars(
            select(Link)
            .where(Link.connection_id == connection.id, Link.kind == kinds.TRACKING_CATEGORY)
            .order_by(Link.label)
        ).all()
        kwargs["layers"] = [(kind, self.counts(kind)) for kind in self.kinds]
        kwargs["layer"] = self.shown_kind
        kwargs["categories"] = categories
        kwargs["unmatched"] = [item for item in categories if item.state not in ("matched", "linked", "archived")]
        return super().render(template, **kwargs)


class ContactLinkView(LinkView):
    """Contacts against customers and vendors, one slot per role; what is missing there can be created."""

    kind, step, title = kinds.CONTACT, "contact", lazy_gettext("Match contacts")

    @property
    def roles(self) -> tuple[str, ...]:  # type: ignore[override]
        """The roles to choose from in the list; none where the application has just one."""
        found = current().host.roles(self.kind)
        return found if len(found) > 1 else ()

    def is_action_allowed(self, name: str) -> bool:
        """Nothing is created in a role that the application does not have."""
        role = name.removeprefix("create_")
        unknown = role in kinds.roles(self.kind) and role not in current().host.roles(self.kind)
        return bool(super().is_action_allowed(name)) and not unknown

    @action("create_customer", lazy_gettext("Create as customer"))
    def action_create_customer(self, ids: Sequence[str]) -> ResponseReturnValue | None:
        return self._create(ids, "create_customer")

    @action("create_vendor", lazy_gettext("Create as vendor"))
    def action_create_vendor(self, ids: Sequence[str]) -> ResponseReturnValue | None:
        return self._create(ids, "create_vendor")

    def _create(self, ids: Sequence[str], action: str) -> ResponseReturnValue | None:
        """Create what is clearly missing; for others ask on a page that says what speaks against it."""
        began, role = undo.moment(), override.CREATES[action]
        wanted = [int(id_) for id_ in ids]
        outcome = links.create(
            self.connection.id, wanted, role, who(), confirmed=override.agreed(), reason=override.reason()
        )
        self._tell(
            outcome,
            lambda done: ngettext(
                "%(num)s contact will be created at Confirm.", "%(num)s contacts will be created at Confirm.", done
            ),
            began,
        )
        return override.page(self, action, outcome.asked) if outcome.asked else None
