"""Receipts and payments as requests write them: the generic create, and the legacy reversals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ..books import payments
from ..books.details import CREDITS, PAYMENTS, RECEIVED, Detail, PaymentKind
from ..books.documents import find
from ..books.draft import ZERO
from ..books.payments import Payment
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..protocol.wire import legacy_date, value
from ..protocol.xmltree import Node, upper
from ..store.tables import Table
from ..store.values import Row, read

_OWN = frozenset(
    ("ACTION", "AMOUNTOPAY", "AMOUNTTOPAY", "TRX_AMOUNTTOPAY", "PAYMENTDATE", "RECORDNO", "EXCHANGE_RATE", "BASECURR")
) | {"OVERPAYMENTAMOUNT", "OVERPAYMENTLOCATIONID", "OVERPAYMENTDEPARTMENTID"}
_DETAIL = frozenset(
    ("RECORDKEY", "ENTRYKEY", "POSADJKEY", "POSADJENTRYKEY", "TRX_PAYMENTAMOUNT", "DISCOUNTDATE", "CURRENCY")
) | {"TRX_TOTALDISCOUNTTOAPPLY", "JOINTPAYEEPRINTAS"}


def create(call: Call, table: Table, node: Node, row: Row | None = None) -> Row:
    """A payment of a generic create; `row` is the draft that it replaces."""
    kind = PAYMENTS[table.spec.name]
    receipt = kind.name == "ARPYMT"
    head = head_of(table, node, _OWN | {table.spec.collection})
    switches = call.company.switches
    currency = ("CURRENCY",) if switches.currency_needed or switches.rates else ()
    missing = [name for name in (*table.spec.needs, *currency) if not node.get(name)]
    if receipt and not (node.get("CUSTOMERID") or node.get("PAYERNAME")):
        missing.append("CUSTOMERID")
    if missing:
        raise invalid(f"The required field {missing[0]} is missing.")
    check_method(node.get("PAYMENTMETHOD"), kind.methods)
    if node.get("ACTION").lower() not in ("", "draft", "submit"):
        raise invalid(f"Invalid action '{node.get('ACTION')[:20]}'.", "Use Draft or Submit.")
    party_id = "CUSTOMERID" if receipt else "VENDORID"
    head[party_id[:-2] + "NAME"] = check_party(call, party_id[:-2], node.get(party_id)).get("NAME")
    day: date = value(node, "RECEIPTDATE" if receipt else "PAYMENTDATE", "d")
    head["WHENCREATED"] = head["WHENPAID"] = day
    holder = node.find(table.spec.collection)
    details = [_detail(child, kind) for child in holder or ()]
    payment = Payment(head, details, day, node.get("ACTION").lower() == "draft", row=row)
    payment.over = _overpaid(call, node) if receipt else ZERO
    payment.given_rate = value(node, "EXCHANGE_RATE", "D")
    if not details and not payment.over and not payment.draft:
        raise invalid("The payment has no details.")
    if receipt or payment.draft or any(detail.amount for detail in details):
        check_bank(call, node, receipt)
        if not receipt and not payment.draft and not (node.get("FINANCIALENTITY") and node.get("PAYMENTMETHOD")):
            raise invalid("The bank account or the payment method is missing.", "Only credits need neither.")
    head["REQUEST"] = node if payment.draft else None
    head["CURRENCY"] = head.get("CURRENCY") or payments.base_currency(call, kind, payment)
    return payments.write(call, kind, payment)


def update(call: Call, table: Table, row: Row, node: Node) -> Row:
    """Change a draft: fields that are given, the details as a whole if they are; and submit it, if asked."""
    if row["DISPLAYSTATE"] != "Draft":
        raise refuse("BL03000130", "Only drafts of payments can be changed.")
    old: Node = row["REQUEST"]
    given = {child.tag for child in node}
    merged = Node(old.tag, old.attrs, node.line, node.column, "", [child for child in old if child.tag not in given])
    merged.children += node.children
    return create(call, table, merged, row)


def check_party(call: Call, name: str, identity: str) -> Row:
    """The customer or vendor that is named; nothing where none is."""
    row = call.company.store[name].named(identity)
    if identity and row is None:
        raise invalid(f"Invalid {name.lower()} '{identity}' specified.")
    return row or {}


def check_method(method: str, known: tuple[str, ...]) -> None:
    if method and method not in known:
        raise invalid(f"Invalid payment method '{method}' specified.")


def _overpaid(call: Call, node: Node) -> Decimal:
    """What a receipt brings in for no document, to be used later."""
    over: Decimal = value(node, "OVERPAYMENTAMOUNT", "C") or ZERO
    if over < 0 or (over and not node.get("CUSTOMERID")):
        raise invalid("An overpayment is an amount of one customer.")
    for name, tag in (("LOCATION", "OVERPAYMENTLOCATIONID"), ("DEPARTMENT", "OVERPAYMENTDEPARTMENTID")):
        place = node.get(tag)
        if place and call.company.store[name].named(place) is None:
            raise invalid(f"Invalid {name.lower()} '{place}' specified.")
    return over


def head_of(table: Table, node: Node, own: frozenset[str]) -> Row:
    """The fields of a payment that are stored as they are given; `own` are those that are looked at elsewhere."""
    head: Row = {}
    seen: set[str] = set()
    for child in node:
        if child.tag in seen:
            raise invalid(f"The field {child.tag} is given twice.")
        seen.add(child.tag)
        if child.tag in own:
            continue
        field = table.fields.get(child.tag)
        if field is None:
            raise invalid(f"The field {child.tag} does not exist on {table.spec.name}.")
        if field.readonly:
            continue
        if child.text and not field.takes(child.text):
            raise invalid(f"Invalid value '{child.text[:40]}' for {child.tag}.")
        try:
            head[child.tag] = read(child.text, field.kind)
        except ValueError:
            raise invalid(f"Invalid value '{child.text[:40]}' for {child.tag}.") from None
    return head


def check_bank(call: Call, node: Node, receipt: bool) -> None:
    """Refuse a bank account that is not there, and receipts that name none or several places for the money."""
    store, bank = call.company.store, node.get("FINANCIALENTITY")
    places = [name for name in ("FINANCIALENTITY", "UNDEPOSITEDACCOUNTNO", "PRBATCH") if node.get(name)]
    if receipt and len(places) != 1:
        raise invalid("Give one of FINANCIALENTITY, UNDEPOSITEDACCOUNTNO and PRBATCH.")
    if bank and store["CHECKINGACCOUNT"].named(bank) is None and store["SAVINGSACCOUNT"].named(bank) is None:
        raise invalid(f"Invalid bank account '{bank}' specified.")
    account = node.get("UNDEPOSITEDACCOUNTNO")
    if account and store["GLACCOUNT"].named(account) is None:
        raise invalid(f"Invalid account number '{account}' specified.")


def _detail(child: Node, kind: PaymentKind) -> Detail:
    node = upper(child)
    credits = {name: one for name, one in CREDITS.items() if kind.name == "ARPYMT" or name not in RECEIVED}
    known = _DETAIL | {tag for name, one in credits.items() for tag in (name, one.amount, one.entry)}
    for part in node:
        if part.tag not in known:
            raise invalid(f"The field {part.tag} does not exist on {kind.detail}.")
    key, positive = value(node, "RECORDKEY", "I"), value(node, "POSADJKEY", "I")
    if (key is None) == (positive is None):
        raise invalid("A detail names either RECORDKEY or POSADJKEY.")
    sources = [name for name in credits if node.get(name)]
    if len(sources) > 1:
        raise invalid("A detail uses one kind of credit.")
    settled = positive if key is None else key
    detail = Detail(settled, value(node, "TRX_PAYMENTAMOUNT", "C") or ZERO, positive=key is None)
    detail.entry = value(node, "POSADJENTRYKEY" if detail.positive else "ENTRYKEY", "I")
    detail.discount_day = value(node, "DISCOUNTDATE", "d")
    detail.discount = value(node, "TRX_TOTALDISCOUNTTOAPPLY", "C") or ZERO
    if detail.discount and (detail.discount_day is not None or kind.name == "APPYMT"):
        raise invalid("A detail takes a discount by DISCOUNTDATE, or (receipts only) by TRX_TOTALDISCOUNTTOAPPLY.")
    for source in sources:
        detail.source, detail.credit = source, value(node, source, "I")
        detail.credited = value(node, credits[source].amount, "C") or ZERO
        detail.credit_entry = value(node, credits[source].entry, "I")
    return detail


def create_arpayment(call: Call) -> str:
    """A receipt of the old kind; what its items leave is an overpayment."""
    node, kind = call.node, PAYMENTS["ARPYMT"]
    call.need("CREATE", "ARPYMT")
    customer, method = check_party(call, "CUSTOMER", node.get("customerid")), node.get("paymentmethod")
    if not customer:
        raise invalid("The customer is missing.")
    check_method(method, kind.methods)
    day = legacy_date(node, "datereceived") or call.company.now().date()
    head: Row = {"CUSTOMERID": customer["CUSTOMERID"], "CUSTOMERNAME": customer.get("NAME"), "PAYMENTMETHOD": method}
    head |= {"RECEIPTDATE": day, "WHENCREATED": day, "WHENPAID": day, "DOCNUMBER": node.get("refid")}
    head["CURRENCY"] = node.get("currency") or call.company.base_currency
    places = {"FINANCIALENTITY": "bankaccountid", "UNDEPOSITEDACCOUNTNO": "undepfundsacct", "PRBATCH": "batchkey"}
    given = [Node(name, {}, node.line, node.column, node.get(tag)) for name, tag in places.items()]
    check_bank(call, Node("ARPYMT", {}, node.line, node.column, "", given), any(one.text for one in given))
    head |= {one.tag: one.text for one in given}
    details = _items(call, node.all("arpaymentitem"))
    over = (value(node, "paymentamount", "C") or ZERO) - sum((detail.amount for detail in details), ZERO)
    if over < 0 or not (details or over):
        raise invalid("The payment's amount is less than its items, or nothing.")
    payment = Payment(head, details, day, False, over, value(node, "exchrate", "D"))
    row = payments.write(call, kind, payment)
    call.wrote("ARPYMT")
    return element("key", row["RECORDNO"])


def apply_arpayment(call: Call) -> str:
    """Settle documents with what is left of a receipt."""
    node, kind = call.node, PAYMENTS["ARPYMT"]
    call.need("UPDATE", "ARPYMT")
    row = find(call, "ARPYMT", node.get("arpaymentkey"))
    day = legacy_date(node, "paymentdate")
    if day is None or row["DISPLAYSTATE"] != kind.done:
        raise invalid("The date is missing, or the payment is not complete.")
    holder = node.find("arpaymentitems")
    details = _items(call, holder.children if holder is not None else [])
    total = sum((detail.amount for detail in details), ZERO)
    if total > row["TRX_TOTALDUE"]:
        raise invalid(f"The amount {total} is more than is left of the payment ({row['TRX_TOTALDUE']}).")
    payments.apply(call, kind, row, details, day)
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
    row = find(call, name, call.node.attrs.get("key", ""))
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
