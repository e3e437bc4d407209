"""Whatever is asked for, the ledger balances and agrees with what customers owe and vendors are owed."""

import os
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.books import ledger

from .client import Caller
from .data import small_company
from .test_documents import DAY, bill, invoice, line
from .test_old_functions import APPLY, PAY, adjustment, item
from .test_payments import receipt

EXAMPLES = int(os.environ.get("INTACCT_LEDGER_EXAMPLES", "150"))
AMOUNTS = st.decimals(Decimal("-500"), Decimal("500"), places=2)
REVERSE = '<reverse_{0} key="{1}"><datereversed>' + DAY + "</datereversed></reverse_{0}>"
CHANGE = (
    '<update_{0} key="{1}"><update{0}items><updatelineitem line_num="1"><amount>{2}</amount></updatelineitem>'
    "</update{0}items></update_{0}>"
)
BILL_LINE = "<APBILLITEM><LINE_NO>1</LINE_NO><TRX_AMOUNT>{}</TRX_AMOUNT></APBILLITEM>"
CREDIT = "<{0}KEY>{1}</{0}KEY><TRX_{2}AMOUNT>{3}</TRX_{2}AMOUNT>"


DISCOUNT = "<TRX_TOTALDISCOUNTTOAPPLY>{}</TRX_TOTALDISCOUNTTOAPPLY>"
ADVANCE = (
    "<create><ARADVANCE><FINANCIALENTITY>1200</FINANCIALENTITY><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
    "<CUSTOMERID>C0001</CUSTOMERID><CURRENCY>GBP</CURRENCY><TRX_TOTALENTERED>{}</TRX_TOTALENTERED></ARADVANCE></create>"
)
ASK = "<{0}_appaymentrequest><appaymentkeys><appaymentkey>{1}</appaymentkey></appaymentkeys></{0}_appaymentrequest>"


def paid(key: int, amount: str, more: str = "") -> str:
    detail = f"<RECORDKEY>{key}</RECORDKEY><TRX_PAYMENTAMOUNT>{amount}</TRX_PAYMENTAMOUNT>{more}"
    return (
        "<create><APPYMT><FINANCIALENTITY>1200</FINANCIALENTITY><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
        "<VENDORID>V1</VENDORID><PAYMENTDATE>03/05/2026</PAYMENTDATE><CURRENCY>GBP</CURRENCY><APPYMTDETAILS>"
        f"<APPYMTDETAIL>{detail}</APPYMTDETAIL></APPYMTDETAILS></APPYMT></create>"
    )


def changed_bill(key: int, inner: str) -> str:
    return f"<update><APBILL><RECORDNO>{key}</RECORDNO>{inner}</APBILL></update>"


