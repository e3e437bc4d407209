"""What Intacct says was paid, and what the host can show of it, as long as payments themselves do not sync.

What is owed is told by the amount still due, never by a state: a bill whose negative line was set off when it was
posted reads Partially Paid without a payment. Nobody may be shown money owed that is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .. import issues, kinds
from ..host import Host
from ..issues import Finding
from ..ledger import APPROVED, PAID, VOID, ZERO, Document
from ..messages import Message, noun

COMES_IN, COMES_PAID, LEFT_OUT, HELD = "bring_in", "bring_in_paid", "leave_out", "hold_part_paid"
"""What becomes of a document of Intacct; the names of the plan's rows."""

LEFT = "paid in Sage Intacct"
"""The cause of the one issue per kind that counts what is left out."""

PART = "part paid in Sage Intacct"
"""The cause of the issue of a document that is paid in part, and not brought in."""

OWED = "part paid in Sage Intacct, owed here"
"""The cause of the issue of a document of both sides that is paid in part there."""


def verdict(host: Host, document: Document) -> str:
    """Whether a document of Intacct comes in, as what, or why not."""
    if _part_paid(document):
        return HELD
    if document.status == PAID:
        return COMES_PAID if host.has_word(document.kind, PAID) else LEFT_OUT
    return COMES_IN


def held(document: Document, *, joined: bool = False) -> Finding:
    """Why a document that is paid in part is not brought in, or stays as it is here where it is `joined`."""
    assert document.open is not None  # else it is not paid in part
    return Finding(
        OWED if joined else PART,
        Message("paid.part", paid=document.gross - document.open, gross=document.gross),
        Message("paid.part.cure"),
        issues.NOTICE,
    )


def wordless(document: Document) -> Finding:
    """Why a joined document that is paid in Intacct stays as it is here."""
    return Finding(
        LEFT,
        Message("paid.wordless", noun=noun(kinds.kind(document.kind).noun)),
        Message("paid.word.cure"),
        issues.NOTICE,
    )


def left_out(kind: str, count: int, total: Decimal) -> Finding:
    """The one issue for all documents of a kind that are paid in Intacct, and can't be shown as that here."""
    one = kinds.kind(kind).noun
    return Finding(
        LEFT,
        Message("paid.left_out", count=count, noun=noun(one), nouns=noun(f"{one}s"), total=total),
        Message("paid.word.cure"),
        issues.NOTICE,
    )


def word(ours: Document, theirs: Document, settled_before: bool) -> str:
    """The status that our copy of a joined document should have because of payments in Intacct; "" to leave it.

    :param settled_before: Intacct had paid it, and so ours was marked or made as paid; what the host's own people
        marked as paid is never taken back.
    """
    if theirs.status == PAID and ours.status == APPROVED:
        return PAID
    if settled_before and theirs.status == APPROVED and ours.status == PAID:
        return APPROVED
    return ""


def shown(ours: Document, theirs: Document) -> bool:
    """Whether our copy shows already what became of a document in Intacct: paid, in part or in full, or reversed."""
    reversed_ = theirs.status == VOID and ours.status != VOID
    return not (reversed_ or word(ours, theirs, False) or part_paid_here(ours, theirs))


def part_paid_here(ours: Document, theirs: Document) -> bool:
    """Whether our copy shows as wholly owed what is paid in part."""
    return _part_paid(theirs) and ours.status == APPROVED


def _part_paid(document: Document) -> bool:
    return document.status == APPROVED and document.open is not None and ZERO < document.open < document.gross


class Tally:
    """Counts and sums of what was not brought in because of payments, for the results.

    :param dumped: What an earlier slice of the same phase counted.
    """

    def __init__(self, dumped: Mapping[str, Any]) -> None:
        self._counts: Counter[str] = Counter({name: row["count"] for name, row in dumped.items()})
        self._totals = {name: Decimal(row["total"]) for name, row in dumped.items()}

    def add(self, verdict: str, document: Document) -> None:
        self._counts[verdict] += 1
        self._totals[verdict] = self.total(verdict) + document.gross

    def count(self, verdict: str) -> int:
        return self._counts[verdict]

    def total(self, verdict: str) -> Decimal:
        return self._totals.get(verdict, ZERO)

    def dump(self) -> dict[str, Any]:
        """As JSON, for the place of a phase and the report of a run."""
        return {
            name: {"count": self.count(name), "total": str(self.total(name))}
            for name in (LEFT_OUT, HELD)
            if self.count(name)
        }
