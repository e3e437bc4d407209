"""Named lines, negative lines, discounts, advances, drafts of payments: what is due follows, and the ledger."""

from decimal import Decimal

import pytest

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.books import ledger

from .client import Caller
from .test_documents import DAY, bill, invoice, line
from .test_ledger import agrees, paid
from .test_old_functions import balance, due
from .test_payments import receipt

D = Decimal
UNDO = '<reverse_{}payment key="{}"><datereversed>' + DAY + "</datereversed></reverse_{}payment>"


def made(caller: Caller, function: str, **given: object) -> int:
    result = caller.ok(function, **given)
    return int(result.findtext("key") or next((one.text or "" for one in result.iter("RECORDNO")), ""))


def lines_paid(sim: Simulator, key: int, name: str = "ARINVOICE") -> list[Decimal]:
    row = sim.rows(name, RECORDNO=key)[0]
    return [item.get("TRX_TOTALPAID", D(0)) for item in row[name + "ITEMS"]]


def term(sim: Simulator, name: str = "2 in 10", **fields: object) -> None:
    given = {"DUEDATE": 30, "DISCDATE": 10, "DISCAMOUNT": 2, "DISCPERCAMN": "%"} | fields
    for table in ("ARTERM", "APTERM"):
        sim.insert(table, {"NAME": name, "DESCRIPTION": name, "STATUS": "active"} | given)


def test_a_named_line_is_paid_others_from_the_first_down(sim: Simulator, caller: Caller) -> None:
    key = made(caller, invoice(line("100"), line("50"), line("10")))
    second = sim.rows("ARINVOICE", RECORDNO=key)[0]["ARINVOICEITEMS"][1]["RECORDNO"]
    caller.ok(receipt(key, "40.00", more=f"<ENTRYKEY>{second}</ENTRYKEY>"))
    assert lines_paid(sim, key) == [D(0), D("40.00"), D(0)]
    last = made(caller, receipt(key, "130.00"))
    assert lines_paid(sim, key) == [D("120.00"), D("50.00"), D(0)]
    error = caller.refused(receipt(key, "11.00", more=f"<ENTRYKEY>{second}</ENTRYKEY>"))
    assert "more than is due on line" in error.findtext("description2", "")
    caller.ok(UNDO.format("ar", last, "ar"))
    assert lines_paid(sim, key) == [D(0), D("40.00"), D(0)]
    caller.refused(receipt(key, "1.00", more="<ENTRYKEY>1</ENTRYKEY>"))
    agrees(sim)


def test_a_negative_line_pays_for_the_others(sim: Simulator, caller: Caller) -> None:
    key = made(caller, invoice(line("100"), line("-30")))
    inline = f"<INLINEKEY>{key}</INLINEKEY><TRX_INLINEAMOUNT>36.00</TRX_INLINEAMOUNT>"
    caller.refused(receipt(key, "85.00", more=inline))
    caller.refused(receipt(key, "120.00"))
    number = made(caller, receipt(key, "84.00", more=inline))
    row = sim.rows("ARINVOICE", RECORDNO=key)[0]
    assert (row["STATE"], row["TRX_TOTALDUE"], lines_paid(sim, key)) == ("Paid", D(0), [D("120.00"), D("-36.00")])
    detail = sim.rows("ARPYMT", RECORDNO=number)[0]["ARPYMTDETAILS"][0]
    assert (detail["INLINEKEY"], detail["TRX_INLINEAMOUNT"], detail["INLINEAMOUNT"]) == (key, D("36.00"), D("36.00"))
    agrees(sim)
    caller.ok(UNDO.format("ar", number, "ar"))
    assert lines_paid(sim, key) == [D(0), D(0)]
    assert sim.rows("ARINVOICE", RECORDNO=key)[0]["STATE"] == "Posted"
    agrees(sim)


