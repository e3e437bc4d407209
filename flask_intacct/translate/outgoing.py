"""Ledger values as what the gateway sends: mappings for :mod:`flask_intacct.gateway.functions`.

Every reference of a value given here is Intacct's already: ``Ref("CUSTOMER", "C001")``, ``Ref("GLACCOUNT", "4000")``,
``Ref("TAXDETAIL", "UK Sale Standard")``, ``Ref("LOCATION", "L1")``, a user-defined dimension's object and record
number.
What Intacct would refuse is refused here, with the cure, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from .. import kinds
from ..errors import Refused
from ..ledger import APPROVED, AWAITING_APPROVAL, PAID, ZERO, Contact, Document, Line, Ref, cents
from .dimensions import USER_DEFINED, line_field

_ACTIONS = {AWAITING_APPROVAL: "Draft", APPROVED: "Submit", PAID: "Submit"}
_NAMES = {kinds.INVOICE: "Invoice", kinds.BILL: "Bill"}


def contact(value: Contact, role: str) -> tuple[str, dict[str, Any]]:
    """The object and the fields of a new customer or vendor. Its id is left out: numbering is Intacct's.

    :raises Refused: it has no name.
    """
    spec = kinds.kind(kinds.CONTACT, role)
    name = " ".join(value.name.split())
    if not name:
        raise Refused(f"The contact has no name; Intacct needs one for a new {role}. Name it, then try again.")
    address = _given(
        ADDRESS1=value.address1,
        ADDRESS2=value.address2,
        CITY=value.city,
        ZIP=value.postcode,
        COUNTRY=value.country,
    )
    display: dict[str, Any] = {"PRINTAS": name, **_given(EMAIL1=value.email, PHONE1=value.phone)}
    if address:
        display["MAILADDRESS"] = address
    fields: dict[str, Any] = {"NAME": name, "STATUS": "active", "DISPLAYCONTACT": display}
    return spec.object, fields | _given(TAXID=value.tax_number)


def _given(**fields: str) -> dict[str, str]:
    return {name: value.strip() for name, value in fields.items() if value.strip()}


def invoice(document: Document, *, location: str = "", tax_solution: str = "") -> dict[str, Any]:
    """The values of ``functions.create_invoice``. Without a due date it is due on its own date.

    :param location: For lines that carry none (the connection's default location).
    :param tax_solution: Needed only where several tax jurisdictions post at top level.
    :raises Refused: Intacct could not take it; the text says why and how to cure it.
    """
    dated = check(document)
    values: dict[str, Any] = {
        "customerid": _ref(document.contact, "CUSTOMER", document, "customer"),
        "datecreated": dated,
        "datedue": document.due or dated,
        "action": _ACTIONS[document.status],
        "invoiceno": document.number.strip(),
    }
    values |= _given(ponumber=document.reference, description=document.description, taxsolutionid=tax_solution)
    values["invoiceitems"] = [_invoice_line(document, line, location) for line in document.lines]
    return values


def _invoice_line(document: Document, line: Line, location: str) -> dict[str, Any]:
    dimensions = _dimensions(document, line, location)
    values: dict[str, Any] = {
        "glaccountno": _ref(line.account, "GLACCOUNT", document, "account"),
        "amount": money(line.net),
    }
    values |= _given(memo=line.description)
    values |= {field.lower(): id for field, id in dimensions.items() if not field.startswith(USER_DEFINED)}
    custom = {field: id for field, id in dimensions.items() if field.startswith(USER_DEFINED)}
    if custom:
        values["customfields"] = custom
    if line.tax_type is not None:
        detail = _ref(line.tax_type, "TAXDETAIL", document, "tax detail")
        values["taxentries"] = [{"detailid": detail, "trx_tax": money(line.tax)}]
    return values


def bill(document: Document, *, location: str = "", tax_solution: str = "") -> dict[str, Any]:
    """The fields of an ``APBILL`` for the generic create; parameters and errors as for :func:`invoice`."""
    dated = check(document)
    fields: dict[str, Any] = {
        "VENDORID": _ref(document.contact, "VENDOR", document, "vendor"),
        "WHENCREATED": dated,
        "WHENDUE": document.due or dated,
        "RECORDID": document.number.strip(),
        "ACTION": _ACTIONS[document.status],
    }
    fields |= _given(DOCNUMBER=document.reference, DESCRIPTION=document.description, TAXSOLUTIONID=tax_solution)
    fields["APBILLITEMS"] = [_bill_line(document, line, location) for line in document.lines]
    return fields


def _bill_line(document: Document, line: Line, location: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "ACCOUNTNO": _ref(line.account, "GLACCOUNT", document, "account"),
        "TRX_AMOUNT": money(line.net),
    }
    fields |= _given(ENTRYDESCRIPTION=line.description)
    fields |= _dimensions(document, line, location)
    if line.tax_type is not None:
        detail = _ref(line.tax_type, "TAXDETAIL", document, "tax detail")
        fields["TAXENTRIES"] = [{"DETAILID": detail, "TRX_TAX": money(line.tax)}]
    return fields


def money(amount: Any) -> str:
    """Plain digits with two places."""
    return format(cents(amount), "f")


def check(document: Document) -> date:
    """Refuse what Intacct could not take, whatever its references; gives the document's date.

    :raises Refused: the number, date, status, sign, lines or sum is wrong; the text names the document and the cure.
    """
    name = label(document)
    _, longest = kinds.kind(document.kind).business_key or ("", 0)
    number = document.number.strip()
    if not number:
        raise Refused(f"{name} has no number. Number it, then try again.")
    for what, content in (("number", number), ("reference", document.reference.strip())):
        if len(content) > longest:
            raise Refused(f"{name} has a {what} of {len(content)} characters; Intacct takes {longest}. Shorten it.")
    if document.date is None:
        raise Refused(f"{name} has no date. Date it, then try again.")
    if document.status not in _ACTIONS:
        raise Refused(f"{name} is {document.status}: only approved documents and those awaiting approval are sent.")
    if not document.lines:
        raise Refused(f"{name} has no lines; Intacct needs at least one.")
    if document.gross < ZERO:
        raise Refused(f"{name} is negative ({money(document.gross)}). Make a credit note of it.")
    if document.gross != document.net + document.tax:
        raise Refused(
            f"{name} says {money(document.gross)}, but its lines add up to {money(document.net + document.tax)}."
            " Correct the lines or the total."
        )
    for line in document.lines:
        if line.tax and line.tax_type is None:
            raise Refused(f"{name} has a line with {money(line.tax)} tax and no tax type. Give the line its tax type.")
    return document.date


def label(document: Document) -> str:
    """How messages name a document."""
    return f"{_NAMES[document.kind]} {document.number.strip() or document.ref.id}"


def _ref(ref: Ref | None, object: str, document: Document, what: str) -> str:
    if ref is None or not ref.id:
        raise Refused(f"{label(document)} lacks {'an' if what[0] in 'aeiou' else 'a'} {what}. Choose one and retry.")
    if ref.source != object:
        raise Refused(f"{label(document)} has {ref.source} {ref.id} where Intacct needs a {object}. Match it anew.")
    return ref.id


def _dimensions(document: Document, line: Line, location: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for option in line.options:
        field = line_field(option.source)
        if found.setdefault(field, option.id) != option.id:
            raise Refused(
                f"{label(document)} has a line with two values of {option.source}: {found[field]} and {option.id}."
                " Intacct takes one of each dimension."
            )
    if location:
        found.setdefault("LOCATIONID", location)
    return found
