from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from flask_intacct import kinds
from flask_intacct.errors import Refused
from flask_intacct.gateway import functions
from flask_intacct.ledger import Contact, Document, Line, Ref
from flask_intacct.translate import outgoing

RENT = Line(
    net=Decimal("100"),
    tax=Decimal("20.00"),
    account=Ref("GLACCOUNT", "4000"),
    tax_type=Ref("TAXDETAIL", "UK Sale Standard"),
    options=(Ref("LOCATION", "L1"), Ref("CLASS", "K1"), Ref("UNIT", "33")),
    description="May",
)
INVOICE = Document(
    kind=kinds.INVOICE,
    ref=Ref("invoice", "7"),
    number="INV-7",
    contact=Ref("CUSTOMER", "C001"),
    date=date(2026, 5, 1),
    due=date(2026, 5, 31),
    reference="PO 1",
    total=Decimal("120.00"),
    lines=(RENT,),
)
BILL = replace(INVOICE, kind=kinds.BILL, contact=Ref("VENDOR", "V1"))


def test_contact_becomes_a_customer_without_an_id() -> None:
    contact = Contact(
        ref=Ref("tenant", "1"),
        name=" Ann  Smith ",
        email="a@b.c",
        phone="020",
        tax_number="GB1",
        address1="1 High St",
        city="Leeds",
        postcode="LS1",
        country="United Kingdom",
    )
    assert outgoing.contact(contact, kinds.CUSTOMER) == (
        "CUSTOMER",
        {
            "NAME": "Ann Smith",
            "STATUS": "active",
            "DISPLAYCONTACT": {
                "PRINTAS": "Ann Smith",
                "EMAIL1": "a@b.c",
                "PHONE1": "020",
                "MAILADDRESS": {
                    "ADDRESS1": "1 High St",
                    "CITY": "Leeds",
                    "ZIP": "LS1",
                    "COUNTRY": "United Kingdom",
                },
            },
            "TAXID": "GB1",
        },
    )


def test_bare_contact_becomes_a_vendor() -> None:
    object, fields = outgoing.contact(Contact(ref=Ref("s", "1"), name="Pipe"), kinds.VENDOR)
    assert (object, fields["DISPLAYCONTACT"]) == ("VENDOR", {"PRINTAS": "Pipe"})


def test_nameless_contact_is_refused() -> None:
    with pytest.raises(Refused, match="no name"):
        outgoing.contact(Contact(ref=Ref("s", "1"), name="  "), kinds.VENDOR)


def test_invoice_fits_the_gateway_function() -> None:
    values = outgoing.document(INVOICE, tax_solution="United Kingdom - VAT")
    assert values == {
        "customerid": "C001",
        "datecreated": date(2026, 5, 1),
        "datedue": date(2026, 5, 31),
        "action": "Submit",
        "invoiceno": "INV-7",
        "ponumber": "PO 1",
        "taxsolutionid": "United Kingdom - VAT",
        "invoiceitems": [
            {
                "glaccountno": "4000",
                "amount": "100.00",
                "memo": "May",
                "locationid": "L1",
                "classid": "K1",
                "customfields": {"GLDIMUNIT": "33"},
                "taxentries": [{"detailid": "UK Sale Standard", "trx_tax": "20.00"}],
            }
        ],
    }
    body = functions.create_invoice(values).element()["create_invoice"]
    assert body["datecreated"] == {"year": "2026", "month": "05", "day": "01"}


def test_bill_fits_the_generic_create() -> None:
    fields = outgoing.document(replace(BILL, status="awaiting_approval"))
    assert fields == {
        "VENDORID": "V1",
        "WHENCREATED": date(2026, 5, 1),
        "WHENDUE": date(2026, 5, 31),
        "RECORDID": "INV-7",
        "ACTION": "Draft",
        "DOCNUMBER": "PO 1",
        "APBILLITEMS": [
            {
                "ACCOUNTNO": "4000",
                "TRX_AMOUNT": "100.00",
                "ENTRYDESCRIPTION": "May",
                "LOCATIONID": "L1",
                "CLASSID": "K1",
                "GLDIMUNIT": "33",
                "TAXENTRIES": [{"DETAILID": "UK Sale Standard", "TRX_TAX": "20.00"}],
            }
        ],
    }
    assert functions.create("APBILL", fields).element()


def test_default_location_fills_only_lines_that_have_none() -> None:
    document = replace(INVOICE, lines=(RENT, replace(RENT, options=())), total=None)
    lines = outgoing.document(document, location="L9")["invoiceitems"]
    assert [line["locationid"] for line in lines] == ["L1", "L9"]


def test_document_without_a_due_date_is_due_at_once() -> None:
    assert outgoing.document(replace(INVOICE, due=None))["datedue"] == INVOICE.date


def test_paid_document_is_posted() -> None:
    assert outgoing.document(replace(BILL, status="paid"))["ACTION"] == "Submit"


def test_line_without_tax_type_has_no_tax_entries() -> None:
    line = replace(RENT, tax=Decimal(0), tax_type=None)
    assert "taxentries" not in outgoing.document(replace(INVOICE, lines=(line,), total=None))["invoiceitems"][0]


def test_zero_tax_is_sent_with_its_detail() -> None:
    line = replace(RENT, tax=Decimal(0))
    sent = outgoing.document(replace(INVOICE, lines=(line,), total=None))["invoiceitems"][0]
    assert sent["taxentries"] == [{"detailid": "UK Sale Standard", "trx_tax": "0.00"}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": " "}, "has no number"),
        ({"number": "X" * 46}, "number of 46 characters; Intacct takes 45"),
        ({"reference": "X" * 46}, "reference of 46 characters"),
        ({"date": None}, "has no date"),
        ({"status": "draft"}, "is draft"),
        ({"status": "void"}, "is void"),
        ({"lines": ()}, "has no lines"),
        ({"total": Decimal("-1")}, "negative"),
        ({"total": Decimal("119.99")}, "says 119.99, but its lines add up to 120.00"),
        ({"contact": None}, "lacks a customer"),
        ({"contact": Ref("VENDOR", "V1")}, "VENDOR V1 where Intacct needs a CUSTOMER"),
        ({"lines": (replace(RENT, account=None),)}, "lacks an account"),
        ({"lines": (replace(RENT, tax_type=None),)}, "no tax type"),
        (
            {"lines": (replace(RENT, options=(Ref("CLASS", "K1"), Ref("CLASS", "K2"))),)},
            "two values of CLASS: K1 and K2",
        ),
    ],
)
def test_what_intacct_could_not_take_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        outgoing.document(replace(INVOICE, **change))


@pytest.mark.parametrize(("amount", "text"), [("1E+3", "1000.00"), ("0.005", "0.01"), ("-2.5", "-2.50")])
def test_money_is_plain_with_two_places(amount: str, text: str) -> None:
    assert outgoing.money(Decimal(amount)) == text
