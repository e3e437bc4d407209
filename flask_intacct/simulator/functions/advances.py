"""Advances as the generic create writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ..books import advances
from ..books.draft import ZERO
from ..errors import invalid
from ..protocol.call import Call
from ..protocol.wire import value
from ..protocol.xmltree import Node, upper
from ..store.tables import Table
from ..store.values import Row
from .payments import check_bank, check_method, check_party, head_of

METHODS = ("Printed Check", "Credit Card", "EFT", "Cash")
_ITEMS = "ARADVANCEITEMS"
_OWN = frozenset((_ITEMS, "EXCHANGE_RATE", "BASECURR", "TRX_TOTALENTERED", "ACTION"))


def create(call: Call, table: Table, node: Node) -> Row:
    """An advance: its amount as a whole, or by items, which may name the account that keeps it."""
    head = head_of(table, node, _OWN)
    missing = [name for name in table.spec.needs if not node.get(name)]
    if missing:
        raise invalid(f"The required field {missing[0]} is missing.")
    check_method(node.get("PAYMENTMETHOD"), METHODS)
    check_bank(call, node, True)
    head["CUSTOMERNAME"] = check_party(call, "CUSTOMER", node.get("CUSTOMERID")).get("NAME")
    amount, account = _amount(call, node)
    if amount <= 0:
        raise invalid("The advance has no amount.")
    day: date = head.get("RECEIPTDATE") or head.get("PAYMENTDATE") or call.company.now().date()
    return advances.write(call, head, amount, account, day, value(node, "EXCHANGE_RATE", "D"))


def _amount(call: Call, node: Node) -> tuple[Decimal, str]:
    """How much it is, and the account."""
    holder = node.find(_ITEMS)
    if holder is None:
        return value(node, "TRX_TOTALENTERED", "C") or ZERO, ""
    total, accounts = ZERO, set()
    for item in map(upper, holder):
        total += value(item, "TRX_AMOUNT", "C") or ZERO
        accounts.add(item.get("ACCOUNTNO"))
    account = accounts.pop() if len(accounts) == 1 else ""
    if accounts:
        raise invalid("The items of an advance are on one account.")
    if account and call.company.store["GLACCOUNT"].named(account) is None:
        raise invalid(f"Invalid account number '{account}' specified.")
    return total, account
