"""The last phase of a sync: control totals of both sides, over everything that is joined."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import LINKED
from ..ledger import money
from ..models import Link, Record, Run
from ..phases import Cursor
from . import undescribed
from .job_context import JobContext
from .snapshot import UNREADABLE, there


def finish(job: JobContext, _: Cursor) -> None:
    """Write into the run's report the totals of each kind of documents, and what needs a person."""
    has = [kind for kind in kinds.documents() if job.state.host.has(kind)]
    with job.transaction() as session:
        row = session.get_one(Run, job.run.id)
        undescribed.close(job, session)
        totals = {kind: _totals(session, job.connection.id, kind) for kind in has}
        open_ = issues.count(session, job.connection.id)
        row.report = {"settled": {}, **row.report, "totals": totals, "issues": open_}
        job.progress(session, done=["report"], total=1)


def _totals(session: Session, connection_id: int, kind: str) -> dict[str, Any]:
    """Count and totals of all documents of a kind that are on both sides, as they were last read."""
    query = (
        select(
            Link.origin,
            func.count(),
            func.coalesce(func.sum(Link.cents), 0),
            func.coalesce(func.sum(Record.cents), 0),
        )
        .join(Link.record)
        .where(*there(connection_id, kind), Link.state == LINKED)
        .where(Link.status != UNREADABLE, Record.status != UNREADABLE, Record.missing_since.is_(None))
        .group_by(Link.origin)
        .order_by(Link.origin)
    )
    found = session.execute(query).all()
    return {
        "count": sum(row[1] for row in found),
        "ours": str(money(sum(row[2] for row in found))),
        "theirs": str(money(sum(row[3] for row in found))),
        "origins": {row[0]: row[1] for row in found},
    }
