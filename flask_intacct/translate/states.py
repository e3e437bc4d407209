"""What the STATE of a document means for us, as Intacct reads it back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ..errors import Refused
from ..ledger import APPROVED, PAID, ZERO
from ..messages import Message

REVERSAL = "Reversal"


def status(states: Mapping[str, str], state: str, gross: Decimal = ZERO, due: Decimal | None = None) -> str:
    """Our word for a state; of what is posted, the amount still due tells whether it is paid.

    :param states: What the states of its kind mean.
    :raises Refused: Intacct has a state that we don't know; guessing could post or void money.
    """
    try:
        found = states[state]
    except KeyError:
        named = repr(state) if state else Message("in.no_state")
        raise Refused(Message("in.state", state=named)) from None
    if found not in (APPROVED, PAID) or due is None or gross == ZERO:
        return found
    return PAID if due == ZERO else APPROVED


def importable(state: str) -> bool:
    """False for the counter-document that a reversal makes: the original's own state says all there is to say."""
    return state != REVERSAL
