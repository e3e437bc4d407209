"""What an account is, on either side: its type, and what it controls, as Intacct tells them and in words."""

from __future__ import annotations

from .entries import ACCOUNT_TYPES
from .ledger import CONTROLS
from .messages import Message, dotted
from .models import Connection, Record
from .translate import incoming

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


def described(type_: str, control_: str) -> Message:
    """Type and control, as far as they are known."""
    known = [Message(f"override.type.{type_}")] if type_ in ACCOUNT_TYPES else []
    return dotted([*known, *([Message(f"detail.{control_}")] if control_ in CONTROLS else [])])
