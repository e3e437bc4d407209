"""Save what can be saved of a page that is not well-formed XML, so that one bad spot costs one row.

A text may hold a character that XML has no place for, or an ampersand that nobody escaped; a field that people named
(`GLDIMFit-out/Strip_Works`) may have a name that no element can have. Only the rows that a read gave are touched, and
only where no other meaning is possible; entities and document types stay refused. A row that can't be repaired is left
out and named. Everything around the rows has to be well-formed as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from xml.sax.saxutils import unescape

_DATA = re.compile(rb"<data(\s[^<>]*)?>", re.IGNORECASE)
_DATA_END = re.compile(rb"</data\s*>", re.IGNORECASE)
_COUNT = re.compile(rb"\scount\s*=\s*[\"']([0-9]{1,9})[\"']", re.IGNORECASE)
_LIST_TYPE = re.compile(rb"\slisttype\s*=\s*[\"']([\w .-]{1,80})[\"']", re.IGNORECASE)
_NAMED = rb"([^\s<>\"'=/][^<>\"'=\t\r\n]{0,127}?)"  # of a tag without attributes: blanks can't part it from any
_ROW = re.compile(rb"<(?:%s ?/?|([^\s<>\"'=]{1,128})\s[^<>]*)>" % _NAMED)
_SPOT = re.compile(
    rb"</?%s ?/?>|&(#[0-9]{1,8};|#x[0-9a-f]{1,8};|[a-z_][\w.-]{0,100};)?"
    rb"|[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]" % _NAMED,
    re.IGNORECASE,
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NAME = re.compile(rb"[A-Za-z_][\w.-]*")
_ODD_NAME = re.compile(rb"[\w.#$%&()*+,:;/@ \x80-\xff-]+")

CHARACTERS = "it held characters that XML has no place for, which were taken out"
AMPERSAND = "it held an ampersand that was not escaped"
UNREADABLE = "it is not well-formed and can't be repaired"


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A row that came in a form that no XML parser takes.

    :param object: What the gateway calls the rows: `VENDOR`.
    :param key: Its record number, or else its id; "" if even that can't be read.
    :param reason: For people, as the end of a sentence.
    :param left_out: It is not among the rows. Otherwise it is, repaired.
    """

    object: str
    key: str
    reason: str
    left_out: bool


@dataclass(slots=True)
class Mended:
    """A reply that was worth a second look.

    :param spoiled: Per `data` element, in order.
    :param names: Elements that stand for names which no element can have.
    """

    content: bytes
    spoiled: list[tuple[Spoiled, ...]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def mend(content: bytes, readable: Callable[[bytes], bool] | None = None) -> Mended | None:
    """The reply with its rows repaired; None if it can't be told what is a row.

    :param readable: Is a row well-formed? Those that are not are left out; None keeps them all, which is quicker.
    """
    made, pieces, at = Mended(b""), [], 0
    stand_ins: dict[bytes, bytes] = {}
    prefix = next(name for number in count() if (name := b"mended.%d." % number) not in content)
    while (head := _DATA.search(content, at)) is not None:
        pieces.append(content[at : head.end()])
        at = head.end()
        if head[0].endswith(b"/>"):
            made.spoiled.append(())
            continue
        end = _DATA_END.search(content, at)
        rows = _rows(content[at : end.start()], head[0]) if end else None
        if end is None or rows is None:
            return None
        spoiled = []
        for row in rows:
            mended, reason = _repair(row, stand_ins, prefix)
            left_out = readable is not None and not readable(mended)
            if not left_out:
                pieces.append(mended)
            if reason or left_out:
                spoiled.append(_spoiled(mended, head[0], UNREADABLE if left_out else reason, left_out))
        made.spoiled.append(tuple(spoiled))
        at = end.start()
    made.content = b"".join([*pieces, content[at:]])
    made.names = {stand_in.decode(): name.decode("utf-8", "replace") for name, stand_in in stand_ins.items()}
    return made


def _rows(inside: bytes, head: bytes) -> list[bytes] | None:
    """The rows one by one; None if it can't be told for sure where each ends."""
    rows: list[bytes] = []
    first = _ROW.match(inside.lstrip())
    begin, at, depth = 0, 0, 0  # an element of the same name may stand within a row
    if first is not None:
        name = re.escape(first[1] or first[2])
        for tag in re.finditer(rb"<(/)?%s(?(1)>|[\s>])" % name, inside):
            depth += -1 if tag[1] else 1
            if depth == 1 and not tag[1]:
                begin = tag.start()
                if inside[at:begin].strip():
                    return None
            elif depth == 0:
                at = tag.end()
                rows.append(inside[begin:at])
            elif depth < 0:
                return None
    told = _COUNT.search(head)
    return None if inside[at:].strip() or (told and int(told[1]) != len(rows)) else rows


def _repair(row: bytes, stand_ins: dict[bytes, bytes], prefix: bytes) -> tuple[bytes, str]:
    """The row repaired, and what was lost or guessed by that; a name that was replaced comes back unharmed.

    :param prefix: How the names that stand in begin, and no other.
    """
    reasons: list[str] = []

    def mended(spot: re.Match[bytes]) -> bytes:
        came: bytes = spot[0]
        if came[:1] == b"<":
            name = _CONTROL.sub(b"", spot[1])
            if name != spot[1]:
                reasons.append(CHARACTERS)
                came = came.replace(spot[1], name, 1)
            if _NAME.fullmatch(name) or not _ODD_NAME.fullmatch(name):
                return came
            stand_in = stand_ins.setdefault(name, b"%s%d" % (prefix, len(stand_ins)))
            return came.replace(name, stand_in, 1)
        if came == b"&":
            reasons.append(AMPERSAND)
            return b"&amp;"
        if came[:1] == b"&" and (came[1:2] != b"#" or _possible(came[2:-1])):
            return came
        reasons.append(CHARACTERS)
        return b""

    if b"<!" in row:  # a section of its own, in which nothing would be what it looks like
        return row, ""
    return _SPOT.sub(mended, row), "; ".join(dict.fromkeys(reasons))


def _possible(number: bytes) -> bool:
    """Has XML a place for the character of this number?"""
    code = int(number[1:], 16) if number[:1] in b"xX" else int(number)
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def _spoiled(row: bytes, head: bytes, reason: str, left_out: bool) -> Spoiled:
    told = _LIST_TYPE.search(head)
    name = told[1] if told else row[1:].partition(b">")[0]
    keys = (b"RECORDNO", b"ID", re.escape(name) + b"ID")
    shown = (re.search(rb"<%s>\s*([^<]{1,100}?)\s*</" % key, row, re.IGNORECASE) for key in keys)
    found = next(filter(None, shown), None)
    return Spoiled(
        object=name.decode("utf-8", "replace").upper(),
        key=unescape(found[1].decode("utf-8", "replace"), {"&quot;": '"', "&apos;": "'"}) if found else "",
        reason=reason,
        left_out=left_out,
    )
