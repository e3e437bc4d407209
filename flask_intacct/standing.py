"""Which issues of a connection stand, open or handled: asked where something may have to be closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from .issues import HANDLED, LIVE
from .models import Issue


@dataclass(frozen=True, slots=True)
class Standing:
    """Issues by any of these.

    :param causes: Their causes.
    :param subjects: The records that they are about; a few.
    :param before: How their subjects begin.
    """

    causes: Collection[str] = ()
    subjects: Collection[str] = ()
    before: str = ""

    def query(self, connection_id: int) -> Select[Any]:
        """Their subjects, of one connection."""
        conditions: list[ColumnElement[bool]] = []
        if self.causes:
            conditions.append(Issue.fingerprint.in_([cause[:64] for cause in self.causes]))
        if self.subjects:
            conditions.append(Issue.subject.in_(self.subjects))
        if self.before:
            conditions.append(Issue.subject.startswith(self.before, autoescape=True))
        return all_of(connection_id, Issue.subject).where(or_(*conditions))

    def has(self, cause: str, subject: str) -> bool:
        """Whether an issue is one of them."""
        named = cause in [one[:64] for one in self.causes] or subject in self.subjects
        return named or bool(self.before and subject.startswith(self.before))


def all_of(connection_id: int, *columns: Any) -> Select[Any]:
    """Columns of all issues of a connection that stand."""
    stands = or_(Issue.live == LIVE, Issue.resolution == HANDLED)
    return select(*columns).where(Issue.connection_id == connection_id, stands)
