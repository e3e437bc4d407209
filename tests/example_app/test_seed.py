"""The demo's data: sizes, what agrees with Intacct, and what does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from example_app.database import db
from example_app.documents import Bill, Invoice
from example_app.models import Company, Property, Supplier, TaxRate, Tenancy, Tenant, TrackingGroup, TrackingTag
from example_app.seed import Truth, fill, seed, usual_sync_from
from example_app.seed.doubts import DOUBTS, NAMESAKES
from flask_intacct.simulator.seed.dataset import Dataset

TODAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def truths(dataset: Dataset) -> Iterator[list[Truth]]:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        yield seed(db, TODAY, dataset)
        db.session.remove()
        db.engine.dispose()


def count(model: type[Any], *conditions: Any) -> int:
    return db.session.scalars(select(func.count()).select_from(model).where(*conditions)).one()


def gross(lines: Iterable[Any]) -> Decimal:
    return sum((line.amount + line.tax for line in lines), Decimal(0))


def test_three_companies_sixty_properties_three_hundred_tenancies(truths: list[Truth]) -> None:
    assert (count(Company), count(Property), count(Tenancy)) == (3, 60, 300)


def test_each_company_is_an_entity_of_intacct(truths: list[Truth], dataset: Dataset) -> None:
    names = [company.trading_name for company in db.session.scalars(select(Company).order_by(Company.co_id))]
    assert [entity.name for entity in dataset.entities] == [f"{name} Ltd" for name in names]


def test_the_third_company_is_blank(truths: list[Truth]) -> None:
    models = (Tenant, Supplier, TaxRate, TrackingGroup, Invoice, Bill, Property)
    assert [count(model, model.company_id == 3) for model in models] == [0] * len(models)


def test_everything_counts_in_pounds_but_one_invoice(truths: list[Truth]) -> None:
    currencies = Counter(invoice.currency for invoice in db.session.scalars(select(Invoice)))
    assert currencies["EUR"] == 1
    assert set(currencies) == {"EUR", "GBP"}
    assert count(Bill, Bill.currency != "GBP") == 0


def test_lines_add_up(truths: list[Truth]) -> None:
    for invoice in db.session.scalars(select(Invoice)):
        assert invoice.gross_tot == sum(line.net_amt + line.vat_amt for line in invoice.lines) > 0
    for bill in db.session.scalars(select(Bill)):
        assert bill.gross == sum(line.net + line.vat for line in bill.lines) > 0


def test_documents_stand_in_several_states_before_and_after_the_sync_from_date(truths: list[Truth]) -> None:
    since = truths[0].sync_from
    after = {invoice.inv_stat for invoice in db.session.scalars(select(Invoice).where(Invoice.inv_dt >= since))}
    assert after == {"DFT", "APR", "OK", "PD", "VD"}
    assert count(Invoice, Invoice.inv_dt < since) > 50
    bills = {bill.status for bill in db.session.scalars(select(Bill).where(Bill.bill_date >= since))}
    assert bills == {"new", "checking", "passed", "settled", "cancelled"}
    assert count(Bill, Bill.bill_date < since) > 20


def test_twenty_invoices_and_ten_bills_exist_on_both_sides(truths: list[Truth], dataset: Dataset) -> None:
    truth = truths[0]
    assert (len(truth.invoices), len(truth.bills)) == (20, 10)
    theirs = {document.number: document for document in (*dataset.invoices, *dataset.bills)}
    for ours, number in truth.invoices.items():
        document = theirs[number]
        assert truth.tenants[ours.tenant] == document.party
        assert ours.inv_no == number or ours.inv_ref == document.reference != ""
        assert (ours.inv_dt, ours.gross_tot) == (document.date, gross(document.lines))
        assert ours.inv_dt >= truth.sync_from
    for ours, number in truth.bills.items():
        document = theirs[number]
        assert truth.suppliers[ours.supplier] == document.party
        assert ours.bill_no == number or ours.order_no == document.reference != ""
        assert (ours.bill_date, ours.gross) == (document.date, gross(document.lines))


def test_documents_on_both_sides_are_of_people_beyond_doubt(truths: list[Truth]) -> None:
    truth = truths[0]
    parties = {truth.tenants[invoice.tenant] for invoice in truth.invoices}
    parties |= {truth.suppliers[bill.supplier] for bill in truth.bills}
    assert parties.isdisjoint(DOUBTS)


def test_everybody_in_doubt_is_in_london_and_has_an_answer(truths: list[Truth]) -> None:
    truth = truths[0]
    assert set(DOUBTS) <= {*truth.tenants.values(), *truth.suppliers.values()}
    assert count(Tenant, Tenant.ten_ref.in_(NAMESAKES), Tenant.ten_nm.in_(NAMESAKES.values())) == len(NAMESAKES)
    assert not {tenant.ten_ref for tenant in truth.tenants} & set(NAMESAKES)


def test_no_other_document_looks_like_one_of_intacct(truths: list[Truth], dataset: Dataset) -> None:
    marks = {
        (document.party, document.date, gross(document.lines), mark)
        for document in (*dataset.invoices, *dataset.bills)
        for mark in (document.number, document.reference)
        if mark
    }
    parties = {key: value for truth in truths for key, value in (truth.tenants | truth.suppliers).items()}
    found = [
        invoice
        for invoice in db.session.scalars(select(Invoice))
        for mark in (invoice.inv_no, invoice.inv_ref)
        if (parties.get(invoice.tenant), invoice.inv_dt, invoice.gross_tot, mark) in marks
    ] + [
        bill
        for bill in db.session.scalars(select(Bill))
        for mark in (bill.bill_no, bill.order_no)
        if (parties.get(bill.supplier), bill.bill_date, bill.gross, mark) in marks
    ]
    assert len(found) == 30


def test_documents_in_scope_use_only_what_intacct_has(truths: list[Truth]) -> None:
    for truth in truths:
        for invoice in db.session.scalars(select(Invoice).where(Invoice.inv_dt >= truth.sync_from)):
            known = truths[invoice.company_id - 1]
            for line in invoice.lines:
                assert line.account in known.accounts
                assert (line.tax_rate, "sale") in known.tax_rates
                assert line.prop is not None
                assert line.prop.tag in known.tags
                assert line.cost_tag in known.tags


def test_one_tax_rate_is_used_for_sale_and_purchase(truths: list[Truth]) -> None:
    sides = Counter(rate for rate, _ in truths[0].tax_rates)
    assert sorted(sides.values()) == [1, 1, 1, 1, 1, 1, 2]


def test_some_of_everything_is_unknown_to_intacct(truths: list[Truth]) -> None:
    truth = truths[0]
    tenants = set(db.session.scalars(select(Tenant).where(Tenant.company_id == 1)))
    suppliers = set(db.session.scalars(select(Supplier).where(Supplier.company_id == 1)))
    tags = set(db.session.scalars(select(TrackingTag).where(TrackingTag.company_id == 1)))
    assert len(tenants - set(truth.tenants)) == 24
    assert len(suppliers - set(truth.suppliers)) == 9
    assert len(tags - set(truth.tags)) == 3


def test_a_landlord_is_customer_and_vendor(truths: list[Truth]) -> None:
    truth = truths[0]
    assert truth.landlords
    for landlord in truth.landlords:
        assert landlord.is_landlord == "Y"
        assert landlord in truth.suppliers
        assert count(Invoice, Invoice.landlord_id == landlord.supp_id) == 1
        assert count(Bill, Bill.supp_id == landlord.supp_id) >= 1


def test_two_tags_share_a_building_and_no_account_is_shared(truths: list[Truth]) -> None:
    shared = [place for place, times in Counter(truths[0].tags.values()).items() if times > 1]
    assert len(shared) == 1
    assert len(set(truths[0].accounts.values())) == len(truths[0].accounts)


def test_a_filled_database_is_left_alone(truths: list[Truth]) -> None:
    before = count(Invoice)
    assert fill(db) is False
    assert count(Invoice) == before


@pytest.mark.parametrize(
    ("today", "since"),
    [
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2026, 12, 5), date(2026, 1, 1)),
        (date(2026, 11, 22), date(2025, 12, 1)),
    ],
)
def test_the_usual_sync_from_date_is_the_first_of_a_month_within_the_last_year(today: date, since: date) -> None:
    assert usual_sync_from(today) == since
