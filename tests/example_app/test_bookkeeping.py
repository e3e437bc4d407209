"""What the example host does with records that come in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from example_app import bookkeeping
from example_app.database import db
from example_app.models import Company, LedgerAccount, Supplier, TaxRate, Tenancy, Tenant, TrackingTag
from flask_intacct.errors import Refused


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield
        db.session.rollback()


def first(model: type[Any], *conditions: Any) -> Any:
    return db.session.scalar(select(model).where(*conditions).limit(1))


def values_for(contact: Any, options: list[Any]) -> dict[str, Any]:
    return {
        "number": "INV-1",
        "contact": contact,
        "date": date(2026, 3, 1),
        "due": date(2026, 3, 15),
        "reference": "REF",
        "description": "Rent",
        "status": "approved",
        "currency": "GBP",
        "company": db.session.get(Company, 1),
        "lines": [
            {
                "description": "Rent",
                "account": first(LedgerAccount),
                "tax_type": first(TaxRate),
                "net": Decimal("100.00"),
                "tax": Decimal("20.00"),
                "options": options,
            }
        ],
    }


def test_an_invoice_that_came_in_finds_the_property_where_the_tenant_lives(context: None) -> None:
    tenancy = first(Tenancy)
    centre = first(TrackingTag, TrackingTag.tag_nm == "Lettings")
    invoice = bookkeeping.add_invoice(values_for(tenancy.tenant, [centre, tenancy.prop.tag]))
    db.session.add(invoice)
    db.session.flush()
    assert invoice.lines[0].prop is not None
    assert invoice.lines[0].prop.tag is tenancy.prop.tag
    assert invoice.lines[0].cost_tag is centre
    assert invoice.gross_tot == Decimal("120.00")
    assert invoice.inv_stat == "OK"


def test_an_invoice_for_a_landlord_is_kept_beside_the_tenants(context: None) -> None:
    landlord = first(Supplier, Supplier.is_landlord == "Y")
    invoice = bookkeeping.add_invoice(values_for(landlord, []))
    assert bookkeeping.invoice_contact(invoice) is landlord
    assert invoice.tenant is None


def test_an_invoice_for_a_plain_supplier_is_refused(context: None) -> None:
    with pytest.raises(Refused, match="is a supplier"):
        bookkeeping.add_invoice(values_for(first(Supplier, Supplier.is_landlord == "N"), []))


def test_a_bill_that_came_in_keeps_its_tags_and_its_state(context: None) -> None:
    tags = [first(TrackingTag, TrackingTag.tag_nm == name) for name in ("Lettings", "Maintenance")]
    bill = bookkeeping.add_bill(values_for(first(Supplier), tags) | {"status": "awaiting_approval"})
    db.session.add(bill)
    db.session.flush()
    assert bill.lines[0].tags == tags
    assert (bill.status, bill.gross) == ("checking", Decimal("120.00"))


@pytest.mark.parametrize(
    ("roles", "letter"), [({"sale"}, "S"), ({"purchase"}, "P"), ({"sale", "purchase"}, "B"), (set(), "S")]
)
def test_a_tax_rate_that_came_in_is_for_the_side_it_has_in_intacct(context: None, roles: set[str], letter: str) -> None:
    company = db.session.get(Company, 1)
    values = {"name": "UK Sale", "rate": Decimal("12.5"), "roles": roles, "company": company}
    rate = bookkeeping.add_tax_rate(values)
    assert rate.used_for == letter
    assert not rate.is_hidden


def test_usage_counts_what_hangs_on_a_contact(context: None) -> None:
    tenant = first(Tenant, Tenant.tenancies.any(Tenancy.tcy_stat == "CUR"))
    assert bookkeeping.tenant_usage(tenant)["current tenancies"] == 1
    landlord = first(Supplier, Supplier.is_landlord == "Y")
    assert bookkeeping.supplier_usage(landlord)["properties owned"] > 0


def test_a_row_leads_to_its_page(context: None) -> None:
    assert bookkeeping.page_of("suppliers")(db.session.get(Supplier, 1)) == "/admin/suppliers/details/?id=1"
