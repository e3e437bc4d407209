"""Issues of what the application no longer describes: no stage is about it any more, so none would ever close them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from .. import audit, issues, kinds
from ..clock import now
from ..models import Issue
from . import failing
from .job_context import JobContext
from .retire import UNDER_WAY


def close(job: JobContext, session: Session) -> None:
    """Close them within the caller's transaction; what was sent without a clear answer stays said."""
    host = job.state.host
    for spec in (kinds.kind(kind.name, role) for kind in kinds.each() for role in kinds.roles(kind.name)):
        if not host.has(spec.name):
            _close(job, session, spec.name, Issue.kind == spec.name, Issue.fingerprint.not_in(UNDER_WAY))
        elif spec.role not in host.roles(spec.name):
            _close(job, session, f"{spec.name} {spec.role}", Issue.subject == failing.missing(spec.object))


def _close(job: JobContext, session: Session, what: str, *where: ColumnElement[bool]) -> None:
    standing = or_(Issue.live == issues.LIVE, Issue.resolution == issues.HANDLED)
    closing = update(Issue).where(Issue.connection_id == job.connection.id, standing, *where)
    closed = session.execute(closing.values(live=None, resolution=issues.UNDESCRIBED, last_seen=now())).rowcount  # type: ignore[attr-defined]
    if closed:
        after = {"reason": issues.UNDESCRIBED, "closed": closed}
        audit.record(session, job.connection.id, "", "issues closed", what, after=after)
