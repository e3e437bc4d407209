"""The open issues of a connection as people look at them: by cause, and by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from .. import counting, kinds
from ..counting import per_value
from ..messages import Message
from ..models import Issue
from ..onboarding.wanted import issues_of
from ..state import current


@dataclass(frozen=True, slots=True)
class Cause:
    """Equal issues, as one group; `label` names the record if there is just one."""

    fingerprint: str
    kind: str
    severity: str
    records: int
    first_seen: datetime
    last_seen: datetime
    message: Message
    cure: Message
    label: str


def causes(connection_id: int, text: str = "") -> list[Cause]:
    """The open issues of a connection by cause and kind, the biggest group first, each with its newest words."""
    query = (
        issues_of(current().session, connection_id, "", text)
        .order_by(None)
        .with_only_columns(
            Issue.fingerprint,
            Issue.kind,
            Issue.severity,
            func.count(),
            func.min(Issue.first_seen),
            func.max(Issue.last_seen),
            func.max(Issue.id),
        )
        .group_by(Issue.fingerprint, Issue.kind, Issue.severity)
        .order_by(func.count().desc())
    )
    groups = current().session.execute(query).all()
    newest = {
        issue.id: issue
        for issue in current().session.scalars(select(Issue).where(Issue.id.in_([group[6] for group in groups])))
    }
    return [
        Cause(*group[:6], issue.message, issue.cure, issue.label if group[3] == 1 else "")
        for group in groups
        if (issue := newest.get(group[6])) is not None
    ]


def tallied(found: Sequence[Cause]) -> dict[str, int | None]:
    """The kinds of these, and how many there are of each."""
    tally = Counter[str]()
    for one in found:
        tally[one.kind] += one.records
    return dict(tally)


def per_kind(session: Session, query: Select[Any]) -> dict[str, int | None]:
    """The kinds to choose from, and how many there are of each; None, and all kinds, where there are too many to count.

    :param query: Gives the kind of each.
    """
    found, total = per_value(session, query)
    if counting.whole(total):
        return dict(found)
    return dict.fromkeys(one.name for one in kinds.each() if current().host.has(one.name))
