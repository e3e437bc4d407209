"""`query`: the modern read, with joins by dotted fields, aggregates, and pages by offset."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import quoteattr

from ..errors import query_failed, refuse
from ..protocol import filters
from ..protocol.call import Call
from ..protocol.filters import Resolver
from ..protocol.paths import is_local
from ..protocol.select import Order, Selection, check_fields, resolver
from ..protocol.xmltree import Node
from ..store.tables import Table
from ..store.values import Row, xml, xml_column, xml_name

LARGEST_PAGE = 2000
DEFAULT_PAGE = 100
AGGREGATES = ("count", "avg", "min", "max", "sum")


def number(call: Call, tag: str, default: int, low: int, high: int) -> int:
    """A whole number between two bounds, from a child element."""
    text, switches = call.node.get(tag), call.company.switches
    if not text:
        return default
    found = int(text) if re.fullmatch(r"-?\d{1,12}", text, re.ASCII) else None
    if found is not None and switches.pages_clamped:
        return min(max(found, low), high)
    if found is None or not low <= found <= high:
        told = switches.texts["page"].format(f"{tag} {text[:20]}", low, high)
        raise refuse(switches.numbers["page"], told)
    return found


def find_table(call: Call, name: str) -> Table:
    """The table of an object, as query and readByQuery complain about unknown ones."""
    table = call.table(name)
    if table is None:
        raise query_failed(f"Object definition {name} not found")
    return table


def query(call: Call) -> str:
    """Rows of one page, or one row per group."""
    node, company = call.node, call.company
    table = find_table(call, node.get("object"))
    call.need("READ_BY_QUERY", table.spec.name)
    find = resolver(company.store, table)
    columns = _columns(node)
    order = _order(node)
    condition = None
    holder = node.find("filter")
    if holder is not None and holder.children:
        if len(holder.children) > 1 and not company.switches.filters_side_by_side:
            raise query_failed("A filter has one operator at its top.")
        found = tuple(filters.from_xml(one) for one in holder)
        condition = found[0] if len(found) == 1 else ("and", found)
    names = [name for _, name in columns] + [name for name, _ in order]
    if condition is not None:
        names += filters.fields_of(condition)
    refused = company.switches.fields_refused.get(table.spec.name, "").split()
    check_fields(table, company.store, names, {*refused, *call.hidden(table)})
    condition = not_yet_visible(call, table, condition and access_mode(table, condition))
    options = node.find("options") or node
    size = number(call, "pagesize", DEFAULT_PAGE, 1, LARGEST_PAGE)
    offset = number(call, "offset", 0, 0, 10**12)
    chosen = Selection(
        company.store,
        table,
        condition,
        order,
        call.level(options.get("showprivate") == "true"),
        options.get("caseinsensitive") == "true",
    )
    if any(function for function, _ in columns):
        groups = _groups(columns, chosen, find, table)
        lines, total = groups[offset : offset + size], len(groups)
    else:
        lines = _lines([name for _, name in columns], call, find, chosen.rows(offset, size), table)
        total = chosen.total
    tag = xml_name(table.spec.name)
    body = "".join(f"<{tag}>{line}</{tag}>" for line in lines)
    left = max(0, total - offset - len(lines))
    return (
        f"<data listtype={quoteattr(table.spec.name)}"
        f' totalcount="{total}" offset="{offset}" count="{len(lines)}"'
        f' numremaining="{left}">{body}</data>'
    )


def _lines(names: list[str], call: Call, find: Resolver, rows: list[Row], table: Table) -> list[str]:
    """Each row's elements; most requests want no joins, and those are the many and long ones."""
    template = "".join(f"<{tag}>%s</{tag}>" for tag in map(table.tag, names))
    if all(is_local(call.company.store, table, name) for name in names):
        columns = [xml_column([row.get(name) for row in rows]) for name in names]
    else:
        columns = [xml_column(list(map(find(name)[1], rows))) for name in names]
    return [template % row for row in zip(*columns, strict=True)]


def access_mode(table: Table, condition: filters.Condition) -> filters.Condition:
    """AUDITHISTORY's ACCESSMODE is compared with a letter here, and with the word in readByQuery."""
    if table.spec.name != "AUDITHISTORY":
        return condition
    if condition[0] in ("and", "or"):
        return (condition[0], tuple(access_mode(table, one) for one in condition[1]))
    if condition[1] != "ACCESSMODE":
        return condition
    words = {"A": "Access", "M": "Modify", "C": "Create", "D": "Delete", "W": "Workflow", "T": "Activity"} | {
        "U": "User action"
    }
    return (condition[0], condition[1], tuple(words.get(value, "?") for value in condition[2]))


def not_yet_visible(call: Call, table: Table, condition: filters.Condition | None) -> filters.Condition | None:
    """Leave out what was changed too recently, where the company is set to show changes late."""
    switches, stamp = call.company.switches, "UPDATEDAT" if table.spec.custom else "WHENMODIFIED"
    by_stamp = condition is not None and stamp in filters.fields_of(condition)
    if not switches.late_seconds or not (by_stamp or (switches.late_for_all and stamp in table.fields)):
        return condition
    end = call.company.stamp() - timedelta(seconds=switches.late_seconds)
    early = ("lessthanorequalto", stamp, (end,))
    return early if condition is None else ("and", (condition, early))


def _columns(node: Node) -> list[tuple[str, str]]:
    """(aggregate or "", field) of everything selected."""
    select = node.find("select")
    columns = []
    for child in select or ():
        if child.tag != "field" and child.tag not in AGGREGATES:
            raise query_failed(f"'{child.tag}' can't be selected.")
        if not child.text:
            raise query_failed("A selected field has no name.")
        columns.append(("" if child.tag == "field" else child.tag, child.text.upper()))
    if not columns:
        raise query_failed("The select element names no field.")
    return columns


def _order(node: Node) -> Order:
    order = []
    for child in node.find("orderby") or ():
        name = child.get("field")
        if child.tag != "order" or not name:
            raise query_failed("The orderby element takes order elements with a field each.")
        order.append((name.upper(), child.find("descending") is not None))
    return tuple(order)


def _aggregate(function: str, values: list[Any]) -> Any:
    if function == "count":
        return len(values)
    if not values:
        return None
    if function in ("min", "max"):
        return min(values) if function == "min" else max(values)
    if not all(isinstance(value, int | Decimal) for value in values):
        raise query_failed(f"The function '{function}' needs a number.")
    total = sum(values, Decimal(0))
    return total if function == "sum" else (total / len(values)).quantize(Decimal("0.0001"))


def _groups(columns: list[tuple[str, str]], chosen: Selection, find: Resolver, table: Table) -> list[str]:
    """One line per group of the plain fields."""
    plain = [find(name)[1] for function, name in columns if not function]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in chosen.rows():
        groups.setdefault(tuple(get(row) for get in plain), []).append(row)
    if not plain:
        groups.setdefault((), [])
    lines = []
    for key, rows in groups.items():
        values = iter(key)
        parts = []
        for function, name in columns:
            if function:
                get = find(name)[1]
                found = [value for row in rows if (value := get(row)) not in (None, "")]
                tag, value = f"{function.upper()}.{table.tag(name)}", _aggregate(function, found)
            else:
                tag, value = table.tag(name), next(values)
            parts.append(f"<{tag}>{xml(value)}</{tag}>")
        lines.append("".join(parts))
    return lines
