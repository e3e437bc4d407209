"""Receipts and payments: how they are written and posted, and taking them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..errors import refuse
from ..protocol.call import Call
from ..store.values import Row, money
from . import documents, ledger, numbering, periods, rates, settlement
from .details import CREDITS, Detail, Moved, PaymentKind, document_of, settle, unsettle, use
from .draft import KINDS, ZERO
from .ledger import Entry
from .rates import base_part


@dataclass(slots=True)
class Payment:
    """A checked payment, to be written: `over` is paid for no document, `row` is the draft that it replaces."""

    head: Row
    details: list[Detail]
    day: date
    draft: bool = False
    over: Decimal = ZERO
    given_rate: Decimal | None = None
    row: Row | None = None


def write(call: Call, kind: PaymentKind, payment: Payment) -> Row:
    """Write a payment: a draft, one that waits for approval, or one that settles its documents at once."""
    company, day, draft = call.company, payment.day, payment.draft
    if not draft:
        periods.check(company, day)
    paid = money(sum((detail.amount for detail in payment.details), ZERO))
    total = paid + payment.over
    currency = payment.head["CURRENCY"]
    base = base_currency(call, kind, payment)
    rate = rates.rate(company, currency, base, payment.given_rate)
    waits = kind.name == "APPYMT" and company.switches.payment_approval and not draft
    entered = money(total * rate)
    used = ZERO if draft or waits else paid
    head = payment.head | documents.totals(total, used, entered, base_part(total, entered, used, rate))
    head |= {"BASECURR": base, "EXCHANGE_RATE": rate if currency != base else None, "RECORDTYPE": kind.record_type}
    head |= _states(kind, "Draft" if draft else "Submitted" if waits else kind.done)
    row = _header(call, kind, head, payment.row)
    party = row.get(KINDS[kind.document].party_id, "")
    if draft or waits:
        mark = company.store.begin()
        settle(call, kind, party, currency, payment.details, day)
        company.store.rollback(mark)
        for detail in payment.details:
            _add(call, kind, row, detail, day)
            if waits:
                settlement.select(call, document_of(kind, detail), detail.document, detail.settled)
        return row
    carry_out(call, kind, row, payment.details, day)
    for detail in payment.details:
        _add(call, kind, row, detail, day)
    return row


def carry_out(call: Call, kind: PaymentKind, row: Row, details: list[Detail], day: date) -> None:
    """Settle the documents of a written payment, and post it."""
    party = KINDS[kind.document]
    moved = settle(call, kind, row.get(party.party_id, ""), row["CURRENCY"], details, day)
    moved.cash += row["TOTALENTERED"]
    moved.owed += row["TOTALDUE"]
    call.company.adjust_due(party.party, row.get(party.party_id, ""), -row["TOTALDUE"])
    _post(call, kind, row, moved, day)


def _states(kind: PaymentKind, state: str) -> Row:
    codes = {
        "Draft": "D",
        "Submitted": "S",
        "Partially Approved": "PA",
        "Approved": "A",
        "Declined": "U",
        kind.done: "C",
        kind.taken_back: "V",
    }
    return {
        "DISPLAYSTATE": state,
        "STATE": "Posted" if state == kind.done else state,
        "RAWSTATE": codes.get(state, "A"),
    }


def base_currency(call: Call, kind: PaymentKind, payment: Payment) -> str:
    """The base currency: that of the entity, or of the documents that are settled from the top level."""
    company = call.company
    if not call.session.entity:
        for detail in payment.details:
            row = company.store[document_of(kind, detail)].get(detail.document)
            if row is not None:
                base: str = row["BASECURR"]
                return base
    return rates.own(company, call.session.entity)


def _header(call: Call, kind: PaymentKind, head: Row, old: Row | None) -> Row:
    """Write the record of a payment, new or over the draft that it was."""
    company, user = call.company, call.session.user
    table = company.store[kind.name]
    fields = {k: v for k, v in head.items() if k in table.fields or k == "REQUEST"}
    if old is None:
        fields["RECORDID"] = numbering.issue(company, kind.name)
        return company.insert(table, fields, user, call.session.entity)
    for line in company.store[kind.detail].where("PAYMENTKEY", old["RECORDNO"]):
        company.delete(company.store[kind.detail], line, user)
    return company.update(table, old, fields, user)


def _add(call: Call, kind: PaymentKind, row: Row, detail: Detail, day: date) -> None:
    """Write a detail of a payment."""
    names = ("POSADJKEY", "POSADJENTRYKEY") if detail.positive else ("RECORDKEY", "ENTRYKEY")
    rate = rates.of(row)
    line: Row = {
        "PAYMENTKEY": row["RECORDNO"],
        names[0]: detail.document,
        names[1]: detail.entry,
        "PAYMENTDATE": day,
        "PAYMENTAMOUNT": money(detail.amount * rate),
        "TRX_PAYMENTAMOUNT": detail.amount,
        "CURRENCY": row.get("CURRENCY"),
        "STATE": row["STATE"],
        "MEGAENTITYID": row.get("MEGAENTITYID"),
        "DETAIL": detail,
    }
    if detail.discount:
        base = money(detail.discount * rate)
        line |= {"DISCOUNTDATE": detail.discount_day, "TRX_DISCOUNTAMOUNT": detail.discount, "DISCOUNTAMOUNT": base}
    if detail.credit is not None:
        credit = CREDITS[detail.source]
        line |= {detail.source: detail.credit, credit.entry: detail.credit_entry, credit.amount: detail.credited}
        line[credit.amount.removeprefix("TRX_")] = money(detail.credited * rate)
        if detail.source == "ADVANCEKEY":
            line["POSTEDADVANCEKEY"] = detail.credit
    call.company.insert(call.company.store[kind.detail], line, call.session.user)


def apply(call: Call, kind: PaymentKind, row: Row, details: list[Detail], day: date) -> None:
    """Settle documents with what is left of a payment."""
    periods.check(call.company, day)
    moved = settle(call, kind, row.get("CUSTOMERID", ""), row["CURRENCY"], details, day)
    total = sum((detail.amount for detail in details), ZERO)
    moved.owed -= use(call, kind, call.company.store[kind.name][row["RECORDNO"]], total)
    for detail in details:
        _add(call, kind, row, detail, day)
    _post(call, kind, row, moved, day)


def _post(call: Call, kind: PaymentKind, row: Row, moved: Moved, day: date) -> None:
    """Money, discounts and advances against the control account; what rates have changed is a gain or a loss."""
    company, sign = call.company, kind.sign
    account = ledger.control_account
    entries = [
        Entry(ledger.money_account(company, row), sign * moved.cash, row),
        Entry(account(company, "discount"), sign * moved.discount, row),
        *(Entry(number, sign * amount, row) for number, amount in moved.advances),
        Entry(account(company, "ar" if sign > 0 else "ap"), -sign * moved.owed, row),
    ]
    difference = -sum((entry.amount for entry in entries), ZERO)
    entries.append(Entry(account(company, "exchange"), difference, row))
    ledger.post(company, row, f"{kind.name} {row['RECORDID']}", day, entries, call.session.user)


def details_of(call: Call, kind: PaymentKind, row: Row) -> list[Detail]:
    lines = call.company.store[kind.detail].where("PAYMENTKEY", row["RECORDNO"])
    return [line["DETAIL"] for line in lines]


def turn(call: Call, kind: PaymentKind, row: Row, state: str, **more: Decimal | int) -> Row:
    """Give a payment and its details another state."""
    company, user = call.company, call.session.user
    table = company.store[kind.name]
    states: Row = _states(kind, state)
    for line in company.store[kind.detail].where("PAYMENTKEY", row["RECORDNO"]):
        company.update(company.store[kind.detail], line, {"STATE": states["STATE"]}, user)
    changes = {k: v for k, v in (states | more).items() if k in table.fields or k == "APPROVALS"}
    return company.update(table, table[row["RECORDNO"]], changes, user)


def reverse(call: Call, kind: PaymentKind, row: Row, day: date) -> Row:
    """Take a payment back: its documents are owed again."""
    company = call.company
    if row["DISPLAYSTATE"] != kind.done:
        raise refuse("BL03000130", f"A payment in the state {row['DISPLAYSTATE']} can't be reversed.")
    periods.check(company, day)
    details = details_of(call, kind, row)
    if row["TRX_TOTALPAID"] != sum((detail.amount for detail in details), ZERO):
        raise refuse("BL03000130", f"The overpayment of {row['RECORDID']} has been used.", "Reverse its use first.")
    moved = unsettle(call, kind, details, day)
    party = KINDS[kind.document]
    company.adjust_due(party.party, row.get(party.party_id, ""), row["TOTALDUE"])
    moved.owed -= row["TOTALDUE"]
    moved.cash = -row["TOTALENTERED"]
    _post(call, kind, row, moved, day)
    done = turn(call, kind, row, kind.taken_back, TOTALDUE=ZERO, TRX_TOTALDUE=ZERO)
    if company.switches.payments_mirrored:
        _mirror(call, kind, done, day)
    return done


def _mirror(call: Call, kind: PaymentKind, row: Row, day: date) -> None:
    """The counter-record of a payment: it settles nothing, and has no details."""
    company, table = call.company, call.company.store[kind.name]
    dropped = {"RECORDNO", "AUWHENCREATED", "WHENMODIFIED", "CREATEDBY", "MODIFIEDBY", "REQUEST"}
    head = {name: value for name, value in row.items() if name not in dropped}
    head |= documents.totals(-row["TRX_TOTALENTERED"], ZERO, -row["TOTALENTERED"], ZERO)
    state = "Reversal" if kind.name == "ARPYMT" else kind.taken_back
    head |= {"DISPLAYSTATE": state, "STATE": state, "RECEIPTDATE": day, "WHENCREATED": day, "WHENPAID": day}
    head |= {"TOTALDUE": ZERO, "TRX_TOTALDUE": ZERO, "RECORDID": numbering.issue(company, kind.name)}
    head["PARENTPAYMENTKEY"] = row["RECORDNO"]
    fields = {name: value for name, value in head.items() if name in table.fields}
    company.insert(table, fields, call.session.user, row.get("MEGAENTITYID", ""))


def delete(call: Call, kind: PaymentKind, row: Row) -> None:
    """Delete a draft with its details."""
    company, user = call.company, call.session.user
    if row["DISPLAYSTATE"] != "Draft":
        raise refuse("BL03000130", "Only drafts of payments can be deleted.")
    for line in company.store[kind.detail].where("PAYMENTKEY", row["RECORDNO"]):
        company.delete(company.store[kind.detail], line, user)
    company.delete(company.store[kind.name], row, user)
