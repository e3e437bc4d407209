"""A user's own form of dates and times, put on and taken off at the gateway's door: inside there is one form alone.

Intacct's users choose the order, the separator, the clock; `readUserFormatting` tells them. Whether the gateway writes
dates in the form of the user who asks is not in the vendor's documentation: the switches say it here.
"""

from __future__ import annotations

import re
from functools import cache

from .switches import Switches
from .xmltree import Node

_USUAL = ("/mdY", "24")
_WRITTEN = re.compile(r">(\d{2})/(\d{2})/(\d{4})(?: (\d{2}):(\d{2}):(\d{2}))?<")


def outward(text: str, switches: Switches) -> str:
    """The reply with its dates as this company's user has them, and with the texts that come out raw."""
    for plain, raw in switches.raw_texts.items():
        text = text.replace(f">{plain}<", f">{raw}<")
    order, clock = switches.date_format, switches.clock
    if (order, clock) == _USUAL or switches.documented_dates:
        return text

    def write(found: re.Match[str]) -> str:
        month, day, year, hour, minute, second = found.groups()
        parts = {"m": month, "d": day, "Y": year, "y": year[2:]}
        written = order[0].join(parts[letter] for letter in order[1:])
        if hour is None:
            return f">{written}<"
        if clock == "24":
            return f">{written} {hour}:{minute}:{second}<"
        half = "AM" if int(hour) < 12 else "PM"
        return f">{written} {int(hour) % 12 or 12:02}:{minute}:{second} {half}<"

    return _WRITTEN.sub(write, text)


def inward(node: Node, switches: Switches) -> None:
    """Put the dates of a request in the one form; what is not of the user's form is no date."""
    order, clock = switches.date_format, switches.clock
    if (order, clock) == _USUAL or switches.documented_dates:
        return
    for child in node:
        inward(child, switches)
    found = _pattern(order).fullmatch(node.text) if not node.children else None
    if found is None:
        if not node.children and _pattern(_USUAL[0]).fullmatch(node.text):
            node.text = f"not {order}: {node.text}"
        return
    year = found["y"] if len(found["y"]) == 4 else f"20{found['y']}"
    node.text = f"{found['m']}/{found['d']}/{year}"
    if found["hour"]:
        hour = int(found["hour"])
        if found["half"]:
            hour = hour % 12 + (12 if found["half"] == "PM" else 0)
        node.text += f" {hour:02}:{found['rest']}"


@cache
def _pattern(order: str) -> re.Pattern[str]:
    parts = {"m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})", "y": r"(?P<y>\d{2})", "Y": r"(?P<y>\d{4})"}
    day = re.escape(order[0]).join(parts[letter] for letter in order[1:])
    return re.compile(day + r"(?: (?P<hour>\d{1,2}):(?P<rest>\d{2}:\d{2})(?: (?P<half>[AP]M))?)?")
