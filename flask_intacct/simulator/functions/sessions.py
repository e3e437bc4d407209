"""Functions about the session: getting one, the entity it is in, the user's formats and permissions."""

from __future__ import annotations

from ..company import User
from ..errors import FunctionRefusal, refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..store.objects import SPECS

APPLICATIONS = {
    "CO": "Company",
    "GL": "General Ledger",
    "AR": "Accounts Receivable",
    "AP": "Accounts Payable",
    "CM": "Cash Management",
    "TX": "Taxes",
    "PT": "Platform Services",
}
RIGHTS = ("List", "View", "Add", "Edit", "Delete")


def get_api_session(call: Call) -> str:
    """A session of the same user, at the level asked for; without one at the caller's level."""
    asked = call.node.find("locationid")
    entity = call.session.entity if asked is None else asked.text
    error = call.directory.entity_error(call.company, call.session.user, entity)
    if error is not None:
        raise FunctionRefusal(error)
    session = call.directory.open(call.company, call.session, entity)
    call.directory.slide(call.company, session)
    return (
        "<data><api>"
        + element("sessionid", session.id)
        + element("endpoint", call.endpoint)
        + element("locationid", entity)
        + "</api></data>"
    )


def read_entity_details(call: Call) -> str:
    """The entity that the session is in, or the company at top level."""
    company, entity = call.company, call.session.entity
    location = company.store["LOCATION"].named(entity) if entity else None
    currency = company.entities[entity].currency if entity else company.base_currency
    return (
        '<data listtype="All" count="1"><entity>'
        + element("id", entity)
        + element("name", location.get("NAME") if location else company.id)
        + element("recordno", location["RECORDNO"] if location else "")
        + element("currency", currency)
        + element("firstfiscalmonth", 1)
        + element("firstfiscaltaxmonth", 1)
        + element("weekstart", 1)
        + "</entity></data>"
    )


def _user(call: Call) -> User:
    login, key = call.node.get("userId"), call.node.get("key")
    for user in call.company.users.values():
        if login == user.login or (key and key == str(user.key)):
            return user
    if not login and not key:
        return call.session.user
    raise refuse("BL03000025", f"Login ID {login or key} does not exist.")


def read_user_formatting(call: Call) -> str:
    """How the user's dates and times are written."""
    user = _user(call)
    form = call.company.form_of(user)
    return (
        '<data listtype="All" count="1"><userformatting>'
        + element("recordno", user.key)
        + element("locale", form.locale)
        + element("dateformat", form.order)
        + element("gmtoffset", form.offset)
        + element("clock", form.clock)
        + "</userformatting></data>"
    )


def get_user_permissions(call: Call) -> str:
    """The rights of a user, by application and object; needs an administrator."""
    if not call.session.user.admin:
        raise refuse("PL04000005", "You do not have permission to read the permissions of users.")
    user, company = _user(call), call.company
    subscriptions = []
    for code, name in APPLICATIONS.items():
        if code in company.modules_off:
            continue
        policies = []
        for spec in SPECS.values():
            if spec.group != code:
                continue
            lost = {right for login, held, right in company.denied if login == user.login and held in ("*", spec.name)}
            rights = "|".join(right for right in RIGHTS if right not in lost and "*" not in lost)
            policies.append("<policy>" + element("policyName", spec.plural) + element("rights", rights) + "</policy>")
        subscriptions.append(
            "<appSubscription>"
            + element("applicationName", name)
            + f"<policies>{''.join(policies)}</policies></appSubscription>"
        )
    body = "".join(subscriptions)
    return f'<data listtype="All" count="1"><permissions>{body}</permissions></data>'
