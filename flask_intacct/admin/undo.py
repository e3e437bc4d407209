"""The Undo button of a message: it takes back what one person decided within one request, however much that was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import abort
from markupsafe import Markup
from sqlalchemy import select

from ..choices import ARCHIVED, CREATE, MATCHED
from ..clock import read
from ..models import Link
from ..state import current
from ..translation import gettext
from .base import who
from .forms import token_field

LONGEST_BACK = 200
"""A longer address, of a long search say, is left out: the message has to fit into a cookie."""


def moment() -> datetime:
    """The present instant, by the clock that decisions are stamped with."""
    return read(current().session)


def button(text: str, began: datetime, action_url: str, back: str) -> Markup:
    """A message with the button behind it; the two moments fit into the cookie of a session, a thousand ids do not."""
    hidden = {"since": began.isoformat(), "until": moment().isoformat()}
    if len(back) <= LONGEST_BACK:
        hidden["url"] = back
    fields = Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(*item) for item in hidden.items()
    )
    return Markup(
        '{} <form class="intacct-inline" method="post" action="{}">{}{}'
        '<button class="btn btn-link intacct-undo" name="action" value="undo">{}</button></form>'
    ).format(text, action_url, token_field(), fields, gettext("Undo"))


def decided(connection_id: int, kinds: Sequence[str], since: str, until: str) -> list[str]:
    """The ids of what this person decided between two moments and may still take back."""
    try:
        first, last = (datetime.fromisoformat(given).astimezone(UTC) for given in (since, until))
    except (ValueError, OverflowError):
        abort(400)  # no moment, or one whose UTC lies outside the calendar
    query = select(Link.id).where(
        Link.connection_id == connection_id,
        Link.kind.in_(kinds),
        Link.decided_by == who(),
        Link.decided_at.between(first, last),
        Link.state.in_((MATCHED, CREATE, ARCHIVED)),
    )
    return [str(link_id) for link_id in current().session.scalars(query)]