def test_what_closes_a_document_closes_its_negative_lines(sim: Simulator, caller: Caller) -> None:
    key = made(caller, invoice(line("100"), line("-30")))
    caller.ok(receipt(key, "50.00"))
    caller.ok(receipt(key, "34.00"))
    assert lines_paid(sim, key) == [D("120.00"), D("-36.00")]
    agrees(sim)


def test_a_negative_line_of_a_bill_pays_another_bill(sim: Simulator, caller: Caller) -> None:
    plain = (
        "<APBILLITEM><ACCOUNTNO>6000</ACCOUNTNO><TRX_AMOUNT>{}</TRX_AMOUNT><LOCATIONID>E1-10</LOCATIONID></APBILLITEM>"
    )
    sim.switches.vat = False
    first = made(caller, bill(plain.format("90") + plain.format("-20")))
    second = made(caller, bill(plain.format("20"), RECORDID="B78"))
    entry = sim.rows("APBILL", RECORDNO=first)[0]["APBILLITEMS"][1]["RECORDNO"]
    more = (
        f"<INLINEKEY>{first}</INLINEKEY><INLINEENTRYKEY>{entry}</INLINEENTRYKEY><TRX_INLINEAMOUNT>20</TRX_INLINEAMOUNT>"
    )
    caller.ok(paid(second, "0", more).replace("<FINANCIALENTITY>1200</FINANCIALENTITY>", ""))
    states = {row["RECORDID"]: (row["STATE"], row["TRX_TOTALDUE"]) for row in sim.rows("APBILL")}
    assert states["B77"] == ("Partially Paid", D("90.00"))
    assert states["B78"] == ("Paid", D("0.00"))
    agrees(sim)


def test_a_discount_of_the_terms(sim: Simulator, caller: Caller) -> None:
    term(sim)
    key = made(caller, invoice(line("100"), due=False).replace("Net 30", "2 in 10"))
    row = sim.rows("ARINVOICE", RECORDNO=key)[0]
    assert (row["WHENDUE"].isoformat(), row["WHENDISCOUNT"].isoformat()) == ("2026-03-31", "2026-03-11")
    day = "<DISCOUNTDATE>03/{}/2026</DISCOUNTDATE>"
    assert "ended on 03/11/2026" in caller.refused(receipt(key, "117.60", more=day.format(12))).findtext(
        "description2", ""
    )
    assert "117.60 is to be paid" in caller.refused(receipt(key, "120", more=day.format(11))).findtext(
        "description2", ""
    )
    number = made(caller, receipt(key, "117.60", more=day.format(11)))
    row = sim.rows("ARINVOICE", RECORDNO=key)[0]
    assert (row["STATE"], row["TRX_TOTALDISCOUNTAPPLIED"]) == ("Paid", D("2.40"))
    detail = sim.rows("ARPYMT", RECORDNO=number)[0]["ARPYMTDETAILS"][0]
    assert (detail["TRX_DISCOUNTAMOUNT"], detail["DISCOUNTDATE"].isoformat()) == (D("2.40"), "2026-03-11")
    assert balance(sim, "Discounts") == D("2.40")
    agrees(sim)
    caller.ok(UNDO.format("ar", number, "ar"))
    assert (balance(sim, "Discounts"), due(sim)) == (D(0), D("240.00"))
    agrees(sim)


def test_a_discount_by_amount_is_for_receipts(sim: Simulator, caller: Caller) -> None:
    given = "<TRX_TOTALDISCOUNTTOAPPLY>3.00</TRX_TOTALDISCOUNTTOAPPLY>"
    caller.ok(receipt(1, "17.00", more=given))
    assert sim.rows("ARINVOICE")[0]["TRX_TOTALDUE"] == D("100.00")
    caller.refused(receipt(1, "98.00", more=given))
    caller.refused(receipt(1, "1.00", more=given + "<DISCOUNTDATE>03/01/2026</DISCOUNTDATE>"))
    caller.refused(receipt(1, "1.00", more="<DISCOUNTDATE>03/01/2026</DISCOUNTDATE>"))
    caller.refused(paid(2, "1.00", given))
    agrees(sim)


