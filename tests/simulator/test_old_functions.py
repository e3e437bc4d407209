"""The old functions beside invoices and bills: receipts and their rests, adjustments, attachments, lists."""

import base64
from decimal import Decimal

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select, where
from .data import INPUT_VAT
from .test_documents import DAY, bill, invoice, line
from .test_payments import receipt

D = Decimal
ATTACHED = (
    "<create_supdoc><supdocid>{0}</supdocid><supdocname>n</supdocname><attachments><attachment>"
    "<attachmentname>a</attachmentname><attachmenttype>pdf</attachmenttype><attachmentdata>{1}</attachmentdata>"
    "</attachment></attachments></create_supdoc>"
)
PAY = (
    "<create_arpayment><customerid>{0}</customerid><paymentamount>{1}</paymentamount>"
    "<bankaccountid>1200</bankaccountid><refid>r</refid><datereceived>" + DAY + "</datereceived>"
    "<paymentmethod>EFT</paymentmethod>{2}</create_arpayment>"
)
APPLY = (
    "<apply_arpayment><arpaymentkey>{0}</arpaymentkey><paymentdate>" + DAY + "</paymentdate><arpaymentitems>"
    "{1}</arpaymentitems></apply_arpayment>"
)


TEST = "<expression><field>{}</field><operator>{}</operator><value>{}</value></expression>"


EITHER = TEST.format("supdocid", "=", "S1") + TEST.format("supdocid", "=", "S2")


def item(key: object, amount: str) -> str:
    return f"<arpaymentitem><invoicekey>{key}</invoicekey><amount>{amount}</amount></arpaymentitem>"


def adjustment(side: str, amount: str, action: str = "Submit") -> str:
    party, identity = {"ar": ("customer", "C0001"), "ap": ("vendor", "V1")}[side]
    lines = line(amount)
    if side == "ap":
        lines = lines.replace("UK Sale Standard", INPUT_VAT).replace("4000", "6000")
    name, dated = f"create_{side}adjustment", f"<datecreated>{DAY}</datecreated><action>{action}</action>"
    head, items = f"<{party}id>{identity}</{party}id>{dated}", f"{side}adjustmentitems"
    return f"<{name}>{head}<{items}>{lines}</{items}></{name}>"


def due(sim: Simulator, name: str = "CUSTOMER") -> Decimal:
    found: Decimal = sim.rows(name)[0]["TOTALDUE"]
    return found


def balance(sim: Simulator, account: str) -> Decimal:
    return sim.trial_balance().get(account, D(0))


def test_a_receipt_may_bring_more_than_it_settles(sim: Simulator, caller: Caller) -> None:
    invoiced = sim.rows("ARINVOICE")[0]["RECORDNO"]
    key = caller.ok(PAY.format("C0001", "100.00", item(invoiced, "30.00"))).findtext("key", "")
    payment = sim.rows("ARPYMT", RECORDNO=int(key))[0]
    assert (payment["TRX_TOTALENTERED"], payment["TRX_TOTALDUE"], payment["DOCNUMBER"]) == (
        D("100.00"),
        D("70.00"),
        "r",
    )
    assert (due(sim), balance(sim, "1100")) == (D("20.00"), D("20.00"))
    caller.ok(APPLY.format(key, item(invoiced, "60.00")))
    assert sim.rows("ARINVOICE")[0]["TRX_TOTALDUE"] == D("30.00")
    assert sim.rows("ARPYMT")[0]["TRX_TOTALDUE"] == D("10.00")
    assert due(sim) == D("20.00")
    error = caller.refused(APPLY.format(key, item(invoiced, "10.01")))
    assert "more than is left of the payment" in error.findtext("description2", "")
    caller.ok(f'<reverse_arpayment key="{key}"><datereversed>{DAY}</datereversed></reverse_arpayment>')
    assert (due(sim), balance(sim, "1100"), balance(sim, "1200")) == (D("120.00"), D("120.00"), D("0.00"))


