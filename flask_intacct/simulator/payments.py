"""Receipts and payments: what they settle, how the settled documents change, and taking them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from . import documents, ledger, numbering, periods
from .call import Call
from .draft import KINDS, ZERO
from .errors import invalid, refuse
from .values import Row, money


@dataclass(frozen=True, slots=True)
class PaymentKind:
    """One kind of payment: its details, the documents it settles, how it looks when it is done."""

    name: str
    detail: str
    document: str
    adjustment: str
    dated: str
    methods: tuple[str, ...]
    done: str
    taken_back: str
    record_type: str


PAYMENTS = {
    "ARPYMT": PaymentKind(
        "ARPYMT",
        "ARPYMTDETAIL",
        "ARINVOICE",
        "ARADJUSTMENT",
        "RECEIPTDATE",
        ("Printed Check", "Cash", "EFT", "Credit Card", "Online Charge Card", "Online ACH Debit"),
        "Complete",
        "Reversed",
        "rp",
    ),
    "APPYMT": PaymentKind(
        "APPYMT",
        "APPYMTDETAIL",
        "APBILL",
        "APADJUSTMENT",
        "WHENCREATED",
        ("Printed Check", "Joint Check", "Cash", "EFT", "Credit Card", "ACH", "Check Delivery"),
        "Confirmed",
        "Voided",
        "pp",
    ),
}


CREDITS = {
    "ADJUSTMENTKEY": "TRX_ADJUSTMENTAMOUNT",
    "NEGATIVEINVOICEKEY": "TRX_NEGATIVEINVOICEAMOUNT",
    "OVERPAYMENTKEY": "TRX_POSTEDOVERPAYMENTAMOUNT",
}
"""Fields of a detail that name a credit, and those that say how much of it is used."""


@dataclass(slots=True)
class Detail:
    """What one detail settles: a document, one line of it or all, and a credit used for it; `source` is the field
    that names the credit."""

    document: int
    amount: Decimal
    entry: int | None = None
    positive: bool = False
    credit: int | None = None
    credited: Decimal = ZERO
    source: str = "ADJUSTMENTKEY"


def _document(kind: PaymentKind, detail: Detail) -> str:
    """The object that a detail settles."""
    return kind.adjustment if detail.positive else kind.document


def _credit(kind: PaymentKind, detail: Detail) -> str:
    """The object of the credit that a detail uses."""
    return {"ADJUSTMENTKEY": kind.adjustment, "NEGATIVEINVOICEKEY": kind.document}.get(detail.source, kind.name)


def _target(call: Call, kind: PaymentKind, name: str, party: str, key: int) -> Row:
    """The document that a detail settles, or the credit that it uses."""
    row = call.company.store[name].get(key)
    party_id = KINDS[kind.document].party_id
    if row is None or (party and row.get(party_id) != party):
        raise refuse("BL01001973", f"Invalid {name.lower()} key '{key}' specified.")
    if row["STATE"] not in ("Posted", "Partially Paid"):
        raise refuse("BL03000130", f"The document {row['RECORDID']} is in the state {row['STATE']}.")
    return row


def check(call: Call, kind: PaymentKind, party: str, details: list[Detail]) -> None:
    """Refuse details that settle too much or the wrong documents."""
    open_amounts: dict[int, Decimal] = {}
    for detail in details:
        if detail.amount + detail.credited <= 0:
            raise invalid("A payment detail has no amount.")
        for key, amount, name in (
            (detail.document, detail.amount + detail.credited, _document(kind, detail)),
            (detail.credit, -detail.credited, _credit(kind, detail)),
        ):
            if key is None:
                continue
            row = _target(call, kind, name, party, key)
            sign = -1 if name == kind.name else 1
            due = open_amounts.setdefault(key, sign * row["TRX_TOTALDUE"])
            left = due - amount
            if abs(left) > abs(due) or (left and (left > 0) != (due > 0)):
                raise invalid(f"The amount {amount} is more than is due on {row['RECORDID']} ({due}).")
            open_amounts[key] = left


def settle(call: Call, row: Row, name: str, amount: Decimal, day: date) -> None:
    """Move what has been paid on a document; its state and lines follow."""
    company, kind = call.company, KINDS[name]
    paid = row["TRX_TOTALPAID"] + amount
    total = row["TRX_TOTALENTERED"]
    state = "Posted" if not paid else "Paid" if paid == total else "Partially Paid"
    changes = documents.totals(total, paid) | documents.state_fields(state)
    changes["WHENPAID"] = day if state == "Paid" else None
    stamped = company.switches.payments_stamp
    company.update(company.store[name], row, changes, call.session.user, stamped)
    company.adjust_due(kind.party, row[kind.party_id], -amount)
    left = paid
    items = company.store[kind.item].where("RECORDKEY", row["RECORDNO"])
    for number, item in enumerate(items):
        records = company.store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(item["RECORDNO"]))
        gross = item["TRX_AMOUNT"] + sum((tax["TRXTAXAMOUNT"] for tax in records), ZERO)
        part = left if number == len(items) - 1 else min(left, gross)
        left -= part
        new = {"TOTALPAID": part, "TRX_TOTALPAID": part, "STATE": state}
        company.update(company.store[kind.item], item, new, call.session.user, stamped)


def _apply(call: Call, kind: PaymentKind, detail: Detail, day: date, sign: int) -> None:
    """Settle one detail, or (sign -1) undo it."""
    store = call.company.store
    name, credit = _document(kind, detail), _credit(kind, detail)
    settle(call, store[name][detail.document], name, sign * (detail.amount + detail.credited), day)
    if detail.credit is None:
        return
    if credit == kind.name:
        use(call, kind, store[credit][detail.credit], sign * detail.credited)
    else:
        settle(call, store[credit][detail.credit], credit, -sign * detail.credited, day)


def use(call: Call, kind: PaymentKind, row: Row, amount: Decimal) -> None:
    """Move what of a payment has been used to settle documents; the rest is a credit of the party."""
    paid = row["TRX_TOTALPAID"] + amount
    changes = documents.totals(row["TRX_TOTALENTERED"], paid)
    call.company.update(call.company.store[kind.name], row, changes, call.session.user)
    party = KINDS[kind.document]
    call.company.adjust_due(party.party, row.get(party.party_id, ""), amount)


def write(
    call: Call, kind: PaymentKind, head: Row, details: list[Detail], day: date, draft: bool, over: Decimal = ZERO
) -> Row:
    """Write a checked payment, and settle its documents unless it is a draft; `over` is paid for none of them."""
    company, user = call.company, call.session.user
    if not draft:
        periods.check(company, day)
    paid = money(sum((detail.amount for detail in details), ZERO))
    total = paid + over
    head = head | documents.totals(total, ZERO if draft else paid)
    head |= {"RECORDTYPE": kind.record_type, "DISPLAYSTATE": "Draft" if draft else kind.done}
    head |= {"STATE": "Draft" if draft else "Posted", "RAWSTATE": "D" if draft else "C"}
    table = company.store[kind.name]
    head["RECORDID"] = numbering.issue(company, kind.name)
    row = company.insert(table, {k: v for k, v in head.items() if k in table.fields}, user, call.session.entity)
    for detail in details:
        add(call, kind, row, detail, day, draft)
    if not draft:
        if over:
            party = KINDS[kind.document]
            company.adjust_due(party.party, row.get(party.party_id, ""), -over)
        _post(call, kind, row, total, day)
    return row


def add(call: Call, kind: PaymentKind, row: Row, detail: Detail, day: date, draft: bool = False) -> None:
    """Write a detail of a payment, and settle what it names unless the payment is a draft."""
    line: Row = {
        "PAYMENTKEY": row["RECORDNO"],
        "POSADJKEY" if detail.positive else "RECORDKEY": detail.document,
        "ENTRYKEY": detail.entry,
        "PAYMENTDATE": day,
        "PAYMENTAMOUNT": detail.amount,
        "TRX_PAYMENTAMOUNT": detail.amount,
        "CURRENCY": row.get("CURRENCY"),
        "STATE": row["STATE"],
        "MEGAENTITYID": row.get("MEGAENTITYID"),
    }
    if detail.credit is not None:
        amount = CREDITS[detail.source]
        line |= {detail.source: detail.credit, amount: detail.credited, amount.removeprefix("TRX_"): detail.credited}
    call.company.insert(call.company.store[kind.detail], line, call.session.user)
    if not draft:
        _apply(call, kind, detail, day, 1)


def _post(call: Call, kind: PaymentKind, row: Row, total: Decimal, day: date) -> None:
    """Money against the control account: in for a receipt, out for a payment."""
    company = call.company
    role, amount = ("ar", total) if kind.name == "ARPYMT" else ("ap", -total)
    bank = company.store["CHECKINGACCOUNT"].named(row.get("FINANCIALENTITY")) or {}
    place = bank.get("GLACCOUNTNO") or row.get("UNDEPOSITEDACCOUNTNO") or ledger.control_account(company, "bank")
    entries = [(place, amount, row), (ledger.control_account(company, role), -amount, row)]
    ledger.post(company, row, f"{kind.name} {row['RECORDID']}", day, entries, call.session.user)


def _details(call: Call, kind: PaymentKind, row: Row) -> list[Detail]:
    found = []
    for line in call.company.store[kind.detail].where("PAYMENTKEY", row["RECORDNO"]):
        positive = line.get("POSADJKEY")
        detail = Detail(positive or line["RECORDKEY"], line["TRX_PAYMENTAMOUNT"], positive=bool(positive))
        for source, amount in CREDITS.items():
            if source in line:
                detail.source, detail.credit, detail.credited = source, line[source], line[amount]
        found.append(detail)
    return found


def reverse(call: Call, kind: PaymentKind, row: Row, day: date) -> Row:
    """Take a payment back: its documents are owed again."""
    company, table = call.company, call.company.store[kind.name]
    if row["DISPLAYSTATE"] != kind.done:
        raise refuse("BL03000130", f"A payment in the state {row['DISPLAYSTATE']} can't be reversed.")
    periods.check(company, day)
    details = _details(call, kind, row)
    if row["TRX_TOTALPAID"] != sum((detail.amount for detail in details), ZERO):
        raise refuse("BL03000130", f"The overpayment of {row['RECORDID']} has been used.", "Reverse its use first.")
    for detail in details:
        _apply(call, kind, detail, day, -1)
    party = KINDS[kind.document]
    company.adjust_due(party.party, row.get(party.party_id, ""), row["TRX_TOTALDUE"])
    _post(call, kind, row, -row["TRX_TOTALENTERED"], day)
    state: Row = {
        "TOTALDUE": ZERO,
        "TRX_TOTALDUE": ZERO,
        "DISPLAYSTATE": kind.taken_back,
        "STATE": kind.taken_back,
        "RAWSTATE": "V",
    }
    row = table[row["RECORDNO"]]
    return company.update(table, row, {k: v for k, v in state.items() if k in table.fields}, call.session.user)


def delete(call: Call, kind: PaymentKind, row: Row) -> None:
    """Delete a draft with its details."""
    company, user = call.company, call.session.user
    if row["DISPLAYSTATE"] != "Draft":
        raise refuse("BL03000130", "Only drafts of payments can be deleted.")
    for line in company.store[kind.detail].where("PAYMENTKEY", row["RECORDNO"]):
        company.delete(company.store[kind.detail], line, user)
    company.delete(company.store[kind.name], row, user)
