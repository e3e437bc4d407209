"""Messages to the person, kept within the cookie of a session, which browsers drop beyond 4 KB."""

from __future__ import annotations

import json

from flask import flash as flask_flash
from flask import g, session
from markupsafe import Markup

ROOM = 2400
"""Bytes for all messages that wait; as base64 they are a third more."""

LONGEST = 480
"""Bytes of one message."""


def flash(message: str, category: str) -> None:
    """As Flask's; a long message loses its middle, and older messages that nobody came to see make room.

    What has no room even then is left out: the first messages of a request are the ones that count.
    """
    text = message if isinstance(message, Markup) else shortened(message)
    waiting, mine = list(session.get("_flashes", [])), g.get("intacct_told", 0)
    while len(waiting) > mine and _size([*waiting, (category, text)]) > ROOM:
        del waiting[0]
    if _size([*waiting, (category, text)]) <= ROOM:
        session["_flashes"] = waiting
        flask_flash(text, category)
        g.intacct_told = mine + 1


def shortened(text: str) -> str:
    """A text without its middle if it is long: its start names the record, its end the cure."""
    kept, short = len(text), text
    while _size(short) > LONGEST:
        kept = kept * 4 // 5
        short = f"{text[: kept // 2]} … {text[-(kept // 2) :]}"
    return short


def _size(value: object) -> int:
    return len(json.dumps(value))
