"""Who may do what: the host's one rule, asked per company and remembered for the request."""

from __future__ import annotations

from collections.abc import Iterator

from flask import abort, current_app, g
from sqlalchemy import select

from .. import logs
from ..models import Connection
from ..plain import let_go
from ..state import current


def companies() -> list[tuple[str, str]]:
    """(id, name) of every company of the host, read once per request."""
    if "intacct_companies" not in g:
        g.intacct_companies = current().host.companies()
    found: list[tuple[str, str]] = g.intacct_companies
    return found


def may(right: str, company_id: str) -> bool:
    """Whether the person of this request has a right in a company; closed unless the host says yes.

    A rule that fails has not said yes: the menu of every page asks it, the log-in page's too.
    """
    asked: dict[tuple[str, str], bool] = g.setdefault("intacct_rights", {})
    if (right, company_id) not in asked:
        asked[right, company_id] = _said_yes(right, company_id)
    return asked[right, company_id]


def _said_yes(right: str, company_id: str) -> bool:
    """Whether the host's rule answers True itself; what is merely truthy, a redirect or a coroutine, says nothing."""
    try:
        answer: object = current().access(right, company_id)
    except Exception:
        # The host's own code may raise anything; whoever can't be judged is kept out.
        logs.exception(current_app.logger, "access= failed for the right to %s in company %s.", right, company_id)
        return False
    if answer is not True and answer is not False:
        current_app.logger.error(
            "access= gave %s for the right to %s in company %s, so it stays closed: it must give True or False.",
            let_go(answer), right, company_id,
        )  # fmt: skip
    return answer is True


def may_anywhere(right: str) -> bool:
    """Whether the person has a right in any company: what the menu asks. Nobody has where we are not installed."""
    if "intacct" not in current_app.extensions:
        return False
    found: dict[str, bool] = g.setdefault("intacct_anywhere", {})
    if right not in found:
        found[right] = any(may(right, company_id) for company_id in _company_ids())
    return found[right]


def _company_ids() -> Iterator[str]:
    """Every company, those first of which the rule was asked in this request: most people may something there."""
    asked: dict[tuple[str, str], bool] = g.get("intacct_rights", {})
    yield from dict.fromkeys(company_id for _, company_id in [*asked])
    if "intacct_company_ids" not in g:
        with current().session.no_autoflush:  # what a page of the host has not saved yet is not saved by its menu
            g.intacct_company_ids = current().host.company_ids()
    yield from g.intacct_company_ids


def may_everywhere(right: str) -> bool:
    """Whether the person has a right in every company of the host."""
    return all(may(right, company_id) for company_id, _ in companies())


def signed_out() -> bool:
    """Whether nobody is signed in with the host's Flask-Login, and it has a log-in page; False without Flask-Login."""
    manager = getattr(current_app, "login_manager", None)
    if manager is None or not (manager.login_view or manager.blueprint_login_views or manager.unauthorized_callback):
        return False
    from flask_login import current_user  # the host uses it, so it is there

    return not current_user.is_authenticated


def require(right: str, company_id: str) -> None:
    """Stop with 403 unless the person has the right in this company."""
    if not may(right, company_id):
        abort(403)


def connection_or_404(connection_id: int) -> Connection:
    """The connection of the address, or 404."""
    connection = current().session.get(Connection, connection_id)
    if connection is None:
        abort(404)
    return connection


def visible_connections(right: str) -> list[Connection]:
    """The connections of every company where the person has a right; a company that was deleted has none any more."""
    query = select(Connection).where(Connection.live_company.is_not(None))
    found = current().session.scalars(query.order_by(Connection.company_name, Connection.id))
    return [connection for connection in found if may(right, connection.company_id)]
