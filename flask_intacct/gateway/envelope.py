"""Take a reply apart: the three levels of status, results, rows.

xmltodict reads every envelope. The rows under `data` are lifted out first with ElementTree,
which is several times faster on bulk. Document types are refused, so there are no entities to expand. A page's tree is
built at once: reading it row by row as it grows was measured to be slower at 12 fields and 60.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element, tostring
from xml.parsers.expat import ExpatError

import xmltodict

from .errors import Damaged, GatewayFault, ProtocolError
from .formats import Row
from .function import is_write
from .markup import PROLOG, feed, tree
from .mending import Spoiled
from .rows import DEEPEST, to_row

MOST_ENVELOPE = 100_000
MOST_FAULTS = 200
LONGEST_TEXT = 10_000
_SUPPORT = re.compile(r"\[Support ID:([^\]\[]{0,300})\]", re.IGNORECASE)
_OF_ROWS = frozenset({"query", "read", "readbyname", "readbyquery", "readmore", "readrelated", "readview", "get_list"})
_LISTS = ("result", "error", "errormessage", "data", "key")


@dataclass(frozen=True, slots=True)
class Part:
    """One `result`, not yet judged. `data` holds the attributes of its `data` element, None if it has none."""

    status: str
    function: str
    control_id: str
    keys: tuple[str, ...]
    list_type: str
    data: Mapping[str, str] | None
    rows: list[Row] = field(repr=False)
    errors: tuple[GatewayFault, ...]
    spoiled: tuple[Spoiled, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A reply taken apart, not yet judged. A status is None where its element is missing.

    :param bare: Its control block says nothing but a status.
    """

    control: str | None
    control_id: str
    acknowledgement: str | None
    operation: bool
    authentication: str | None
    user: str
    company: str
    entity: str
    session_timestamp: str
    session_timeout: str
    errors: tuple[GatewayFault, ...]
    parts: tuple[Part, ...]
    bare: bool


def parse(content: bytes, *, mending: bool = False) -> Envelope:
    """Take a reply apart, whatever junk stands around it.

    :param mending: Repair rows that are not well-formed, or leave them out; only in what reads gave.
    :raises ProtocolError: if there is no well-formed `response` in it.
    """
    root, mended = tree(content, mending)
    parts = [_lift(result) for result in _results(root)]
    envelope = _skeleton(root)
    control = _dict(envelope, "control")
    operation = _dict(envelope, "operation")
    authentication = _dict(operation, "authentication")
    results = operation.get("result") or []
    if len(results) != len(parts):
        raise ProtocolError("the reply's results can't be told apart")
    acknowledgement = _dict(envelope, "acknowledgement")
    pages = _spoiled(mended, results, parts)
    return Envelope(
        control=_status(control) if "control" in envelope else None,
        control_id=_text(control.get("controlid")),
        acknowledgement=_status(acknowledgement) if acknowledgement else None,
        operation="operation" in envelope,
        authentication=_status(authentication) if "authentication" in operation else None,
        user=_text(authentication.get("userid")),
        company=_text(authentication.get("companyid")),
        entity=_text(authentication.get("locationid")),
        session_timestamp=_text(authentication.get("sessiontimestamp")),
        session_timeout=_text(authentication.get("sessiontimeout")),
        errors=_faults(envelope) + _faults(control) + _faults(operation) + _faults(authentication),
        parts=tuple(
            _part(result if isinstance(result, dict) else {}, data, rows, page)
            for result, (data, rows, _), page in zip(results, parts, pages, strict=True)
        ),
        bare=set(control) <= {"status"},
    )


def loose_faults(content: bytes) -> tuple[GatewayFault, ...]:
    """The `error` elements of XML that is not an envelope; () if there are none or it is no XML."""
    begin = content.find(b"<")
    if begin < 0 or len(content) > 100_000 or PROLOG.search(content):
        return ()
    try:
        root = feed(content[begin:])
        found = [element for element in root.iter() if element.tag.lower() == "error"]
        for error in found:
            error.tail = None
        read = (xmltodict.parse(tostring(error)) for error in found[:20])
        return tuple(_fault(next(iter(error.values())) or {}) for error in read)
    except (ProtocolError, ExpatError, ValueError, RecursionError):
        return ()


