"""Receipts and payments as requests write them: the generic create, and the legacy reversals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

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
_NOT_SIMULATED = ("INLINEKEY", "ADVANCEKEY", "DISCOUNTDATE", "TRX_TOTALDISCOUNTTOAPPLY")
_OVER = ("OVERPAYMENTAMOUNT", "OVERPAYMENTLOCATIONID", "OVERPAYMENTDEPARTMENTID")


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
    over = _overpaid(call, node) if receipt else ZERO
    if not details and not over:
        raise invalid("The payment has no details.")
    payments.check(call, kind, party, details)
    return payments.write(call, kind, head, details, day, node.get("ACTION").lower() == "draft", over)


def _overpaid(call: Call, node: Node) -> Decimal:
    """What a receipt brings in for no document, to be used later."""
    over: Decimal = value(node, "OVERPAYMENTAMOUNT", "C") or ZERO
    if over < 0 or (over and not node.get("CUSTOMERID")):
        raise invalid("An overpayment is an amount of one customer.")
    place = node.get("OVERPAYMENTLOCATIONID")
    if place and call.company.store["LOCATION"].named(place) is None:
        raise invalid(f"Invalid location '{place}' specified.")
    return over


def _head(table: Table, node: Node, kind: PaymentKind) -> Row:
    head: Row = {}
    for child in node:
        if child.tag in (*_OWN, *_OVER) or child.tag == table.spec.collection:
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
    sources = [name for name in payments.CREDITS if node.get(name)]
    if len(sources) > 1:
        raise invalid("A detail uses one kind of credit.")
    settled = positive if key is None else key
    detail = Detail(settled, value(node, "TRX_PAYMENTAMOUNT", "C") or ZERO, value(node, "ENTRYKEY", "I"))
    detail.positive = key is None
    for source in sources:
        detail.source, detail.credit = source, value(node, source, "I")
        detail.credited = value(node, payments.CREDITS[source], "C") or ZERO
    return detail


def create_arpayment(call: Call) -> str:
    """A receipt of the old kind; what its items leave is an overpayment."""
    node, kind = call.node, PAYMENTS["ARPYMT"]
    call.need("CREATE", "ARPYMT")
    customer = call.company.store["CUSTOMER"].named(node.get("customerid"))
    if customer is None:
        raise invalid(f"Invalid customer '{node.get('customerid')}' specified.")
    method = node.get("paymentmethod")
    if method and method not in kind.methods:
        raise invalid(f"Invalid payment method '{method}' specified.")
    day = legacy_date(node, "datereceived") or call.company.now().date()
    head: Row = {"CUSTOMERID": customer["CUSTOMERID"], "CUSTOMERNAME": customer.get("NAME"), "PAYMENTMETHOD": method}
    head |= {"RECEIPTDATE": day, "WHENCREATED": day, "WHENPAID": day, "DOCNUMBER": node.get("refid")}
    head["CURRENCY"] = node.get("currency") or call.company.base_currency
    places = {"FINANCIALENTITY": "bankaccountid", "UNDEPOSITEDACCOUNTNO": "undepfundsacct", "PRBATCH": "batchkey"}
    given = [Node(name, {}, node.line, node.column, node.get(tag)) for name, tag in places.items()]
    _check_bank(call, Node("ARPYMT", {}, node.line, node.column, "", given), any(one.text for one in given))
    head |= {one.tag: one.text for one in given}
    details = _items(call, node.all("arpaymentitem"))
    over = (value(node, "paymentamount", "C") or ZERO) - sum((detail.amount for detail in details), ZERO)
    if over < 0 or not (details or over):
        raise invalid("The payment's amount is less than its items, or nothing.")
    payments.check(call, kind, customer["CUSTOMERID"], details)
    row = payments.write(call, kind, head, details, day, False, over)
    call.wrote("ARPYMT")
    return element("key", row["RECORDNO"])


def apply_arpayment(call: Call) -> str:
    """Settle documents with what is left of a receipt."""
    node, kind, table = call.node, PAYMENTS["ARPYMT"], call.company.store["ARPYMT"]
    call.need("UPDATE", "ARPYMT")
    row = find(call.company, "ARPYMT", node.get("arpaymentkey"))
    day = legacy_date(node, "paymentdate")
    if day is None or row["DISPLAYSTATE"] != kind.done:
        raise invalid("The date is missing, or the payment is not complete.")
    holder = node.find("arpaymentitems")
    details = _items(call, holder.children if holder is not None else [])
    total = sum((detail.amount for detail in details), ZERO)
    if total > row["TRX_TOTALDUE"]:
        raise invalid(f"The amount {total} is more than is left of the payment ({row['TRX_TOTALDUE']}).")
    payments.check(call, kind, row.get("CUSTOMERID", ""), details)
    for detail in details:
        payments.add(call, kind, row, detail, day)
    payments.use(call, kind, table[row["RECORDNO"]], total)
    call.wrote("ARPYMT")
    return element("key", row["RECORDNO"])


def _items(call: Call, nodes: list[Node]) -> list[Detail]:
    """Old items name an invoice or a debit memo by one and the same element."""
    memos = call.company.store["ARADJUSTMENT"]
    found = []
    for node in nodes:
        key = value(node, "invoicekey", "I") or 0
        found.append(Detail(key, value(node, "amount", "C") or ZERO, positive=key in memos))
    return found


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
