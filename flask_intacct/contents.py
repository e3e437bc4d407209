"""What ledger values of Intacct give rows of the host: the entries of a description, with other rows found for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import kinds
from .ledger import (
    APPROVED,
    AWAITING_APPROVAL,
    CONTACT_DETAILS,
    PAID,
    Document,
    Line,
    Ref,
    TrackingCategory,
    TrackingOption,
    Value,
)

FOLLOWED = ("name", "code", *CONTACT_DETAILS)
"""What of a record the host's row follows."""

Resolve = Callable[[str, Ref], Any]
"""Gives the host's row for what a value refers to in Intacct, by its kind; None where the host keeps none of it.

:raises Refused: the host's row can't do without it, and there is none.
"""


def of(value: Value | Document, resolve: Resolve) -> dict[str, Any]:
    """What a new row is made of, apart from its company.

    :raises Refused: see :data:`Resolve`.
    """
    return _document(value, resolve) if isinstance(value, Document) else _record(value, resolve)


def changed(value: Value) -> dict[str, Any]:
    """What a row that is there follows. A contact's code is the host's own reference for it."""
    names = [name for name in FOLLOWED if hasattr(value, name) and (name != "code" or not hasattr(value, "email"))]
    return {name: getattr(value, name) for name in names} | {"active": value.active}


def status(document: Document) -> str:
    """The status of the host's copy of one of Intacct's documents."""
    return document.status if document.status in (AWAITING_APPROVAL, PAID) else APPROVED


def _record(value: Value, resolve: Resolve) -> dict[str, Any]:
    names = ("name",) if isinstance(value, TrackingCategory) else (*FOLLOWED, "rate", "type")
    found = {name: content for name in names if (content := getattr(value, name, None)) is not None}
    found["active"] = value.active
    if hasattr(value, "roles"):
        found["roles"] = value.roles
    if isinstance(value, TrackingOption):
        found["category"] = resolve(kinds.TRACKING_CATEGORY, value.category)
    return found


def _document(document: Document, resolve: Resolve) -> dict[str, Any]:
    return {
        "number": document.number,
        "contact": None if document.contact is None else resolve(kinds.CONTACT, document.contact),
        "date": document.date,
        "due": document.due,
        "reference": document.reference,
        "description": document.description,
        "status": status(document),
        "currency": document.currency,
        "total": document.gross,
        "lines": [_line(line, resolve) for line in document.lines],
    }


def _line(line: Line, resolve: Resolve) -> dict[str, Any]:
    options = (resolve(kinds.TRACKING_OPTION, option) for option in line.options)
    return {
        "description": line.description,
        "account": None if line.account is None else resolve(kinds.ACCOUNT, line.account),
        "tax_type": None if line.tax_type is None else resolve(kinds.TAX_TYPE, line.tax_type),
        "net": line.net,
        "tax": line.tax,
        "options": [option for option in options if option is not None],
    }
