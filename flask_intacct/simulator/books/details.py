"""The details of payments: the documents that they settle, by which means, and taking that back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..errors import invalid, refuse
from ..protocol.call import Call
from ..store.values import Row, money
from . import advances, documents, rates, settlement, terms
from .draft import KINDS, ZERO
from .rates import base_part
from .settlement import Part


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

    @property
    def sign(self) -> int:
        """1 where money comes in."""
        return 1 if self.name == "ARPYMT" else -1


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


@dataclass(frozen=True, slots=True)
class Credit:
    """One kind of credit that a detail may use: the fields that say how much, and which line of it."""

    amount: str
    entry: str


CREDITS = {
    "ADJUSTMENTKEY": Credit("TRX_ADJUSTMENTAMOUNT", "ADJUSTMENTENTRYKEY"),
    "INLINEKEY": Credit("TRX_INLINEAMOUNT", "INLINEENTRYKEY"),
    "ADVANCEKEY": Credit("TRX_POSTEDADVANCEAMOUNT", "ADVANCEENTRYKEY"),
    "OVERPAYMENTKEY": Credit("TRX_POSTEDOVERPAYMENTAMOUNT", "OVERPAYMENTENTRYKEY"),
    "NEGATIVEINVOICEKEY": Credit("TRX_NEGATIVEINVOICEAMOUNT", "NEGATIVEINVOICEENTRYKEY"),
}
"""By the field that names the credit."""
RECEIVED = ("OVERPAYMENTKEY", "NEGATIVEINVOICEKEY")
"""Credits that only receipts know."""


@dataclass(slots=True)
class Detail:
    """What one detail settles: a document, one line of it or all, a credit used for it (`source` is the field that
    names it), and a discount: an amount, or the day for which the terms say how much."""

    document: int
    amount: Decimal
    entry: int | None = None
    positive: bool = False
    credit: int | None = None
    credited: Decimal = ZERO
    credit_entry: int | None = None
    source: str = "ADJUSTMENTKEY"
    discount: Decimal = ZERO
    discount_day: date | None = None
    parts: tuple[Part, ...] = ()
    credit_parts: tuple[Part, ...] = ()

    @property
    def settled(self) -> Decimal:
        return self.amount + self.credited + self.discount


@dataclass(slots=True)
class Moved:
    """What a payment has brought about so far, in the base currency: how much less is owed, what the bank and the
    discounts get, and what was taken from the accounts of advances."""

    owed: Decimal = ZERO
    cash: Decimal = ZERO
    discount: Decimal = ZERO
    advances: list[tuple[str, Decimal]] = field(default_factory=list)


def document_of(kind: PaymentKind, detail: Detail) -> str:
    """The object that a detail settles."""
    return kind.adjustment if detail.positive else kind.document


def _credit(kind: PaymentKind, detail: Detail) -> str:
    """The object of the credit that a detail uses."""
    if detail.source == "ADVANCEKEY":
        return advances.NAME if kind.name == "ARPYMT" else "APADVANCE"
    if detail.source == "OVERPAYMENTKEY":
        return kind.name
    return kind.adjustment if detail.source == "ADJUSTMENTKEY" else kind.document


def settle(call: Call, kind: PaymentKind, party: str, currency: str, details: list[Detail], day: date) -> Moved:
    """Settle what the details name.

    :raises FunctionRefusal: a document or credit that can't be settled or used, or more than is due on one.
    """
    moved = Moved()
    seen: dict[tuple[str, int], Row] = {}
    for detail in details:
        name = document_of(kind, detail)
        row = settlement.target(call, name, detail.document, party, currency)
        seen.setdefault((name, detail.document), row)
        if detail.discount_day is not None:
            _take_discount(call, kind, detail, row)
        if detail.amount < 0 or detail.credited < 0 or detail.discount < 0 or detail.settled <= 0:
            raise invalid("A payment detail has no amount.")
        if detail.credit is not None:
            _use(call, kind, detail, party, currency, day, moved)
            row = call.company.store[name][detail.document]
        detail.parts = settlement.spread(call.company, name, row, detail.settled, detail.entry)
        moved.owed += settlement.move(call, name, detail.document, detail.parts, day, detail.discount)
        moved.discount += money(detail.discount * rates.of(row))
    for (name, _), row in seen.items():
        settlement.check_open(call.company, row, name)
    return moved


def _take_discount(call: Call, kind: PaymentKind, detail: Detail, row: Row) -> None:
    """The discount of the day; what is paid has to be the document less that."""
    assert detail.discount_day is not None
    detail.discount = terms.discount(call.company, KINDS[kind.document], row, detail.discount_day)
    if detail.settled != row["TRX_TOTALDUE"]:
        left = row["TRX_TOTALDUE"] - detail.discount
        raise invalid(f"With the discount {detail.discount}, {left} is to be paid on {row['RECORDID']}.")


def _use(call: Call, kind: PaymentKind, detail: Detail, party: str, currency: str, day: date, moved: Moved) -> None:
    """Take from the credit of a detail."""
    name, key = _credit(kind, detail), detail.credit
    assert key is not None
    if name in KINDS:
        row = settlement.target(call, name, key, party, currency)
        detail.credit_parts = settlement.spread(call.company, name, row, -detail.credited, detail.credit_entry)
        moved.owed += settlement.move(call, name, key, detail.credit_parts, day)
        return
    table = call.company.store.tables.get(name)
    found = table.get(key) if table is not None else None
    if table is None or found is None or not call.sees(table, found) or (party and found.get("CUSTOMERID") != party):
        raise refuse("BL01001973", f"Invalid {name.lower()} key '{key}' specified.")
    if found["STATE"] not in ("Posted", "Partially applied"):
        raise refuse("BL03000130", f"The credit {found['RECORDID']} is in the state {found['STATE']}.")
    if found["CURRENCY"] != currency or detail.credited > found["TRX_TOTALDUE"]:
        raise invalid(
            f"The amount {detail.credited} is more than is left of {found['RECORDID']}, or in another currency."
        )
    _take(call, kind, name, found, detail.credited, moved)


def _take(call: Call, kind: PaymentKind, name: str, row: Row, amount: Decimal, moved: Moved) -> None:
    """Use up (or, below nought, give back) part of an advance or of an overpayment."""
    if name == advances.NAME:
        moved.advances.append(advances.use(call, row, amount))
    else:
        moved.owed -= use(call, kind, row, amount)


def unsettle(call: Call, kind: PaymentKind, details: list[Detail], day: date) -> Moved:
    """Take back what the details have settled."""
    moved, store = Moved(), call.company.store
    for detail in reversed(details):
        name, credit = document_of(kind, detail), _credit(kind, detail)
        back = tuple((key, -part) for key, part in detail.parts)
        moved.owed += settlement.move(call, name, detail.document, back, day, -detail.discount)
        moved.discount -= money(detail.discount * rates.of(store[name][detail.document]))
        if detail.credit is None:
            continue
        if credit in KINDS:
            back = tuple((key, -part) for key, part in detail.credit_parts)
            moved.owed += settlement.move(call, credit, detail.credit, back, day)
        else:
            _take(call, kind, credit, store[credit][detail.credit], -detail.credited, moved)
    return moved


def use(call: Call, kind: PaymentKind, row: Row, amount: Decimal) -> Decimal:
    """Move what of a payment has been used to settle documents; the rest is a credit of the party.

    :returns: how much smaller that credit is, in the base currency.
    """
    paid = row["TRX_TOTALPAID"] + amount
    base = base_part(row["TRX_TOTALENTERED"], row["TOTALENTERED"], paid, rates.of(row))
    changes = documents.totals(row["TRX_TOTALENTERED"], paid, row["TOTALENTERED"], base)
    known = call.company.store[kind.name].fields
    call.company.update(
        call.company.store[kind.name], row, {k: v for k, v in changes.items() if k in known}, call.session.user
    )
    less: Decimal = base - row["TOTALPAID"]
    party = KINDS[kind.document]
    call.company.adjust_due(party.party, row.get(party.party_id, ""), less)
    return less
