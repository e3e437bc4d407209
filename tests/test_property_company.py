"""The simulated company's data: complete, the same every time, and right to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.simulator.seed.property_company import property_company

TODAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def company() -> Dataset:
    return property_company(today=TODAY)


def test_has_the_sizes_of_a_property_company(company: Dataset) -> None:
    assert len(company.entities) == 3
    assert len(company.tax_details) == 8
    assert len(company.accounts) == 120
    assert len(company.locations) == 40
    assert len(company.customers) == 400
    assert len(company.vendors) == 150
    assert len(company.invoices) == 1500
    assert len(company.bills) == 600


def test_same_seed_and_day_make_the_same_company(company: Dataset) -> None:
    assert property_company(today=TODAY) == company


def test_another_seed_makes_another_company(company: Dataset) -> None:
    assert property_company(seed=2, today=TODAY).customers != company.customers


def test_more_customers_keep_the_first_ones(company: Dataset) -> None:
    assert property_company(customers=500, today=TODAY).customers[:400] == company.customers


def test_ids_are_unique(company: Dataset) -> None:
    for records in (company.entities, company.tax_details, company.locations, company.customers, company.vendors):
        ids = [record.id for record in records]
        assert len(ids) == len(set(ids))
    assert len({account.no for account in company.accounts}) == 120


def test_names_and_emails_of_customers_are_unique_in_the_usual_size(company: Dataset) -> None:
    assert len({customer.name for customer in company.customers}) == 400
    assert len({customer.email for customer in company.customers}) == 400


def test_some_parties_are_easily_taken_for_the_one_before(company: Dataset) -> None:
    by_name = {party.name: party for party in (*company.customers, *company.vendors)}
    father, son = by_name["Isaac Coleman"], by_name["Isaac Coleman Jnr"]
    assert (father.address1, father.postcode) == (son.address1, son.postcode)
    assert {"Fountain Design Studio Ltd", "Fountain Design Studio (Southside) Ltd"} < set(by_name)
    assert {"Russell & Compass Electrical Ltd", "Russell & Compass Electrical (Southside) Ltd"} < set(by_name)


def test_every_kind_of_control_account_exists(company: Dataset) -> None:
    assert {account.control for account in company.accounts} == {"", "ar", "ap", "tax", "bank", "retained"}


def test_tax_details_cover_sale_and_purchase_at_each_rate(company: Dataset) -> None:
    rates = Counter((detail.type, detail.rate) for detail in company.tax_details)
    assert rates == {
        (side, Decimal(rate)): count for side in ("Sale", "Purchase") for rate, count in ((20, 1), (5, 1), (0, 2))
    }


def test_locations_stand_under_entities_and_every_entity_has_some(company: Dataset) -> None:
    parents = {location.parent for location in company.locations}
    assert parents == {entity.id for entity in company.entities}


def test_tax_is_the_rate_of_the_line_to_the_cent(company: Dataset) -> None:
    rates = {detail.id: detail.rate for detail in company.tax_details}
    for document in (*company.invoices, *company.bills):
        for line in document.lines:
            due = (line.amount * rates[line.tax_detail] / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert line.tax == due
            assert line.amount.as_tuple().exponent == -2


def test_lines_lie_in_a_location_of_the_documents_entity(company: Dataset) -> None:
    parents = {location.id: location.parent for location in company.locations}
    departments = {department.id for department in company.departments}
    classes = {each.id for each in company.classes}
    for document in (*company.invoices, *company.bills):
        for line in document.lines:
            assert parents[line.location] == document.entity
            assert line.department in departments
            assert line.class_id in classes


def test_lines_post_to_accounts_that_are_not_control_accounts(company: Dataset) -> None:
    free = {account.no for account in company.accounts if not account.control}
    assert {line.account for document in (*company.invoices, *company.bills) for line in document.lines} <= free


def test_documents_are_of_the_two_years_before_today(company: Dataset) -> None:
    days = [document.date for document in (*company.invoices, *company.bills)]
    assert min(days) > TODAY - timedelta(days=731)
    assert max(days) <= TODAY
    assert all(document.due >= document.date for document in company.invoices)


def test_invoices_and_bills_are_in_all_states(company: Dataset) -> None:
    common = {"Draft", "Posted", "Partially Paid", "Paid", "Reversed", "Reversal"}
    assert {invoice.state for invoice in company.invoices} == common
    approval = {"Submitted", "Partially Approved", "Declined"}
    assert {bill.state for bill in company.bills} == common | approval


def test_paid_amounts_fit_the_state(company: Dataset) -> None:
    for document in (*company.invoices, *company.bills):
        gross = sum(line.amount + line.tax for line in document.lines)
        if document.state == "Paid":
            assert document.paid == gross
        elif document.state == "Partially Paid":
            assert 0 < document.paid < gross
        else:
            assert document.paid == 0


def test_each_reversed_document_has_one_reversal_of_the_same_size(company: Dataset) -> None:
    for documents in (company.invoices, company.bills):
        gross = {
            (document.number, document.state): sum(line.amount + line.tax for line in document.lines)
            for document in documents
        }
        undone = [number for number, state in gross if state == "Reversed"]
        assert len(undone) == len([state for _, state in gross if state == "Reversal"])
        assert all(gross[f"{number}-R", "Reversal"] == -gross[number, "Reversed"] for number in undone)


def test_invoice_numbers_rise_with_the_date_and_are_unique(company: Dataset) -> None:
    numbers = [invoice.number for invoice in company.invoices]
    assert len(set(numbers)) == 1500
    regular = [invoice for invoice in company.invoices if invoice.state != "Reversal"]
    assert regular == sorted(regular, key=lambda invoice: invoice.number)


def test_vat_numbers_carry_right_check_digits(company: Dataset) -> None:
    numbers = [party.tax_id for party in (*company.customers, *company.vendors) if party.tax_id]
    assert numbers
    for number in numbers:
        digits = [int(digit) for digit in number.removeprefix("GB")]
        total = sum(digit * weight for digit, weight in zip(digits, range(8, 1, -1), strict=False))
        assert (total + digits[7] * 10 + digits[8]) % 97 == 0


def test_some_landlords_are_customer_and_vendor(company: Dataset) -> None:
    customers = {customer.tax_id: customer.name for customer in company.customers if customer.tax_id}
    both = [vendor for vendor in company.vendors if customers.get(vendor.tax_id) == vendor.name]
    assert len(both) == 3


def test_emails_are_at_domains_that_nobody_can_own(company: Dataset) -> None:
    endings = ("@example.com", "@example.net", "@example.org", ".example")
    assert all(party.email.endswith(endings) for party in (*company.customers, *company.vendors))


def test_other_sizes_are_kept() -> None:
    small = property_company(customers=0, vendors=3, entities=5, today=TODAY, bills=10)
    assert len(small.entities) == 5
    assert (len(small.customers), len(small.invoices)) == (0, 0)
    assert (len(small.vendors), len(small.bills)) == (3, 10)


def test_more_entities_than_locations_each_get_one() -> None:
    wide = property_company(customers=5, vendors=5, entities=50, today=TODAY)
    assert len({entity.id for entity in wide.entities}) == 50
    assert {location.parent for location in wide.locations} == {entity.id for entity in wide.entities}


def test_a_company_without_entities_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one entity"):
        property_company(entities=0)