def test_a_bill_is_paid_with_its_discount(sim: Simulator, caller: Caller) -> None:
    term(sim, DISCAMOUNT=5, DISCPERCAMN="$")
    key = made(caller, bill(TERMNAME="2 in 10"))
    day = "<DISCOUNTDATE>03/02/2026</DISCOUNTDATE>"
    caller.refused(paid(key, "12.00", day))
    caller.ok(paid(key, "7.00", day))
    assert sim.rows("APBILL", RECORDNO=key)[0]["STATE"] == "Paid"
    assert balance(sim, "Discounts") == D("-5.00")
    agrees(sim)


@pytest.mark.parametrize(
    ("rule", "days", "due_on"),
    [
        ("from invoice/bill date", 20, "2026-03-21"),
        ("of the month of invoice/bill date", 31, "2026-03-31"),
        ("of next month from invoice/bill date", 31, "2026-04-30"),
        ("of 2nd month from invoice/bill date", 5, "2026-05-05"),
        ("of 6th month from invoice/bill date", 5, "2026-09-05"),
        ("after end of month of invoice/bill date", 10, "2026-04-10"),
        ("from invoice/bill date extending to eom", 31, "2026-04-30"),
    ],
)
def test_terms_count_in_many_ways(sim: Simulator, caller: Caller, rule: str, days: int, due_on: str) -> None:
    term(sim, DUEFROM=rule, DUEDATE=days)
    key = made(caller, invoice(due=False).replace("Net 30", "2 in 10"))
    assert sim.rows("ARINVOICE", RECORDNO=key)[0]["WHENDUE"].isoformat() == due_on


def test_a_term_beyond_the_last_year_is_refused(caller: Caller) -> None:
    late = invoice(due=False).replace("<year>2026</year><month>03", "<year>9999</year><month>12")
    assert "too late" in caller.refused(late.replace("<day>01", "<day>31")).findtext("description2", "")


ADVANCE = (
    "<create><ARADVANCE><FINANCIALENTITY>1200</FINANCIALENTITY><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
    "<CUSTOMERID>C0001</CUSTOMERID><CURRENCY>GBP</CURRENCY><RECEIPTDATE>03/01/2026</RECEIPTDATE>{}</ARADVANCE></create>"
)
ITEMS = (
    "<ARADVANCEITEMS><ARADVANCEITEM><ACCOUNTNO>3000</ACCOUNTNO><TRX_AMOUNT>50</TRX_AMOUNT></ARADVANCEITEM>"
    "</ARADVANCEITEMS>"
)


@pytest.mark.parametrize(
    ("amount", "account"), [(ITEMS, "3000"), ("<TRX_TOTALENTERED>50</TRX_TOTALENTERED>", "Advances")]
)
def test_an_advance_settles_an_invoice(sim: Simulator, caller: Caller, amount: str, account: str) -> None:
    key = made(caller, ADVANCE.format(amount))
    assert (balance(sim, account), balance(sim, "1200"), due(sim)) == (D("-50.00"), D("50.00"), D("120.00"))
    more = f"<ADVANCEKEY>{key}</ADVANCEKEY><TRX_POSTEDADVANCEAMOUNT>{{}}</TRX_POSTEDADVANCEAMOUNT>"
    number = made(caller, receipt(1, "10.00", more=more.format("30.00")))
    row = sim.rows("ARADVANCE")[0]
    assert (row["STATE"], row["TRX_TOTALDUE"]) == ("Partially applied", D("20.00"))
    assert (balance(sim, account), balance(sim, "1200"), due(sim)) == (D("-20.00"), D("60.00"), D("80.00"))
    agrees(sim)
    assert "more than is left" in caller.refused(receipt(1, "1", more=more.format("20.01"))).findtext(
        "description2", ""
    )
    caller.ok(receipt(1, "0", more=more.format("20.00")))
    assert sim.rows("ARADVANCE")[0]["STATE"] == "Fully applied"
    assert caller.refused(receipt(1, "0", more=more.format("1.00"))).findtext("errorno") == "BL03000130"
    caller.ok(UNDO.format("ar", number, "ar"))
    assert (sim.rows("ARADVANCE")[0]["TRX_TOTALDUE"], due(sim)) == (D("30.00"), D("100.00"))
    agrees(sim)
    caller.refused(f"<delete><object>ARADVANCE</object><keys>{key}</keys></delete>")
    caller.refused(f"<update><ARADVANCE><RECORDNO>{key}</RECORDNO></ARADVANCE></update>")


