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


@dataclass(slots=True)
class Detail:
    """What one detail settles: a document, one line of it or all, and a credit used for it."""

    document: int
    amount: Decimal
    entry: int | None = None
    positive: bool = False
    credit: int | None = None
    credited: Decimal = ZERO


def _target(call: Call, kind: PaymentKind, party: str, key: int, adjustment: bool) -> Row:
    """The document that a detail settles."""
    name = kind.adjustment if adjustment else kind.document
    row = call.company.store[name].get(key)
    party_id = KINDS[name].party_id
    if row is None or (party and row[party_id] != party):
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
        for key, amount, adjustment in (
            (detail.document, detail.amount + detail.credited, detail.positive),
            (detail.credit, -detail.credited, True),
        ):
            if key is None:
                continue
            row = _target(call, kind, party, key, adjustment)
            due = open_amounts.setdefault(key, row["TRX_TOTALDUE"])
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
    name = kind.adjustment if detail.positive else kind.document
    settle(call, store[name][detail.document], name, sign * (detail.amount + detail.credited), day)
    if detail.credit is not None:
        settle(call, store[kind.adjustment][detail.credit], kind.adjustment, -sign * detail.credited, day)


def write(call: Call, kind: PaymentKind, head: Row, details: list[Detail], day: date, draft: bool) -> Row:
    """Write a checked payment, and settle its documents unless it is a draft."""
    company, user = call.company, call.session.user
    if not draft:
        periods.check(company, day)
    total = money(sum((detail.amount for detail in details), ZERO))
    head = head | documents.totals(total, ZERO if draft else total)
    head |= {"RECORDTYPE": kind.record_type, "DISPLAYSTATE": "Draft" if draft else kind.done}
    head |= {"STATE": "Draft" if draft else "Posted", "RAWSTATE": "D" if draft else "C"}
    table = company.store[kind.name]
    head["RECORDID"] = numbering.issue(company, kind.name)
    row = company.insert(table, {k: v for k, v in head.items() if k in table.fields}, user, call.session.entity)
    owner = {"MEGAENTITYID": row["MEGAENTITYID"]} if row.get("MEGAENTITYID") else {}
    for detail in details:
        line: Row = {
            "PAYMENTKEY": row["RECORDNO"],
            "POSADJKEY" if detail.positive else "RECORDKEY": detail.document,
            "ENTRYKEY": detail.entry,
            "PAYMENTDATE": day,
            "PAYMENTAMOUNT": detail.amount,
            "TRX_PAYMENTAMOUNT": detail.amount,
            "CURRENCY": row.get("CURRENCY"),
            "STATE": row["STATE"],
        }
        if detail.credit is not None:
            line |= {"ADJUSTMENTKEY": detail.credit, "TRX_ADJUSTMENTAMOUNT": detail.credited}
            line["ADJUSTMENTAMOUNT"] = detail.credited
        company.insert(company.store[kind.detail], line | owner, user)
        if not draft:
            _apply(call, kind, detail, day, 1)
    if not draft:
        _post(call, kind, row, total, day)
    return row


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
        detail.credit = line.get("ADJUSTMENTKEY")
        detail.credited = line.get("TRX_ADJUSTMENTAMOUNT", ZERO)
        found.append(detail)
    return found


def reverse(call: Call, kind: PaymentKind, row: Row, day: date) -> Row:
    """Take a payment back: its documents are owed again."""
    company, table = call.company, call.company.store[kind.name]
    if row["DISPLAYSTATE"] != kind.done:
        raise refuse("BL03000130", f"A payment in the state {row['DISPLAYSTATE']} can't be reversed.")
    periods.check(company, day)
    for detail in _details(call, kind, row):
        _apply(call, kind, detail, day, -1)
    _post(call, kind, row, -row["TRX_TOTALENTERED"], day)
    state = {"DISPLAYSTATE": kind.taken_back, "STATE": kind.taken_back, "RAWSTATE": "V"}
    return company.update(table, row, {k: v for k, v in state.items() if k in table.fields}, call.session.user)


def delete(call: Call, kind: PaymentKind, row: Row) -> None:
    """Delete a draft with its details."""
    company, user = call.company, call.session.user
    if row["DISPLAYSTATE"] != "Draft":
        raise refuse("BL03000130", "Only drafts of payments can be deleted.")
    for line in company.store[kind.detail].where("PAYMENTKEY", row["RECORDNO"]):
        company.delete(company.store[kind.detail], line, user)
    company.delete(company.store[kind.name], row, user)
