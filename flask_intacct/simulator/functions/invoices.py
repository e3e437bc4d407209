"""Receivables, which only the legacy functions write: invoices and adjustments."""

from __future__ import annotations

from .. import documents, edit, ledger, reversal
from ..call import Call
from ..draft import KINDS, UNPOSTED, Document
from ..errors import refuse
from ..objects import Field
from ..reply import element
from ..values import Row
from ..wire import legacy_date
from ..xmltree import Node
from . import lines


def contact_names(node_row: Row, call: Call, pairs: dict[str, str]) -> None:
    """Contacts that a document names in place of the party's own."""
    for tag, name in pairs.items():
        child = call.node.find(tag)
        contact = child.get("contactname") if child is not None else ""
        if contact:
            if call.company.store["CONTACT"].named(contact) is None:
                raise refuse("BL01001973", f"Invalid contact '{contact}' specified.")
            node_row[name] = contact


def legacy_document(call: Call, kind: str, party: str, number: str, items: str) -> Document:
    """The head and lines of a legacy create."""
    node = call.node
    document = Document(
        KINDS[kind],
        node.get(party),
        legacy_date(node, "datecreated"),
        legacy_date(node, "datedue"),
        legacy_date(node, "dateposted"),
        node.get(number),
        node.get("action") or "Submit",
        node.get("currency"),
        node.get("termname"),
        call.session.entity,
        node.get("inclusivetax") == "true",
    )
    given = {
        "DOCNUMBER": node.get("ponumber"),
        "DESCRIPTION": node.get("description"),
        "SUPDOCID": node.get("supdocid"),
        "TAXSOLUTIONID": node.get("taxsolutionid"),
    }
    document.head = {name: text for name, text in given.items() if text}
    contacts = {"billto": "BILLTOPAYTOCONTACTNAME", "shipto": "SHIPTORETURNTOCONTACTNAME"}
    contacts |= {"payto": "BILLTOPAYTOCONTACTNAME", "returnto": "SHIPTORETURNTOCONTACTNAME"}
    contact_names(document.head, call, contacts)
    known = call.company.store[kind].fields
    for name, text in lines.custom_fields(node).items():
        if name not in known:
            raise refuse("BL03000018", f"The custom field {name} does not exist.")
        document.head[name] = text
    switches, outside = call.company.switches, node.get("externalid")
    if outside and switches.externalid_kept:
        call.company.store[kind].fields.setdefault("EXTERNALID", Field("EXTERNALID"))
        document.head["EXTERNALID"] = outside
    lines.read_lines(document, node.find(items), call)
    if kind == "APADJUSTMENT" and switches.ap_credit_positive:
        lines.negate(document)
    return document


def record_of(call: Call, document: Document) -> Row:
    """Check, write and post a document."""
    documents.check(call.company, document)
    header = documents.write(call.company, document, call.session.user)
    if header["STATE"] not in UNPOSTED:
        ledger.post_document(call.company, document.kind.name, header, call.session.user)
    return header


def written(call: Call, document: Document) -> str:
    """Write a document; the reply of a legacy create."""
    call.need("CREATE", document.kind.name)
    header = record_of(call, document)
    call.wrote(document.kind.name)
    return element("key", header["RECORDNO"])


def create_invoice(call: Call) -> str:
    return written(call, legacy_document(call, "ARINVOICE", "customerid", "invoiceno", "invoiceitems"))


def create_adjustment(call: Call) -> str:
    return written(call, legacy_document(call, "ARADJUSTMENT", "customerid", "adjustmentno", "aradjustmentitems"))


def update_invoice(call: Call) -> str:
    """Change head fields; lines of drafts by their number, or new ones."""
    row = documents.find(call.company, "ARINVOICE", call.node.attrs.get("key", ""))
    call.need("UPDATE", "ARINVOICE")
    if row["STATE"] not in ("Draft", "Posted"):
        raise refuse("BL03000130", f"An invoice in the state {row['STATE']} can't be changed.")
    node = call.node
    changes: Row = {}
    for tag, name in (("ponumber", "DOCNUMBER"), ("description", "DESCRIPTION"), ("supdocid", "SUPDOCID")):
        child = node.find(tag)
        if child is not None and (child.text or node.attrs.get("set_nulls") == "true"):
            changes[name] = child.text or None
    due = legacy_date(node, "datedue")
    if due is not None:
        changes["WHENDUE"] = due
    holder = node.find("updateinvoiceitems")
    if holder is None:
        call.company.update(call.company.store["ARINVOICE"], row, changes, call.session.user)
    else:
        _change_lines(call, row, holder, changes)
    call.wrote("ARINVOICE")
    return element("key", row["RECORDNO"])


def _change_lines(call: Call, row: Row, holder: Node, changes: Row) -> None:
    """Change lines by their numbers from 1, and add new ones."""
    document, keys = edit.load(call, "ARINVOICE", row)
    old, given = list(document.lines), Document(KINDS["ARINVOICE"], row["CUSTOMERID"])
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
    edit.save(call, document, row, keys, changes)


def reverse_invoice(call: Call) -> str:
    return element("key", reversal.reverse(call, "ARINVOICE")["RECORDNO"])


def delete_invoice(call: Call) -> str:
    reversal.delete(call, "ARINVOICE", call.node.attrs.get("key", ""))
    return element("key", call.node.attrs.get("key", ""))


def delete_adjustment(call: Call) -> str:
    reversal.delete(call, "ARADJUSTMENT", call.node.attrs.get("key", ""))
    return element("key", call.node.attrs.get("key", ""))