@pytest.mark.parametrize(
    "function",
    [
        PAY.format("nobody", "5", ""),
        PAY.format("C0001", "0", ""),
        PAY.format("C0001", "5", item(1, "6")),
        PAY.format("C0001", "5", item(99, "5")),
        PAY.format("C0002", "5", item(1, "5")),
        PAY.format("C0001", "5", "").replace("EFT", "Barter"),
        PAY.format("C0001", "5", "").replace("1200", "9"),
        APPLY.format(99, item(1, "1")),
        APPLY.format(1, item(1, "1")),
    ],
)
def test_wrong_old_receipts_are_refused(sim: Simulator, caller: Caller, function: str) -> None:
    caller.refused(function)
    assert sim.rows("ARPYMT") == []


def test_an_overpayment_settles_another_invoice(sim: Simulator, caller: Caller) -> None:
    first = caller.ok(receipt(1, "20.00", OVERPAYMENTAMOUNT="50.00")).findtext("data/arpymt/RECORDNO", "")
    assert due(sim) == D("50.00")
    more = f"<OVERPAYMENTKEY>{first}</OVERPAYMENTKEY><TRX_POSTEDOVERPAYMENTAMOUNT>50</TRX_POSTEDOVERPAYMENTAMOUNT>"
    second = caller.ok(receipt(1, "1.00", more=more)).findtext("data/arpymt/RECORDNO", "")
    assert sim.rows("ARINVOICE")[0]["TRX_TOTALDUE"] == due(sim) == balance(sim, "1100") == D("49.00")
    undo = '<reverse_arpayment key="{}"><datereversed>' + DAY + "</datereversed></reverse_arpayment>"
    assert "has been used" in caller.refused(undo.format(first)).findtext("description2", "")
    caller.ok(undo.format(second))
    caller.ok(undo.format(first))
    assert due(sim) == balance(sim, "1100") == D("120.00")
    caller.refused(receipt(1, "1.00", more=more + "<ADJUSTMENTKEY>1</ADJUSTMENTKEY>"))


def test_a_negative_invoice_is_a_credit(sim: Simulator, caller: Caller) -> None:
    credit = caller.ok(invoice(line("-50.00"))).findtext("key")
    amount = "<TRX_NEGATIVEINVOICEAMOUNT>60.00</TRX_NEGATIVEINVOICEAMOUNT>"
    caller.ok(receipt(1, "60.00", more=f"<NEGATIVEINVOICEKEY>{credit}</NEGATIVEINVOICEKEY>{amount}"))
    assert [row["STATE"] for row in sim.rows("ARINVOICE")] == ["Paid", "Paid"]
    assert due(sim) == balance(sim, "1100") == D("0.00")


@pytest.mark.parametrize(
    ("side", "party", "account", "sign"), [("ar", "CUSTOMER", "1100", 1), ("ap", "VENDOR", "2100", -1)]
)
def test_adjustments_are_changed_and_handed_in(
    sim: Simulator, caller: Caller, side: str, party: str, account: str, sign: int
) -> None:
    before, name = due(sim, party), f"{side.upper()}ADJUSTMENT"
    key = caller.ok(adjustment(side, "-10.00", "Draft")).findtext("key", "")
    assert due(sim, party) == before
    changed = (
        f'<update_{side}adjustment key="{key}"><adjustmentno>A-7</adjustmentno><action>Submit</action>'
        f'<description>d</description><update{side}adjustmentitems><updatelineitem line_num="1"><amount>-20.00</amount>'
        f"</updatelineitem></update{side}adjustmentitems></update_{side}adjustment>"
    )
    caller.ok(changed)
    row = sim.rows(name)[0]
    assert (row["STATE"], row["RECORDID"], row["TRX_TOTALDUE"]) == ("Posted", "A-7", D("-24.00"))
    assert due(sim, party) == sign * balance(sim, account) == before - 24
    caller.ok(f'<delete_{side}adjustment key="{key}"/>')
    assert sim.rows(name) == []
    assert due(sim, party) == sign * balance(sim, account) == before


def test_a_draft_bill_is_handed_in(sim: Simulator, caller: Caller) -> None:
    caller.ok(bill(ACTION="Draft"))
    key = sim.rows("APBILL")[-1]["RECORDNO"]
    submit = f"<update><APBILL><RECORDNO>{key}</RECORDNO><ACTION>Submit</ACTION></APBILL></update>"
    sim.switches.bill_approval = True
    caller.ok(submit)
    assert (sim.rows("APBILL")[-1]["STATE"], due(sim, "VENDOR")) == ("Submitted", D("60.00"))
    sim.approve(key, "Declined")
    assert sim.rows("APBILL")[-1]["RAWSTATE"] == "U"


