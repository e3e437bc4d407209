from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from flask_intacct import kinds
from flask_intacct.errors import Refused
from flask_intacct.ledger import Account, Contact, Line, Ref, TaxType, TrackingOption
from flask_intacct.translate import documents, incoming, states

V = TypeVar("V", TaxType, Account, TrackingOption, Contact)
INVOICE = {
    "RECORDNO": "17",
    "RECORDID": "INV-1",
    "DOCNUMBER": "PO 9",
    "DESCRIPTION": "Rent",
    "STATE": "Posted",
    "WHENCREATED": "01/05/2026",
    "WHENDUE": "02/05/2026",
    "CURRENCY": "GBP",
    "TRX_TOTALENTERED": "120",
    "CUSTOMERID": "C001",
    "MEGAENTITYID": "E1",
}
LINE = {
    "RECORDNO": "1",
    "ACCOUNTNO": "4000",
    "TRX_AMOUNT": "100.00",
    "ENTRYDESCRIPTION": "May",
    "LOCATIONID": "L1",
    "DEPARTMENTID": "D1",
    "CLASSID": None,
    "GLDIMUNIT": "33",
    "TAXENTRIES": [{"DETAILID": "UK Sale Standard", "TRX_TAX": "20"}],
}


def value(expected: type[V], kind: str, role: str, row: dict[str, Any], **options: Any) -> V:
    found = incoming.value(kind, role, row, **options)
    assert isinstance(found, expected)
    return found


def test_tax_detail_becomes_a_tax_type_of_its_direction() -> None:
    row = {"DETAILID": "UK Std", "DESCRIPTION": "Standard", "TAXTYPE": "Purchase", "VALUE": "20", "STATUS": "active"}
    tax = value(TaxType, kinds.TAX_TYPE, kinds.PURCHASE, row)
    assert (tax.ref, tax.code, tax.name) == (Ref("TAXDETAIL", "UK Std"), "UK Std", "Standard")
    assert tax.roles == {"purchase"}
    assert tax.rate == Decimal(20)


def test_tax_detail_without_a_rate_has_none() -> None:
    assert value(TaxType, kinds.TAX_TYPE, kinds.SALE, {"DETAILID": "X", "TAXTYPE": "Sale", "VALUE": None}).rate is None


def test_account_keeps_type_balance_and_control() -> None:
    row = {
        "RECORDNO": "5",
        "ACCOUNTNO": "1100",
        "TITLE": "Debtors",
        "ACCOUNTTYPE": "balancesheet",
        "NORMALBALANCE": "debit",
        "SUBLEDGERCONTROLON": "true",
        "STATUS": "active",
    }
    account = value(Account, kinds.ACCOUNT, "", row)
    assert account.ref == Ref("GLACCOUNT", "1100")
    assert (account.type, account.normal_balance, account.control) == ("balancesheet", "debit", "subledger")
    assert value(Account, kinds.ACCOUNT, "", row | {"SUBLEDGERCONTROLON": "false"}).control == ""


@pytest.mark.parametrize(
    ("status", "active"), [("active", True), (None, True), ("inactive", False), ("active non-posting", False)]
)
def test_only_active_records_may_be_chosen(status: str | None, active: bool) -> None:
    row = {"DEPARTMENTID": "D1", "TITLE": "Lettings", "STATUS": status}
    assert value(TrackingOption, kinds.TRACKING_OPTION, "", row, object="DEPARTMENT").active is active


def test_location_names_the_entity_above_it() -> None:
    rows: list[dict[str, Any]] = [
        {"LOCATIONID": "E1", "NAME": "Entity", "PARENTID": None},
        {"LOCATIONID": "L1", "NAME": "House", "PARENTID": "E1"},
        {"LOCATIONID": "L2", "NAME": "Flat", "PARENTID": "L1"},
    ]
    tops = incoming.entities(rows)
    assert tops == {"E1": "E1", "L1": "E1", "L2": "E1"}
    flat = value(TrackingOption, kinds.TRACKING_OPTION, "", rows[2], object="LOCATION", entity=tops["L2"])
    assert (flat.entity, flat.category) == ("E1", Ref("DIMENSION", "LOCATION"))
    assert value(TrackingOption, kinds.TRACKING_OPTION, "", rows[2], object="LOCATION").entity == "L1"


