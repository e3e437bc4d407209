"""Receipts and payments as requests write them: the generic create, and the legacy reversals."""

from __future__ import annotations

from datetime import date

from .. import payments
from ..call import Call
from ..documents import find
from ..draft import ZERO
from ..errors import invalid
from ..payments import PAYMENTS, Detail, PaymentKind
from ..reply import element
from ..store import Table
from ..values import Row, read
from ..wire import legacy_date, value
from ..xmltree import Node

_OWN = frozenset(("ACTION", "AMOUNTOPAY", "AMOUNTTOPAY", "TRX_AMOUNTTOPAY", "PAYMENTDATE", "RECORDNO"))
_NOT_SIMULATED = ("INLINEKEY", "ADVANCEKEY", "OVERPAYMENTKEY", "NEGATIVEINVOICEKEY", "DISCOUNTDATE")


def create(call: Call, table: Table, node: Node) -> Row:
    """A payment of a generic create."""
    kind = PAYMENTS[table.spec.name]
    receipt = kind.name == "ARPYMT"
    head = _head(table, node, kind)
    missing = [name for name in table.spec.needs if not node.get(name)]
    if receipt and not (node.get("CUSTOMERID") or node.get("PAYERNAME")):
        missing.append("CUSTOMERID")
    if missing:
        raise invalid(f"The required field {missing[0]} is missing.")
    method = node.get("PAYMENTMETHOD")
    if method and method not in kind.methods:
        raise invalid(f"Invalid payment method '{method}' specified.")
    party_id = "CUSTOMERID" if receipt else "VENDORID"
    party = node.get(party_id)
    row = call.company.store[party_id[:-2]].named(party)
    if party and row is None:
        raise invalid(f"Invalid {party_id[:-2].lower()} '{party}' specified.")
    head[party_id[:-2] + "NAME"] = (row or {}).get("NAME")
    _check_bank(call, node, receipt)
    day: date = value(node, "RECEIPTDATE" if receipt else "PAYMENTDATE", "d")
    head["WHENCREATED"] = head["WHENPAID"] = day
    holder = node.find(table.spec.collection)
    details = [_detail(child) for child in holder or ()]
    if not details:
        raise invalid("The payment has no details.")
    payments.check(call, kind, party, details)
    return payments.write(call, kind, head, details, day, node.get("ACTION").lower() == "draft")


def _head(table: Table, node: Node, kind: PaymentKind) -> Row:
    head: Row = {}
    for child in node:
        if child.tag in _OWN or child.tag == table.spec.collection:
            continue
        field = table.fields.get(child.tag)
        if field is None:
            raise invalid(f"The field {child.tag} does not exist on {kind.name}.")
        try:
            head[child.tag] = read(child.text, field.kind)
        except ValueError:
            raise invalid(f"Invalid value '{child.text[:40]}' for {child.tag}.") from None
    return head


def _check_bank(call: Call, node: Node, receipt: bool) -> None:
    store, bank = call.company.store, node.get("FINANCIALENTITY")
    places = [name for name in ("FINANCIALENTITY", "UNDEPOSITEDACCOUNTNO", "PRBATCH") if node.get(name)]
    if receipt and len(places) != 1:
        raise invalid("Give one of FINANCIALENTITY, UNDEPOSITEDACCOUNTNO and PRBATCH.")
    if bank and store["CHECKINGACCOUNT"].named(bank) is None and store["SAVINGSACCOUNT"].named(bank) is None:
        raise invalid(f"Invalid bank account '{bank}' specified.")
    account = node.get("UNDEPOSITEDACCOUNTNO")
    if account and store["GLACCOUNT"].named(account) is None:
        raise invalid(f"Invalid account number '{account}' specified.")


def _detail(child: Node) -> Detail:
    node = Node(child.tag, {}, child.line, child.column, "", list(child.children))
    for part in node:
        part.tag = part.tag.upper()
        if part.tag in _NOT_SIMULATED:
            raise invalid(f"{part.tag} is not simulated.")
    key, positive = value(node, "RECORDKEY", "I"), value(node, "POSADJKEY", "I")
    if (key is None) == (positive is None):
        raise invalid("A detail names either RECORDKEY or POSADJKEY.")
    return Detail(
        key or positive,
        value(node, "TRX_PAYMENTAMOUNT", "C") or ZERO,
        value(node, "ENTRYKEY", "I"),
        key is None,
        value(node, "ADJUSTMENTKEY", "I"),
        value(node, "TRX_ADJUSTMENTAMOUNT", "C") or ZERO,
    )


def _reverse(call: Call, name: str) -> str:
    call.need("REVERSE", name)
    row = find(call.company, name, call.node.attrs.get("key", ""))
    day = legacy_date(call.node, "datereversed")
    if day is None:
        raise invalid("The date of the reversal is missing.")
    payments.reverse(call, PAYMENTS[name], row, day)
    call.wrote(name)
    return element("key", row["RECORDNO"])


def reverse_arpayment(call: Call) -> str:
    return _reverse(call, "ARPYMT")


def reverse_appayment(call: Call) -> str:
    return _reverse(call, "APPYMT")
