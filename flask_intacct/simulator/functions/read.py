"""`read` and `readByName`: records by key or id, with their lines."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from ..books.masters import LISTED
from ..errors import refuse
from ..protocol.call import Call
from ..protocol.paths import related, resolve
from ..protocol.reply import element, record
from ..protocol.select import resolver
from ..protocol.xmltree import Node
from ..store.tables import Table
from ..store.values import Row, xml_name

KEY_LIMIT = 100


def _table(call: Call, operation: str) -> Table:
    name = call.node.get("object")
    table = call.table(name)
    if table is None:
        raise refuse("XXX", f"Object definition {name} not found")
    call.need(operation, table.spec.name)
    return table


def _keys(node: Node) -> list[str]:
    keys = [key.strip() for key in node.get("keys").split(",") if key.strip()]
    if len(keys) > KEY_LIMIT:
        raise refuse("DL02000001", f"More than {KEY_LIMIT} keys were given.")
    return keys


def is_list(text: str) -> bool:
    """Whether fields are named, not asked for as a whole."""
    return text.strip() not in ("", "*")


def wanted_fields(call: Call, table: Table, text: str) -> list[str]:
    """The fields of a comma list, or all that the user may see for `*` and nothing."""
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    if not names or names == ["*"]:
        hidden = call.hidden(table)
        return [name for name in table.fields if name not in hidden]
    return names


def taxes(call: Call, line: Row) -> str:
    """The tax entries of a document line."""
    rows = call.company.store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(line["RECORDNO"]))
    entries = "".join(
        "<TAXENTRY>"
        + element("RECORDNO", row["RECORDNO"])
        + element("DETAILID", row["TAXCODE"])
        + element("TAXRATE", row["RATE"])
        + element("TAX", row["TAXAMOUNT"])
        + element("TRX_TAX", row["TRXTAXAMOUNT"])
        + "</TAXENTRY>"
        for row in rows
    )
    return f"<TAXENTRIES>{entries}</TAXENTRIES>"


def lines(call: Call, table: Table, row: Row) -> str:
    """The owned lines of a header, as its nested collection."""
    if table.spec.owned is None:
        return "".join(
            f"<{LISTED}>{element('CATEGORYNAME', role)}<CONTACT>{element('NAME', name)}</CONTACT></{LISTED}>"
            for role, name in row.get(LISTED, ())
        )
    collection, name = table.spec.owned
    items = call.company.store[name]
    by = "PAYMENTKEY" if name.endswith("DETAIL") else "RECORDKEY"
    parts = []
    for item in items.where(by, row["RECORDNO"]):
        more = taxes(call, item) if name.endswith("ITEM") else ""
        values = {items.tag(name): item.get(name) for name in items.fields}
        parts.append(record(items.spec.name.lower(), values, values, more))
    return f"<{collection}>{''.join(parts)}</{collection}>"


def _records(call: Call, table: Table, rows: list[Row]) -> str:
    names, hidden = wanted_fields(call, table, call.node.get("fields")), call.hidden(table)
    collection = table.spec.collection
    whole = not is_list(call.node.get("fields")) or collection in names
    names = [name for name in names if name != collection or not collection]
    find = resolver(call.company.store, table)
    for name in names:
        if name in hidden or resolve(call.company.store, table, name) is None:
            asked = {one.strip().upper(): one.strip() for one in call.node.get("fields").split(",")}
            raise refuse(f"Invalid fields list {asked.get(name, name)}")
    sees = call.level(private=True).sees(table)
    seen = [row for row in rows if sees is None or sees(row)]
    getters = {table.tag(name): find(name)[1] for name in names}
    parts = []
    for row in seen:
        values = {tag: get(row) for tag, get in getters.items()}
        parts.append(record(xml_name(table.spec.name), values, getters, lines(call, table, row) if whole else ""))
    return f'<data listtype={quoteattr(table.spec.name)} count="{len(seen)}">{"".join(parts)}</data>'


def read(call: Call) -> str:
    """Records by RECORDNO; TAXDETAIL by DETAILID. Missing ones are simply not there."""
    table = _table(call, "READ")
    return _records(call, table, _by_key(table, call.node))


def _by_key(table: Table, node: Node) -> list[Row]:
    rows = []
    for key in _keys(node):
        row = table.named(key) if table.spec.name == "TAXDETAIL" else table.keyed(key)
        if row is not None:
            rows.append(row)
    return rows


def read_by_name(call: Call) -> str:
    """Records by the id that people use."""
    table = _table(call, "READ_BY_NAME")
    rows = []
    for key in _keys(call.node):
        if table.spec.id == "RECORDNO":
            row = table.keyed(key)
            found = [row] if row else []
        else:
            found = table.where(table.spec.id, key)
        rows.extend(found)
    return _records(call, table, rows)


def read_related(call: Call) -> str:
    """What the records of these keys refer to by a relation."""
    table, relation = _table(call, "READ"), call.node.get("relation").upper()
    over = related(call.company.store, table, relation)
    if over is None:
        raise refuse("DL02000001", f"The relation {relation[:40]} of {table.spec.name} is not known.")
    other, go = over
    call.need("READ", other.spec.name)
    sees = call.level(private=True).sees(table)
    rows = [row for row in _by_key(table, call.node) if sees is None or sees(row)]
    found = {target["RECORDNO"]: target for row in rows if (target := go(row)) is not None}
    return _records(call, other, list(found.values()))
