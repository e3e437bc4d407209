"""Whatever is asked for, the ledger balances and agrees with what customers owe and vendors are owed."""

import os
from collections.abc import Callable
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_intacct.simulator import Simulator, ledger

from .client import Caller
from .data import small_company
from .test_documents import DAY, bill, invoice, line
from .test_old_functions import APPLY, PAY, adjustment, item
from .test_payments import receipt

EXAMPLES = int(os.environ.get("INTACCT_LEDGER_EXAMPLES", "60"))
AMOUNTS = st.decimals(Decimal("-500"), Decimal("500"), places=2)
REVERSE = '<reverse_{0} key="{1}"><datereversed>' + DAY + "</datereversed></reverse_{0}>"
CHANGE = (
    '<update_{0} key="{1}"><update{0}items><updatelineitem line_num="1"><amount>{2}</amount></updatelineitem>'
    "</update{0}items></update_{0}>"
)
BILL_LINE = "<APBILLITEM><LINE_NO>1</LINE_NO><TRX_AMOUNT>{}</TRX_AMOUNT></APBILLITEM>"
CREDIT = "<{0}KEY>{1}</{0}KEY><TRX_{2}AMOUNT>{3}</TRX_{2}AMOUNT>"


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
        key, amount, more=CREDIT.format("ADJUSTMENT", other, "ADJUSTMENT", amount)
    ),
    "pay by rest": lambda amount, key, other: receipt(
        key, amount, more=CREDIT.format("OVERPAYMENT", other, "POSTEDOVERPAYMENT", amount)
    ),
    "pay by invoice": lambda amount, key, other: receipt(
        key, amount, more=CREDIT.format("NEGATIVEINVOICE", other, "NEGATIVEINVOICE", amount)
    ),
    "pay too much": lambda amount, key, other: receipt(key, amount, OVERPAYMENTAMOUNT=amount),
    "pay the old way": lambda amount, key, other: PAY.format("C0001", amount, item(key, "1.00")),
    "apply": lambda amount, key, other: APPLY.format(other, item(key, amount)),
    "pay bill": lambda amount, key, other: paid(key, amount),
    "pay bill by credit": lambda amount, key, other: paid(
        key, amount, CREDIT.format("ADJUSTMENT", other, "ADJUSTMENT", amount)
    ),
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
KEYS = st.integers(1, 12)
PLANS = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), AMOUNTS, KEYS, KEYS), min_size=4, max_size=20)


def agrees(sim: Simulator) -> None:
    balance = sim.trial_balance()
    assert sum(balance.values()) == 0
    receivable = ledger.owed(sim.company, "ARINVOICE", "ARADJUSTMENT", "ARPYMT")
    payable = ledger.owed(sim.company, "APBILL", "APADJUSTMENT", "APPYMT")
    assert (balance.get("1100", 0), -balance.get("2100", 0)) == (receivable, payable)
    for name, owed in (("CUSTOMER", receivable), ("VENDOR", payable)):
        assert sum(row.get("TOTALDUE", Decimal(0)) for row in sim.rows(name)) == owed


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS, st.booleans())
def test_the_ledger_always_balances(plan: list[tuple[str, Decimal, int, int]], approval: bool) -> None:
    """The steps may well be refused, and come in transactions of two, the second of which may undo the first."""
    sim = Simulator(small_company())
    sim.switches.bill_approval = approval
    caller = Caller("http://127.0.0.1:1/")
    for number, (what, amount, key, other) in enumerate(plan):
        function = STEPS[what](str(amount if number % 3 else abs(amount)), key, other)
        whole = number % 5 == 4
        functions = (function, REVERSE.format("invoice", other)) if whole else (function,)
        answer = sim.gateway.handle(caller.envelope(*functions, transaction=whole).encode())
        assert b"XL03000003" not in answer.body, function
        assert not sim.gateway.errors
        agrees(sim)


def test_every_step_can_be_accepted(sim: Simulator, caller: Caller) -> None:
    """Or else the test above would test nothing."""
    plans = (
        ("invoice", "pay", "unpay"), ("draft", "hand in", "delete"), ("bill", "pay bill", "unpay bill"),
        ("draft bill", "change bill", "hand in bill", "reverse bill"), ("credit", "change credit"),
        ("bill credit", "delete credit"), ("draft credit", "delete credit"), ("invoice", "change", "reverse"),
        ("invoice", "pay too much"), ("bill", "delete bill"),
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
