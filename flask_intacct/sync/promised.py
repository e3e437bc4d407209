"""What the confirmed plan showed: the initial sync sends nothing that was changed since without being seen again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues
from ..issues import Finding
from ..messages import Message
from ..models import Connection, Link, PlanItem, Run
from . import run as runs

CONFIRMED = "confirmed_plan"
"""Where a connection's facts name the run that made the plan which was confirmed."""

CHANGED = Finding(
    "changed since the plan", Message("send.changed_since"), Message("send.changed_since.cure"), issues.NOTICE
)


def changed(session: Session, connection: Connection, run: Run, links: Iterable[Link]) -> set[int]:
    """Those of these links whose document is not as the confirmed plan showed it; one that it did not show is new."""
    plan = connection.facts.get(CONFIRMED)
    if run.kind != runs.INITIAL or plan is None:
        return set()
    now = {link.id: link.hash for link in links}
    query = select(PlanItem.link_id, PlanItem.hash).where(
        PlanItem.run_id == plan, PlanItem.link_id.in_(now), PlanItem.hash != ""
    )
    return {link_id for link_id, shown in session.execute(query) if now[link_id] != shown}
