"""Whatever is asked for, the ledger balances and agrees with what customers owe and vendors are owed."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_intacct.simulator import Simulator, ledger

from .client import Caller
from .data import small_company
from .test_documents import DAY, bill, invoice, line
from .test_payments import receipt

AMOUNTS = st.decimals(Decimal("-500"), Decimal("500"), places=2).map(str)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("invoice", "draft", "credit", "bill", "pay", "reverse", "unpay", "change", "delete")),
        AMOUNTS,
        st.integers(1, 12),
    ),
    max_size=12,
)


def call(caller: Caller, what: str, amount: str, key: int) -> None:
    """One request, which may well be refused."""
    function = {
        "invoice": invoice(line(amount), line("10.01", "1.99")),
        "draft": invoice(line(amount), action="Draft"),
        "credit": f"<create_aradjustment><customerid>C0001</customerid><datecreated>{DAY}</datecreated>"
        f"<aradjustmentitems>{line(amount)}</aradjustmentitems></create_aradjustment>",
        "bill": bill(RECORDID=f"N{key}"),
        "pay": receipt(key, amount),
        "reverse": f'<reverse_invoice key="{key}"><datereversed>{DAY}</datereversed></reverse_invoice>',
        "unpay": f'<reverse_arpayment key="{key}"><datereversed>{DAY}</datereversed></reverse_arpayment>',
        "change": f'<update_invoice key="{key}"><updateinvoiceitems><updatelineitem line_num="1"><amount>{amount}'
        "</amount></updatelineitem></updateinvoiceitems></update_invoice>",
        "delete": f"<delete><object>ARINVOICE</object><keys>{key}</keys></delete>",
    }[what]
    caller.result(function)


def agrees(sim: Simulator) -> None:
    balance = sim.trial_balance()
    assert sum(balance.values()) == 0
    assert balance.get("1100", Decimal(0)) == ledger.owed(sim.company, "ARINVOICE", "ARADJUSTMENT")
    assert -balance.get("2100", Decimal(0)) == ledger.owed(sim.company, "APBILL", "APADJUSTMENT")
    customers = sum(row.get("TOTALDUE", Decimal(0)) for row in sim.rows("CUSTOMER"))
    assert customers == ledger.owed(sim.company, "ARINVOICE", "ARADJUSTMENT")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_the_ledger_always_balances(steps: list[tuple[str, str, int]]) -> None:
    with Simulator(small_company()) as sim:
        caller = Caller(sim.url)
        agrees(sim)
        for step in steps:
            call(caller, *step)
            agrees(sim)
        caller.close()
        assert not sim.gateway.errors


def test_a_document_and_its_payment_by_account(sim: Simulator, caller: Caller) -> None:
    before = sim.trial_balance()
    key = int(caller.ok(invoice(line("100.00"))).findtext("key", ""))
    caller.ok(receipt(key, "120.00"))
    after = sim.trial_balance()
    moved = {no: after[no] - before.get(no, Decimal(0)) for no in after if after[no] != before.get(no)}
    assert moved == {"4000": Decimal("-100.00"), "2200": Decimal("-20.00"), "1200": Decimal("120.00")}
