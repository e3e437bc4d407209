"""What may be done with a document in which state: every state against every function."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.errors import Refusal

from .client import Caller
from .test_approvals import RECALL
from .test_documents import bill, invoice, line
from .test_ledger import ASK, REVERSE, agrees, changed_bill, paid
from .test_old_functions import adjustment
from .test_payments import receipt
from .test_settling import made

Make = Callable[[Simulator, Caller], int]
CHANGED = "<APBILLITEMS><APBILLITEM><LINE_NO>1</LINE_NO><TRX_AMOUNT>11</TRX_AMOUNT></APBILLITEM></APBILLITEMS>"
LINES = '<updateinvoiceitems><updatelineitem line_num="1"><amount>11</amount></updatelineitem></updateinvoiceitems>'
DELETE = "<delete><object>{}</object><keys>{}</keys></delete>"
NUMBER = {"RECORDID": "S1"}


def waiting(*states: str) -> Make:
    """A bill that was submitted for approval and then moved on."""

    def make(sim: Simulator, caller: Caller) -> int:
        sim.switches.bill_approval = True
        key = made(caller, bill(**NUMBER))
        for state in states:
            sim.approve(key, state)
        return key

    return make


def then(what: Callable[[int], str], name: str = "APBILL") -> Make:
    """A posted document with which something was done."""

    def make(sim: Simulator, caller: Caller) -> int:
        key = made(caller, bill(**NUMBER) if name == "APBILL" else invoice())
        caller.ok(what(key))
        return key

    return make


def selected(sim: Simulator, caller: Caller) -> int:
    sim.switches.payment_approval = True
    return then(lambda key: paid(key, "5"))(sim, caller)


def mirror(name: str) -> Make:
    def make(sim: Simulator, caller: Caller) -> int:
        then(lambda key: REVERSE.format("bill" if name == "APBILL" else "invoice", key), name)(sim, caller)
        return int(sim.rows(name)[-1]["RECORDNO"])

    return make


BILLS: dict[str, Make] = {
    "Draft": lambda sim, caller: made(caller, bill(ACTION="Draft", **NUMBER)),
    "Submitted": waiting(),
    "Partially Approved": waiting("Partially Approved"),
    "Declined": waiting("Declined"),
    "Posted": lambda sim, caller: made(caller, bill(**NUMBER)),
    "Selected": selected,
    "Partially Paid": then(lambda key: paid(key, "5")),
    "Paid": then(lambda key: paid(key, "12")),
    "Reversed": then(lambda key: REVERSE.format("bill", key)),
    "Reversal": mirror("APBILL"),
}
WITH_BILLS: dict[str, tuple[Callable[[int], str], str]] = {
    # what: (function, states that let it)
    "head": (lambda key: changed_bill(key, "<SUPDOCID>S</SUPDOCID>"), "all but Reversed, Reversal"),
    "lines": (lambda key: changed_bill(key, CHANGED), "Draft, Submitted, Declined, Posted"),
    "submit": (lambda key: changed_bill(key, "<ACTION>Submit</ACTION>"), "all but Reversed, Reversal"),
    "recall": (RECALL.format, "Submitted, Partially Approved"),
    "pay": (lambda key: paid(key, "1"), "Posted, Partially Paid"),
    "reverse": (lambda key: REVERSE.format("bill", key), "Posted"),
    "delete": (lambda key: DELETE.format("APBILL", key), "Draft, Submitted, Declined, Posted"),
}
INVOICES: dict[str, Make] = {
    "Draft": lambda sim, caller: made(caller, invoice(action="Draft")),
    "Posted": lambda sim, caller: made(caller, invoice()),
    "Partially Paid": then(lambda key: receipt(key, "5"), "ARINVOICE"),
    "Paid": then(lambda key: receipt(key, "120"), "ARINVOICE"),
    "Reversed": then(lambda key: REVERSE.format("invoice", key), "ARINVOICE"),
    "Reversal": mirror("ARINVOICE"),
}
WITH_INVOICES: dict[str, tuple[Callable[[int], str], str]] = {
    "head": (lambda key: f'<update_invoice key="{key}"><supdocid>S</supdocid></update_invoice>', "Draft, Posted"),
    "lines": (lambda key: f'<update_invoice key="{key}">{LINES}</update_invoice>', "Draft, Posted"),
    "pay": (lambda key: receipt(key, "1"), "Posted, Partially Paid"),
    "reverse": (lambda key: REVERSE.format("invoice", key), "Posted"),
    "delete": (lambda key: DELETE.format("ARINVOICE", key), "Draft, Posted"),
    "old delete": (lambda key: f'<delete_invoice key="{key}"/>', "Draft, Posted"),
}
PAYMENTS: dict[str, Make] = {
    "Draft": lambda sim, caller: made(
        caller, paid(2, "5").replace("<APPYMTDETAILS>", "<ACTION>Draft</ACTION><APPYMTDETAILS>")
    ),
    "Submitted": lambda sim, caller: asked(sim, caller),
    "Partially Approved": lambda sim, caller: asked(sim, caller, "approve", steps=2),
    "Approved": lambda sim, caller: asked(sim, caller, "approve"),
    "Declined": lambda sim, caller: asked(sim, caller, "decline"),
    "Confirmed": lambda sim, caller: made(caller, paid(2, "5")),
    "Voided": lambda sim, caller: asked(sim, caller, "void"),
}
WITH_PAYMENTS: dict[str, tuple[Callable[[int], str], str]] = {
    "change": (
        lambda key: f"<update><APPYMT><RECORDNO>{key}</RECORDNO><DESCRIPTION>d</DESCRIPTION></APPYMT></update>",
        "Draft",
    ),
    "approve": (lambda key: ASK.format("approve", key), "Submitted, Partially Approved"),
    "decline": (lambda key: ASK.format("decline", key), "Submitted, Partially Approved, Approved"),
    "confirm": (lambda key: ASK.format("confirm", key), "Approved"),
    "void": (lambda key: ASK.format("void", key), "Submitted, Partially Approved, Approved, Confirmed"),
    "reverse": (lambda key: REVERSE.format("appayment", key), "Confirmed"),
    "delete": (lambda key: DELETE.format("APPYMT", key), "Draft"),
}


def asked(sim: Simulator, caller: Caller, *words: str, steps: int = 1) -> int:
    """A payment that waits for approval, and what was said to it."""
    sim.switches.payment_approval, sim.switches.approval_steps = True, steps
    key = made(caller, paid(2, "5"))
    for word in words:
        caller.ok(ASK.format(word, key))
    return key


def may(state: str, states: str) -> bool:
    named = states.removeprefix("all but ").split(", ")
    return (state in named) is not states.startswith("all but ")


@pytest.mark.parametrize("state", BILLS)
@pytest.mark.parametrize("what", WITH_BILLS)
def test_a_bill(sim: Simulator, caller: Caller, state: str, what: str) -> None:
    function, states = WITH_BILLS[what]
    check(sim, caller, "APBILL", "STATE", state, BILLS[state], function, may(state, states))


@pytest.mark.parametrize("state", INVOICES)
@pytest.mark.parametrize("what", WITH_INVOICES)
def test_an_invoice(sim: Simulator, caller: Caller, state: str, what: str) -> None:
    function, states = WITH_INVOICES[what]
    check(sim, caller, "ARINVOICE", "STATE", state, INVOICES[state], function, may(state, states))


@pytest.mark.parametrize("state", PAYMENTS)
@pytest.mark.parametrize("what", WITH_PAYMENTS)
def test_a_payment(sim: Simulator, caller: Caller, state: str, what: str) -> None:
    function, states = WITH_PAYMENTS[what]
    check(sim, caller, "APPYMT", "DISPLAYSTATE", state, PAYMENTS[state], function, may(state, states))


def check(
    sim: Simulator,
    caller: Caller,
    name: str,
    field: str,
    state: str,
    make: Make,
    function: Callable[[int], str],
    allowed: bool,
) -> None:
    """Make it, do it, and see whether it was refused for its state; the books agree either way."""
    key = make(sim, caller)
    assert sim.rows(name, RECORDNO=key)[0][field] == state
    before = sim.rows(name), sim.trial_balance()
    result = caller.result(function(key))
    assert (result.findtext("status") == "success") is allowed, caller.body
    if not allowed:
        assert result.findtext("errormessage/error/errorno") == "BL03000130"
        assert (sim.rows(name), sim.trial_balance()) == before
    agrees(sim)


@pytest.mark.parametrize("state", BILLS)
def test_only_what_was_submitted_is_approved(sim: Simulator, caller: Caller, state: str) -> None:
    key = BILLS[state](sim, caller)
    if state in ("Submitted", "Partially Approved"):
        sim.approve(key)
        assert sim.rows("APBILL", RECORDNO=key)[0]["STATE"] == "Posted"
    else:
        with pytest.raises(Refusal, match="can't be approved"):
            sim.approve(key)


@pytest.mark.parametrize("side", ["ar", "ap"])
def test_adjustments_have_states_too(sim: Simulator, caller: Caller, side: str) -> None:
    key = made(caller, adjustment(side, "-5", "Draft"))
    name = f"{side.upper()}ADJUSTMENT"
    submit = f'<update_{side}adjustment key="{key}"><action>Submit</action></update_{side}adjustment>'
    caller.ok(submit)
    assert sim.rows(name)[0]["STATE"] == "Posted"
    more = f"<ADJUSTMENTKEY>{key}</ADJUSTMENTKEY><TRX_ADJUSTMENTAMOUNT>6.00</TRX_ADJUSTMENTAMOUNT>"
    caller.ok(receipt(1, "0", more=more) if side == "ar" else paid(2, "0", more))
    assert sim.rows(name)[0]["STATE"] == "Paid"
    for function in (submit, DELETE.format(name, key), f'<delete_{side}adjustment key="{key}"/>'):
        assert caller.refused(function).findtext("errorno") == "BL03000130"
    agrees(sim)


def test_a_draft_that_was_handed_in_has_lines_of_its_state(sim: Simulator, caller: Caller) -> None:
    key = made(caller, invoice(line(), action="Draft"))
    caller.ok(f'<update_invoice key="{key}"><action>Submit</action></update_invoice>')
    row = sim.rows("ARINVOICE", RECORDNO=key)[0]
    assert (row["STATE"], [item["STATE"] for item in row["ARINVOICEITEMS"]]) == ("Posted", ["Posted"])
    assert row["TRX_TOTALDUE"] == Decimal("120.00")
