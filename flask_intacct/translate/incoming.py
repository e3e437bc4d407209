"""Rows of Intacct as ledger values. A row's values are strings or None, its owned lines a list of rows.

Field names are those of the vendor's object reference (TAXDETAIL, GLACCOUNT, CUSTOMER, VENDOR, ARINVOICE, APBILL).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from .. import kinds
from ..errors import Refused
from ..gateway.formats import lines, text, to_decimal
from ..ledger import (
    PAYABLES,
    RECEIVABLES,
    RETAINED,
    SUBLEDGER,
    ZERO,
    Account,
    Contact,
    Document,
    Line,
    Ref,
    TaxType,
    TrackingOption,
    cents,
)
from . import states
from .dimensions import options
from .rows import day

Row = Mapping[str, Any]
Incoming = TaxType | Account | TrackingOption | Contact

_TAX_ROLES = {"sale": kinds.SALE, "purchase": kinds.PURCHASE, "s": kinds.SALE, "p": kinds.PURCHASE}
_CONTROLS = {"receivables account": RECEIVABLES, "payables account": PAYABLES}


def value(
    kind: str, role: str, row: Row, *, object: str = "", entity: str | None = None, exclusion_field: str = ""
) -> Incoming:
    """One record as a ledger value; its `ref` is (object, natural id).

    :param object: For tracking options: the object of the dimension.
    :param entity: For locations: the entity above, from :func:`entities`; left out: the parent that the row names.
    :param exclusion_field: The custom checkbox that keeps a customer or vendor out.
    :raises Refused: the row lacks its id or holds a value that can't be read.
    :raises KeyError: the kind has no records in Intacct.
    """
    if kind == kinds.TRACKING_OPTION:
        return _option(object, row, entity)
    spec = kinds.kind(kind, role)
    natural_id = text(row, spec.natural_id)
    if not natural_id:
        raise Refused(f"Intacct sent a {spec.object} without {spec.natural_id}.")
    ref = Ref(spec.object, natural_id)
    if kind == kinds.TAX_TYPE:
        return _tax_type(ref, row)
    if kind == kinds.ACCOUNT:
        return _account(ref, row)
    if kind == kinds.CONTACT:
        return _contact(ref, role, row, exclusion_field)
    raise KeyError((kind, role))


def _active(row: Row) -> bool:
    """May be posted to: "active non-posting" may not."""
    return text(row, "STATUS").lower() in ("", "active", "t")


def _ticked(row: Row, name: str) -> bool:
    return text(row, name).lower() in ("true", "t")


def _tax_type(ref: Ref, row: Row) -> TaxType:
    role = _TAX_ROLES.get(text(row, "TAXTYPE").lower())
    return TaxType(
        ref=ref,
        code=ref.id,
        name=text(row, "DESCRIPTION") or ref.id,
        active=_active(row),
        rate=_decimal(row, "VALUE", ref.id),
        roles=frozenset([role] if role else ()),
    )


def _account(ref: Ref, row: Row) -> Account:
    return Account(
        ref=ref,
        code=ref.id,
        name=text(row, "TITLE"),
        active=_active(row),
        type=text(row, "ACCOUNTTYPE").lower(),
        normal_balance=text(row, "NORMALBALANCE").lower(),
        control=control(row),
    )


def control(row: Row) -> str:
    """What an account says itself that it controls; not that it is the account of a bank account or a tax detail."""
    if _ticked(row, "SUBLEDGERCONTROLON"):
        return _CONTROLS.get(text(row, "ALTERNATIVEACCOUNT").lower(), SUBLEDGER)
    return RETAINED if text(row, "CLOSINGTYPE").lower() == "closed to account" else ""


def _option(object: str, row: Row, entity: str | None) -> TrackingOption:
    """A value of a dimension goes by its id; a user-defined dimension is a custom object, which has little else."""
    known = kinds.DIMENSION_OBJECTS.get(object)
    id_field, name_field = known[:2] if known else ("ID", "NAME")
    natural_id = text(row, id_field)
    if not natural_id:
        raise Refused(f"Intacct sent a {object or 'dimension value'} without {id_field}.")
    above = ""
    if object == "LOCATION":
        above = text(row, "PARENTID") if entity is None else entity
    return TrackingOption(
        ref=Ref(object, natural_id),
        category=Ref(kinds.DIMENSION, object),
        code=natural_id,
        name=text(row, name_field) or natural_id,
        active=_active(row),
        entity=above,
    )


def entities(locations: Iterable[Row]) -> dict[str, str]:
    """The topmost location above each location, which in a company of several entities is its entity."""
    parents = {text(row, "LOCATIONID"): text(row, "PARENTID") for row in locations}
    tops: dict[str, str] = {}
    for location in parents:
        way: dict[str, None] = {}
        top = location
        while top not in way and top not in tops and parents.get(top):
            way[top] = None
            top = parents[top]
        top = tops.get(top, top)
        tops.update(dict.fromkeys((*way, location), top))
    return tops


def _contact(ref: Ref, role: str, row: Row, exclusion_field: str) -> Contact:
    def display(name: str) -> str:
        return text(row, f"DISPLAYCONTACT.{name}")

    return Contact(
        ref=ref,
        code=ref.id,
        name=text(row, "NAME"),
        active=_active(row),
        roles=frozenset([role]),
        email=display("EMAIL1"),
        phone=display("PHONE1"),
        tax_number=text(row, "TAXID"),
        address1=display("MAILADDRESS.ADDRESS1"),
        address2=display("MAILADDRESS.ADDRESS2"),
        city=display("MAILADDRESS.CITY"),
        postcode=display("MAILADDRESS.ZIP"),
        country=display("MAILADDRESS.COUNTRY"),
        entity=text(row, "MEGAENTITYID"),
        excluded=bool(exclusion_field) and _ticked(row, exclusion_field),
    )


def document(kind: str, row: Row, rows: Iterable[Row] | None = None) -> Document:
    """An AR invoice or AP bill. One whose `state` is "Reversal" must not be imported (:func:`states.importable`).

    :param rows: Its lines, where they are not below the header.
    :raises Refused: it is negative, in an unknown state, or holds what can't be read; the text says so.
    """
    spec = kinds.kind(kind)
    key, number = text(row, "RECORDNO"), text(row, "RECORDID")
    name = f"{'Invoice' if kind == kinds.INVOICE else 'Bill'} {number or key}"
    if not key:
        raise Refused(f"Intacct sent a {spec.object} without RECORDNO.")
    state = text(row, "STATE")
    party = "CUSTOMER" if kind == kinds.INVOICE else "VENDOR"
    party_id = text(row, f"{party}ID")
    owned = lines(row, f"{spec.object}ITEMS") if rows is None else rows
    total, due = _decimal(row, "TRX_TOTALENTERED", name), _decimal(row, "TRX_TOTALDUE", name)
    found = Document(
        kind=kind,
        ref=Ref(spec.object, key),
        number=number,
        reference=text(row, "DOCNUMBER"),
        description=text(row, "DESCRIPTION"),
        contact=Ref(party, party_id) if party_id else None,
        date=_date(row, "WHENCREATED", name),
        due=_date(row, "WHENDUE", name),
        status=states.status(state, ZERO if total is None else total, due),
        state=state,
        currency=(text(row, "CURRENCY") or text(row, "BASECURR")).upper(),
        entity=text(row, "MEGAENTITYID"),
        total=None if total is None else cents(total),
        open=None if due is None else cents(due),
        lines=tuple(_line(line, name) for line in own_lines(owned)),
    )
    if found.gross < ZERO and states.importable(state):
        raise Refused(
            f"{name} in Intacct is negative ({found.gross}). A negative {kind} is not a credit note: reverse it in"
            f" Intacct and enter {'an AR' if kind == kinds.INVOICE else 'an AP'} adjustment instead."
        )
    return found


def own_lines(rows: Iterable[Row]) -> list[Row]:
    """Those lines that a person entered: no subtotals, none that Intacct added to others for tax or the other side."""
    return [
        line
        for line in rows
        if text(line, "SUBTOTAL").lower() in ("", "f", "false")
        and not text(line, "PARENTENTRY").strip("0")
        and text(line, "LINEITEM").lower() not in ("f", "false")
    ]


def tax_entries(line: Row) -> Sequence[Row]:
    """The taxes of a line."""
    return [entry for entry in lines(line, "TAXENTRIES") if text(entry, "DETAILID")]


def _line(line: Row, document: str) -> Line:
    taxes = tax_entries(line)
    if len(taxes) > 1:
        raise Refused(f"{document} has a line with {len(taxes)} taxes in Intacct; one per line can be brought in.")
    account = text(line, "ACCOUNTNO")
    tax = _decimal(taxes[0], "TRX_TAX", document) if taxes else None
    return Line(
        net=cents(_decimal(line, "TRX_AMOUNT", document) or ZERO),
        tax=cents(tax or ZERO),
        account=Ref("GLACCOUNT", account) if account else None,
        tax_type=Ref("TAXDETAIL", text(taxes[0], "DETAILID")) if taxes else None,
        options=options(line),
        description=text(line, "ENTRYDESCRIPTION"),
    )


def _decimal(row: Row, name: str, whose: str) -> Decimal | None:
    try:
        return to_decimal(text(row, name))
    except ValueError as error:
        raise Refused(f"{whose}: Intacct sent a {name} that can't be read: {error}.") from error


def _date(row: Row, name: str, whose: str) -> date | None:
    try:
        return day(row, name)
    except ValueError as error:
        raise Refused(f"{whose}: Intacct sent a {name} that can't be read: {error}.") from error
