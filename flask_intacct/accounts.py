"""What an account is, on either side: its type, and what it controls, as Intacct tells them and in words."""

from __future__ import annotations

from .ledger import BANK, PAYABLES, RECEIVABLES, RETAINED, SUBLEDGER, TAX
from .models import Connection, Record
from .translate import incoming

TYPES = {"balancesheet": "balance sheet", "incomestatement": "income statement"}
CONTROLS = {
    RECEIVABLES: "receivables control",
    PAYABLES: "payables control",
    TAX: "tax account",
    BANK: "bank account",
    RETAINED: "retained earnings",
    SUBLEDGER: "control account",
}
MARKS = "account_marks"
"""The fact of a connection that holds, per account number, ``bank`` or ``tax``: the account of a bank account or a tax
detail."""


def control(connection: Connection, record: Record) -> str:
    """What an Intacct account controls, one of :data:`~flask_intacct.ledger.CONTROLS`; "" for an ordinary one. No line
    of a document may be posted to one that controls something."""
    marks: dict[str, str] = connection.facts.get(MARKS, {})
    return incoming.control(record.payload) or marks.get(record.natural_id, "")


def type_of(record: Record) -> str:
    """The type of an Intacct account, as :class:`~flask_intacct.ledger.Account` has it."""
    return str(record.payload.get("ACCOUNTTYPE") or "").lower()


def described(type_: str, control_: str) -> str:
    """Type and control in words, as far as they are known."""
    return " · ".join(word for word in (TYPES.get(type_, ""), CONTROLS.get(control_, "")) if word)
