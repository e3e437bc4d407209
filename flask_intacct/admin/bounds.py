"""What a request may bring: addresses of this site only, ids that a table can hold, not too much of anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

from ..models import MAX_ID

LONGEST_ADDRESS = 2000

LARGEST_FORM = 256 * 1024
"""Bytes of a form of ours: enough for the longest list, far too little to be a burden."""

CONVERTER = "intacct_id"


class IdConverter(IntegerConverter):
    """An id in an address: more digits than our tables have ids lead nowhere."""

    regex = r"[0-9]{1,10}"

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=MAX_ID)


def bound(rule: str) -> str:
    """A rule of ours, with the ids in it bounded; the application has to know :class:`IdConverter`."""
    return rule.replace("<int:", f"<{CONVERTER}:")


def install_bounds(app: Flask, blueprints: set[str]) -> None:
    """Bound the forms of these blueprints before anything reads one."""

    def limit(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if request.blueprint in blueprints:
            given = (request.max_content_length, LARGEST_FORM)
            request.max_content_length = min(size for size in given if size is not None)

    # Before every before_request, for the host's CSRFProtect reads the form in one.
    app.url_value_preprocessors.setdefault(None, []).insert(0, limit)


def local_path(address: str | None) -> str:
    """The address, if it is a path of this site whichever way a browser or a proxy reads it, else ""."""
    if not address or len(address) > LONGEST_ADDRESS or not address.startswith("/"):
        return ""
    if "\\" in address or not address.isprintable():
        return ""
    path = re.split(r"[?#]", address)[0]
    for _ in range(3):  # as it is, unquoted, and unquoted once more
        if "//" in path or "\\" in path or not path.isprintable():
            return ""
        path = unquote(path)
    return address


def whole(text: str | None, most: int = MAX_ID) -> int:
    """A whole number up to `most` that somebody sent; 0 for anything else, ``²`` and five thousand digits included."""
    digits = text or ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) <= most else 0


def row_ids(sent: Sequence[str], most: int) -> list[int]:
    """The ids of the ticked rows, each once, no more than a page has; 404 for what is no id."""
    ids = dict.fromkeys(whole(text) for text in sent)
    if 0 in ids:
        abort(404)
    return list(ids)[:most]


def has_nul() -> bool:
    """Whether the request brings a NUL character, which PostgreSQL takes in no text."""
    values = (request.view_args or {}).values()
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    return any("\0" in text for text in (*(part for pair in pairs for part in pair), *map(str, values)))
