"""The columns that a document has on either side, from its ledger value."""

from __future__ import annotations

from ..errors import Refused
from ..ledger import Document, cents
from ..matching.normalise import document_number
from ..messages import quoted
from ..models import DocumentColumns


def keep(row: DocumentColumns, document: Document) -> None:
    """Write a document's columns to its link (as the host has it) or its record (as Intacct has it).

    :raises Refused: its lines come to more than a column can hold; nothing is written.
    """
    try:
        gross = int(cents(document.gross) * 100)
    except ValueError as error:
        raise Refused(quoted(str(error))) from error
    row.cents, row.open_cents = gross, None if document.open is None else int(cents(document.open) * 100)
    row.number_folded = document_number(document.number)[:120]
    row.day, row.status = document.date, document.status
