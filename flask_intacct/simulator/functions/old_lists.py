"""`get_list` and `get`, the oldest of all reads: attachments, their folders, the log of smart events."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne

from ..call import Call
from ..errors import invalid, refuse
from ..filters import like_pattern
from ..reply import element
from ..store import Table
from ..values import Row, plain
from ..xmltree import Node

LARGEST_LIST = 1000
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
    "like": lambda value, pattern: like_pattern(pattern, False).fullmatch(value) is not None,
    "is null": lambda value, _: not value,
}  # fmt: skip


def get_list(call: Call) -> str:
    """Rows of an old object from `start` on, by filter and in order; how many there are stands beside them."""
    node = call.node
    table = _table(call)
    call.need("READ_BY_QUERY", table.spec.name)
    found = [row for row in table if all(_meets(table, row, part) for part in node.find("filter") or ())]
    for part in reversed(list(node.find("sorts") or ())):
        name = _field(table, part.text)
        order = part.attrs.get("order", "asc").lower()
        found.sort(key=lambda row, name=name: plain(row.get(name)), reverse=order == "desc")  # type: ignore[misc]
    start, most = _attribute(node, "start", 0), _attribute(node, "maxitems", 100)
    shown = found[start : start + min(most, LARGEST_LIST)]
    return _listed(call, table, shown, start, len(found))


def get(call: Call) -> str:
    """One record of an old object, by its id or its record number."""
    table, key = _table(call), call.node.attrs.get("key", "")
    call.need("READ", table.spec.name)
    by_number = table.get(int(key)) if re.fullmatch(r"\d{1,18}", key, re.ASCII) else None
    row = table.named(key) or by_number
    if row is None:
        raise refuse("BL01001973", f"Cannot find {table.spec.name} with key '{key[:40]}'.")
    return _listed(call, table, [row], 0, 1)


def _table(call: Call) -> Table:
    name = call.node.attrs.get("object", "")
    table = call.company.store.tables.get(name)
    if table is None or name.isupper():
        raise refuse("WS", f"Object type {name[:40]} not found")
    return table


def _field(table: Table, name: str) -> str:
    if name.upper() not in table.fields:
        raise refuse("DL02000001", f"The field {name[:40]} of {table.spec.name} is not known.")
    return name.upper()


def _meets(table: Table, row: Row, part: Node) -> bool:
    """Whether a row meets an expression, or several joined by `and` or `or`."""
    if part.tag == "logical" and part.children:
        tests = [_meets(table, row, one) for one in part]
        return any(tests) if part.attrs.get("logical_operator", "and").lower() == "or" else all(tests)
    test = _OPERATORS.get(part.get("operator").lower())
    if part.tag != "expression" or test is None:
        raise refuse("DL02000001", "A filter of get_list is made of expressions with a field, an operator and a value.")
    return test(plain(row.get(_field(table, part.get("field")))), part.get("value"))


def _attribute(node: Node, name: str, default: int) -> int:
    text = node.attrs.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid(f"Invalid {name} {text[:20]}.")
    return int(text) if text else default


def _listed(call: Call, table: Table, rows: list[Row], start: int, total: int) -> str:
    name = table.spec.name
    wanted = {_field(table, one.text) for one in call.node.find("fields") or () if one.text.lower() != "attachments"}
    end = start + max(0, len(rows) - 1)
    body = "".join(_record(table, row, wanted) for row in rows)
    return f'<listtype start="{start}" end="{end}" total="{total}">{name}</listtype><data>{body}</data>'


def _record(table: Table, row: Row, wanted: set[str]) -> str:
    fields = "".join(element(name.lower(), row.get(name)) for name in table.fields if not wanted or name in wanted)
    if table.spec.name == "supdoc" and not wanted:
        parts = ("attachmentname", "attachmenttype", "attachmentdata")
        files = (zip(parts, file, strict=True) for file in row.get("ATTACHMENTS", ()))
        inner = ("".join(element(tag, text) for tag, text in pairs) for pairs in files)
        fields += "<attachments>" + "".join(f"<attachment>{one}</attachment>" for one in inner) + "</attachments>"
    return f"<{table.spec.name}>{fields}</{table.spec.name}>"
