"""Receipts and payments, changed lines: what is due follows."""

from decimal import Decimal

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller
from .data import INPUT_VAT
from .test_documents import DAY, line

D = Decimal


def receipt(key: int, amount: str, action: str = "", more: str = "", **fields: str) -> str:
    given = {
        "FINANCIALENTITY": "1200",
        "PAYMENTMETHOD": "EFT",
        "CUSTOMERID": "C0001",
        "RECEIPTDATE": "03/05/2026",
        "CURRENCY": "GBP",
        "ACTION": action or "Submit",
    } | fields
    head = "".join(f"<{name}>{value}</{name}>" for name, value in given.items() if value)
    detail = f"<RECORDKEY>{key}</RECORDKEY><TRX_PAYMENTAMOUNT>{amount}</TRX_PAYMENTAMOUNT>{more}"
    details = f"<ARPYMTDETAILS><ARPYMTDETAIL>{detail}</ARPYMTDETAIL></ARPYMTDETAILS>"
    return f"<create><ARPYMT>{head}{details}</ARPYMT></create>"


def test_receipts_settle_an_invoice_step_by_step(sim: Simulator, caller: Caller) -> None:
    key = sim.rows("ARINVOICE")[0]["RECORDNO"]
    caller.ok(receipt(key, "50.00"))
    row = sim.rows("ARINVOICE")[0]
    assert (row["STATE"], row["TRX_TOTALPAID"], row["TOTALDUE"]) == ("Partially Paid", D("50.00"), D("70.00"))
    caller.refused(receipt(key, "70.01"))
    data = caller.ok(receipt(key, "70.00")).find("data/arpymt")
    assert data is not None
    row = sim.rows("ARINVOICE")[0]
    assert (row["STATE"], row["TOTALDUE"], row["WHENPAID"].isoformat()) == ("Paid", D("0.00"), "2026-03-05")
    assert row["ARINVOICEITEMS"][0]["TOTALPAID"] == D("120.00")
    payment = sim.rows("ARPYMT")[-1]
    assert (payment["DISPLAYSTATE"], payment["ARPYMTDETAILS"][0]["RECORDKEY"]) == ("Complete", key)
    assert sim.rows("CUSTOMER", CUSTOMERID="C0001")[0]["TOTALDUE"] == D("0.00")
    caller.refused(f'<reverse_invoice key="{key}"><datereversed>{DAY}</datereversed></reverse_invoice>')
    number = data.findtext("RECORDNO")
    caller.ok(f'<reverse_arpayment key="{number}"><datereversed>{DAY}</datereversed></reverse_arpayment>')
    assert sim.rows("ARINVOICE")[0]["STATE"] == "Partially Paid"
    assert sim.rows("ARPYMT")[-1]["DISPLAYSTATE"] == "Reversed"


def test_drafts_settle_nothing_and_can_be_deleted(sim: Simulator, caller: Caller) -> None:
    key = sim.rows("ARINVOICE")[0]["RECORDNO"]
    caller.ok(receipt(key, "50.00", "Draft"))
    assert sim.rows("ARINVOICE")[0]["STATE"] == "Posted"
    number = sim.rows("ARPYMT")[0]["RECORDNO"]
    caller.ok(f"<delete><object>ARPYMT</object><keys>{number}</keys></delete>")
    assert sim.rows("ARPYMT") == sim.rows("ARPYMTDETAIL") == []
    caller.ok(receipt(key, "50.00"))
    number = sim.rows("ARPYMT")[0]["RECORDNO"]
    caller.refused(f"<delete><object>ARPYMT</object><keys>{number}</keys></delete>")


@pytest.mark.parametrize(
    "fields",
    [
        {"CUSTOMERID": "C0002"},
        {"FINANCIALENTITY": ""},
        {"FINANCIALENTITY": "9999"},
        {"PAYMENTMETHOD": "Barter"},
        {"RECEIPTDATE": ""},
        {"NONSENSE": "1"},
    ],
)
def test_wrong_receipts_are_refused(sim: Simulator, caller: Caller, fields: dict[str, str]) -> None:
    caller.refused(receipt(sim.rows("ARINVOICE")[0]["RECORDNO"], "50.00", **fields))
    assert sim.rows("ARPYMT") == []


