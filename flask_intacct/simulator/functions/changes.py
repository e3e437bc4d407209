"""The old functions that change invoices and adjustments: head fields, lines by number, drafts handed in."""

from __future__ import annotations

from ..books import documents, edit
from ..books.draft import KINDS, Document
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..protocol.wire import legacy_date
from ..protocol.xmltree import Node
from ..store.values import Row
from . import invoices, lines

_TEXTS = {"ponumber": "DOCNUMBER", "description": "DESCRIPTION", "supdocid": "SUPDOCID", "termname": "TERMNAME"}
_DATES = {"datecreated": "WHENCREATED", "dateposted": "WHENPOSTED", "datedue": "WHENDUE"}


def update_invoice(call: Call) -> str:
    return _update(call, "ARINVOICE", "invoiceno", "updateinvoiceitems")


def update_aradjustment(call: Call) -> str:
    return _update(call, "ARADJUSTMENT", "adjustmentno", "updatearadjustmentitems")


def update_apadjustment(call: Call) -> str:
    return _update(call, "APADJUSTMENT", "adjustmentno", "updateapadjustmentitems")


def _update(call: Call, name: str, number: str, items: str) -> str:
    """Change what is given; `set_nulls` clears what is given empty."""
    node, company = call.node, call.company
    call.need("UPDATE", name)
    row = documents.find(call, name, node.attrs.get("key", ""), node.attrs.get("externalkey") == "true")
    if row["STATE"] not in ("Draft", "Posted"):
        raise refuse("BL03000130", f"A document in the state {row['STATE']} can't be changed.")
    changes = _head(call, row, name, number)
    holder = node.find(items)
    if holder is None:
        row = company.update(company.store[name], row, changes, call.session.user)
    else:
        row = _lines(call, name, row, holder, changes)
    if row["STATE"] == "Draft" and node.get("action").lower() == "submit":
        edit.submit(call, name, row)
    call.wrote(name)
    return element("key", row["RECORDNO"])


def _head(call: Call, row: Row, name: str, number: str) -> Row:
    node, kind = call.node, KINDS[name]
    changes: Row = invoices.contact_names(call) | invoices.own_fields(call, name)
    for tag, field in (_TEXTS | {number: "RECORDID"}).items():
        child = node.find(tag)
        if child is not None and (child.text or node.attrs.get("set_nulls") == "true"):
            changes[field] = child.text or None
    for tag, field in _DATES.items():
        given = legacy_date(node, tag)
        if given is not None:
            changes[field] = given
    if node.get("currency") not in ("", row["CURRENCY"]):
        raise invalid("The currency of a document can't be changed.")
    party = node.get(kind.party_id.lower())
    if party and party != row[kind.party_id]:
        raise invalid(f"The {kind.party.lower()} of a document can't be changed.")
    if row["STATE"] != "Draft" and "WHENPOSTED" in changes:
        raise invalid("The posting date of a posted document can't be changed.")
    return changes


def _lines(call: Call, name: str, row: Row, holder: Node, changes: Row) -> Row:
    """Change lines by their numbers from 1, and add new ones."""
    document, keys = edit.load(call, name, row)
    old, given = list(document.lines), Document(KINDS[name], document.party)
    lines.read_lines(given, holder, call)
    for child, line in zip(holder, given.lines, strict=True):
        number = child.attrs.get("line_num", "")
        if child.tag == "lineitem":
            old.append(line)
        elif number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= len(keys):
            old[int(number) - 1] = edit.merge(old[int(number) - 1], line)
        else:
            raise refuse("BL03000018", f"There is no line {number[:20]}.")
    document.lines = old
    return edit.save(call, document, row, keys, changes)
