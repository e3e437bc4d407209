"""The words and colours in which our screens speak of kinds, states and times."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_admin.babel import gettext, lazy_gettext, ngettext

from .. import kinds
from ..jobs import RUNS
from ..models import now

KINDS: dict[str, Any] = {
    kinds.TAX_TYPE: lazy_gettext("Tax types"),
    kinds.ACCOUNT: lazy_gettext("Accounts"),
    kinds.TRACKING_CATEGORY: lazy_gettext("Tracking categories"),
    kinds.TRACKING_OPTION: lazy_gettext("Tracking options"),
    kinds.CONTACT: lazy_gettext("Contacts"),
    kinds.INVOICE: lazy_gettext("Invoices"),
    kinds.BILL: lazy_gettext("Bills"),
}

ROLES: dict[str, Any] = {
    kinds.SALE: lazy_gettext("Sale"),
    kinds.PURCHASE: lazy_gettext("Purchase"),
    kinds.CUSTOMER: lazy_gettext("Customer"),
    kinds.VENDOR: lazy_gettext("Vendor"),
}

PHASES: dict[str, str] = {phase.name: phase.label for kind in RUNS.values() for phase in kind.phases}

STATES: dict[str, Any] = {
    "queued": lazy_gettext("Waiting to start"),
    "running": lazy_gettext("Running"),
    "paused": lazy_gettext("Paused"),
    "done": lazy_gettext("Finished"),
    "failed": lazy_gettext("Stopped"),
    "cancelled": lazy_gettext("Cancelled"),
    "waiting": lazy_gettext("Waiting"),
    "skipped": lazy_gettext("Not reached"),
}

STATE_COLOURS = {
    "queued": "blue",
    "running": "blue",
    "paused": "amber",
    "done": "green",
    "failed": "red",
    "cancelled": "grey",
    "waiting": "grey",
    "skipped": "grey",
}


def kind(name: str) -> str:
    return str(KINDS.get(name, name.replace("_", " ").capitalize()))


def role(name: str) -> str:
    return str(ROLES.get(name, name))


def run(name: str) -> str:
    return gettext(RUNS[name].label if name in RUNS else name.capitalize())


def phase(name: str) -> str:
    return gettext(PHASES.get(name, name.replace("_", " ").capitalize()))


def state(name: str) -> str:
    return str(STATES.get(name, name.replace("_", " ").capitalize()))


def colour(name: str) -> str:
    return STATE_COLOURS.get(name, "grey")


def money(amount: str) -> str:
    """An amount that is kept as text, with two places and thousands apart."""
    return f"{Decimal(amount):,.2f}"


def moment(at: datetime | None) -> str:
    """A moment as people write it, in UTC; "" for none."""
    return "" if at is None else f"{at.day} {at:%b %Y, %H:%M} UTC"


def ago(at: datetime | None) -> str:
    """How long ago, in one unit."""
    if at is None:
        return gettext("never")
    seconds = (now() - at).total_seconds()
    if seconds < 60:
        return gettext("just now")
    for size, singular, plural in (
        (86400, "%(num)s day ago", "%(num)s days ago"),
        (3600, "%(num)s hour ago", "%(num)s hours ago"),
        (60, "%(num)s minute ago", "%(num)s minutes ago"),
    ):
        if seconds >= size:
            return ngettext(singular, plural, int(seconds // size))
    return ""


def duration(seconds: float) -> str:
    """A length of time in words, rounded to what a person waits for."""
    if seconds < 60:
        return ngettext("%(num)s second", "%(num)s seconds", max(1, round(seconds)))
    if seconds < 5400:
        return ngettext("%(num)s minute", "%(num)s minutes", round(seconds / 60))
    return ngettext("%(num)s hour", "%(num)s hours", round(seconds / 3600))


def gateway_down() -> str:
    return gettext("Sage Intacct can't be reached just now. Nothing was changed. Wait a minute, then try again.")
