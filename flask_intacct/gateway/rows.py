"""The gateway's elements as rows: dicts of upper-case names to strings, nested dicts and lists."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from .errors import Damaged
from .formats import Row, Value

DEEPEST = 24

# Collections by name, so that none, one and many lines are all a list. Any other element whose children
# carry its name in the singular is taken for a collection as well.
OWNED = {
    "APADJUSTMENTITEMS": "APADJUSTMENTITEM",
    "APBILLITEMS": "APBILLITEM",
    "APPYMTDETAILS": "APPYMTDETAIL",
    "ARADJUSTMENTITEMS": "ARADJUSTMENTITEM",
    "ARADVANCEITEMS": "ARADVANCEITEM",
    "ARINVOICEITEMS": "ARINVOICEITEM",
    "ARPYMTDETAILS": "ARPYMTDETAIL",
    "TAXENTRIES": "TAXENTRY",
}
REPEATED = frozenset({"CONTACT_LIST_INFO"})


class _Upper(dict[str, str]):
    """Upper-case names, each computed once: there are few names and many rows."""

    def __missing__(self, name: str) -> str:
        if len(self) > 20_000:
            self.clear()
        upper = self[name] = name.upper()
        return upper


UPPER = _Upper()


def to_row(element: Element) -> Row:
    """One record.

    :raises Damaged: if it nests deeper than any object of the vendor's.
    """
    row: Row = {}
    for child in element:
        if len(child):
            break
        value = child.text
        row[UPPER[child.tag]] = (value.strip() or None) if value else None
    else:
        if len(row) == len(element) and not element.attrib and row and row.keys().isdisjoint(OWNED):
            return row
    return _nested(element, 0)


def _nested(element: Element, depth: int) -> Row:
    if depth > DEEPEST:
        raise Damaged("the reply nests deeper than any object")
    row: Row = {UPPER[name]: value for name, value in element.attrib.items()}
    if not len(element) and element.text and element.text.strip():
        row["#TEXT"] = element.text.strip()
    values: dict[str, list[Any]] = {}
    for child in element:
        name = UPPER[child.tag]
        if name not in values:
            values[name] = [row[name]] if name in row else []
        values[name].append(_value(child, name, depth))
    for name, found in values.items():
        if name in OWNED:
            row[name] = [line for part in found if isinstance(part, list) for line in part]
        else:
            row[name] = found if len(found) > 1 or name in REPEATED else found[0]
    return row


def _value(child: Element, name: str, depth: int) -> Value:
    if name in OWNED:
        return [_item(item, depth + 1) for item in child if UPPER[item.tag] == OWNED[name]]
    if len(child):
        first = UPPER[child[0].tag]
        plural = first == name[:-1] or (name.endswith("IES") and first == name[:-3] + "Y")
        if plural and all(UPPER[item.tag] == first for item in child):
            return [_item(item, depth + 1) for item in child]
        return _nested(child, depth + 1)
    if child.attrib:
        return _nested(child, depth + 1)
    return (child.text.strip() or None) if child.text else None


def _item(item: Element, depth: int) -> Any:
    if len(item) or item.attrib:
        return _nested(item, depth)
    return (item.text.strip() or None) if item.text else None
