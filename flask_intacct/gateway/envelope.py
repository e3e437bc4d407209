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
from xml.etree.ElementTree import Element, ParseError, XMLParser, tostring
from xml.parsers.expat import ExpatError

import xmltodict

from .errors import GatewayFault, ProtocolError
from .formats import Row
from .rows import DEEPEST, to_row

MOST_TAGS = 3_000_000  # 2,000 rows of 400 fields have 1.6 million
MOST_ATTRIBUTES = 500_000
MOST_ENVELOPE = 100_000
MOST_FAULTS = 200
MOST_COMMENTS = 20  # before the reply
LONGEST_TAIL = 100_000  # after it
LONGEST_TEXT = 10_000
_OPENS = re.compile(rb"<([a-z][a-z0-9]{0,20}:)?response[\s>/]", re.IGNORECASE)
_CLOSES = re.compile(rb"</([a-z][a-z0-9]{0,20}:)?response\s{0,8}>", re.IGNORECASE)
_PROLOG = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_SUPPORT = re.compile(r"\[Support ID:([^\]\[]{0,300})\]", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True)
class Envelope:
    """A reply taken apart, not yet judged. A status is None where its element is missing."""

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


def parse(content: bytes) -> Envelope:
    """Take a reply apart, whatever junk stands around it.

    :raises ProtocolError: if there is no well-formed `response` in it.
    """
    root = _tree(content)
    parts = [_lift(result) for result in _results(root)]
    envelope = _skeleton(root)
    control = _dict(envelope, "control")
    operation = _dict(envelope, "operation")
    authentication = _dict(operation, "authentication")
    results = operation.get("result") or []
    if len(results) != len(parts):
        raise ProtocolError("the reply's results can't be told apart")
    acknowledgement = _dict(envelope, "acknowledgement")
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
            _part(result if isinstance(result, dict) else {}, data, rows)
            for result, (data, rows) in zip(results, parts, strict=True)
        ),
    )


def loose_faults(content: bytes) -> tuple[GatewayFault, ...]:
    """The `error` elements of XML that is not an envelope; () if there are none or it is no XML."""
    begin = content.find(b"<")
    if begin < 0 or len(content) > 100_000 or _PROLOG.search(content):
        return ()
    try:
        root = _feed(content[begin:])
        found = [element for element in root.iter() if element.tag.lower() == "error"]
        for error in found:
            error.tail = None
        read = (xmltodict.parse(tostring(error)) for error in found[:20])
        return tuple(_fault(next(iter(error.values())) or {}) for error in read)
    except (ProtocolError, ExpatError, ValueError, RecursionError):
        return ()


def _tree(content: bytes) -> Element:
    begin = _begin(content)
    if begin is None:
        raise ProtocolError("the reply is not the gateway's XML")
    if _PROLOG.search(content, 0, begin.start()):
        raise ProtocolError("the reply declares a document type; refused")
    tail = max(begin.end(), len(content) - LONGEST_TAIL)
    ends = [found.end() for found in _CLOSES.finditer(content, tail)]
    if not ends:
        raise ProtocolError("the reply is cut short")
    end = next((end for end in reversed(ends) if not _in_comment(content, tail, end)), ends[-1])
    if content.count(b"<", begin.start(), end) > MOST_TAGS:
        raise ProtocolError("the reply has too many elements")
    if content.count(b"=", begin.start(), end) > MOST_ATTRIBUTES:
        raise ProtocolError("the reply has too many attributes")
    root = _feed(content[begin.start() : end])
    space, brace, _ = root.tag.rpartition("}")
    if space:  # the whole reply stands in a namespace
        for element in root.iter():
            element.tag = element.tag.removeprefix(space + brace)
    if root.tag.lower() != "response":
        raise ProtocolError("the reply is not the gateway's XML")
    return root


def _begin(content: bytes) -> re.Match[bytes] | None:
    found = _OPENS.search(content)
    for _ in range(MOST_COMMENTS):
        if found is None or not _in_comment(content, 0, found.start()):
            break
        closed = content.find(b"-->", found.end())
        if closed < 0:  # no comment, but junk that looks like one
            break
        found = _OPENS.search(content, closed)
    return found


def _in_comment(content: bytes, begin: int, at: int) -> bool:
    return content.rfind(b"<!--", begin, at) > content.rfind(b"-->", begin, at)


def _feed(content: bytes) -> Element:
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - no document type gets here, so no entities
    try:
        parser.feed(content)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise ProtocolError(f"the reply is not well-formed XML: {error}") from None
    return root


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if child.tag.lower() == name]


def _results(root: Element) -> list[Element]:
    return [result for operation in _children(root, "operation") for result in _children(operation, "result")]


def _lift(result: Element) -> tuple[dict[str, str] | None, list[Row]]:
    """Take the rows out of a result, leaving an envelope of a few elements."""
    found = _children(result, "data")
    if not found:
        return None, []
    rows = [to_row(element) for data in found for element in data]
    attributes = {name.lower(): value for name, value in found[0].attrib.items()}
    for data in found:
        result.remove(data)
    return attributes, rows


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


def _part(result: dict[str, Any], data: dict[str, str] | None, rows: list[Row]) -> Part:
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
