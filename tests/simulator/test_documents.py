"""Invoices and bills: order, checks, tax, states, reversal, deletion."""

from decimal import Decimal

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select
from .data import INPUT_VAT, VAT

D = Decimal
DAY = "<year>2026</year><month>03</month><day>01</day>"


def line(amount: str = "100.00", tax: str = "", account: str = "4000", location: str = "E1-10", more: str = "") -> str:
    entry = f"<detailid>{VAT}</detailid>" + (f"<trx_tax>{tax}</trx_tax>" if tax else "")
    place = f"<locationid>{location}</locationid>" if location else ""
    return (
        f"<lineitem><glaccountno>{account}</glaccountno><amount>{amount}</amount><memo>m</memo>{place}"
        f"<taxentries><taxentry>{entry}</taxentry></taxentries></lineitem>"
    )


def invoice(*lines: str, number: str = "", action: str = "", customer: str = "C0001", due: bool = True) -> str:
    return (
        f"<create_invoice><customerid>{customer}</customerid><datecreated>{DAY}</datecreated>"
        + (f"<datedue>{DAY}</datedue>" if due else "<termname>Net 30</termname>")
        + (f"<action>{action}</action>" if action else "")
        + (f"<invoiceno>{number}</invoiceno>" if number else "")
        + "<ponumber>PO</ponumber><description>d</description>"
        + f"<invoiceitems>{''.join(lines or (line(),))}</invoiceitems></create_invoice>"
    )


def bill(lines: str = "", **fields: str) -> str:
    given = {"VENDORID": "V1", "WHENCREATED": "03/01/2026", "WHENDUE": "03/31/2026", "RECORDID": "B77"} | fields
    lines = lines or (
        "<APBILLITEM><TRX_AMOUNT>10.00</TRX_AMOUNT><ACCOUNTNO>6000</ACCOUNTNO><LOCATIONID>E1-10</LOCATIONID>"
        f"<TAXENTRIES><TAXENTRY><DETAILID>{INPUT_VAT}</DETAILID></TAXENTRY></TAXENTRIES></APBILLITEM>"
    )
    head = "".join(f"<{name}>{value}</{name}>" for name, value in given.items())
    return f"<create><APBILL><APBILLITEMS>{lines}</APBILLITEMS>{head}</APBILL></create>"


def test_an_invoice_is_posted_with_its_tax(sim: Simulator, caller: Caller) -> None:
    result = caller.ok(invoice(line("100.00"), line("33.33", "6.00"), number="N1"))
    row = sim.rows("ARINVOICE", RECORDNO=int(result.findtext("key", "")))[0]
    assert (row["STATE"], row["RECORDID"], row["DOCNUMBER"]) == ("Posted", "N1", "PO")
    assert (row["TRX_TOTALENTERED"], row["TOTALDUE"], row["TOTALPAID"]) == (D("159.33"), D("159.33"), D("0.00"))
    assert [one["TAXENTRIES"][0]["TRX_TAX"] for one in row["ARINVOICEITEMS"]] == [D("20.00"), D("6.00")]
    assert sim.rows("CUSTOMER", CUSTOMERID="C0001")[0]["TOTALDUE"] == D("279.33")
    assert sim.executions("f1") == 1


def test_elements_out_of_order_end_at_control(caller: Caller) -> None:
    body = invoice(number="N1").replace("<ponumber>PO</ponumber><description>d</description>", "")
    body = body.replace("<invoiceitems>", "<description>d</description><ponumber>PO</ponumber><invoiceitems>")
    response = caller.call(body)
    assert response.findtext("errormessage/error/errorno") == "XL03000003"
    assert "'ponumber'" in response.findtext("errormessage/error/description2", "")


@pytest.mark.parametrize(
    "body",
    [
        invoice(customer="nobody"),
        invoice(line(account="4711")),
        invoice(line(account="4900")),
        invoice(line(account="1100")),
        invoice(line(location="")),
        invoice(line(location="E7")),
        invoice(line().replace(VAT, INPUT_VAT)),
        invoice(line().replace(f"<taxentries><taxentry><detailid>{VAT}</detailid></taxentry></taxentries>", "")),
        invoice(line("much")),
        invoice(action="Later"),
        invoice().replace("<day>01</day>", "<day>31</day>").replace("<month>03", "<month>02"),
    ],
)
def test_wrong_invoices_are_refused(sim: Simulator, caller: Caller, body: str) -> None:
    assert caller.refused(body).findtext("errorno") == "BL03000018"
    assert len(sim.rows("ARINVOICE")) == 1
    assert len(sim.rows("TAXRECORD")) == 2


