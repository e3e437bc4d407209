"""Marlow & Finch, joined to Sage Intacct: our models described once, nothing inherited."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_login import current_user
from flask_rq import RQ
from sqlalchemy.orm import joinedload

from flask_intacct import Intacct, Local, LocalDocument

from . import bookkeeping as ours
from .database import db
from .documents import Bill, BillLine, Invoice, InvoiceLine
from .models import Company, LedgerAccount, Property, Supplier, TaxRate, Tenant, TrackingGroup, TrackingTag

INVOICE_WORDS = {"DFT": "draft", "APR": "awaiting_approval", "OK": "approved", "PD": "paid", "VD": "void"}
BILL_WORDS = {
    "new": "draft",
    "checking": "awaiting_approval",
    "passed": "approved",
    "settled": "paid",
    "cancelled": "void",
}
ACCOUNT_WORDS = {"P&L": "incomestatement", "B/S": "balancesheet"}
RIGHTS = {"admin": ("see", "match", "administer"), "bookkeeper": ("see", "match"), "viewer": ("see",)}


def may(right: str, company_id: str) -> bool:
    """Everybody here works for all companies; what they may do is their role's."""
    return current_user.is_authenticated and right in RIGHTS.get(current_user.usr_role, ())


# fmt: off
intacct = Intacct(
    company=Local(Company, name="trading_name", currency="currency_code"),
    tax_types=Local(TaxRate, name="label", rate="percent", roles=ours.tax_sides, archived="is_hidden",
                    company="company_id", create=ours.add_tax_rate),
    accounts=Local(LedgerAccount, code="acc_code", name="acc_name", type="acc_type", types=ACCOUNT_WORDS,
                   control=ours.controlled, archived="is_hidden", company="company_id"),
    tracking_categories=Local(TrackingGroup, name="grp_nm", archived="is_hidden", company="company_id"),
    tracking_options=Local(TrackingTag, name="tag_nm", code="tag_cd", category="group_id", archived="is_hidden",
                           company="company_id"),
    contacts=[
        Local(Tenant, role="customer", code="ten_ref", name="ten_nm", email="ten_email", phone="ten_tel",
              tax_number="ten_vat", address1="bill_addr1", address2="bill_addr2", city="bill_town",
              postcode="bill_pcode", country="bill_country", archived="is_hidden", company="company_id",
              keep=ours.tenant_kept, usage=ours.tenant_usage, url=ours.page_of("tenants")),
        Local(Supplier, role=ours.supplier_roles, code="supp_code", name="supp_name", email="email", phone="phone",
              tax_number="vat_no", address1="addr1", address2="addr2", city="town", postcode="post_code",
              country="country", archived="inactive", company="company_id",
              usage=ours.supplier_usage, url=ours.page_of("suppliers")),
    ],
    invoices=LocalDocument(
        Invoice, number="inv_no", contact=ours.invoice_contact, date="inv_dt", due="due_dt", reference="inv_ref",
        description="narrative", status="inv_stat", statuses=INVOICE_WORDS, currency="currency", total="gross_tot",
        company="company_id", create=ours.add_invoice, url=ours.page_of("invoices"),
        load=[joinedload(Invoice.tenant), joinedload(Invoice.landlord)],
        lines=Local(InvoiceLine, description="line_desc", account="acc_id", tax_type="tax_id", net="net_amt",
                    tax="vat_amt", options="cost_tag", property=ours.line_building,
                    load=[joinedload(InvoiceLine.prop).joinedload(Property.tag)])),
    bills=LocalDocument(
        Bill, number="bill_no", contact="supplier", date="bill_date", due="due_date", reference="order_no",
        description="memo", status="status", statuses=BILL_WORDS, currency="currency", total="gross",
        company="company_id", create=ours.add_bill, url=ours.page_of("bills"),
        lines=Local(BillLine, description="memo", account="account", tax_type="tax_rate", net="net", tax="vat",
                    options="tags")),
    access=may,
    identity=lambda: str(current_user.usr_name),
)
# fmt: on


def join(app: Flask, admin: Any, rq: RQ) -> None:
    """Plug in."""
    intacct.init_app(app, db, admin, rq)