def test_set_nulls_clears(sim: Simulator, caller: Caller) -> None:
    update = '<update_invoice key="1"{0}><description/></update_invoice>'
    caller.ok(update.format(""))
    assert sim.rows("ARINVOICE")[0]["DESCRIPTION"] == "January"
    caller.ok(update.format(' set_nulls="true"'))
    assert "DESCRIPTION" not in sim.rows("ARINVOICE")[0]
    error = caller.refused('<update_invoice key="1"><customerid>C0002</customerid></update_invoice>')
    assert "can't be changed" in error.findtext("description2", "")


def test_attachments_are_kept_listed_and_deleted(sim: Simulator, caller: Caller) -> None:
    for number in range(3):
        caller.ok(ATTACHED.format(f"S{number}", "JVBERg=="))
    assert caller.refused(ATTACHED.format("S1", "")).findtext("errorno") == "BL03002185"
    assert caller.refused(ATTACHED.format("S9", "no base64!")).findtext("errorno") == "BL03000018"
    result = caller.ok('<get_list object="supdoc" start="1" maxitems="1"/>')
    kind = result.find("listtype")
    assert kind is not None
    assert (kind.text, kind.attrib) == ("supdoc", {"start": "1", "end": "1", "total": "3"})
    row = result.find("data/supdoc")
    assert row is not None
    names = ["recordno", "supdocid", "supdocname", "folder", "description", "creationdate", "createdby", "attachments"]
    assert [child.tag for child in row] == names
    assert row.findtext("attachments/attachment/attachmentdata") == "JVBERg=="
    caller.ok("<update><APBILL><RECORDNO>2</RECORDNO><SUPDOCID>S1</SUPDOCID></APBILL></update>")
    assert caller.refused('<delete_supdoc key="S1"/>').findtext("errorno") == "BL01001973"
    caller.ok('<delete_supdoc key="S2"/>')
    assert sim.executions("f1") == 5
    assert caller.refused('<delete_supdoc key="S2"/>').findtext("errorno") == "BL01001973"


def test_lists_of_other_old_objects(caller: Caller) -> None:
    result = caller.ok('<get_list object="smarteventlog"/>')
    kind, data = result.find("listtype"), result.find("data")
    assert kind is not None
    assert data is not None
    assert (kind.text, kind.attrib, len(data)) == ("smarteventlog", {}, 0)
    for wrong in ("nothing", "CUSTOMER", ""):
        error = caller.call(f'<get_list object="{wrong}"/>').find("errormessage/error")
        assert error is not None
        assert error.findtext("errorno") == "XL03000003"
        assert f"Error 502: Value '{wrong}' is not among the enumerated set" in error.findtext("description2", "")
    assert "list of bill is not simulated" in caller.refused('<get_list object="bill"/>').findtext("description2", "")
    assert caller.refused(select("supdoc", "SUPDOCID")).findtext("errorno") == "Query Failed"


def test_folders_have_parents(caller: Caller) -> None:
    folder = "<create_supdocfolder><supdocfoldername>{}</supdocfoldername>{}</create_supdocfolder>"
    caller.ok(folder.format("A", ""))
    caller.ok(folder.format("B", "<supdocparentfoldername>A</supdocparentfoldername>"))
    caller.refused(folder.format("C", "<supdocparentfoldername>Z</supdocparentfoldername>"))
    caller.refused(folder.format("A", ""))


