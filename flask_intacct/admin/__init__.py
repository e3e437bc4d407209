"""Our Flask-Admin views, added to the host's own admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, request
from flask_admin.base import Admin

from ..errors import ConfigError
from ..state import State
from ..translation import lazy_gettext
from .bounds import bound, install_bounds
from .companies import CompaniesView
from .connect import ConnectView
from .flag import install_flag
from .headers import install_headers
from .held import HeldView
from .jobs import JobsView
from .link_views import AccountLinkView, ContactLinkView, TaxTypeLinkView, TrackingLinkView
from .match import LinkView
from .notices import NoticesView
from .plan import PlanView
from .results import ResultsView
from .runs import RunsView

LINK_VIEWS: dict[str, tuple[type[LinkView], str]] = {
    "tax_types": (TaxTypeLinkView, "tax-types"),
    "accounts": (AccountLinkView, "accounts"),
    "tracking": (TrackingLinkView, "tracking"),
    "contacts": (ContactLinkView, "contacts"),
}
"""The matching views that a host may replace by subclasses, and where they live."""


COMPANIES = "companies"


def add_views(app: Flask, admin: Admin, state: State, views: Mapping[str, type[Any]] | None = None) -> None:
    """Add our screens and the flag to the host's admin, once if it serves several applications.

    :param views: Subclasses of the views in :data:`LINK_VIEWS`, by name, that take the place of ours.
    :raises ValueError: `views` names one that does not exist.
    :raises ConfigError: the admin has views of ours already, and not the same.
    """
    replaced = dict(views or {})
    unknown = sorted(set(replaced) - set(LINK_VIEWS))
    if unknown:
        raise ValueError(f"views= has no {', '.join(unknown)}. Known: {', '.join(LINK_VIEWS)}.")
    app.register_blueprint(_assets(app))
    endpoints = (COMPANIES, "results", "jobs", "connect", "plan", "runs", "notices", "held", *LINK_VIEWS)
    blueprints = {f"intacct_{endpoint}" for endpoint in endpoints}
    install_bounds(app, blueprints)
    install_headers(app, blueprints)
    there = {view.endpoint: view for view in admin._views}
    if f"intacct_{COMPANIES}" in there:
        _check_same(there, replaced)  # one Admin for several applications: it has them, and registers them itself
    else:
        _add(admin, state, replaced)
    install_flag(app, admin)


def _check_same(there: Mapping[str, Any], replaced: Mapping[str, type[Any]]) -> None:
    for endpoint, (own, _) in LINK_VIEWS.items():
        if type(there[f"intacct_{endpoint}"]) is not replaced.get(endpoint, own):
            raise ConfigError(
                f"This Admin has another view for {endpoint} from another application: give it the same views=."
            )


def _add(admin: Admin, state: State, replaced: Mapping[str, type[Any]]) -> None:
    category, root = state.config.category, f"{(admin.url or '').rstrip('/')}/intacct"
    for view, name, endpoint in (
        (CompaniesView, lazy_gettext("Companies"), COMPANIES),
        (ResultsView, lazy_gettext("Results"), "results"),
        (JobsView, lazy_gettext("Jobs"), "jobs"),
        (ConnectView, lazy_gettext("Connect"), "connect"),
        (PlanView, lazy_gettext("Plan"), "plan"),
        (RunsView, lazy_gettext("Runs"), "runs"),
        (NoticesView, lazy_gettext("Notices"), "notices"),
        (HeldView, lazy_gettext("Restored or copied"), "held"),
    ):
        admin.add_view(view(name, category, endpoint=f"intacct_{endpoint}", url=f"{root}/{endpoint}"))
    for endpoint, (own, place) in LINK_VIEWS.items():
        link_view = replaced.get(endpoint, own)
        admin.add_view(
            link_view(
                state.db,
                category=category,
                endpoint=f"intacct_{endpoint}",
                url=bound(f"{root}/{place}/<int:connection_id>"),
            )
        )


def _assets(app: Flask) -> Blueprint:
    """Our templates and static files. An application that matches hosts serves them at whichever host asks."""
    assets = Blueprint(
        "intacct_assets",
        __name__,
        template_folder="../templates",
        static_folder="../static",
        static_url_path="/intacct-assets",
    )
    if app.url_map.host_matching:
        assets.add_url_rule(
            f"{assets.static_url_path}/<path:filename>",
            endpoint="static",
            view_func=assets.send_static_file,
            host="<intacct_host>",
        )

        @assets.url_value_preprocessor
        def take_out(endpoint: str | None, values: dict[str, Any] | None) -> None:
            (values or {}).pop("intacct_host", None)

        @app.url_defaults
        def fill_in(endpoint: str, values: dict[str, Any]) -> None:
            if endpoint == "intacct_assets.static":
                values.setdefault("intacct_host", request.host)

    return assets
