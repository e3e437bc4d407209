"""What a plan comes to so far, as JSON: its counts and sums, the problems, what came along."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .. import kinds
from ..issues import Finding
from ..ledger import ZERO, Ref
from ..messages import Message, plain, read


@dataclass(slots=True)
class Sum:
    """How many documents, and what they come to."""

    count: int = 0
    total: Decimal = ZERO


@dataclass(slots=True)
class Tally:
    """Counts while the plan is worked out.

    :param problems: How many records have a problem: by kind, cause, message and cure.
    :param coming: How many records of a kind come in.
    :param along: Contacts that come in with documents, and not by themselves.
    :param sums: Documents by kind and by what will happen to them.
    :param first: The first document that can be sent, and of which the plan shows what is posted; and its kind.
    :param currency: That of the company.
    """

    problems: Counter[tuple[str, str, Message, Message]] = field(default_factory=Counter)
    coming: Counter[str] = field(default_factory=Counter)
    along: set[Ref] = field(default_factory=set)
    sums: dict[str, dict[str, Sum]] = field(default_factory=dict)
    first: tuple[str, Ref] | None = None
    currency: str = ""

    def problem(self, kind: str, finding: Finding, number: int = 1) -> None:
        """Count a problem."""
        self.problems[kind, finding.cause, finding.message, finding.cure] += number

    def document(self, kind: str, action: str, amount: Decimal) -> None:
        """Count a document."""
        one = self.sums.setdefault(kind, {}).setdefault(action, Sum())
        one.count, one.total = one.count + 1, one.total + amount

    def number(self, kind: str) -> int:
        """How many records of a kind come in, with what comes along."""
        return self.coming[kind] + (len(self.along) if kind == kinds.CONTACT else 0)

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "problems": [[*map(plain, problem), number] for problem, number in self.problems.items()],
            "coming": dict(self.coming),
            "along": sorted(map(list, self.along)),
            "sums": {
                kind: {action: [one.count, str(one.total)] for action, one in sums.items()}
                for kind, sums in self.sums.items()
            },
            "first": None if self.first is None else [self.first[0], *self.first[1]],
            "currency": self.currency,
        }

    @classmethod
    def load(cls, row: dict[str, Any]) -> Tally:
        """From what :meth:`dump` gave."""
        first = row.get("first")
        return cls(
            Counter({tuple(map(read, problem)): number for *problem, number in row.get("problems", ())}),
            Counter(row.get("coming", {})),
            {Ref(*ref) for ref in row.get("along", ())},
            {
                kind: {action: Sum(count, Decimal(total)) for action, (count, total) in sums.items()}
                for kind, sums in row.get("sums", {}).items()
            },
            (first[0], Ref(*first[1:])) if first else None,
            row.get("currency", ""),
        )