def test_a_term_gives_the_due_date(sim: Simulator, caller: Caller) -> None:
    caller.ok(invoice(due=False))
    assert sim.rows("ARINVOICE")[-1]["WHENDUE"].isoformat() == "2026-03-31"


def test_invoice_numbers(sim: Simulator, caller: Caller) -> None:
    assert caller.refused(invoice(number="INV1")).findtext("errorno") == "BL03002185"
    sim.switches.unique_invoice_numbers = False
    caller.ok(invoice(number="INV1"))
    sim.switches.automatic_ids.clear()
    assert caller.refused(invoice()).findtext("errorno") == "PL01000127"


def test_an_entity_session_takes_its_own_locations_only(sim: Simulator, caller: Caller) -> None:
    caller.ok(invoice(line(location="")), entity="E1")
    row = sim.rows("ARINVOICE")[-1]
    assert row["MEGAENTITYID"] == "E1"
    assert row["ARINVOICEITEMS"][0]["LOCATIONID"] == "E1"
    caller.refused(invoice(line(location="E2-10")), entity="E1")
    caller.ok(invoice(line(location="E2-10")))
    assert "MEGAENTITYID" not in sim.rows("ARINVOICE")[-1]


def test_closed_periods(sim: Simulator, caller: Caller) -> None:
    sim.switches.closed_until = "03/31/2026"
    assert "within a period that's been closed" in caller.refused(invoice()).findtext("description2", "")
    caller.ok(invoice(action="Draft"))


def test_a_draft_owes_nothing_yet(sim: Simulator, caller: Caller) -> None:
    caller.ok(invoice(action="Draft", number="D1"))
    row = sim.rows("ARINVOICE")[-1]
    assert (row["STATE"], row["RAWSTATE"]) == ("Draft", "D")
    assert sim.rows("CUSTOMER", CUSTOMERID="C0001")[0]["TOTALDUE"] == D("120.00")
    caller.ok(f"<delete><object>ARINVOICE</object><keys>{row['RECORDNO']}</keys></delete>")
    assert len(sim.rows("ARINVOICE")) == 1
    assert len(sim.rows("ARINVOICEITEM")) == 1


def test_a_reversal_leaves_two_documents(sim: Simulator, caller: Caller) -> None:
    key = sim.rows("ARINVOICE")[0]["RECORDNO"]
    reverse = f'<reverse_invoice key="{key}"><datereversed>{DAY}</datereversed></reverse_invoice>'
    caller.ok(reverse)
    original, mirror = sim.rows("ARINVOICE")
    assert (original["STATE"], mirror["STATE"]) == ("Reversed", "Reversal")
    assert mirror["TRX_TOTALENTERED"] == D("-120.00")
    assert mirror["ARINVOICEITEMS"][0]["TAXENTRIES"][0]["TRX_TAX"] == D("-20.00")
    assert sim.rows("CUSTOMER", CUSTOMERID="C0001")[0]["TOTALDUE"] == D("0.00")
    assert caller.refused(reverse).findtext("errorno") == "BL03000130"
    caller.refused(f'<reverse_invoice key="999"><datereversed>{DAY}</datereversed></reverse_invoice>')


def test_update_invoice_changes_the_head(sim: Simulator, caller: Caller) -> None:
    key = sim.rows("ARINVOICE")[0]["RECORDNO"]
    caller.ok(f'<update_invoice key="{key}"><description>new</description></update_invoice>')
    assert sim.rows("ARINVOICE")[0]["DESCRIPTION"] == "new"


