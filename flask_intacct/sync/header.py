"""The columns that a document has on either side, from its ledger value."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from ..errors import Refused
from ..ledger import Document, whole_cents
from ..matching.text.normalise import document_number
from ..messages import quoted
from ..models import DocumentColumns

MOST = 2**63 - 1
"""The greatest number of cents that a column holds."""

LONGEST = 120
"""Characters of a folded number or reference that a column holds."""


def keep(row: DocumentColumns, document: Document) -> None:
    """Write a document's columns to its link (as the host has it) or its record (as Intacct has it).

    :raises Refused: its lines come to more than a column can hold; nothing is written.
    """
    for name, value in columns(document).items():
        setattr(row, name, value)


def columns(document: Document) -> dict[str, Any]:
    """The columns by name.

    :raises Refused: its lines come to more than a column can hold.
    """
    return {
        "cents": as_cents(document.gross),
        "open_cents": None if document.open is None else as_cents(document.open),
        "number_folded": fold(document.number),
        "reference_folded": fold(document.reference),
        "day": document.date,
        "status": document.status,
    }


def fold(text: str) -> str:
    """A document's number or reference as it is compared: without case, blanks and separators. Of one that is too long
    for its column a part and a hash, so that two of them are alike only if they are the same."""
    found = document_number(text)
    if len(found) <= LONGEST:
        return found
    return found[: LONGEST - 40] + hashlib.sha256(found.encode()).hexdigest()[:40]


def as_cents(amount: Decimal) -> int:
    """:raises Refused: it is more than a column can hold."""
    try:
        found = whole_cents(amount)
    except ArithmeticError:
        found = MOST + 1
    if abs(found) > MOST:
        raise Refused(quoted(f"{amount!r} is not an amount of money."))
    return found