def test_a_credit_settles_an_invoice(sim: Simulator, caller: Caller) -> None:
    credit = caller.ok(
        f"<create_aradjustment><customerid>C0001</customerid><datecreated>{DAY}</datecreated>"
        f"<aradjustmentitems>{line('-50.00')}</aradjustmentitems></create_aradjustment>"
    ).findtext("key")
    key = sim.rows("ARINVOICE")[0]["RECORDNO"]
    more = f"<ADJUSTMENTKEY>{credit}</ADJUSTMENTKEY><TRX_ADJUSTMENTAMOUNT>60.00</TRX_ADJUSTMENTAMOUNT>"
    caller.ok(receipt(key, "60.00", more=more))
    assert sim.rows("ARINVOICE")[0]["STATE"] == "Paid"
    assert sim.rows("ARADJUSTMENT")[0]["STATE"] == "Paid"
    assert sim.rows("CUSTOMER", CUSTOMERID="C0001")[0]["TOTALDUE"] == D("0.00")


def test_a_payment_of_a_bill_and_its_reversal(sim: Simulator, caller: Caller) -> None:
    key = sim.rows("APBILL")[0]["RECORDNO"]
    caller.ok(
        "<create><APPYMT><FINANCIALENTITY>1200</FINANCIALENTITY><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
        "<VENDORID>V1</VENDORID><PAYMENTDATE>03/05/2026</PAYMENTDATE><CURRENCY>GBP</CURRENCY><APPYMTDETAILS>"
        f"<APPYMTDETAIL><RECORDKEY>{key}</RECORDKEY><TRX_PAYMENTAMOUNT>60.00</TRX_PAYMENTAMOUNT></APPYMTDETAIL>"
        "</APPYMTDETAILS></APPYMT></create>"
    )
    assert sim.rows("APBILL")[0]["STATE"] == "Paid"
    number = sim.rows("APPYMT")[0]["RECORDNO"]
    caller.ok(f'<reverse_appayment key="{number}"><datereversed>{DAY}</datereversed></reverse_appayment>')
    assert sim.rows("APBILL")[0]["STATE"] == "Posted"
    assert sim.rows("APPYMT")[0]["DISPLAYSTATE"] == "Voided"


def test_bill_lines_are_changed_by_number_and_added_without(sim: Simulator, caller: Caller) -> None:
    row = sim.rows("APBILL")[0]
    tax = f"<TAXENTRIES><TAXENTRY><DETAILID>{INPUT_VAT}</DETAILID></TAXENTRY></TAXENTRIES>"
    account = "<ACCOUNTNO>6000</ACCOUNTNO><LOCATIONID>E1</LOCATIONID>"
    caller.ok(
        f"<update><APBILL><RECORDNO>{row['RECORDNO']}</RECORDNO><APBILLITEMS><APBILLITEM><LINE_NO>1</LINE_NO>"
        f"<TRX_AMOUNT>100</TRX_AMOUNT></APBILLITEM><APBILLITEM>{account}<TRX_AMOUNT>5</TRX_AMOUNT>{tax}</APBILLITEM>"
        "</APBILLITEMS></APBILL></update>"
    )
    changed = sim.rows("APBILL")[0]
    assert changed["TRX_TOTALENTERED"] == D("126.00")
    assert changed["APBILLITEMS"][0]["RECORDNO"] == row["APBILLITEMS"][0]["RECORDNO"]
    assert [one["LINE_NO"] for one in changed["APBILLITEMS"]] == ["1", "2"]
    assert len(sim.rows("TAXRECORD")) == 3


def test_invoice_lines_are_changed(sim: Simulator, caller: Caller) -> None:
    key = sim.rows("ARINVOICE")[0]["RECORDNO"]
    caller.ok(
        f'<update_invoice key="{key}"><updateinvoiceitems><updatelineitem line_num="1"><amount>200.00</amount>'
        f"</updatelineitem>{line('1.00')}</updateinvoiceitems></update_invoice>"
    )
    assert sim.rows("ARINVOICE")[0]["TRX_TOTALDUE"] == D("241.20")
    caller.refused(
        f'<update_invoice key="{key}"><updateinvoiceitems><updatelineitem line_num="9"><amount>2</amount>'
        "</updatelineitem></updateinvoiceitems></update_invoice>"
    )


def test_a_key_of_nought_names_nothing(caller: Caller) -> None:
    assert caller.refused(receipt(0, "5.00")).findtext("errorno") == "BL01001973"