STEPS: dict[str, Callable[[str, int, int], str]] = {
    "invoice": lambda amount, key, other: invoice(line(amount), line("10.01", "1.99")),
    "draft": lambda amount, key, other: invoice(line(amount), action="Draft"),
    "bill": lambda amount, key, other: bill(RECORDID=f"N{key}-{other}"),
    "draft bill": lambda amount, key, other: bill(RECORDID=f"D{key}-{other}", ACTION="Draft"),
    "credit": lambda amount, key, other: adjustment("ar", amount),
    "bill credit": lambda amount, key, other: adjustment("ap", amount),
    "draft credit": lambda amount, key, other: adjustment("ap", amount, "Draft"),
    "pay": lambda amount, key, other: receipt(key, amount),
    "pay by credit": lambda amount, key, other: receipt(
        key, "0.10", more=CREDIT.format("ADJUSTMENT", other, "ADJUSTMENT", amount)
    ),
    "pay by rest": lambda amount, key, other: receipt(
        key, "0.10", more=CREDIT.format("OVERPAYMENT", other, "POSTEDOVERPAYMENT", amount)
    ),
    "pay by invoice": lambda amount, key, other: receipt(
        key, "0.10", more=CREDIT.format("NEGATIVEINVOICE", other, "NEGATIVEINVOICE", amount)
    ),
    "pay too much": lambda amount, key, other: receipt(key, amount, OVERPAYMENTAMOUNT=amount),
    "pay the old way": lambda amount, key, other: PAY.format("C0001", amount, item(key, "1.00")),
    "apply": lambda amount, key, other: APPLY.format(other, item(key, amount)),
    "pay bill": lambda amount, key, other: paid(key, amount),
    "pay bill by credit": lambda amount, key, other: paid(
        key, "0.10", CREDIT.format("ADJUSTMENT", other, "ADJUSTMENT", amount)
    ),
    "mixed": lambda amount, key, other: invoice(line("100"), line(amount), line("-7.77")),
    "dollars": lambda amount, key, other: invoice(line(amount), line("3.33")).replace(
        "<invoiceitems>", f"<currency>USD</currency><exchrate>0.{other}3</exchrate><invoiceitems>"
    ),
    "dollar bill": lambda amount, key, other: bill(RECORDID=f"U{key}-{other}", CURRENCY="USD"),
    "dollar credit": lambda amount, key, other: adjustment("ar", amount).replace(
        "<aradjustmentitems>", "<currency>USD</currency><aradjustmentitems>"
    ),
    "pay dollars": lambda amount, key, other: receipt(key, amount, CURRENCY="USD", EXCHANGE_RATE=f"1.{other}"),
    "pay too many dollars": lambda amount, key, other: receipt(key, "1", CURRENCY="USD", OVERPAYMENTAMOUNT=amount),
    "pay dollars by credit": lambda amount, key, other: receipt(
        key, "0.05", more=CREDIT.format("ADJUSTMENT", other, "ADJUSTMENT", amount), CURRENCY="USD"
    ),
    "pay dollars by rest": lambda amount, key, other: receipt(
        key, "0.05", more=CREDIT.format("OVERPAYMENT", other, "POSTEDOVERPAYMENT", amount), CURRENCY="USD"
    ),
    "apply dollars": lambda amount, key, other: APPLY.format(other, item(key, "1.23")),
    "pay dollar bill": lambda amount, key, other: paid(key, amount).replace("GBP", "USD"),
    "pay inline": lambda amount, key, other: receipt(key, amount, more=CREDIT.format("INLINE", key, "INLINE", "1.11")),
    "pay line": lambda amount, key, other: receipt(key, amount, more=f"<ENTRYKEY>{other}</ENTRYKEY>"),
    "pay with discount": lambda amount, key, other: receipt(key, "1.00", more=DISCOUNT.format(amount)),
    "advance": lambda amount, key, other: ADVANCE.format(amount),
    "pay by advance": lambda amount, key, other: receipt(
        key, "1.00", more=CREDIT.format("ADVANCE", other, "POSTEDADVANCE", amount)
    ),
    "draft payment": lambda amount, key, other: receipt(key, amount, "Draft"),
    "hand in payment": lambda amount, key, other: (
        f"<update><ARPYMT><RECORDNO>{key}</RECORDNO><ACTION>Submit</ACTION></ARPYMT></update>"
    ),
    "approve": lambda amount, key, other: ASK.format("approve", key),
    "confirm": lambda amount, key, other: ASK.format("confirm", key),
    "decline": lambda amount, key, other: ASK.format("decline", key),
    "void": lambda amount, key, other: ASK.format("void", key),
    "recall": lambda amount, key, other: f"<recallApBill><recordno>{key}</recordno></recallApBill>",
    "reverse": lambda amount, key, other: REVERSE.format("invoice", key),
    "reverse bill": lambda amount, key, other: REVERSE.format("bill", key),
    "unpay": lambda amount, key, other: REVERSE.format("arpayment", key),
    "unpay bill": lambda amount, key, other: REVERSE.format("appayment", key),
    "change": lambda amount, key, other: CHANGE.format("invoice", key, amount),
    "change credit": lambda amount, key, other: CHANGE.format("aradjustment", key, amount),
    "change bill": lambda amount, key, other: changed_bill(
        key, f"<APBILLITEMS>{BILL_LINE.format(amount)}</APBILLITEMS>"
    ),
    "hand in": lambda amount, key, other: f'<update_invoice key="{key}"><action>Submit</action></update_invoice>',
    "hand in bill": lambda amount, key, other: changed_bill(key, "<ACTION>Submit</ACTION>"),
    "delete": lambda amount, key, other: f"<delete><object>ARINVOICE</object><keys>{key}</keys></delete>",
    "delete bill": lambda amount, key, other: f"<delete><object>APBILL</object><keys>{key}</keys></delete>",
    "delete credit": lambda amount, key, other: f'<delete_apadjustment key="{key}"/>',
    "delete payment": lambda amount, key, other: f"<delete><object>ARPYMT</object><keys>{key}</keys></delete>",
}
AIMS = {
    "pay": "ARINVOICE", "pay by credit": "ARINVOICE ARADJUSTMENT", "pay by rest": "ARINVOICE ARPYMT",
    "pay by invoice": "ARINVOICE ARINVOICE", "pay too much": "ARINVOICE", "pay the old way": "ARINVOICE",
    "apply": "ARINVOICE ARPYMT", "pay bill": "APBILL", "pay bill by credit": "APBILL APADJUSTMENT",
    "reverse": "ARINVOICE", "reverse bill": "APBILL", "unpay": "ARPYMT", "unpay bill": "APPYMT", "change": "ARINVOICE",
    "change credit": "ARADJUSTMENT", "change bill": "APBILL", "hand in": "ARINVOICE", "hand in bill": "APBILL",
    "delete": "ARINVOICE", "delete bill": "APBILL", "delete credit": "APADJUSTMENT", "delete payment": "ARPYMT",
    "pay dollars": "ARINVOICE-USD", "pay too many dollars": "ARINVOICE-USD", "pay dollar bill": "APBILL-USD",
    "pay dollars by credit": "ARINVOICE-USD ARADJUSTMENT-USD", "pay dollars by rest": "ARINVOICE-USD ARPYMT-USD",
    "apply dollars": "ARINVOICE-USD ARPYMT-USD", "pay inline": "ARINVOICE", "pay line": "ARINVOICE ARINVOICEITEM",
    "pay with discount": "ARINVOICE", "pay by advance": "ARINVOICE ARADVANCE", "draft payment": "ARINVOICE",
    "hand in payment": "ARPYMT", "approve": "APPYMT", "confirm": "APPYMT", "decline": "APPYMT", "void": "APPYMT",
    "recall": "APBILL",
}  # fmt: skip
"""What a step needs a key of, and the other one."""


