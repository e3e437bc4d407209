"""What every view of ours shares: closed access, checked tokens, errors in words, assets, addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import babel
from flask_admin.base import Admin, BaseView
from werkzeug.datastructures import MultiDict

from .. import kinds, restored
from ..errors import ConfigError, GatewayError, NotAllowed, Refused
from ..gateway.classify import printable
from ..installation import installation_id
from ..models import Connection
from ..state import ADMINISTER, MATCH, SEE, current
from ..translation import gettext, lazy_gettext, ngettext
from . import forms, words
from .access import connection_or_404, may, may_anywhere, require, signed_out
from .bounds import CONVERTER, IdConverter, bound, has_nul, local_path
from .messages import flash

PLACES = {
    "overview": "intacct_connect.overview",
    "prerequisites": "intacct_connect.prerequisites",
    "credentials": "intacct_connect.credentials",
    "entity": "intacct_connect.entity",
    "date": "intacct_connect.date",
    "tax_type": "intacct_tax_types.index_view",
    "account": "intacct_accounts.index_view",
    "tracking": "intacct_tracking.index_view",
    "contact": "intacct_contacts.index_view",
    "plan": "intacct_plan.index",
    "done": "intacct_companies.show",
}
"""The screen of each step of the wizard."""

LISTS = {
    kinds.TAX_TYPE: PLACES["tax_type"],
    kinds.ACCOUNT: PLACES["account"],
    kinds.TRACKING_CATEGORY: PLACES["tracking"],
    kinds.TRACKING_OPTION: PLACES["tracking"],
    kinds.CONTACT: PLACES["contact"],
}
"""The matching list of each kind."""

GONE = lazy_gettext(
    "The company was deleted in this application, so its connection to Sage Intacct has ended. Nothing syncs any more."
)

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class IntacctView(BaseView):
    """The base of our views. A host's subclass gets the same protection for what it adds.

    `rights` names the right that each method needs; one that is not listed needs to administer. Addresses with a
    ``connection_id`` are checked against that connection's company, and the id is taken out of the arguments: a view
    finds it as `self.connection`. Every request that is not a GET must carry a token of the session. `home` is the page
    that a form leads back to where it does not name another, if that is not the first of the view.
    """

    rights: ClassVar[dict[str, str]] = {}
    menu_right: ClassVar[str] = SEE
    home: ClassVar[str] = ""
    in_menu: ClassVar[bool] = False
    is_intacct = True

    @property
    def extra_css(self) -> list[str]:  # type: ignore[override]
        return [url_for("intacct_assets.static", filename="intacct.css")]

    @property
    def extra_js(self) -> list[str]:  # type: ignore[override]
        return [url_for("intacct_assets.static", filename="intacct.js")]

    @property
    def connection(self) -> Connection:
        """The connection of the address."""
        found: Connection = g.intacct_connection
        return found

    def create_blueprint(self, admin: Admin) -> Any:
        """With the ids in our addresses bounded; one Admin may do this for several applications."""
        assert admin.app is not None  # Flask-Admin calls this once it has one
        admin.app.url_map.converters[CONVERTER] = IdConverter
        self._urls = [(bound(rule), *more) for rule, *more in self._urls]  # type: ignore[has-type]
        return super().create_blueprint(admin)

    def may(self, right: str) -> bool:
        """Whether the person has a right in the company of the address."""
        return may(right, self.connection.company_id)

    def is_visible(self) -> bool:
        return self.in_menu

    def is_accessible(self) -> bool:
        return may_anywhere(self.menu_right)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> ResponseReturnValue:
        """Where nobody is signed in any more: a page leads to the host's log-in page, a change is refused in words."""
        if not signed_out():
            abort(403)
        if request.method not in SAFE_METHODS:
            message = gettext("You are no longer signed in, so nothing was changed. Sign in, then do it again.")
            return self.problem(gettext("Nothing was changed"), message), 403
        if request.accept_mimetypes and not request.accept_mimetypes.accept_html:
            abort(403)  # a script that polls has no use for a form
        answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return answer

    def _handle_view(self, name: str, **kwargs: Any) -> ResponseReturnValue | None:
        g.pop("intacct_connection", None)
        if not self.is_accessible():
            return self.inaccessible_callback(name, **kwargs) or abort(403)
        right = self.rights.get(name, ADMINISTER)
        connection_id = kwargs.get("connection_id")
        if connection_id is None:
            return None if may_anywhere(right) else self.inaccessible_callback(name, **kwargs) or abort(403)
        connection = connection_or_404(int(connection_id))
        if connection.live_company is None:
            # The host's rule speaks of ids: it can't be asked about a company that is gone, nor about its successor.
            return self.problem(gettext("This connection has ended"), str(GONE)), 410
        require(SEE, connection.company_id)
        require(right, connection.company_id)
        g.intacct_connection = connection
        return None

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Flask-Admin's own swallows a TypeError and calls the view a second time; this one never does."""
        kwargs.pop("connection_id", None)
        if request.method not in SAFE_METHODS and not forms.token_is_good():
            message = gettext("This page had expired, so nothing was changed. Go back, reload the page and try again.")
            return self.problem(gettext("Nothing was changed"), message), 400
        if has_nul():
            message = gettext("What was sent holds a NUL character. Type it anew instead of pasting it.")
            return self.problem(gettext("That did not work"), message), 400
        try:
            installation_id(current())
            g.intacct_held = restored.reason(current().session)
            return fn(self, *args, **kwargs)
        except NotAllowed:
            abort(403)
        except Refused as refusal:
            return self.refused(refusal.message)
        except ConfigError as error:
            current_app.logger.error("Flask-Intacct is not set up rightly: %s", error)
            return self.refused(str(error))
        except GatewayError as error:
            current_app.logger.warning("Sage Intacct could not be asked: %s", printable(str(error)))
            return self.refused(words.gateway_down())

    def refused(self, message: str) -> ResponseReturnValue:
        """Say why nothing was done: on the page the person came from, or on one of its own."""
        if request.method in SAFE_METHODS:
            return self.problem(gettext("That did not work"), message, again=here()), 409
        flash(message, "error")
        return redirect(self.back(), 303)

    def back(self) -> str:
        """Where a form came from; the start of this view if it does not say, or names another site."""
        return local_path(given().get("url")) or self.get_url(f".{self.home or self._default_view}")  # type: ignore[attr-defined]

    def problem(self, title: str, message: str, again: str = "") -> str:
        """A page that says what went wrong and offers a way on."""
        return self.render("intacct/problem.html", title=title, message=message, again=local_path(again))

    def get_url(self, endpoint: str, **kwargs: Any) -> str:
        """As Flask-Admin's, with the connection of this page filled in where an address needs one."""
        full = f"{self.endpoint}{endpoint}" if endpoint.startswith(".") else endpoint
        if "intacct_connection" in g and current_app.url_map.is_endpoint_expecting(full, "connection_id"):
            kwargs.setdefault("connection_id", g.intacct_connection.id)
        return super().get_url(full, **kwargs)

    def render(self, template: str, **kwargs: Any) -> str:
        kwargs.setdefault("connection", g.get("intacct_connection"))
        kwargs["held"] = g.get("intacct_held")
        kwargs["token_field"] = forms.token_field
        kwargs["words"] = words
        kwargs["places"] = PLACES
        kwargs["link_views"] = LISTS
        kwargs["may"] = may
        kwargs["rights"] = {"see": SEE, "match": MATCH, "administer": ADMINISTER}
        more: Any = self._template_args  # Flask-Admin's own texts come before these, not before what we pass above
        more.update(_gettext=_gettext, _ngettext=_ngettext)
        return super().render(template, **kwargs)


def _gettext(text: str, **values: Any) -> str:
    """A text of our templates, or of Flask-Admin's that they extend."""
    ours = gettext(text)  # the templates call this by its name, by which extraction finds their texts
    return str(babel.gettext(text, **values)) if ours == text else ours % values if values else ours


def _ngettext(singular: str, plural: str, number: int, **values: Any) -> str:
    return ngettext(singular, plural, number, **values)


def here() -> str:
    """The address of this page, with the prefix that the application is mounted under."""
    return request.script_root + request.full_path.rstrip("?")


def given() -> MultiDict[str, str]:
    """What the person sent: the form of a POST, the query of a GET; never both at once."""
    return request.args if request.method in SAFE_METHODS else request.form


def who() -> str:
    """The person of this request, for the audit log."""
    return current().who()
