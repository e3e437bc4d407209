"""Receivables, which only the legacy functions write: invoices and adjustments."""

from __future__ import annotations

from datetime import date

from ..books import documents, ledger, reversal
from ..books.draft import KINDS, UNPOSTED, Document
from ..books.masters import flat
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..protocol.wire import legacy_date, value
from ..protocol.xmltree import Node
from ..store.objects import Field
from ..store.tables import Table
from ..store.values import Row, read
from . import lines

CONTACTS = {
    "billto": "BILLTOPAYTOCONTACTNAME",
    "payto": "BILLTOPAYTOCONTACTNAME",
    "shipto": "SHIPTORETURNTOCONTACTNAME",
    "returnto": "SHIPTORETURNTOCONTACTNAME",
}


def contact_names(call: Call) -> Row:
    """Contacts that a document names in place of the party's own."""
    found: Row = {}
    for tag, name in CONTACTS.items():
        child = call.node.find(tag)
        contact = _contact(call, child) if child is not None else ""
        if contact:
            if call.company.store["CONTACT"].named(contact) is None:
                raise refuse("BL01001973", f"Invalid contact '{contact}' specified.")
            found[name] = contact
    return found


def _contact(call: Call, node: Node) -> str:
    """The name of a contact; one that is given in full is written if there is none of that name."""
    whole = node.find("contact")
    if whole is None:
        return node.get("contactname")
    contacts, name = call.company.store["CONTACT"], whole.get("contactname")
    if not name or not whole.get("printas"):
        raise invalid("A contact needs contactname and printas.")
    if contacts.named(name) is None:
        given = {key: text for key, text in flat(whole).items() if key in contacts.fields and text}
        call.company.insert(contacts, given | {"STATUS": "active"}, call.session.user, call.session.entity)
    return name


def own_fields(call: Call, kind: str) -> Row:
    """The company's own fields on the head of a document."""
    known, given = call.company.store[kind].fields, lines.custom_fields(call.node)
    for name in given:
        if name not in known:
            raise refuse("BL03000018", f"The custom field {name} does not exist.")
    return given


def rate_fields(table: Table, day: date | None, kind: str) -> Row:
    """Which rate was asked for, where the object keeps it."""
    try:
        typed = read(kind, table.fields["EXCH_RATE_TYPE_ID"].kind)
    except ValueError:  # some objects keep a number, and names come in
        typed = None
    return {name: given for name, given in (("EXCH_RATE_DATE", day), ("EXCH_RATE_TYPE_ID", typed)) if given}


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
    document.base, document.given_rate = node.get("basecurr"), value(node, "exchrate", "D")
    document.head |= rate_fields(call.company.store[kind], legacy_date(node, "exchratedate"), node.get("exchratetype"))
    if node.get("nogl").lower() == "true":
        raise invalid("Documents without postings are not simulated.")
    if node.get("onhold"):
        document.head["ONHOLD"] = node.get("onhold").lower() == "true"
    document.head |= contact_names(call) | own_fields(call, kind)
    switches, outside = call.company.switches, node.get("externalid")
    if outside:
        document.head["EXTERNALID"] = outside
        if switches.externalid_kept:
            call.company.store[kind].fields.setdefault("EXTERNALID", Field("EXTERNALID"))
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


def reverse_invoice(call: Call) -> str:
    return element("key", reversal.reverse(call, "ARINVOICE")["RECORDNO"])


def delete_invoice(call: Call) -> str:
    reversal.delete(call, "ARINVOICE", call.node.attrs.get("key", ""))
    return element("key", call.node.attrs.get("key", ""))


def delete_adjustment(call: Call) -> str:
    reversal.delete(call, "ARADJUSTMENT", call.node.attrs.get("key", ""))
    return element("key", call.node.attrs.get("key", ""))
