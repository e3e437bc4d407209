"""Money of a customer that came before anything was owed: kept on an account of its own until it settles invoices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ..protocol.call import Call
from ..store.values import Row, money
from . import documents, ledger, numbering, periods, rates
from .draft import ZERO
from .ledger import Entry
from .rates import base_part

NAME = "ARADVANCE"


def write(call: Call, head: Row, amount: Decimal, account: str, day: date, given_rate: Decimal | None) -> Row:
    """Write and post an advance; `account` "" is the company's own for them."""
    company, user = call.company, call.session.user
    periods.check(company, day)
    base = rates.own(company, call.session.entity)
    rate = rates.rate(company, head["CURRENCY"], base, given_rate)
    head = head | documents.totals(amount, ZERO, money(amount * rate), ZERO)
    head |= {"BASECURR": base, "EXCHANGE_RATE": rate if head["CURRENCY"] != base else None, "RECORDTYPE": "rr"}
    head |= {"STATE": "Posted", "RAWSTATE": "A", "RECORDID": numbering.issue(company, NAME), "WHENCREATED": day}
    known = company.store[NAME].fields
    row = company.insert(
        company.store[NAME],
        {k: v for k, v in head.items() if k in known} | {"ACCOUNT": account},
        user,
        call.session.entity,
    )
    entries = [
        Entry(ledger.money_account(company, row), row["TOTALENTERED"], row),
        Entry(_account(call, row), -row["TOTALENTERED"], row),
    ]
    ledger.post(company, row, f"{NAME} {row['RECORDID']}", day, entries, user)
    return row


def use(call: Call, row: Row, amount: Decimal) -> tuple[str, Decimal]:
    """Use up (or, below nought, give back) part of an advance.

    :returns: its account, and what that loses in the base currency.
    """
    paid = row["TRX_TOTALPAID"] + amount
    base = base_part(row["TRX_TOTALENTERED"], row["TOTALENTERED"], paid, rates.of(row))
    state = "Posted" if not paid else "Fully applied" if paid == row["TRX_TOTALENTERED"] else "Partially applied"
    changes = documents.totals(row["TRX_TOTALENTERED"], paid, row["TOTALENTERED"], base) | {"STATE": state}
    call.company.update(call.company.store[NAME], row, changes, call.session.user)
    return _account(call, row), base - row["TOTALPAID"]


def _account(call: Call, row: Row) -> str:
    return row.get("ACCOUNT") or ledger.control_account(call.company, "advance")
