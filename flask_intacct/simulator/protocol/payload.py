"""What leaves as the body of a reply: the envelope, or bare rows as JSON or CSV where a function asks for them."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from typing import Any

from .xmltree import Node, parse

KINDS = {"json": "application/json", "csv": "text/csv"}
LISTS = ("ITEMS", "DETAILS", "ENTRIES")
"""What the names of elements that hold several of one kind end in."""
_BETWEEN = re.compile(r"(?<=>)(?=<(?!/))|(?<=</)([^<>]*>)(?=</)")


@dataclass(frozen=True, slots=True)
class Payload:
    """A body and, where it is not XML, its Content-Type."""

    text: str
    kind: str = ""


@dataclass(slots=True)
class Answer:
    """What goes back. `cut` None = all, 0 = nothing and the connection ends, 1 = half of it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


def form_of(node: Node) -> str:
    """The format that a function wants its rows in: xml, json, csv, or what is none of them."""
    options = node.find("options") or node
    return (node.get("returnFormat") or options.get("returnformat") or "xml").lower()


def bare(results: list[tuple[str, str]]) -> Payload:
    """The rows of functions without any envelope.

    :param results: the format and the XML of each function's data.
    """
    parts = []
    for form, body in results:
        rows = list(parse(f"<r>{body}</r>".encode()).children[0])
        parts.append(json.dumps([_object(row) for row in rows]) if form == "json" else _table(rows))
    return Payload("\n".join(parts), KINDS[results[0][0]])


def _object(node: Node, prefix: str = "") -> dict[str, Any]:
    """A row as JSON has it: texts, by dotted names; a list of objects for lines and their taxes."""
    found: dict[str, Any] = {}
    for child in node:
        name = prefix + child.tag
        if not child.children:
            found[name] = child.text
        elif child.tag.endswith(LISTS):
            found[name] = [_object(one) for one in child]
        else:
            found |= _object(child, name + ".")
    return found


def _flat(node: Node, prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for child in node:
        found |= _flat(child, f"{prefix}{child.tag}.") if child.children else {prefix + child.tag: child.text}
    return found


def _table(rows: list[Node]) -> str:
    """Rows as CSV, the names of the fields on top."""
    flat = [_flat(row) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return out.getvalue()


def spaced(text: str) -> str:
    """The reply with a line for each element; texts stay as they are."""
    return _BETWEEN.sub(lambda found: (found[1] or "") + "\n", text)