@pytest.mark.parametrize(
    "wrong",
    [
        ("<TRX_TOTALENTERED>0</TRX_TOTALENTERED>",),
        (ITEMS.replace("3000", "9"),),
        (ITEMS, "<CURRENCY>GBP</CURRENCY>", "<CURRENCY>USD</CURRENCY>"),
        (ITEMS, "C0001", "nobody"),
        (ITEMS, "EFT", "Barter"),
        (ITEMS + "<NONSENSE/>",),
        (ITEMS + "<UNDEPOSITEDACCOUNTNO>1200</UNDEPOSITEDACCOUNTNO>",),
    ],
)
def test_wrong_advances_are_refused(sim: Simulator, caller: Caller, wrong: tuple[str, ...]) -> None:
    items, *change = wrong
    body = ADVANCE.format(items)
    caller.refused(body.replace(change[0], change[1]) if change else body)
    assert sim.rows("ARADVANCE") == []


@pytest.mark.parametrize(
    "more", ["<NONSENSE>1</NONSENSE>", "<ADVANCEKEY>9</ADVANCEKEY><TRX_POSTEDADVANCEAMOUNT>1</TRX_POSTEDADVANCEAMOUNT>"]
)
def test_wrong_details_are_refused(caller: Caller, more: str) -> None:
    caller.refused(receipt(1, "1.00", more=more))
    caller.refused(paid(2, "1.00", more))
    caller.refused(paid(2, "1.00", "<OVERPAYMENTKEY>1</OVERPAYMENTKEY>"))


def test_a_field_that_is_given_twice_is_refused(caller: Caller) -> None:
    twice = ("</CURRENCY>", "</CURRENCY><CURRENCY></CURRENCY>")
    for function in (receipt(1, "5.00"), paid(2, "5.00"), ADVANCE.format(ITEMS)):
        assert "CURRENCY is given twice" in caller.refused(function.replace(*twice)).findtext("description2", "")


def test_a_payer_pays_for_several_customers(sim: Simulator, caller: Caller) -> None:
    key = made(caller, invoice(customer="C0002"))
    both = (
        f"<RECORDKEY>{key}</RECORDKEY><TRX_PAYMENTAMOUNT>20.00</TRX_PAYMENTAMOUNT></ARPYMTDETAIL><ARPYMTDETAIL>"
        "<RECORDKEY>1</RECORDKEY>"
    )
    function = receipt(1, "10.00", CUSTOMERID="", PAYERNAME="Bank of Both").replace("<RECORDKEY>1</RECORDKEY>", both)
    caller.ok(function)
    owed = {row["CUSTOMERID"]: row["TOTALDUE"] for row in sim.rows("CUSTOMER")}
    assert (owed["C0001"], owed["C0002"]) == (D("110.00"), D("100.00"))
    assert sim.rows("ARPYMT")[0]["PAYERNAME"] == "Bank of Both"
    agrees(sim)
    caller.refused(function.replace("<ARPYMTDETAILS>", "<OVERPAYMENTAMOUNT>5</OVERPAYMENTAMOUNT><ARPYMTDETAILS>"))
    caller.refused(receipt(1, "10.00", CUSTOMERID=""))
    caller.refused(paid(2, "1").replace("<CURRENCY>", "<PAYMENTREQUESTMETHOD>pigeon</PAYMENTREQUESTMETHOD><CURRENCY>"))


