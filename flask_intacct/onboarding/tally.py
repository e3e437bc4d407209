"""What a plan comes to so far besides its rows, as JSON: the problems, and what is shown of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..issues import Finding
from ..messages import Message, plain, read


@dataclass(slots=True)
class Tally:
    """Counts while the plan is worked out.

    :param problems: How many records have a problem: by kind, cause, message and cure.
    :param first: The link of the first document that can be sent, and of which the plan shows what is posted.
    :param currency: That of the company.
    """

    problems: Counter[tuple[str, str, Message, Message]] = field(default_factory=Counter)
    first: int | None = None
    currency: str = ""

    def problem(self, kind: str, finding: Finding, number: int = 1) -> None:
        """Count a problem."""
        self.problems[kind, finding.cause, finding.message, finding.cure] += number

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "problems": [[*map(plain, problem), number] for problem, number in self.problems.items()],
            "first": self.first,
            "currency": self.currency,
        }

    @classmethod
    def load(cls, row: dict[str, Any]) -> Tally:
        """From what :meth:`dump` gave."""
        return cls(
            Counter({tuple(map(read, problem)): number for *problem, number in row.get("problems", ())}),
            row.get("first"),
            row.get("currency", ""),
        )
