"""What has been paid on documents, line by line: an amount goes to the line that is named, or from the first down."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ..company import Company
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..store.values import Row
from . import documents, rates
from .draft import KINDS, TOUCHED, ZERO
from .rates import base_part

OPEN = ("Posted", "Partially Paid")
"""States in which something may be paid on a document, or taken from a credit."""
Part = tuple[int, Decimal]
"""The record number of a line and an amount of it."""


def gross(company: Company, item: Row) -> tuple[Decimal, Decimal]:
    """A line with its taxes, in the document's currency and in the base currency."""
    records = company.store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(item["RECORDNO"]))
    other = item["TRX_AMOUNT"] + sum((tax["TRXTAXAMOUNT"] for tax in records), ZERO)
    return other, item["AMOUNT"] + sum((tax["TAXAMOUNT"] for tax in records), ZERO)


def target(call: Call, name: str, key: int, party: str, currency: str) -> Row:
    """The document that is settled, or the credit that is used.

    :raises FunctionRefusal: it is not there, somebody else's, in another currency, or in a state that lets nothing in.
    """
    table = call.company.store[name]
    row = table.get(key)
    if row is None or not call.sees(table, row) or (party and row.get(KINDS[name].party_id) != party):
        raise refuse("BL01001973", f"Invalid {name.lower()} key '{key}' specified.")
    if row["STATE"] not in OPEN:
        raise refuse("BL03000130", f"The document {row['RECORDID']} is in the state {row['STATE']}.")
    if row["CURRENCY"] != currency:
        raise invalid(f"The document {row['RECORDID']} is in {row['CURRENCY']}, the payment in {currency[:20]}.")
    return row


def spread(company: Company, name: str, row: Row, amount: Decimal, entry: int | None = None) -> tuple[Part, ...]:
    """The lines of a document that an amount goes to; what closes the document closes all of them."""
    open_lines = []
    for item in company.store[KINDS[name].item].where("RECORDKEY", row["RECORDNO"]):
        due = gross(company, item)[0] - item.get("TRX_TOTALPAID", ZERO)
        if due:
            open_lines.append((item["RECORDNO"], due))
    if entry is None and amount == row["TRX_TOTALDUE"]:
        return tuple(open_lines)
    parts: list[Part] = []
    left = amount
    for key, due in open_lines:
        if entry not in (None, key) or (due > 0) != (amount > 0):
            continue
        part = min(left, due) if amount > 0 else max(left, due)
        if part:
            parts.append((key, part))
        left -= part
    if left:
        what = f"line {entry} of {row['RECORDID']}" if entry is not None else row["RECORDID"]
        raise invalid(f"The amount {abs(amount)} is more than is due on {what}.")
    return tuple(parts)


def move(call: Call, name: str, key: int, parts: tuple[Part, ...], day: date, discount: Decimal = ZERO) -> Decimal:
    """Book what was paid on lines of a document; its header and its state follow.

    :returns: how much less is due, in the base currency.
    """
    company, kind = call.company, KINDS[name]
    table, items, user = company.store[name], company.store[kind.item], call.session.user
    row, stamped = table[key], company.switches.payments_stamp
    rate = rates.of(row)
    changed: dict[int, Row] = {}
    for number, part in parts:
        item = changed.get(number, items[number])
        paid = item.get("TRX_TOTALPAID", ZERO) + part
        base = base_part(*gross(company, item), paid, rate)
        changed[number] = item | {"TRX_TOTALPAID": paid, "TOTALPAID": base}
    paid = row["TRX_TOTALPAID"] + sum((part for _, part in parts), ZERO)
    base = base_part(row["TRX_TOTALENTERED"], row["TOTALENTERED"], paid, rate)
    lines = [changed.get(item["RECORDNO"], item) for item in items.where("RECORDKEY", key)]
    touched = bool(paid) or any(item.get("TRX_TOTALPAID") for item in lines)
    state = "Paid" if touched and paid == row["TRX_TOTALENTERED"] else "Partially Paid" if touched else "Posted"
    changes = documents.totals(row["TRX_TOTALENTERED"], paid, row["TOTALENTERED"], base)
    changes |= documents.state_fields(state) | {"WHENPAID": day if state == "Paid" else None}
    changes[TOUCHED] = True
    if discount:
        changes["TRX_TOTALDISCOUNTAPPLIED"] = row.get("TRX_TOTALDISCOUNTAPPLIED", ZERO) + discount
    known = {*table.fields, TOUCHED}
    company.update(table, row, {k: v for k, v in changes.items() if k in known}, user, stamped)
    for item in lines:
        company.update(items, item, {"STATE": state}, user, stamped)
    less: Decimal = base - row["TOTALPAID"]
    company.adjust_due(kind.party, row[kind.party_id], -less)
    return less


def check_open(company: Company, before: Row, name: str) -> None:
    """Refuse what has left a document with less than nothing due."""
    if company.store[name][before["RECORDNO"]]["TRX_TOTALDUE"] < 0:
        raise invalid(f"More was given than is due on {before['RECORDID']} ({before['TRX_TOTALDUE']}).")


def select(call: Call, name: str, key: int, amount: Decimal) -> None:
    """Mark (or, below nought, free) what a payment that waits for approval is going to settle."""
    company, kind = call.company, KINDS[name]
    row = company.store[name][key]
    chosen = row.get("TRX_TOTALSELECTED", ZERO) + amount
    base = base_part(row["TRX_TOTALENTERED"], row["TOTALENTERED"], chosen, rates.of(row))
    state = "Selected" if chosen else "Partially Paid" if row["TRX_TOTALPAID"] else "Posted"
    changes = documents.state_fields(state) | {"TRX_TOTALSELECTED": chosen, "TOTALSELECTED": base}
    company.update(company.store[name], row, changes, call.session.user)
    for item in company.store[kind.item].where("RECORDKEY", key):
        company.update(company.store[kind.item], item, {"STATE": state}, call.session.user)