def aimed(sim: Simulator, what: str, amount: Decimal, key: int, other: int) -> str:
    """The request of a step, most often for something that is there, and for no more than is due."""
    rows: list[dict[str, Any]] = []
    for number, aim in zip((key, other), AIMS.get(what, "").split(), strict=False):
        name, _, currency = aim.partition("-")
        found = [row for row in sim.company.store[name] if row.get("CURRENCY") == (currency or "GBP")]
        found = [row for row in found if row.get("TRX_TOTALDUE")] or found
        rows.append(found[number % len(found)] if found and number < 12 else {"RECORDNO": number})
    due = [abs(row["TRX_TOTALDUE"]) for row in rows if row.get("TRX_TOTALDUE")]
    if due and key % 4:
        amount = min(abs(amount), *due) if key % 4 > 1 else min(due)
    numbers = [row["RECORDNO"] for row in rows] + [key, other][len(rows) :]
    return STEPS[what](str(amount), *numbers)


KEYS = st.integers(1, 12)
PLANS = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), AMOUNTS, KEYS, KEYS), min_size=4, max_size=30)
FLIPPED = [
    *("bill_approval", "payment_approval", "ap_credit_positive", "no_value", "payments_mirrored", "vat"),
    *("unique_bill_numbers", "payments_stamp"),
]
"""Switches that the books have to do with."""
RATES = {"USD": "0.777"}