def _spoiled(
    mended: list[tuple[Spoiled, ...]], results: list[Any], parts: list[tuple[dict[str, str] | None, list[Row], int]]
) -> list[tuple[Spoiled, ...]]:
    """The spoiled rows of each result.

    :raises ProtocolError: if they are not what a read gave, or more than single rows would be missing.
    """
    pages, rest = [], iter(mended)
    for result, (_, _, holders) in zip(results, parts, strict=True):
        page = tuple(row for _ in range(holders) for row in next(rest, ()))
        name = _text(result.get("function")) if isinstance(result, dict) else ""
        missing = any(row.left_out for row in page)
        if mended and (is_write(name) or (missing and name.lower() not in _OF_ROWS)):
            raise ProtocolError("the reply is not well-formed XML, and not made of rows that could be mended")
        pages.append(page)
    if next(rest, None) is not None:
        raise Damaged("the reply is not well-formed XML, and its rows can't be told apart")
    return pages


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if child.tag.lower() == name]


def _results(root: Element) -> list[Element]:
    return [result for operation in _children(root, "operation") for result in _children(operation, "result")]


def _lift(result: Element) -> tuple[dict[str, str] | None, list[Row], int]:
    """Take the rows out of a result, leaving an envelope of a few elements; tell how many `data` held them."""
    found = _children(result, "data")
    if not found:
        return None, [], 0
    rows = [to_row(element) for data in found for element in data]
    for row in rows:  # some companies' whole numbers come as 12.0, and a record is known by this one
        number = row.get("RECORDNO")
        if type(number) is str and number.endswith(".0"):
            row["RECORDNO"] = number[:-2]
    attributes = {name.lower(): value for name, value in found[0].attrib.items()}
    for data in found:
        result.remove(data)
    return attributes, rows, len(found)


def _skeleton(root: Element) -> dict[str, Any]:
    level, depth, size = [root], 0, 0
    while level:
        depth, size = depth + 1, size + len(level)
        if depth > DEEPEST or size > MOST_ENVELOPE:
            raise ProtocolError("the reply is deeper or larger than any envelope")
        for element in level:
            element.tag = element.tag.lower()
        level = [child for element in level for child in element]
    try:
        read = xmltodict.parse(tostring(root), force_list=_LISTS)
    except (ExpatError, ValueError) as error:
        raise ProtocolError(f"the reply's envelope can't be read: {error}") from None
    inside = read.get("response")
    operations = inside.get("operation") if isinstance(inside, dict) else None
    if isinstance(operations, list):
        raise ProtocolError("the reply has more than one operation")
    return inside if isinstance(inside, dict) else {}


def _part(result: dict[str, Any], data: dict[str, str] | None, rows: list[Row], spoiled: tuple[Spoiled, ...]) -> Part:
    listed = _dict(result, "listtype")  # beside the data of the oldest reads
    if data is not None and {"@total", "@end"} <= listed.keys():
        total, end = _text(listed["@total"]), _text(listed["@end"])
        data["totalcount"] = total
        if re.fullmatch("[0-9]{1,12}", total) and re.fullmatch("[0-9]{1,12}", end):
            data["numremaining"] = str(max(int(total) - int(end) - 1, 0))
    return Part(
        status=_status(result),
        function=" ".join(_text(result.get("function")).split())[:200],
        control_id=_text(result.get("controlid")),
        keys=tuple(filter(None, map(_text, result.get("key") or []))),
        list_type=(data or {}).get("listtype", "") or _text(result.get("listtype")),
        data=data,
        rows=rows,
        errors=_faults(result),
        spoiled=spoiled,
    )


def _faults(holder: Mapping[str, Any]) -> tuple[GatewayFault, ...]:
    messages = holder.get("errormessage") or []
    holders = [holder, *(message for message in messages if isinstance(message, dict))]
    errors = [error for each in holders for error in each.get("error") or []]
    return tuple(_fault(error) for error in errors[:MOST_FAULTS] if error)


def _fault(error: Any) -> GatewayFault:
    if not isinstance(error, dict):
        return GatewayFault(description=_short(_text(error)))
    names = ("errorno", "description", "description2", "correction")
    texts = {name: _short(unescape(_short(_text(error.get(name))))) for name in names}
    support = next((found[1].strip() for found in map(_SUPPORT.search, texts.values()) if found), "")
    return GatewayFault(**{n: _SUPPORT.sub("", t).strip() for n, t in texts.items()}, support_id=unquote(support))


def _short(text: str) -> str:
    """Long texts lose their middle: the support id stands at the end."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1000]} … {text[-900:]}"


def _dict(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _status(holder: Mapping[str, Any]) -> str:
    return _text(holder.get("status")).lower()


def _text(value: Any) -> str:
    """Text, also where there are attributes or markup around it."""
    if isinstance(value, dict):
        return " ".join(filter(None, (_text(v) for name, v in value.items() if not name.startswith("@"))))
    if isinstance(value, list):
        return " ".join(filter(None, map(_text, value)))
    return value.strip() if isinstance(value, str) else ""
