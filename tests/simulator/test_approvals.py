"""What waits for somebody's approval: bills in steps, payments before they are made."""

from decimal import Decimal

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller
from .test_documents import DAY, bill
from .test_ledger import ASK, agrees, changed_bill, paid
from .test_old_functions import due
from .test_settling import made

D = Decimal
RECALL = "<recallApBill><recordno>{}</recordno></recallApBill>"


def state(sim: Simulator, key: int, name: str = "APBILL", field: str = "STATE") -> str:
    found: str = sim.rows(name, RECORDNO=key)[0][field]
    return found


def test_a_bill_is_approved_in_steps(sim: Simulator, caller: Caller) -> None:
    sim.switches.bill_approval, sim.switches.approval_steps = True, 3
    key = made(caller, bill())
    states = [state(sim, key)]
    for _ in range(3):
        sim.approve(key)
        states.append(state(sim, key))
        agrees(sim)
    assert states == ["Submitted", "Partially Approved", "Partially Approved", "Posted"]
    assert due(sim, "VENDOR") == D("72.00")
    with pytest.raises(Exception, match="can't be approved"):
        sim.approve(key)


def test_a_submitted_bill_is_recalled_and_handed_in_again(sim: Simulator, caller: Caller) -> None:
    sim.switches.bill_approval, sim.switches.approval_steps = True, 2
    key = made(caller, bill())
    sim.approve(key)
    assert caller.ok(RECALL.format(key)).findtext("data/apbill/RECORDNO") == str(key)
    assert state(sim, key) == "Draft"
    caller.refused(RECALL.format(key))
    caller.ok(changed_bill(key, "<DESCRIPTION>better</DESCRIPTION><ACTION>Submit</ACTION>"))
    sim.approve(key)
    assert state(sim, key) == "Partially Approved"
    sim.approve(key, "Declined")
    caller.ok(changed_bill(key, "<ACTION>Submit</ACTION>"))
    assert state(sim, key) == "Submitted"
    sim.switches.bill_approval = False
    caller.refused(RECALL.format(2))
    caller.refused("<recallApBill/>")
    assert sim.executions("f1") == 4


def test_a_draft_bill_needs_little_and_is_checked_when_it_is_handed_in(sim: Simulator, caller: Caller) -> None:
    key = made(caller, "<create><APBILL><ACTION>Draft</ACTION><DESCRIPTION>d</DESCRIPTION></APBILL></create>")
    submit = changed_bill(key, "<ACTION>Submit</ACTION>")
    assert "Invalid vendor" in caller.refused(submit).findtext("description2", "")
    caller.ok(changed_bill(key, "<VENDORID>V1</VENDORID>"))
    assert "date is missing" in caller.refused(submit).findtext("description2", "")
    caller.ok(changed_bill(key, "<WHENCREATED>03/01/2026</WHENCREATED><WHENDUE>03/31/2026</WHENDUE>"))
    assert "no lines" in caller.refused(submit).findtext("description2", "")
    lines = bill().partition("<APBILLITEMS>")[2].partition("</APBILLITEMS>")[0]
    caller.ok(changed_bill(key, f"<RECORDID>B-8</RECORDID><APBILLITEMS>{lines}</APBILLITEMS>"))
    caller.ok(submit)
    row = sim.rows("APBILL", RECORDNO=key)[0]
    assert (row["STATE"], row["RECORDID"], row["WHENPOSTED"].isoformat()) == ("Posted", "B-8", "2026-03-01")
    caller.refused(changed_bill(key, "<VENDORID>V2</VENDORID>"))
    caller.refused(changed_bill(key, "<RECORDID>B1</RECORDID>"))
    caller.refused(changed_bill(key, "<CURRENCY>USD</CURRENCY>"))
    agrees(sim)


def test_a_payment_waits_is_approved_and_confirmed(sim: Simulator, caller: Caller) -> None:
    sim.switches.payment_approval = True
    key = made(caller, paid(2, "20.00"))
    row = sim.rows("APBILL")[0]
    assert (row["STATE"], row["TRX_TOTALSELECTED"], due(sim, "VENDOR")) == ("Selected", D("20.00"), D("60.00"))
    assert "in the state Selected" in caller.refused(paid(2, "1.00")).findtext("description2", "")
    caller.refused(ASK.format("confirm", key))
    assert caller.ok(ASK.format("approve", key)).findtext("key") == str(key)
    caller.ok(ASK.format("confirm", key))
    row = sim.rows("APBILL")[0]
    assert (row["STATE"], row["TRX_TOTALSELECTED"], due(sim, "VENDOR")) == ("Partially Paid", D(0), D("40.00"))
    assert state(sim, key, "APPYMT", "DISPLAYSTATE") == "Confirmed"
    agrees(sim)
    caller.ok(ASK.format("void", key))
    assert (state(sim, key, "APPYMT", "DISPLAYSTATE"), due(sim, "VENDOR")) == ("Voided", D("60.00"))
    agrees(sim)


def test_a_payment_is_approved_in_steps(sim: Simulator, caller: Caller) -> None:
    sim.switches.payment_approval, sim.switches.approval_steps = True, 2
    key = made(caller, paid(2, "20.00"))
    states = []
    for _ in range(2):
        caller.ok(ASK.format("approve", key))
        states.append(state(sim, key, "APPYMT", "DISPLAYSTATE"))
        agrees(sim)
    assert states == ["Partially Approved", "Approved"]
    caller.ok(ASK.format("confirm", key))
    assert due(sim, "VENDOR") == D("40.00")


@pytest.mark.parametrize(("what", "then"), [("decline", "Declined"), ("void", "Voided")])
def test_a_payment_that_is_not_made_frees_its_bill(sim: Simulator, caller: Caller, what: str, then: str) -> None:
    sim.switches.payment_approval = True
    key = made(caller, paid(2, "20.00"))
    caller.ok(ASK.format(what, key))
    assert (state(sim, key, "APPYMT", "DISPLAYSTATE"), state(sim, 2)) == (then, "Posted")
    for other in ("approve", "confirm", "decline", "void"):
        caller.refused(ASK.format(other, key))
    caller.refused(f'<reverse_appayment key="{key}"><datereversed>{DAY}</datereversed></reverse_appayment>')
    caller.refused(ASK.format("approve", 99))
    agrees(sim)