def test_locations_in_a_circle_end() -> None:
    rows = [{"LOCATIONID": "A", "PARENTID": "B"}, {"LOCATIONID": "B", "PARENTID": "A"}]
    assert set(incoming.entities(rows)) == {"A", "B"}


def test_deep_chain_of_locations_is_followed() -> None:
    rows = [{"LOCATIONID": str(n), "PARENTID": str(n - 1) if n else None} for n in range(5000)]
    assert set(incoming.entities(rows).values()) == {"0"}


def test_value_of_a_user_defined_dimension_goes_by_its_id() -> None:
    unit = value(TrackingOption, kinds.TRACKING_OPTION, "", {"ID": "33", "NAME": "Unit 3"}, object="UNIT")
    assert (unit.ref, unit.name) == (Ref("UNIT", "33"), "Unit 3")


def test_customer_of_a_query_has_dotted_names() -> None:
    row = {
        "RECORDNO": "9",
        "CUSTOMERID": "C001",
        "NAME": "Ann",
        "TAXID": "GB1",
        "DISPLAYCONTACT.EMAIL1": "a@b.c",
        "DISPLAYCONTACT.MAILADDRESS.ZIP": "N1",
        "MEGAENTITYID": "E1",
        "RL_SYNCING_DISABLED": "true",
    }
    contact = value(Contact, kinds.CONTACT, kinds.CUSTOMER, row, exclusion_field="RL_SYNCING_DISABLED")
    assert (contact.ref, contact.code) == (Ref("CUSTOMER", "C001"), "C001")
    assert (contact.email, contact.postcode, contact.tax_number, contact.entity) == ("a@b.c", "N1", "GB1", "E1")
    assert contact.roles == {"customer"}
    assert contact.excluded
    assert not value(Contact, kinds.CONTACT, kinds.CUSTOMER, row).excluded


def test_vendor_of_a_read_has_nested_records() -> None:
    row = {
        "VENDORID": "V1",
        "NAME": "Pipe & Co",
        "DISPLAYCONTACT": {"PHONE1": "020", "MAILADDRESS": {"CITY": "Leeds"}, "EMAIL1": None},
    }
    contact = value(Contact, kinds.CONTACT, kinds.VENDOR, row)
    assert (contact.phone, contact.city, contact.email) == ("020", "Leeds", "")


def test_record_without_its_id_is_refused() -> None:
    with pytest.raises(Refused, match="GLACCOUNT without ACCOUNTNO"):
        value(Account, kinds.ACCOUNT, "", {"TITLE": "?"})


def test_unreadable_rate_is_refused() -> None:
    with pytest.raises(Refused, match=r"UK Std.*VALUE"):
        value(TaxType, kinds.TAX_TYPE, kinds.SALE, {"DETAILID": "UK Std", "TAXTYPE": "Sale", "VALUE": "20,0"})


def test_invoice_comes_with_lines_tax_and_dimensions() -> None:
    found = documents.read(kinds.kind(kinds.INVOICE), INVOICE, [LINE])
    assert found.ref == Ref("ARINVOICE", "17")
    assert found.contact == Ref("CUSTOMER", "C001")
    assert (found.number, found.reference, found.entity, found.currency) == ("INV-1", "PO 9", "E1", "GBP")
    assert (found.date, found.due) == (date(2026, 1, 5), date(2026, 2, 5))
    assert (found.net, found.tax, found.gross) == (Decimal("100.00"), Decimal("20.00"), Decimal("120.00"))
    assert found.lines[0] == Line(
        net=Decimal("100.00"),
        tax=Decimal("20.00"),
        account=Ref("GLACCOUNT", "4000"),
        tax_type=Ref("TAXDETAIL", "UK Sale Standard"),
        options=(Ref("LOCATION", "L1"), Ref("DEPARTMENT", "D1"), Ref("UNIT", "33")),
        description="May",
    )