def agrees(sim: Simulator) -> None:
    balance = sim.trial_balance()
    assert sum(balance.values()) == 0
    receivable = ledger.owed(sim.company, "ARINVOICE", "ARADJUSTMENT", "ARPYMT")
    payable = ledger.owed(sim.company, "APBILL", "APADJUSTMENT", "APPYMT")
    assert (balance.get("1100", 0), -balance.get("2100", 0)) == (receivable, payable)
    for name, owed in (("CUSTOMER", receivable), ("VENDOR", payable)):
        assert sum(row.get("TOTALDUE", Decimal(0)) for row in sim.rows(name)) == owed
    advances = sum(row["TOTALDUE"] for row in sim.rows("ARADVANCE") if "ACCOUNT" not in row)
    assert -balance.get("Advances", 0) == advances
    for name in ("ARINVOICE", "APBILL", "ARADJUSTMENT", "APADJUSTMENT"):
        for row in sim.rows(name):
            if row["STATE"] not in ("Reversed", "Reversal"):
                paid_on = sum(item.get("TRX_TOTALPAID", 0) for item in row[name + "ITEMS"])
                assert row["TRX_TOTALPAID"] == paid_on == row["TRX_TOTALENTERED"] - row["TRX_TOTALDUE"]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS, st.sets(st.sampled_from(FLIPPED)), st.sampled_from(["", "", "E1"]))
def test_the_ledger_always_balances(plan: list[tuple[str, Decimal, int, int]], flipped: set[str], entity: str) -> None:
    """The steps may well be refused, and come in transactions of two, the second of which may undo the first."""
    sim = Simulator(small_company())
    for name in flipped:
        setattr(sim.switches, name, not getattr(sim.switches, name))
    sim.switches.rates = RATES
    caller = Caller("http://127.0.0.1:1/")
    for number, (what, amount, key, other) in enumerate(plan):
        function = aimed(sim, what, amount if number % 3 else abs(amount), key, other)
        whole = number % 5 == 4
        functions = (function, REVERSE.format("invoice", other)) if whole else (function,)
        body = caller.envelope(*functions, transaction=whole, entity=entity if key % 2 else "")
        answer = sim.gateway.handle(body.encode())
        assert b"XL03000003" not in answer.body, function
        assert not sim.gateway.errors
        agrees(sim)


def test_every_step_can_be_accepted(sim: Simulator, caller: Caller) -> None:
    """Or else the test above would test nothing."""
    sim.switches.rates = RATES
    plans = (
        ("invoice", "pay", "unpay"), ("draft", "hand in", "delete"), ("bill", "pay bill", "unpay bill"),
        ("draft bill", "change bill", "hand in bill", "reverse bill"), ("credit", "change credit"),
        ("bill credit", "delete credit"), ("draft credit", "delete credit"), ("invoice", "change", "reverse"),
        ("invoice", "pay too much"), ("bill", "delete bill"), ("dollars", "pay dollars", "unpay"),
        ("dollars", "pay too many dollars"), ("dollar bill", "pay dollar bill", "unpay bill"), ("mixed", "pay inline"),
        ("invoice", "pay with discount", "unpay"), ("invoice", "draft payment", "hand in payment"), ("dollar credit",),
    )  # fmt: skip
    for number, plan in enumerate(plans):
        key = None
        for what in plan:
            result = caller.ok(STEPS[what]("5.00", key or 0, number))
            made = result.findtext("key") or next((one.text for one in result.iter("RECORDNO")), None)
            key = int(made) if made and not what.startswith(("hand", "change")) else key
        agrees(sim)


def test_a_document_and_its_payment_by_account(sim: Simulator, caller: Caller) -> None:
    before = sim.trial_balance()
    key = int(caller.ok(invoice(line("100.00"))).findtext("key", ""))
    caller.ok(receipt(key, "120.00"))
    after = sim.trial_balance()
    moved = {no: after[no] - before.get(no, Decimal(0)) for no in after if after[no] != before.get(no)}
    assert moved == {"4000": Decimal("-100.00"), "2200": Decimal("-20.00"), "1200": Decimal("120.00")}
