"""Documents and payments in other currencies: both amounts, their rates, and what rates have changed meanwhile."""

from decimal import Decimal

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select
from .test_documents import DAY, bill, invoice, line
from .test_ledger import agrees, paid
from .test_old_functions import adjustment, balance, due
from .test_payments import receipt
from .test_settling import UNDO, made

D = Decimal


@pytest.fixture
def rates(sim: Simulator) -> None:
    sim.switches.rates = {"USD": "0.8", "EUR": "0.85"}


def in_dollars(function: str, more: str = "", place: str = "<invoiceitems>") -> str:
    return function.replace(place, f"<currency>USD</currency>{more}{place}")


@pytest.mark.usefixtures("rates")
def test_amounts_come_twice(sim: Simulator, caller: Caller) -> None:
    key = made(caller, in_dollars(invoice(line("100.01"), line("0.03", "0.01"))))
    row = sim.rows("ARINVOICE", RECORDNO=key)[0]
    assert (row["CURRENCY"], row["BASECURR"], row["EXCHANGE_RATE"]) == ("USD", "GBP", D("0.8"))
    assert (row["TRX_TOTALENTERED"], row["TOTALENTERED"]) == (D("120.05"), D("96.04"))
    assert [(one["TRX_AMOUNT"], one["AMOUNT"]) for one in row["ARINVOICEITEMS"]] == [
        (D("100.01"), D("80.01")),
        (D("0.03"), D("0.02")),
    ]
    tax = sim.rows("TAXRECORD", PRRECORDKEY=str(key))[0]
    assert (tax["TRXTAXAMOUNT"], tax["TAXAMOUNT"], tax["CURRENCY"], tax["BASE_CURRENCY"]) == (
        D("20.00"),
        D("16.00"),
        "USD",
        "GBP",
    )
    entries = [one for one in sim.rows("GLENTRY") if one.get("CURRENCY") == "USD"]
    assert (entries[0]["TRX_AMOUNT"], entries[0]["AMOUNT"], entries[0]["EXCHANGE_RATE"]) == (
        D("120.05"),
        D("96.04"),
        D("0.8"),
    )
    agrees(sim)


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize(
    ("more", "base"),
    [
        ("<exchrate>0.5</exchrate>", "60.00"),
        (f"<exchratedate>{DAY}</exchratedate><exchratetype>Intacct Daily Rate</exchratetype>", "96.00"),
        ("<exchratetype>Intacct Daily Rate</exchratetype>", "96.00"),
    ],
)
def test_a_rate_is_given_or_looked_up(sim: Simulator, caller: Caller, more: str, base: str) -> None:
    key = made(caller, in_dollars(invoice(), more))
    assert sim.rows("ARINVOICE", RECORDNO=key)[0]["TOTALDUE"] == D(base)
    key = made(caller, bill(CURRENCY="USD", EXCHANGE_RATE="0.5", EXCH_RATE_DATE="03/01/2026", BASECURR="GBP"))
    row = sim.rows("APBILL", RECORDNO=key)[0]
    assert (row["TOTALDUE"], row["TRX_TOTALDUE"], row["EXCH_RATE_DATE"].isoformat()) == (D(6), D(12), "2026-03-01")
    agrees(sim)


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize("wrong", ["<exchrate>0</exchrate>", "<exchrate>-1</exchrate>", "<exchrate>9999999</exchrate>"])
def test_wrong_rates_and_currencies_are_refused(caller: Caller, wrong: str) -> None:
    caller.refused(in_dollars(invoice(), wrong))
    caller.refused(in_dollars(invoice()).replace("USD", "CHF"))
    caller.refused(bill(CURRENCY="USD", BASECURR="USD"))
    caller.refused('<update_invoice key="1"><currency>USD</currency></update_invoice>')