def test_a_payment_of_bills_needs_a_bank_unless_credits_do_it(caller: Caller) -> None:
    for tag in ("<FINANCIALENTITY>1200</FINANCIALENTITY>", "<PAYMENTMETHOD>EFT</PAYMENTMETHOD>"):
        caller.refused(paid(2, "5.00").replace(tag, ""))


def test_a_draft_payment_is_changed_and_handed_in(sim: Simulator, caller: Caller) -> None:
    key = made(caller, receipt(1, "50.00", "Draft"))
    update = f"<update><ARPYMT><RECORDNO>{key}</RECORDNO>{{}}</ARPYMT></update>"
    caller.ok(update.format("<DESCRIPTION>why</DESCRIPTION>"))
    row = sim.rows("ARPYMT")[0]
    assert (row["RECORDNO"], row["DESCRIPTION"], row["DISPLAYSTATE"]) == (key, "why", "Draft")
    assert [one["TRX_PAYMENTAMOUNT"] for one in row["ARPYMTDETAILS"]] == [D("50.00")]
    details = "".join(
        f"<ARPYMTDETAIL><RECORDKEY>1</RECORDKEY><TRX_PAYMENTAMOUNT>{amount}</TRX_PAYMENTAMOUNT></ARPYMTDETAIL>"
        for amount in (20, 30)
    )
    caller.ok(update.format(f"<DESCRIPTION/><ARPYMTDETAILS>{details}</ARPYMTDETAILS>"))
    row = sim.rows("ARPYMT")[0]
    assert "DESCRIPTION" not in row
    assert [one["TRX_PAYMENTAMOUNT"] for one in row["ARPYMTDETAILS"]] == [D("20.00"), D("30.00")]
    assert due(sim) == D("120.00")
    caller.ok(update.format("<ACTION>Submit</ACTION>"))
    assert (sim.rows("ARPYMT")[0]["DISPLAYSTATE"], due(sim)) == ("Complete", D("70.00"))
    caller.refused(update.format("<DESCRIPTION>late</DESCRIPTION>"))
    caller.refused(receipt(1, "1", "Later"))
    assert ledger.owed(sim.company, "ARINVOICE", "ARPYMT") == D("70.00")
    agrees(sim)


CHANGES = {
    "ARINVOICE": '<update_invoice key="{0}"><updateinvoiceitems><updatelineitem line_num="1"><amount>{1}</amount>'
    "</updatelineitem></updateinvoiceitems></update_invoice>",
    "APBILL": "<update><APBILL><RECORDNO>{0}</RECORDNO><APBILLITEMS><APBILLITEM><LINE_NO>1</LINE_NO><TRX_AMOUNT>{1}"
    "</TRX_AMOUNT></APBILLITEM></APBILLITEMS></APBILL></update>",
}


@pytest.mark.parametrize("name", CHANGES)
def test_lines_that_a_payment_once_touched_are_locked_for_ever(sim: Simulator, caller: Caller, name: str) -> None:
    key = sim.rows(name)[0]["RECORDNO"]
    caller.ok(CHANGES[name].format(key, "101"))
    payment = {"ARINVOICE": "ARPYMT", "APBILL": "APPYMT"}[name]
    sim.reverse(payment, sim.pay(name, key, D("5.00")))
    assert sim.rows(name)[0]["STATE"] == "Posted"
    assert "a payment has touched it" in caller.refused(CHANGES[name].format(key, "102")).findtext("description2", "")
    caller.ok(
        f"<update><APBILL><RECORDNO>{key}</RECORDNO><DESCRIPTION>x</DESCRIPTION></APBILL></update>"
        if name == "APBILL"
        else f'<update_invoice key="{key}"><description>x</description></update_invoice>'
    )
    agrees(sim)
