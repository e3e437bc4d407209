"""`get_list` and `get`, the oldest of all reads: attachments, their folders, and some objects under their old names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.filters import like_pattern
from ..protocol.old_objects import OLD_OBJECTS, OldObject
from ..protocol.reply import element
from ..protocol.xmltree import Node
from ..store.tables import Table
from ..store.values import Row, plain, read

LARGEST_LIST = 1000
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip


def get_list(call: Call) -> str:
    """Rows of an old object from `start` on, by filter and in order; how many there are stands beside them."""
    node = call.node
    old, table = _object(call)
    call.need("READ_BY_QUERY", table.spec.name)
    sees = call.level(node.attrs.get("showprivate") == "true").sees(table)
    found = [
        row
        for row in table
        if (sees is None or sees(row)) and all(_meets(old, table, row, part) for part in node.find("filter") or ())
    ]
    for part in reversed(list(node.find("sorts") or ())):
        name = _field(call, old, part.text)
        order = part.attrs.get("order", "asc").lower()
        found.sort(key=lambda row, name=name: _sortable(row.get(name)), reverse=order == "desc")  # type: ignore[misc]
    start, most = _attribute(node, "start", 0), _attribute(node, "maxitems", 100)
    return _listed(call, old, found[start : start + min(most, LARGEST_LIST)], start, len(found))


def get(call: Call) -> str:
    """One record of an old object, by its id or its record number; nothing for a key that there is not."""
    key = call.node.attrs.get("key", "")
    old, table = _object(call)
    call.need("READ", table.spec.name)
    row = (None if old.key == "RECORDNO" else table.named(key)) or table.keyed(key)
    rows = [row] if row is not None and call.sees(table, row) else []
    return _listed(call, old, rows, 0, len(rows))


def _object(call: Call) -> tuple[OldObject, Table]:
    name = call.node.attrs.get("object", "")
    old = OLD_OBJECTS.get(name)
    if old is None:
        raise refuse("DL02000001", f"The list of {name[:40]} is not simulated.")
    return old, call.company.store[old.table]


def _field(call: Call, old: OldObject, name: str) -> str:
    found = old.fields.get(name.lower())
    if found is None:
        raise refuse("DL02000001", f"The field {name[:40]} of {call.node.attrs['object']} is not known.")
    return found


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, "" if value is None else value)


def _meets(old: OldObject, table: Table, row: Row, part: Node) -> bool:
    """Whether a row meets an expression, or several joined by `and` or `or`."""
    if part.tag == "logical" and part.children:
        tests = [_meets(old, table, row, one) for one in part]
        return any(tests) if part.attrs.get("logical_operator", "and").lower() == "or" else all(tests)
    operator = part.get("operator").lower()
    if part.tag != "expression" or operator not in (*_OPERATORS, "like", "is null"):
        raise refuse("DL02000001", "A filter of get_list is made of expressions with a field, an operator and a value.")
    name = old.fields.get(part.get("field").lower())
    if name is None:
        raise refuse("DL02000001", f"The field {part.get('field')[:40]} is not known.")
    value, text = row.get(name), part.get("value")
    if operator == "is null":
        return value in (None, "")
    if operator == "like":
        return like_pattern(text, False).fullmatch(plain(value)) is not None
    try:
        wanted = read(text, table.fields[name].kind)
    except ValueError:
        raise invalid(f"Invalid value '{text[:40]}' for {part.get('field')[:40]}.") from None
    if value is None or wanted is None:
        return (value == wanted) is (operator == "=") if operator in ("=", "!=") else False
    return _OPERATORS[operator](value, wanted)


def _attribute(node: Node, name: str, default: int) -> int:
    text = node.attrs.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid(f"Invalid {name} {text[:20]}.")
    return int(text) if text else default


def _listed(call: Call, old: OldObject, rows: list[Row], start: int, total: int) -> str:
    name = call.node.attrs["object"]
    asked = [one.text.lower() for one in call.node.find("fields") or ()]
    for one in asked:
        if one != "attachments":
            _field(call, old, one)
    if not rows:
        return f"<listtype>{name}</listtype><data></data>"
    end = start + len(rows) - 1
    body = "".join(_record(call, name, row, asked) for row in rows)
    return f'<listtype start="{start}" end="{end}" total="{total}">{name}</listtype><data>{body}</data>'


def _record(call: Call, name: str, row: Row, asked: list[str]) -> str:
    old = OLD_OBJECTS[name]
    fields = "".join(
        _dated(tag, row.get(ours)) if tag in old.dates else element(tag, row.get(ours))
        for tag, ours in old.fields.items()
        if not asked or tag in asked
    )
    if name == "supdoc" and not asked:
        fields += _files(row)
    if name == "invoice" and not asked:
        lines = call.company.store["ARINVOICEITEM"].where("RECORDKEY", row["RECORDNO"])
        fields += f"<invoiceitems>{''.join(_record(call, 'lineitem', line, []) for line in lines)}</invoiceitems>"
    return f"<{name}>{fields}</{name}>"


def _dated(tag: str, value: date | None) -> str:
    """A date as the old functions write it."""
    if value is None:
        return element(tag)
    parts = element("year", f"{value.year:04d}") + element("month", f"{value.month:02d}")
    return f"<{tag}>{parts}{element('day', f'{value.day:02d}')}</{tag}>"


def _files(row: Row) -> str:
    parts = ("attachmentname", "attachmenttype", "attachmentdata")
    files = (zip(parts, file, strict=True) for file in row.get("ATTACHMENTS", ()))
    inner = ("".join(element(tag, text) for tag, text in pairs) for pairs in files)
    return "<attachments>" + "".join(f"<attachment>{one}</attachment>" for one in inner) + "</attachments>"
