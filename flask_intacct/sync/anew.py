"""Contacts that were deleted in Intacct and that somebody entered anew there: of the same id or name, and joined to
nothing. They wait for a person's word, as documents of the same number do.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..keys import portions
from ..models import Link, Record
from . import missing, record_import
from .job_context import JobContext


def ids(job: JobContext, object_: str) -> set[str]:
    """Intacct's ids of the contacts of an object that may be those of which it is told that they were deleted."""
    found: set[str] = set()
    for some in portions(missing.told(job)):
        with job.state.reading() as session:
            found |= {record.natural_id for record in _anew(session, job.connection.id, object_, some)}
    return found


def of(session: Session, link: Link) -> Record | None:
    """As what the contact of a link was entered anew; None if as nothing, or if several may be it."""
    found = _anew(session, link.connection_id, link.object, [link.id])
    return found[0] if len(found) == 1 else None


def _anew(session: Session, connection_id: int, object_: str, link_ids: Sequence[int]) -> Sequence[Record]:
    were = select(Record.natural_id, Record.name).join_from(Link, Record, Link.record)
    old = session.execute(were.where(Link.id.in_(link_ids), Link.object == object_)).all()
    if not old:
        return []
    same = or_(
        Record.natural_id.in_({row.natural_id for row in old} - {""}), Record.name.in_({row.name for row in old} - {""})
    )
    return session.scalars(select(Record).where(*record_import.free(connection_id, object_), same)).all()
