"""Documents and payments through their whole lives, against the simulator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from flask_intacct.gateway import Client, Function, Order, Result, formats, functions
from flask_intacct.gateway import errors as e
from flask_intacct.gateway import filters as f
from flask_intacct.simulator import Simulator
from flask_intacct.simulator.seed.dataset import Dataset

from .canned import error_of
from .conftest import MakeClient

Run = Callable[[Function], Result]
DAY, DUE = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def client(enter: MakeClient) -> Client:
    return enter()


@pytest.fixture
def books(company: Dataset) -> SimpleNamespace:
    """The names that lines want: an account, the rates, a place of each party."""

    customer, vendor = company.customers[0], company.vendors[0]
    return SimpleNamespace(
        account=next(a.no for a in company.accounts if a.type == "incomestatement" and not a.control),
        sale=next(t.id for t in company.tax_details if t.type == "Sale" and t.rate == 20),
        purchase=next(t.id for t in company.tax_details if t.type == "Purchase" and t.rate == 20),
        customer=customer,
        vendor=vendor,
        sold=next(x.id for x in company.locations if not customer.entity or x.parent == customer.entity),
        bought=next(x.id for x in company.locations if not vendor.entity or x.parent == vendor.entity),
    )


@pytest.fixture
def run(client: Client) -> Run:
    def run(function: Function) -> Result:
        return client.call(function)

    return run


def sold_line(books: SimpleNamespace, amount: str, **more: Any) -> dict[str, Any]:
    line = {"glaccountno": books.account, "amount": Decimal(amount), "locationid": books.sold}
    return line | {"taxentries": [{"detailid": books.sale}]} | more


def invoice(books: SimpleNamespace, number: str, amount: str = "100.00", **more: Any) -> Function:
    values = {"customerid": books.customer.id, "datecreated": DAY, "datedue": DUE, "invoiceno": number}
    return functions.create_invoice(values | {"invoiceitems": [sold_line(books, amount)]} | more)


def bill(books: SimpleNamespace, number: str, amount: str = "100.00", **more: Any) -> Function:
    line = {"ACCOUNTNO": books.account, "TRX_AMOUNT": Decimal(amount), "LOCATIONID": books.bought}
    line |= {"TAXENTRIES": [{"DETAILID": books.purchase}]}
    values = {"VENDORID": books.vendor.id, "WHENCREATED": DAY, "WHENDUE": DUE, "RECORDID": number}
    return functions.create("APBILL", values | {"APBILLITEMS": [line]} | more)


def key_of(result: Result) -> str:
    return formats.text(result.written[0], "RECORDNO")


def state(client: Client, object: str, key: str) -> str:
    (row,) = client.read(object, [key], ["STATE"])
    return formats.text(row, "STATE")


def test_an_invoice_is_drafted_changed_submitted_and_reversed(client: Client, run: Run, books: SimpleNamespace) -> None:
    key = key_of(run(invoice(books, "D-1", action="Draft")))
    assert state(client, "ARINVOICE", key) == "Draft"
    lines = {"updateinvoiceitems": [{"line_num": 1, "memo": "Changed"}, sold_line(books, "5.50")]}
    run(functions.legacy_call("update_invoice", lines, key=key))
    run(functions.legacy_call("update_invoice", {"action": "Submit"}, key=key))
    (row,) = client.read("ARINVOICE", [key])
    assert (row["STATE"], formats.to_decimal(formats.text(row, "TRX_TOTALENTERED"))) == ("Posted", Decimal("126.60"))
    assert formats.lines(row, "ARINVOICEITEMS")[0]["ENTRYDESCRIPTION"] == "Changed"
    run(functions.reverse_invoice(key, DUE))
    assert state(client, "ARINVOICE", key) == "Reversed"


def test_a_bill_is_drafted_and_submitted(client: Client, run: Run, books: SimpleNamespace) -> None:
    key = key_of(run(bill(books, "D-2", ACTION="Draft")))
    assert state(client, "APBILL", key) == "Draft"
    run(functions.update("APBILL", {"RECORDNO": key, "ACTION": "Submit"}))
    assert state(client, "APBILL", key) == "Posted"


def test_a_receipt_pays_two_invoices_and_is_reversed(client: Client, run: Run, books: SimpleNamespace) -> None:
    keys = [key_of(run(invoice(books, number))) for number in ("P-1", "P-2")]
    paid = {
        "FINANCIALENTITY": client.page("CHECKINGACCOUNT", ["BANKACCOUNTID"]).rows[0]["BANKACCOUNTID"],
        "PAYMENTMETHOD": "EFT",
        "CUSTOMERID": books.customer.id,
        "RECEIPTDATE": DUE,
        "CURRENCY": "GBP",
        "ARPYMTDETAILS": [
            {"RECORDKEY": keys[0], "TRX_PAYMENTAMOUNT": Decimal("120.00")},
            {"RECORDKEY": keys[1], "TRX_PAYMENTAMOUNT": Decimal("20.05")},
        ],
    }
    made = key_of(run(functions.create("ARPYMT", paid)))
    assert [state(client, "ARINVOICE", key) for key in keys] == ["Paid", "Partially Paid"]
    (row,) = client.read("ARPYMT", [made])
    allocations = formats.lines(row, "ARPYMTDETAILS")
    assert [formats.to_decimal(formats.text(part, "TRX_PAYMENTAMOUNT")) for part in allocations] == [
        Decimal("120.00"),
        Decimal("20.05"),
    ]
    run(functions.legacy_call("reverse_arpayment", {"datereversed": DUE}, key=made))
    assert [state(client, "ARINVOICE", key) for key in keys] == ["Posted", "Posted"]


def test_a_payment_settles_a_bill_and_is_reversed(client: Client, run: Run, books: SimpleNamespace) -> None:
    key = key_of(run(bill(books, "P-3")))
    paid = {
        "FINANCIALENTITY": client.page("CHECKINGACCOUNT", ["BANKACCOUNTID"]).rows[0]["BANKACCOUNTID"],
        "PAYMENTMETHOD": "EFT",
        "VENDORID": books.vendor.id,
        "PAYMENTDATE": DUE,
        "CURRENCY": "GBP",
        "APPYMTDETAILS": [{"RECORDKEY": key, "TRX_PAYMENTAMOUNT": Decimal("120.00")}],
    }
    made = key_of(run(functions.create("APPYMT", paid)))
    assert state(client, "APBILL", key) == "Paid"
    run(functions.legacy_call("reverse_appayment", {"datereversed": DUE}, key=made))
    assert state(client, "APBILL", key) == "Posted"


def test_a_credit_note_is_applied_in_a_receipt(client: Client, run: Run, books: SimpleNamespace) -> None:
    key = key_of(run(invoice(books, "P-4")))
    note = {"customerid": books.customer.id, "datecreated": DAY, "adjustmentno": "N-1"}
    note |= {"aradjustmentitems": [sold_line(books, "-100.00")]}
    credit = key_of(run(functions.legacy_call("create_aradjustment", note)))
    applied = {
        "FINANCIALENTITY": client.page("CHECKINGACCOUNT", ["BANKACCOUNTID"]).rows[0]["BANKACCOUNTID"],
        "PAYMENTMETHOD": "EFT",
        "CUSTOMERID": books.customer.id,
        "RECEIPTDATE": DUE,
        "CURRENCY": "GBP",
        "ARPYMTDETAILS": [
            {"RECORDKEY": key, "ADJUSTMENTKEY": credit, "TRX_ADJUSTMENTAMOUNT": Decimal("120.00")},
        ],
    }
    run(functions.create("ARPYMT", applied))
    assert state(client, "ARINVOICE", key) == "Paid"


def test_a_vendors_credit_is_an_adjustment(client: Client, run: Run, books: SimpleNamespace) -> None:
    line = {"glaccountno": books.account, "amount": Decimal("-10.00"), "locationid": books.bought}
    line |= {"taxentries": [{"detailid": books.purchase}]}
    values = {"vendorid": books.vendor.id, "datecreated": DAY, "adjustmentno": "N-2", "apadjustmentitems": [line]}
    key = key_of(run(functions.legacy_call("create_apadjustment", values)))
    (row,) = client.read("APADJUSTMENT", [key])
    assert formats.to_decimal(formats.text(row, "TRX_TOTALENTERED")) == Decimal("-12.00")
    run(functions.legacy_call("delete_apadjustment", key=key))
    assert client.read("APADJUSTMENT", [key]) == []


def test_custom_fields_go_both_ways(sim: Simulator, client: Client, run: Run, books: SimpleNamespace) -> None:
    sim.add_field("ARINVOICE", "HOST_ID")
    sim.add_field("APBILL", "HOST_ID")
    assert [field.id for field in client.lookup("ARINVOICE").custom_fields()] == ["HOST_ID"]
    sold = key_of(run(invoice(books, "C-1", customfields={"HOST_ID": "é & 17"})))
    bought = key_of(run(bill(books, "C-2", HOST_ID="é & 18")))
    assert client.read("ARINVOICE", [sold], ["HOST_ID"]) == [{"HOST_ID": "é & 17"}]
    (row,) = client.query("APBILL", ["HOST_ID"], filter=f.eq("HOST_ID", "é & 18"), show_private=True)
    assert row["RECORDNO"] == bought


def test_a_user_defined_dimension_is_found_and_written(client: Client, run: Run, books: SimpleNamespace) -> None:
    own = [row for row in client.dimensions() if formats.to_bool(formats.text(row, "USERDEFINEDDIMENSION"))]
    name = formats.text(own[0], "OBJECTNAME")
    value = client.page(name, ["id", "name"], order=[Order("id")]).rows[0]
    line = {"ACCOUNTNO": books.account, "TRX_AMOUNT": Decimal("1.00"), "LOCATIONID": books.bought}
    line |= {"TAXENTRIES": [{"DETAILID": books.purchase}], f"GLDIM{name}": value["ID"]}
    key = key_of(run(bill(books, "U-1", APBILLITEMS=[line])))
    (row,) = client.read("APBILL", [key])
    assert formats.lines(row, "APBILLITEMS")[0][f"GLDIM{name}"] == value["ID"]


def test_a_closed_period_is_told(sim: Simulator, client: Client, books: SimpleNamespace) -> None:
    sim.switches.closed_until = "06/15/2026"
    with pytest.raises(e.PeriodClosed):
        client.call(invoice(books, "X-1"))


def test_several_kinds_in_one_transaction(sim: Simulator, client: Client, books: SimpleNamespace) -> None:
    good = functions.create("CLASS", {"CLASSID": "T1", "NAME": "T1"}, control_id="1")
    reply = client.execute([good, invoice(books, "T-1")], transaction=True)
    assert all(result.ok for result in reply.results)
    bad = functions.create_invoice(
        {"customerid": "NOBODY", "datecreated": DAY, "datedue": DUE, "invoiceitems": [sold_line(books, "1.00")]},
        control_id="bad",
    )
    more = functions.create("CLASS", {"CLASSID": "T2", "NAME": "T2"}, control_id="good")
    reply = client.execute([more, bad], transaction=True)
    assert isinstance(error_of(reply, "good"), e.RolledBack)
    assert not isinstance(error_of(reply, "bad"), e.RolledBack)
    assert sim.rows("CLASS", CLASSID="T2") == []


def test_an_entitys_session_comes_from_the_users_own(sim: Simulator, client: Client, company: Dataset) -> None:
    client.sign_in()
    for entity in (company.entities[0].id, ""):
        assert formats.text(client.at(entity).entity_details(), "ID") == entity
    with pytest.raises(e.EntityRefused):
        client.at("NOWHERE").entity_details()
