"""What it costs to read the documents of the example host."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from world.statements import counted

from example_app.database import db
from example_app.documents import Bill, BillLine, Invoice, InvoiceLine
from example_app.models import Company, LedgerAccount, Supplier, TaxRate, Tenancy, TrackingTag
from flask_intacct import LocalDocument, kinds
from flask_intacct.state import current

NUMBER = 400
MOST = 6
"""So many statements a batch may cost."""


def add_documents() -> None:
    """Invoices and bills of three lines, each with two options."""
    company, rate = db.session.get_one(Company, 1), db.session.scalars(select(TaxRate)).first()
    models: list[type[Any]] = [LedgerAccount, TrackingTag, Supplier, Tenancy]
    accounts, tags, suppliers, tenancies = (list(db.session.scalars(select(model).limit(20))) for model in models)
    money: dict[str, Any] = {"net": Decimal(10), "vat": Decimal(2)}
    for at in range(NUMBER):
        supplier, tenancy = suppliers[at % len(suppliers)], tenancies[at % len(tenancies)]
        account, two = accounts[at % len(accounts)], [tags[at % 9], tags[10]]
        common: dict[str, Any] = {"company": company}
        landlord = {"landlord": supplier} if at % 2 else {"tenant": tenancy.tenant}
        invoice = Invoice(inv_no=f"MANY-{at}", inv_dt=date(2026, 3, 1), **landlord, **common)
        bill = Bill(bill_no=f"MANY-{at}", bill_date=date(2026, 3, 1), supplier=supplier, **common)
        for _ in range(3):
            bill.lines.append(BillLine(account=account, tax_rate=rate, tags=two, **money))
            line = InvoiceLine(
                account=account, tax_rate=rate, prop=tenancy.prop, cost_tag=two[1], net_amt=10, vat_amt=2
            )
            invoice.lines.append(line)
        db.session.add_all([invoice, bill])
    db.session.commit()
    db.session.remove()


@pytest.mark.parametrize("app", [True], indirect=True)
@pytest.mark.parametrize("kind", [kinds.INVOICE, kinds.BILL])
def test_statements_are_counted_by_the_batch(app: Flask, kind: str) -> None:
    with app.app_context():
        add_documents()
        with counted(db.engine) as statements:
            found = list(current().host.documents(kind, "1", date(2026, 1, 1)))
        many = [document for document in found if document.number.startswith("MANY")]
        assert len(many) == NUMBER
        assert {len(document.lines) for document in many} == {3}
        assert {len(line.options) for document in many for line in document.lines} == {2}
        assert len(statements) <= MOST * ceil(len(found) / LocalDocument.BATCH)
