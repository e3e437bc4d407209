"""The words and colours in which our screens speak of kinds, states and times."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .. import counting, issues, kinds, translation
from ..messages import noun
from ..models import now
from ..state import current
from ..translation import gettext, lazy_gettext, ngettext
from ..vocabulary import shown

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


PAUSED = {
    "receivables": lazy_gettext("Receivables are paused: customers and their documents are not synced."),
    "payables": lazy_gettext("Payables are paused: vendors and their documents are not synced."),
}
SIDES_PAUSED = {"receivables": lazy_gettext("Receivables paused"), "payables": lazy_gettext("Payables paused")}


def paused(side: str, *, short: bool = False) -> str:
    """That a person paused a side."""
    return str((SIDES_PAUSED if short else PAUSED).get(side, side))


def _words(name: str) -> str:
    """A name of ours as words."""
    return name.replace("_", " ").capitalize()


def _said(text: str) -> str:
    """Words in the reader's language; they are marked where they are written down."""
    return gettext(text)


def kind(name: str) -> str:
    return _said(kinds.named(name).label if kinds.roles(name) else _words(name))


def role(name: str) -> str:
    return opening(str(noun(name)))


def roles(name: str) -> str:
    """Several records in a role."""
    return opening(str(noun(f"{name}s")))


def run(name: str) -> str:
    known = current().runs.get(name)
    return str(known.label) if known else _words(name)


def phase(name: str) -> str:
    labels = {phase.name: phase.label for run in current().runs.values() for phase in run.phases}
    return _said(labels.get(name) or _words(name))


def state(name: str) -> str:
    return str(STATES.get(name, _words(name)))


def colour(name: str) -> str:
    return STATE_COLOURS.get(name, "grey")


def opening(text: str) -> str:
    """A text as the beginning of a line; names in it keep their capitals."""
    return text[:1].upper() + text[1:]


def cause(name: str) -> str:
    """The cause of an issue, as a heading."""
    return opening(str(issues.heading(name)))


def unlisted(word: str) -> str:
    """A word of the host that nobody listed."""
    return opening(str(shown(word)))


def day(at: date) -> str:
    return translation.day(at)


def money(amount: Decimal | str) -> str:
    """An amount, as a number or as it is kept as text, with two places and thousands apart."""
    return translation.money(Decimal(amount))


def count(number: int) -> str:
    """A number of records, thousands apart."""
    return translation.count(number)


def limited(number: int) -> str:
    """The same for a number at which :mod:`~flask_intacct.counting` may have ended."""
    return count(number) if counting.whole(number) else gettext("more than %(num)s", num=count(counting.LIMIT))


def cents(amount: int) -> str:
    """An amount that is kept in cents."""
    return money(Decimal(amount) / 100)


def moment(at: datetime | None) -> str:
    """A moment as people write it, in UTC; "" for none."""
    return "" if at is None else translation.moment(at)


def ago(at: datetime | None) -> str:
    """How long ago, in one unit."""
    if at is None:
        return gettext("never")
    seconds = (now() - at).total_seconds()
    if seconds < 60:
        return gettext("just now")
    if seconds < 3600:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", int(seconds // 60))
    if seconds < 86400:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", int(seconds // 3600))
    return ngettext("%(num)s day ago", "%(num)s days ago", int(seconds // 86400))


def milliseconds(number: int) -> str:
    """How long a request took."""
    return gettext("%(num)s ms", num=number) if number < 10_000 else duration(number / 1000)


def duration(seconds: float) -> str:
    """A length of time in words, rounded to what a person waits for."""
    if seconds < 60:
        return ngettext("%(num)s second", "%(num)s seconds", max(1, round(seconds)))
    if seconds < 5400:
        return ngettext("%(num)s minute", "%(num)s minutes", round(seconds / 60))
    return ngettext("%(num)s hour", "%(num)s hours", round(seconds / 3600))


def gateway_down() -> str:
    return gettext("Sage Intacct can't be reached just now. Nothing was changed. Wait a minute, then try again.")
