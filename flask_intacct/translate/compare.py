"""How two copies of one document differ, as messages: after posting, and before two are joined."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from ..gateway.formats import clean
from ..ledger import Document, Line, cents
from ..messages import Message


def differences(ours: Document, theirs: Document, *, lines: bool = False) -> list[Message]:
    """What differs, amounts first; [] where the two agree. References of both are Intacct's.

    A field that one side does not state (due date, reference, currency, contact) is no difference.

    :param lines: Also compare line by line, in any order.
    """
    found = [
        Message(f"differs.{what}", ours=_word(mine), theirs=_word(other))
        for what, mine, other in (
            ("gross", cents(ours.gross), cents(theirs.gross)),
            ("net", cents(ours.net), cents(theirs.net)),
            ("tax", cents(ours.tax), cents(theirs.tax)),
            ("date", ours.date, theirs.date),
            ("number", _folded(ours.number), _folded(theirs.number)),
        )
        if mine != other
    ]
    found += [
        Message(f"differs.{what}", ours=_word(mine), theirs=_word(other))
        for what, mine, other in (
            ("contact", ours.contact and ours.contact.id, theirs.contact and theirs.contact.id),
            ("due", ours.due, theirs.due),
            ("reference", _folded(ours.reference), _folded(theirs.reference)),
            ("currency", ours.currency, theirs.currency),
        )
        if mine and other and mine != other
    ]
    return found + (_lines(ours, theirs) if lines else [])


def _lines(ours: Document, theirs: Document) -> list[Message]:
    here, there = Counter(map(_line, ours.lines)), Counter(map(_line, theirs.lines))
    only_here, only_there = sorted((here - there).elements()), sorted((there - here).elements())
    here_alone = [Message("differs.line_here", line=line) for line in only_here]
    return here_alone + [Message("differs.line_there", line=line) for line in only_there]


def _line(line: Line) -> str:
    account = line.account.id if line.account else "no account"
    tax = f", tax {cents(line.tax)} at {line.tax_type.id}" if line.tax_type else f", tax {cents(line.tax)}"
    values = "".join(f", {option.source} {option.id}" for option in sorted(line.options))
    return f"{cents(line.net)} on {account}{tax}{values}"


def _folded(text: str) -> str:
    """What XML keeps of a text: line ends are read back as others, and what it can't hold is never sent."""
    return " ".join(clean(text).split())


def _word(value: Decimal | date | str | None) -> str | Message:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if value not in (None, "") else Message("in.no_state")
