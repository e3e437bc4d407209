"""Ledger values as what the gateway sends: mappings for :mod:`flask_intacct.gateway.functions`.

Every reference of a value given here is Intacct's already: ``Ref("CUSTOMER", "C001")``, ``Ref("GLACCOUNT", "4000")``,
``Ref("TAXDETAIL", "UK Sale Standard")``, ``Ref("LOCATION", "L1")``, a user-defined dimension's object and record
number.
What Intacct would refuse is refused here, with the cure, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from .. import kinds
from ..errors import Refused
from ..kinds import Shape
from ..ledger import APPROVED, AWAITING_APPROVAL, PAID, ZERO, Contact, Document, Line, Ref, cents
from ..messages import Message, named, noun
from .dimensions import USER_DEFINED, line_field
from .rows import day

_ACTIONS = {AWAITING_APPROVAL: "Draft", APPROVED: "Submit", PAID: "Submit"}


def contact(value: Contact, role: str) -> tuple[str, dict[str, Any]]:
    """The object and the fields of a new customer or vendor. Its id is left out: numbering is Intacct's.

    :raises Refused: it has no name.
    """
    spec = kinds.kind(kinds.CONTACT, role)
    name = " ".join(value.name.split())
    if not name:
        raise Refused(Message("out.no_name", role=noun(role)))
    address = _given(
        {
            "ADDRESS1": value.address1,
            "ADDRESS2": value.address2,
            "CITY": value.city,
            "ZIP": value.postcode,
            "COUNTRY": value.country,
        }
    )
    display: dict[str, Any] = {"PRINTAS": name, **_given({"EMAIL1": value.email, "PHONE1": value.phone})}
    if address:
        display["MAILADDRESS"] = address
    fields: dict[str, Any] = {"NAME": name, "STATUS": "active", "DISPLAYCONTACT": display}
    return spec.object, fields | _given({"TAXID": value.tax_number})


def _given(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in fields.items() if value.strip()}


def document(document: Document, *, location: str = "", tax_solution: str = "") -> dict[str, Any]:
    """What the function that creates a document takes, by the names of its kind's form. Without a due date it is due on
    its own date.

    :param location: For lines that carry none (the connection's default location).
    :param tax_solution: Needed only where several tax jurisdictions post at top level.
    :raises Refused: Intacct could not take it; the text says why and how to cure it.
    """
    dated, shape = check(document), kinds.shape(document.kind)
    form, role = shape.form, shape.contact_role
    values: dict[str, Any] = {
        form.contact: _ref(document.contact, kinds.kind(kinds.CONTACT, role).object, document, role),
        form.date: dated,
        form.due: document.due or dated,
        form.number: document.number.strip(),
        form.action: _ACTIONS[document.status],
    }
    values |= _given(
        {
            form.reference: document.reference,
            form.description: document.description,
            form.tax_solution: tax_solution,
        }
    )
    values[form.lines] = [_line(document, line, location, shape) for line in document.lines]
    values.pop("", None)  # what documents of this kind do not have
    return values


def _line(document: Document, line: Line, location: str, shape: Shape) -> dict[str, Any]:
    form, dimensions = shape.form.line, _dimensions(document, line, location)
    values: dict[str, Any] = {
        form.account: _ref(line.account, "GLACCOUNT", document, "account"),
        form.amount: money(line.net * shape.sign),
    }
    values |= _given({form.description: line.description})
    if form.custom:
        values |= {field.lower(): id for field, id in dimensions.items() if not field.startswith(USER_DEFINED)}
        custom = {field: id for field, id in dimensions.items() if field.startswith(USER_DEFINED)}
        values |= {form.custom: custom} if custom else {}
    else:
        values |= dimensions
    if line.tax_type is not None:
        detail = _ref(line.tax_type, "TAXDETAIL", document, "tax detail")
        values[form.taxes] = [{form.detail: detail, form.tax: money(line.tax * shape.sign)}]
    return values


@dataclass(frozen=True, slots=True)
class Sent:
    """What tells a document that was sent from others; `gross` and `net` are as Intacct writes them."""

    number: str
    contact: str
    date: date | None
    gross: Decimal
    net: Decimal


def sent(kind: str, values: Mapping[str, Any]) -> Sent:
    """Read it in what :func:`document` made and the outbox kept.

    :raises ValueError: its date is none.
    """
    form = kinds.shape(kind).form
    gross = net = cents(0)
    for line in values.get(form.lines) or ():
        net += cents(line.get(form.line.amount))
        gross += cents(line.get(form.line.amount))
        gross += sum((cents(entry.get(form.line.tax) or 0) for entry in line.get(form.line.taxes) or ()), ZERO)
    return Sent(values[form.number], values[form.contact], day(values, form.date), gross, net)


def money(amount: Any) -> str:
    """Plain digits with two places."""
    return format(cents(amount) + ZERO, "f")  # and no "-0.00"


def check(document: Document) -> date:
    """Refuse what Intacct could not take, whatever its references; gives the document's date.

    :raises Refused: the number, date, status, sign, lines or sum is wrong; the text names the document and the cure.
    """
    name = label(document)
    longest, number = kinds.kind(document.kind).longest, document.number.strip()
    if not number:
        raise Refused(Message("out.no_number", document=name))
    for long, content in (("out.long_number", number), ("out.long_reference", document.reference.strip())):
        if len(content) > longest:
            raise Refused(Message(long, document=name, length=len(content), longest=longest))
    if document.date is None:
        raise Refused(Message("out.no_date", document=name))
    if document.status not in _ACTIONS:
        raise Refused(Message("out.status", document=name, status=named("status", document.status)))
    if not document.lines:
        raise Refused(Message("out.no_lines", document=name))
    if document.gross < ZERO:
        raise Refused(Message("out.negative", document=name, gross=document.gross))
    if document.gross != document.net + document.tax:
        raise Refused(Message("out.sum", document=name, gross=document.gross, sum=document.net + document.tax))
    for line in document.lines:
        if line.tax and line.tax_type is None:
            raise Refused(Message("out.no_tax_type", document=name, tax=line.tax))
    return document.date


def label(document: Document) -> Message:
    """How messages name a document."""
    named = noun(kinds.kind(document.kind).noun.capitalize())
    return Message("document", noun=named, number=document.number.strip() or document.ref.id)


def _ref(ref: Ref | None, object: str, document: Document, what: str) -> str:
    if ref is None or not ref.id:
        lacks = "out.lacks_an" if what[0] in "aeiou" else "out.lacks"
        raise Refused(Message(lacks, document=label(document), what=noun(what)))
    if ref.source != object:
        raise Refused(
            Message("out.other_object", document=label(document), has=f"{ref.source} {ref.id}", object=object)
        )
    return ref.id


def _dimensions(document: Document, line: Line, location: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for option in line.options:
        field = line_field(option.source)
        if found.setdefault(field, option.id) != option.id:
            two = {"one": found[field], "other": option.id}
            raise Refused(Message("out.two_values", document=label(document), dimension=option.source, **two))
    if location:
        found.setdefault("LOCATIONID", location)
    return found