@pytest.mark.usefixtures("rates")
def test_a_changed_rate_is_a_gain_or_a_loss(sim: Simulator, caller: Caller) -> None:
    key = made(caller, in_dollars(invoice(line("100.00"))))
    sim.switches.rates["USD"] = "0.75"
    first = made(caller, receipt(key, "50.00", CURRENCY="USD"))
    row = sim.rows("ARINVOICE", RECORDNO=key)[0]
    assert (row["TRX_TOTALDUE"], row["TOTALDUE"]) == (D("70.00"), D("56.00"))
    payment = sim.rows("ARPYMT")[0]
    assert (payment["TRX_TOTALENTERED"], payment["TOTALENTERED"]) == (D("50.00"), D("37.50"))
    assert (balance(sim, "1200"), balance(sim, "Exchange differences")) == (D("37.50"), D("2.50"))
    agrees(sim)
    caller.ok(receipt(key, "70.00", CURRENCY="USD", EXCHANGE_RATE="0.9"))
    assert (balance(sim, "1200"), balance(sim, "Exchange differences")) == (D("100.50"), D("-4.50"))
    assert sim.rows("ARINVOICE", RECORDNO=key)[0]["TOTALDUE"] == D(0)
    assert due(sim) == D("120.00")
    caller.ok(UNDO.format("ar", first, "ar"))
    assert sim.rows("ARINVOICE", RECORDNO=key)[0]["TOTALDUE"] == D("40.00")
    agrees(sim)


@pytest.mark.usefixtures("rates")
def test_a_payment_is_in_the_currency_of_what_it_settles(caller: Caller) -> None:
    key = made(caller, in_dollars(invoice()))
    assert "is in USD" in caller.refused(receipt(key, "5.00")).findtext("description2", "")
    caller.refused(receipt(1, "5.00", CURRENCY="USD"))
    caller.refused(receipt(1, "5.00", CURRENCY="CHF"))


@pytest.mark.usefixtures("rates")
def test_a_credit_of_another_rate(sim: Simulator, caller: Caller) -> None:
    key = made(caller, in_dollars(invoice(line("100.00"))))
    sim.switches.rates["USD"] = "0.7"
    credit = made(caller, in_dollars(adjustment("ar", "-50"), place="<aradjustmentitems>"))
    more = f"<ADJUSTMENTKEY>{credit}</ADJUSTMENTKEY><TRX_ADJUSTMENTAMOUNT>60</TRX_ADJUSTMENTAMOUNT>"
    caller.ok(receipt(key, "0", more=more, CURRENCY="USD"))
    assert balance(sim, "Exchange differences") == D("6.00")
    agrees(sim)


@pytest.mark.usefixtures("rates")
def test_bills_overpayments_and_reversals_in_dollars(sim: Simulator, caller: Caller) -> None:
    key = made(caller, bill(CURRENCY="USD"))
    sim.switches.rates["USD"] = "0.9"
    number = made(caller, paid(key, "12.00").replace("GBP", "USD"))
    assert balance(sim, "Exchange differences") == D("1.20")
    agrees(sim)
    caller.ok(UNDO.format("ap", number, "ap"))
    caller.ok(f'<reverse_bill key="{key}"><datereversed>{DAY}</datereversed></reverse_bill>')
    agrees(sim)
    invoiced = made(caller, in_dollars(invoice()))
    over = made(caller, receipt(invoiced, "100.00", CURRENCY="USD", OVERPAYMENTAMOUNT="33.33"))
    agrees(sim)
    sim.switches.rates["USD"] = "1.1"
    more = f"<OVERPAYMENTKEY>{over}</OVERPAYMENTKEY><TRX_POSTEDOVERPAYMENTAMOUNT>7.77</TRX_POSTEDOVERPAYMENTAMOUNT>"
    caller.ok(receipt(invoiced, "1.00", more=more, CURRENCY="USD"))
    agrees(sim)


@pytest.mark.usefixtures("rates")
def test_changed_lines_keep_their_rate(sim: Simulator, caller: Caller) -> None:
    key = made(caller, in_dollars(invoice(line("100.00"))))
    sim.switches.rates["USD"] = "0.1"
    caller.ok(
        f'<update_invoice key="{key}"><updateinvoiceitems><updatelineitem line_num="1"><amount>10</amount>'
        "</updatelineitem></updateinvoiceitems></update_invoice>"
    )
    data = caller.ok(select("ARINVOICE", "TOTALDUE TRX_TOTALDUE EXCHANGE_RATE")).findall("data/ARINVOICE")
    assert [one.text for one in data[-1]] == ["9.6", "12", "0.8"]
    agrees(sim)
