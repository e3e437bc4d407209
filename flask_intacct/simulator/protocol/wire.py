"""Values inside requests, with the refusal of those that are none."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..errors import invalid
from ..store.values import read
from .xmltree import Node


def value(node: Node, tag: str, kind: str) -> Any:
    """A child's text as a value of a field type."""
    text = node.get(tag)
    try:
        return read(text, kind)
    except ValueError:
        raise invalid(f"Invalid value '{text[:40]}' for {tag}.") from None


def legacy_date(node: Node, tag: str) -> date | None:
    """A date written as year, month, day."""
    child = node.find(tag)
    if child is None or not any(part.text for part in child):
        return None
    try:
        return date(int(child.get("year")), int(child.get("month")), int(child.get("day")))
    except (ValueError, OverflowError):
        raise invalid(f"Invalid date in {tag}.") from None