def test_a_bill_in_any_order(sim: Simulator, caller: Caller) -> None:
    data = caller.ok(bill(DESCRIPTION="why")).find("data/apbill")
    assert data is not None
    row = sim.rows("APBILL", RECORDNO=int(data.findtext("RECORDNO", "")))[0]
    assert (row["STATE"], row["TRX_TOTALDUE"], row["DESCRIPTION"]) == ("Posted", D("12.00"), "why")
    assert sim.rows("TAXRECORD")[-1]["TAXTYPE"] == "Input Tax"


def test_bill_numbers_are_unique_per_vendor(caller: Caller) -> None:
    assert caller.refused(bill(RECORDID="B1")).findtext("errorno") == "PL05000104"


@pytest.mark.parametrize(
    "fields",
    [{"VENDORID": "V2"}, {"WHENDUE": ""}, {"WHENCREATED": "2026-03-01"}, {"NONSENSE": "1"}, {"VENDORID": ""}],
)
def test_wrong_bills_are_refused(sim: Simulator, caller: Caller, fields: dict[str, str]) -> None:
    assert caller.refused(bill(**fields)).findtext("errorno") == "BL03000018"
    assert len(sim.rows("APBILL")) == 1


def test_tax_included(sim: Simulator, caller: Caller) -> None:
    lines = (
        "<APBILLITEM><ACCOUNTNO>6000</ACCOUNTNO><TOTALTRXAMOUNT>100.00</TOTALTRXAMOUNT><LOCATIONID>E1</LOCATIONID>"
        f"<TAXENTRIES><TAXENTRY><DETAILID>{INPUT_VAT}</DETAILID></TAXENTRY></TAXENTRIES></APBILLITEM>"
    )
    caller.ok(bill(lines, INCLUSIVETAX="true"))
    row = sim.rows("APBILL")[-1]
    assert row["TRX_TOTALENTERED"] == D("100.00")
    assert row["APBILLITEMS"][0]["TRX_AMOUNT"] == D("83.33")


def test_bills_wait_for_approval_where_it_is_on(sim: Simulator, caller: Caller) -> None:
    sim.switches.bill_approval = True
    caller.ok(bill())
    assert sim.rows("APBILL")[-1]["STATE"] == "Submitted"
    old = "<readByQuery><object>APBILL</object><fields>RECORDNO</fields><query>STATE = 'S'</query></readByQuery>"
    assert caller.ok(old).find("data").get("count") == "1"  # type: ignore[union-attr]


def test_a_bill_update_and_reversal(sim: Simulator, caller: Caller) -> None:
    key = sim.rows("APBILL")[0]["RECORDNO"]
    caller.ok(f"<update><APBILL><RECORDNO>{key}</RECORDNO><SUPDOCID>S1</SUPDOCID></APBILL></update>")
    assert sim.rows("APBILL")[0]["SUPDOCID"] == "S1"
    caller.ok(f'<reverse_bill key="{key}"><datereversed>{DAY}</datereversed></reverse_bill>')
    assert [row["STATE"] for row in sim.rows("APBILL")] == ["Reversed", "Reversal"]


def test_adjustments(sim: Simulator, caller: Caller) -> None:
    body = (
        f"<create_aradjustment><customerid>C0001</customerid><datecreated>{DAY}</datecreated>"
        f"<description>credit</description><aradjustmentitems>{line('-50.00')}</aradjustmentitems>"
        "</create_aradjustment>"
    )
    caller.ok(body)
    assert sim.rows("ARADJUSTMENT")[-1]["TRX_TOTALDUE"] == D("-60.00")


def test_generic_create_of_an_invoice_is_no_operation(caller: Caller) -> None:
    error = caller.refused("<create><ARINVOICE><CUSTOMERID>C0001</CUSTOMERID></ARINVOICE></create>")
    assert "cannot be performed on objects of type ARINVOICE" in error.findtext("description2", "")


def test_lines_are_found_by_their_header(sim: Simulator, caller: Caller) -> None:
    key = caller.ok(invoice(line(), line())).findtext("key", "")
    rest = f"<filter><equalto><field>RECORDKEY</field><value>{key}</value></equalto></filter>"
    data = caller.ok(select("ARINVOICEITEM", "RECORDNO LINE_NO AMOUNT ARINVOICE.RECORDID", rest)).find("data")
    assert data is not None
    assert [row.findtext("LINE_NO") for row in data] == ["1", "2"]
