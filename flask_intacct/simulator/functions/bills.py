"""Payables: bills by the generic create and the legacy one, and adjustments."""

from __future__ import annotations

from ..books import edit, numbering, reversal, terms
from ..books.draft import KINDS, UNPOSTED, Document
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..protocol.wire import value
from ..protocol.xmltree import Node
from ..store.values import Row, read
from .invoices import legacy_document, rate_fields, record_of, written
from .lines import generic_line

_OWN = frozenset(("VENDORID", "WHENCREATED", "WHENDUE", "WHENPOSTED", "RECORDID", "TERMNAME", "CURRENCY", "ACTION")) | {
    "APBILLITEMS",
    "INCLUSIVETAX",
    "BASECURR",
    "EXCH_RATE_DATE",
    "EXCH_RATE_TYPE_ID",
    "EXCHANGE_RATE",
}


def bill_of(call: Call, node: Node) -> Document:
    """A bill as the generic create writes it, in any order."""
    document = Document(
        KINDS["APBILL"],
        node.get("VENDORID"),
        value(node, "WHENCREATED", "d"),
        value(node, "WHENDUE", "d"),
        value(node, "WHENPOSTED", "d"),
        node.get("RECORDID"),
        node.get("ACTION") or "Submit",
        node.get("CURRENCY"),
        node.get("TERMNAME"),
        call.session.entity,
        node.get("INCLUSIVETAX").lower() == "true",
    )
    document.head = head_fields(call, node)
    document.base, document.given_rate = node.get("BASECURR"), value(node, "EXCHANGE_RATE", "D")
    table, day = call.company.store["APBILL"], value(node, "EXCH_RATE_DATE", "d")
    document.head |= rate_fields(table, day, node.get("EXCH_RATE_TYPE_ID"))
    holder = node.find("APBILLITEMS")
    document.lines = [generic_line(call, document, child) for child in holder or ()]
    return document


def head_fields(call: Call, node: Node) -> Row:
    """The fields of a bill that are stored as they are given."""
    fields = call.company.store["APBILL"].fields
    head: Row = {}
    for child in node:
        if child.tag in _OWN:
            continue
        field = fields.get(child.tag)
        if field is None:
            raise invalid(f"The field {child.tag} does not exist on APBILL.")
        if field.readonly:
            continue
        try:
            head[child.tag] = read(child.text, field.kind)
        except ValueError:
            raise invalid(f"Invalid value '{child.text[:40]}' for {child.tag}.") from None
        if child.text and not field.takes(child.text):
            raise invalid(f"Invalid value '{child.text[:40]}' for {child.tag}.")
    for name in ("BILLTOPAYTOCONTACTNAME", "SHIPTORETURNTOCONTACTNAME"):
        if head.get(name) and call.company.store["CONTACT"].named(head[name]) is None:
            raise refuse("BL01001973", f"Invalid contact '{head[name][:40]}' specified.")
    if node.get("INCLUSIVETAX"):
        head["INCLUSIVETAX"] = node.get("INCLUSIVETAX").lower() == "true"
    return head


def create_object(call: Call, node: Node) -> Row:
    """A bill of a generic create."""
    document = bill_of(call, node)
    return record_of(call, document)


def update_object(call: Call, row: Row, node: Node) -> Row:
    """Change the head of a bill, and its lines by their numbers from 1; a line without a number is new."""
    if row["STATE"] in ("Reversed", "Reversal"):
        raise refuse("BL03000130", f"A bill in the state {row['STATE']} can't be changed.")
    changes = head_fields(call, node) | _own_changes(call, row, node)
    if row["STATE"] not in UNPOSTED and changes.get("WHENPOSTED", row["WHENPOSTED"]) != row["WHENPOSTED"]:
        raise invalid("The posting date of a posted bill can't be changed.")
    row = _changed(call, row, node, changes)
    if row["STATE"] in ("Draft", "Declined") and node.get("ACTION").lower() == "submit":
        row = edit.submit(call, "APBILL", row)
    return row


def _own_changes(call: Call, row: Row, node: Node) -> Row:
    """Changes of the fields that are more than text: dates, number, term; the vendor of a draft."""
    company, changes = call.company, Row()
    for name in ("WHENDUE", "WHENPOSTED", "WHENCREATED"):
        found = value(node, name, "d")
        if found is not None:
            changes[name] = found
    number, vendor, term = node.get("RECORDID"), node.get("VENDORID"), node.get("TERMNAME")
    if number and number != row["RECORDID"]:
        changes["RECORDID"] = numbering.check(company, "APBILL", number, vendor or row.get("VENDORID", ""))
    if term and terms.find(company, KINDS["APBILL"], term):
        changes["TERMNAME"] = term
    if vendor and vendor != row.get("VENDORID"):
        found = company.store["VENDOR"].named(vendor)
        if found is None or row["STATE"] != "Draft":
            raise invalid(f"Invalid vendor '{vendor}' specified.", "Only a draft takes another vendor.")
        changes |= {"VENDORID": vendor, "VENDORNAME": found.get("NAME")}
    if node.get("CURRENCY") not in ("", row["CURRENCY"]):
        raise invalid("The currency of a bill can't be changed.")
    return changes


def _changed(call: Call, row: Row, node: Node, changes: Row) -> Row:
    """The bill with its changed head and lines."""
    company, holder = call.company, node.find("APBILLITEMS")
    if holder is None:
        return company.update(company.store["APBILL"], row, changes, call.session.user)
    document, keys = edit.load(call, "APBILL", row)
    lines = list(document.lines)
    for child in holder:
        number = next((one.text for one in child if one.tag.upper() == "LINE_NO"), "")
        line = generic_line(call, document, child)
        if not number:
            lines.append(line)
            continue
        if not number.isascii() or not number.isdigit() or not 1 <= int(number[:6]) <= len(keys):
            raise invalid(f"There is no line {number[:20]}.")
        lines[int(number) - 1] = edit.merge(lines[int(number) - 1], line)
    document.lines = lines
    return edit.save(call, document, row, keys, changes)


def create_bill(call: Call) -> str:
    return written(call, legacy_document(call, "APBILL", "vendorid", "billno", "billitems"))


def create_adjustment(call: Call) -> str:
    return written(call, legacy_document(call, "APADJUSTMENT", "vendorid", "adjustmentno", "apadjustmentitems"))


def reverse_bill(call: Call) -> str:
    return element("key", reversal.reverse(call, "APBILL")["RECORDNO"])


def delete_bill(call: Call) -> str:
    reversal.delete(call, "APBILL", call.node.attrs.get("key", ""))
    return element("key", call.node.attrs.get("key", ""))


def delete_adjustment(call: Call) -> str:
    reversal.delete(call, "APADJUSTMENT", call.node.attrs.get("key", ""))
    return element("key", call.node.attrs.get("key", ""))
