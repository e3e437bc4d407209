"""What the first page says: how each company stands, and what waits for somebody."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from .database import db
from .documents import Bill, Invoice
from .models import Company, Property, Tenancy, Tenant


def figures() -> dict[str, Any]:
    """Figures per company, what waits, and the latest invoices."""
    companies = list(db.session.scalars(select(Company).order_by(Company.co_id)))
    properties = _per_company(select(Property.company_id, func.count()).group_by(Property.company_id))
    tenancies = _per_company(
        select(Property.company_id, func.count())
        .join(Tenancy.prop)
        .where(Tenancy.tcy_stat == "CUR")
        .group_by(Property.company_id)
    )
    owed = _per_company(
        select(Invoice.company_id, func.sum(Invoice.gross_tot))
        .where(Invoice.inv_stat == "OK", Invoice.currency == "GBP")
        .group_by(Invoice.company_id)
    )
    owing = _per_company(
        select(Bill.company_id, func.sum(Bill.gross)).where(Bill.status == "passed").group_by(Bill.company_id)
    )
    return {
        "cards": [
            {
                "company": company,
                "properties": properties.get(company.co_id, 0),
                "tenancies": tenancies.get(company.co_id, 0),
                "owed": owed.get(company.co_id, Decimal(0)),
                "owing": owing.get(company.co_id, Decimal(0)),
            }
            for company in companies
        ],
        "waiting": {
            "Invoices awaiting approval": ("invoices", "APR", _count(Invoice.inv_stat == "APR")),
            "Invoices in draft": ("invoices", "DFT", _count(Invoice.inv_stat == "DFT")),
            "Bills being checked": ("bills", "checking", _count(Bill.status == "checking")),
            "New bills": ("bills", "new", _count(Bill.status == "new")),
        },
        "tenants": db.session.scalar(select(func.count()).where(Tenant.ten_stat == "A")),
        "latest": list(
            db.session.scalars(select(Invoice).order_by(Invoice.inv_dt.desc(), Invoice.inv_id.desc()).limit(8))
        ),
    }


def _per_company(query: Any) -> dict[int, Any]:
    return {row[0]: row[1] for row in db.session.execute(query)}


def _count(condition: Any) -> int:
    return db.session.scalar(select(func.count()).where(condition)) or 0
