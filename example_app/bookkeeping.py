"""What Marlow & Finch does with its own rows when an accounting integration reads or writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from flask_intacct.errors import Refused

from .database import db
from .documents import Bill, BillLine, Invoice, InvoiceLine
from .models import LedgerAccount, Property, Supplier, TaxRate, Tenancy, Tenant, TrackingTag

_INVOICE_WORDS = {"awaiting_approval": "APR", "approved": "OK", "paid": "PD"}
_BILL_WORDS = {"awaiting_approval": "checking", "approved": "passed", "paid": "settled"}
_SIDES = {"S": ("sale",), "P": ("purchase",), "B": ("sale", "purchase")}


_CONTROLS = {
    "1000": "bank", "1010": "bank", "1100": "receivables", "1200": "tax", "2000": "payables", "2100": "tax",
    "3200": "retained",
}  # fmt: skip
"""What the accounts control that nobody posts to by hand; our chart is the same in all companies."""


def controlled(account: LedgerAccount) -> str:
    """What an account controls, "" for most."""
    return _CONTROLS.get(account.acc_code, "")


def tax_sides(rate: TaxRate) -> tuple[str, ...]:
    """Whether a VAT rate is for sales, purchases or both."""
    return _SIDES[rate.used_for]


def add_tax_rate(values: dict[str, Any]) -> TaxRate:
    """A VAT rate that came in; the side it is for is a letter here."""
    roles = values.get("roles") or ()
    letter = "B" if len(roles) == 2 else "P" if "purchase" in roles else "S"
    return TaxRate(
        label=values["name"][:60], percent=values["rate"], used_for=letter, is_hidden=not values.get("active", True),
        company_id=values["company"].co_id,
    )  # fmt: skip


def supplier_roles(supplier: Supplier) -> tuple[str, ...]:
    """A landlord is charged our fees, so is a customer too."""
    return ("customer", "vendor") if supplier.is_landlord == "Y" else ("vendor",)


def invoice_contact(invoice: Invoice) -> Tenant | Supplier | None:
    """The tenant, or the landlord, that an invoice is for."""
    return invoice.tenant or invoice.landlord


def line_building(line: InvoiceLine) -> TrackingTag | None:
    """The building of the property that a line is for."""
    return line.prop.tag if line.prop else None


def add_invoice(values: dict[str, Any]) -> Invoice:
    """An invoice that came in.

    :raises Refused: it is for somebody we can't invoice.
    """
    contact = values["contact"]
    if isinstance(contact, Supplier) and contact.is_landlord != "Y":
        raise Refused(f"{contact.supp_name} is a supplier. Tick Landlord on the supplier's page to invoice it.")
    invoice = Invoice(
        inv_no=values["number"],
        inv_dt=values["date"],
        due_dt=values["due"],
        inv_ref=values["reference"][:60],
        narrative=values["description"][:200],
        inv_stat=_INVOICE_WORDS[values["status"]],
        currency=values["currency"] or "GBP",
        company=values["company"],
        tenant=contact if isinstance(contact, Tenant) else None,
        landlord=contact if isinstance(contact, Supplier) else None,
    )
    for line in values["lines"]:
        building, centre = _building_and_centre(line["options"])
        invoice.lines.append(
            InvoiceLine(
                line_desc=line["description"][:200],
                account=line["account"],
                tax_rate=line["tax_type"],
                net_amt=line["net"],
                vat_amt=line["tax"],
                prop=_property_in(building, contact),
                cost_tag=centre,
            )
        )
    invoice.gross_tot = sum((line.net_amt + line.vat_amt for line in invoice.lines), Decimal(0))
    return invoice


def add_bill(values: dict[str, Any]) -> Bill:
    """A bill that came in."""
    bill = Bill(
        bill_no=values["number"],
        supplier=values["contact"],
        bill_date=values["date"],
        due_date=values["due"],
        order_no=values["reference"][:60],
        memo=values["description"][:200],
        status=_BILL_WORDS[values["status"]],
        currency=values["currency"] or "GBP",
        company=values["company"],
    )
    for line in values["lines"]:
        bill.lines.append(
            BillLine(
                memo=line["description"][:200],
                account=line["account"],
                tax_rate=line["tax_type"],
                net=line["net"],
                vat=line["tax"],
                tags=list(line["options"]),
            )
        )
    bill.gross = sum((line.net + line.vat for line in bill.lines), Decimal(0))
    return bill


def tenant_usage(tenant: Tenant) -> dict[str, int]:
    """What a tenant is used by, for whoever is about to archive it."""
    current = [tenancy for tenancy in tenant.tenancies if tenancy.tcy_stat == "CUR"]
    unpaid = select(func.count()).where(Invoice.ten_id == tenant.ten_id, Invoice.inv_stat.in_(("APR", "OK")))
    return {"current tenancies": len(current), "unpaid invoices": db.session.scalar(unpaid) or 0}


def tenant_kept(tenant: Tenant) -> str:
    """Why a tenant can't be archived."""
    return "there is a current tenancy" if any(tenancy.tcy_stat == "CUR" for tenancy in tenant.tenancies) else ""


def supplier_usage(supplier: Supplier) -> dict[str, int]:
    """What a supplier is used by."""
    owned = select(func.count()).where(Property.landlord_id == supplier.supp_id)
    unpaid = select(func.count()).where(Bill.supp_id == supplier.supp_id, Bill.status.in_(("checking", "passed")))
    return {"properties owned": db.session.scalar(owned) or 0, "unpaid bills": db.session.scalar(unpaid) or 0}


def page_of(endpoint: str) -> Any:
    """Makes the address of a row's page in our admin."""

    def address(row: Any) -> str:
        (key,) = row.__mapper__.primary_key_from_instance(row)
        return url_for(f"{endpoint}.details_view", id=key)

    return address


def _building_and_centre(tags: list[TrackingTag]) -> tuple[TrackingTag | None, TrackingTag | None]:
    """The tag of a building and the tag of a cost centre among those of a line."""
    held = {tag.tag_id for tag in tags if _has_property(tag)}
    building = next((tag for tag in tags if tag.tag_id in held), None)
    return building, next((tag for tag in tags if tag.tag_id not in held), None)


def _has_property(tag: TrackingTag) -> bool:
    return db.session.scalar(select(Property.prop_id).where(Property.tag_id == tag.tag_id).limit(1)) is not None


def _property_in(building: TrackingTag | None, contact: Any) -> Property | None:
    """The property of a building: where the tenant lives if it is there, else the first."""
    if building is None:
        return None
    query = select(Property).where(Property.tag_id == building.tag_id).order_by(Property.prop_id).limit(1)
    if isinstance(contact, Tenant):
        lived = query.join(Tenancy).where(Tenancy.ten_id == contact.ten_id)
        return db.session.scalar(lived) or db.session.scalar(query)
    return db.session.scalar(query)
