"""What the STATE of an AR invoice or AP bill means for us, as Intacct reads it back."""

from __future__ import annotations

from ..errors import Refused
from ..ledger import APPROVED, AWAITING_APPROVAL, DRAFT, PAID, VOID

REVERSED = "Reversed"
REVERSAL = "Reversal"

STATUS: dict[str, str] = {
    "Draft": DRAFT,
    "Analyzing": DRAFT,
    "Submitted": AWAITING_APPROVAL,
    "Partially Approved": AWAITING_APPROVAL,
    "Declined": AWAITING_APPROVAL,
    "Posted": APPROVED,
    "Selected": APPROVED,
    "Partially Paid": APPROVED,
    "Paid": PAID,
    REVERSED: VOID,
    REVERSAL: VOID,
}
"""A bill under approval keeps its exact state in `Document.state`."""


def status(state: str) -> str:
    """Our word for a state.

    :raises Refused: Intacct has a state that we don't know; guessing could post or void money.
    """
    try:
        return STATUS[state]
    except KeyError:
        raise Refused(
            f"The document is in the state {state or '(none)'!r} in Intacct, which can't be brought in. Open it there"
            " and post or delete it."
        ) from None


def importable(state: str) -> bool:
    """False for the counter-document that a reversal makes: the original's own state says all there is to say."""
    return state != REVERSAL