def test_bill_takes_its_lines_from_below_the_header() -> None:
    row = INVOICE | {"VENDORID": "V1", "STATE": "Submitted", "APBILLITEMS": [LINE]}
    found = documents.read(kinds.kind(kinds.BILL), row)
    assert (found.ref.source, found.contact, len(found.lines)) == ("APBILL", Ref("VENDOR", "V1"), 1)
    assert (found.status, found.state) == ("awaiting_approval", "Submitted")


def test_subtotal_and_tax_lines_are_left_out() -> None:
    rows = [LINE, LINE | {"SUBTOTAL": "T"}, LINE | {"PARENTENTRY": "1"}]
    assert len(documents.read(kinds.kind(kinds.INVOICE), INVOICE, rows).lines) == 1


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("Draft", "draft"),
        ("Declined", "awaiting_approval"),
        ("Partially Approved", "awaiting_approval"),
        ("Selected", "approved"),
        ("Partially Paid", "approved"),
        ("Paid", "paid"),
        ("Reversed", "void"),
    ],
)
def test_state_gives_the_status(state: str, status: str) -> None:
    found = documents.read(kinds.kind(kinds.INVOICE), INVOICE | {"STATE": state})
    assert (found.status, found.state) == (status, state)


def test_reversal_is_read_and_marked() -> None:
    found = documents.read(kinds.kind(kinds.INVOICE), INVOICE | {"STATE": "Reversal", "TRX_TOTALENTERED": "-120"})
    assert not states.importable(found.state)
    assert states.importable("Reversed")


def test_unknown_state_is_refused() -> None:
    with pytest.raises(Refused, match="Disputed"):
        documents.read(kinds.kind(kinds.INVOICE), INVOICE | {"STATE": "Disputed"})


@pytest.mark.parametrize(
    ("state", "due", "status"),
    [
        ("Posted", "120", "approved"), ("Partially Paid", "120", "approved"), ("Partially Paid", "20", "approved"),
        ("Posted", "0", "paid"), ("Paid", "0", "paid"), ("Paid", "120", "approved"), ("Reversed", "0", "void"),
        ("Draft", "0", "draft"),
    ],
)  # fmt: skip
def test_what_is_due_tells_whether_a_posted_document_is_paid(state: str, due: str, status: str) -> None:
    row = INVOICE | {"STATE": state, "TRX_TOTALENTERED": "120", "TRX_TOTALDUE": due}
    assert documents.read(kinds.kind(kinds.INVOICE), row).status == status


def test_a_document_without_value_is_approved_and_nothing_is_due() -> None:
    row = INVOICE | {"STATE": "No Value", "TRX_TOTALENTERED": "0", "TRX_TOTALDUE": "0"}
    assert documents.read(kinds.kind(kinds.INVOICE), row).status == "approved"


def test_negative_invoice_is_refused_as_no_credit_note() -> None:
    with pytest.raises(Refused, match=r"INV-1.*negative.*not a credit note"):
        documents.read(kinds.kind(kinds.INVOICE), INVOICE | {"TRX_TOTALENTERED": "-120.00"})


def test_two_taxes_on_a_line_are_refused() -> None:
    taxes = [{"DETAILID": "GST", "TRX_TAX": "5"}, {"DETAILID": "QST", "TRX_TAX": "9"}]
    with pytest.raises(Refused, match="2 taxes"):
        documents.read(kinds.kind(kinds.INVOICE), INVOICE, [LINE | {"TAXENTRIES": taxes}])


def test_unreadable_date_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"Invoice INV-1.*WHENDUE"):
        documents.read(kinds.kind(kinds.INVOICE), INVOICE | {"WHENDUE": "5 February"})
