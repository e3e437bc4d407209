"""From the bytes of a reply to a tree: strictly, or with its rows mended.

Document types are refused, so there are no entities to expand.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser

from .errors import Damaged, ProtocolError
from .mending import Mended, Spoiled, mend

MOST_TAGS = 3_000_000  # 2,000 rows of 400 fields have 1.6 million
MOST_ATTRIBUTES = 500_000
MOST_COMMENTS = 20  # before the reply
LONGEST_TAIL = 100_000  # after it
_OPENS = re.compile(rb"<([a-z][a-z0-9]{0,20}:)?response[\s>/]", re.IGNORECASE)
_CLOSES = re.compile(rb"</([a-z][a-z0-9]{0,20}:)?response\s{0,8}>", re.IGNORECASE)
PROLOG = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def tree(content: bytes, mending: bool) -> tuple[Element, list[tuple[Spoiled, ...]]]:
    """The tree, and what had to be mended in each `data` for it.

    :raises Damaged: it came whole, and can't be read or mended.
    :raises ProtocolError: it is none of the gateway's, or cut short.
    """
    begin = _begin(content)
    if begin is None:
        raise ProtocolError("the reply is not the gateway's XML")
    if PROLOG.search(content, 0, begin.start()):
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
    content = content[begin.start() : end]
    mended: list[tuple[Spoiled, ...]] = []
    try:
        root = feed(content)
    except Damaged:
        if not mending or PROLOG.search(content):
            raise
        root, mended = _mended(content)
    space, brace, _ = root.tag.rpartition("}")
    if space:  # the whole reply stands in a namespace
        for element in root.iter():
            element.tag = element.tag.removeprefix(space + brace)
    if root.tag.lower() != "response":
        raise ProtocolError("the reply is not the gateway's XML")
    return root, mended


def _mended(content: bytes) -> tuple[Element, list[tuple[Spoiled, ...]]]:
    """First with every row repaired, then without those that can't be.

    :raises Damaged: if the rows are not what is wrong.
    """
    mended = mend(content)
    if mended is not None and not _well_formed(mended.content):
        mended = mend(content, _well_formed)
    root = feed((mended or Mended(content)).content)
    if mended is None:
        return root, []
    for element in root.iter():
        element.tag = mended.names.get(element.tag, element.tag)
    return root, mended.spoiled


def _well_formed(content: bytes) -> bool:
    try:
        feed(content)
    except Damaged:
        return False
    return True


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


def feed(content: bytes) -> Element:
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - no document type gets here, so no entities
    try:
        parser.feed(content)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise Damaged(f"the reply is not well-formed XML: {error}") from None
    return root
