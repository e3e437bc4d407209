"""Functions of those who approve payments, and of those who take a submitted bill back."""

from __future__ import annotations

from collections.abc import Callable

from ..books import approvals
from ..books.details import PAYMENTS, PaymentKind
from ..books.documents import find
from ..errors import invalid
from ..protocol.call import Call
from ..protocol.reply import element
from ..store.values import Row


def _each(call: Call, work: Callable[[Call, PaymentKind, Row], None]) -> str:
    """Do it to every payment that is named; all or none of them."""
    call.need("UPDATE", "APPYMT")
    holder = call.node.find("appaymentkeys")
    keys = [child.text for child in holder or ()]
    for key in keys:
        work(call, PAYMENTS["APPYMT"], find(call, "APPYMT", key))
    call.wrote("APPYMT")
    return "".join(element("key", key) for key in keys)


def approve_payments(call: Call) -> str:
    return _each(call, approvals.approve)


def decline_payments(call: Call) -> str:
    return _each(call, approvals.decline)


def confirm_payments(call: Call) -> str:
    return _each(call, approvals.confirm)


def void_payments(call: Call) -> str:
    return _each(call, approvals.void)


def recall_bill(call: Call) -> str:
    """A submitted bill is a draft again."""
    call.need("UPDATE", "APBILL")
    key = call.node.get("recordno") or call.node.get("RECORDNO")
    if not key:
        raise invalid("The required field recordno is missing.")
    row = approvals.recall_bill(call, find(call, "APBILL", key))
    call.wrote("APBILL")
    return f'<data listtype="objects" count="1"><apbill>{element("RECORDNO", row["RECORDNO"])}</apbill></data>'