def test_related_records_are_read(caller: Caller) -> None:
    related = "<readRelated><object>ARINVOICE</object><keys>1,9</keys><relation>{}</relation></readRelated>"
    data = caller.ok(related.format("CUSTOMER")).find("data")
    assert data is not None
    assert (data.get("listtype"), [row.findtext("CUSTOMERID") for row in data]) == ("CUSTOMER", ["C0001"])
    caller.refused(related.format("NOTHING"))


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", "S2 S0 S1"),
        ('<sorts><sortfield order="desc">supdocid</sortfield></sorts>', "S2 S1 S0"),
        ("<sorts><sortfield>description</sortfield><sortfield>supdocid</sortfield></sorts>", "S0 S1 S2"),
        (f"<filter>{TEST.format('supdocid', '=', 'S1')}</filter>", "S1"),
        (f"<filter>{TEST.format('supdocid', '>=', 'S1')}</filter>", "S2 S1"),
        (f"<filter>{TEST.format('supdocid', 'like', '%0')}</filter>", "S0"),
        (f"<filter>{TEST.format('folder', 'is null', '')}{TEST.format('supdocid', '!=', 'S2')}</filter>", "S0 S1"),
        (
            f'<filter><logical logical_operator="or">{EITHER}</logical></filter>',
            "S2 S1",
        ),
    ],
)
def test_old_lists_are_filtered_and_sorted(caller: Caller, inner: str, expected: str) -> None:
    for identity in ("S2", "S0", "S1"):
        caller.ok(ATTACHED.format(identity, ""))
    rows = caller.ok(f'<get_list object="supdoc">{inner}</get_list>').find("data")
    assert rows is not None
    assert " ".join(row.findtext("supdocid", "") for row in rows) == expected


def test_old_lists_show_the_fields_that_are_asked_for(sim: Simulator, caller: Caller) -> None:
    caller.ok(ATTACHED.format("S1", ""))
    fields = "<fields><field>supdocid</field><field>recordno</field></fields>"
    for function in (f'<get_list object="supdoc">{fields}</get_list>', f'<get object="supdoc" key="S1">{fields}</get>'):
        row = caller.ok(function).find("data/supdoc")
        assert row is not None
        assert [child.tag for child in row] == ["recordno", "supdocid"]
    for wrong in (
        "<fields><field>x</field></fields>",
        f"<filter>{TEST.format('x', '=', '1')}</filter>",
        f"<filter>{TEST.format('supdocid', '~', '1')}</filter>",
        "<sorts><sortfield>x</sortfield></sorts>",
    ):
        caller.refused(f'<get_list object="supdoc">{wrong}</get_list>')
    sim.deny("SUPDOC", "List")
    assert caller.refused('<get_list object="supdoc"/>').findtext("errorno") == "PL04000005"


def test_one_old_record_is_read(caller: Caller) -> None:
    number = caller.ok(ATTACHED.format("S1", "JVBERg==")).findtext("key")
    for key in ("S1", number):
        result = caller.ok(f'<get object="supdoc" key="{key}"/>')
        assert result.findtext("data/supdoc/attachments/attachment/attachmentdata") == "JVBERg=="
        assert result.findtext("listtype") == "supdoc"
    nothing = caller.ok('<get object="supdoc" key="S9"/>')
    assert [one.tag for one in nothing] == ["status", "function", "controlid", "listtype", "data"]
    assert nothing.find("data/supdoc") is None


def test_an_invoice_is_printed(caller: Caller) -> None:
    printed = "<retrievepdf><{0}><RECORDNO>{1}</RECORDNO></{0}></retrievepdf>"
    content = base64.b64decode(caller.ok(printed.format("ARINVOICE", 1)).findtext("data/arinvoice/pdfdata", ""))
    assert content.startswith(b"%PDF-")
    assert b"Invoice INV1" in content
    assert int(content.rpartition(b"startxref\n")[2].split()[0]) == content.index(b"xref\n0 6")
    for name, key in (("ARINVOICE", 9), ("APBILL", 2), ("ARINVOICE", "")):
        caller.refused(printed.format(name, key))
    caller.refused("<retrievepdf/>")


def test_late_changes_are_late_in_the_old_read_too(sim: Simulator, caller: Caller) -> None:
    sim.switches.late_seconds = 60
    rest = f"<filter>{where('isnotnull', 'WHENMODIFIED')}</filter>"
    before = caller.ok(select("CLASS", "RECORDNO", rest)).find("data")
    sim.modify("CLASS", "RES", NAME="Changed")
    after = caller.ok("<readByQuery><object>CLASS</object><query>WHENMODIFIED IS NOT NULL</query></readByQuery>")
    data = after.find("data")
    assert before is not None
    assert data is not None
    assert (before.get("count"), data.get("count")) == ("1", "0")
