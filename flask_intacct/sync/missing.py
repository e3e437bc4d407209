"""Joined records that were deleted in Intacct: an issue each, until Intacct has it again or ours is gone, too.

A deletion there changes nothing here: only a person knows whether it was meant.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import LINKED
from ..issues import DELETED_THERE, Finding
from ..ledger import VOID
from ..messages import Message
from ..models import Link, Record
from ..phases import Cursor
from ..standing import Standing
from .job_context import JobContext

KINDS = (kinds.CONTACT, *kinds.documents())
"""What people are told of; other records are managed in Intacct, and inactive there is all that counts."""


def tell(job: JobContext, session: Session, object_: str, keys: Collection[str]) -> None:
    """Open the issues of what is joined to these records, within the caller's transaction."""
    for link, name in session.execute(
        select(Link, Record.natural_id)
        .join(Link.record)
        .where(*_joined(job.connection.id, object_, keys), Link.kind.in_(KINDS), Link.status != VOID)
    ):
        told = Message("row.deleted_there", name=name or link.record_key)
        finding = Finding(DELETED_THERE, told, Message("row.deleted_there.cure"))
        job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "in")


def back(session: Session, connection_id: int, object_: str, keys: Collection[str]) -> None:
    """Close the issues of what is joined to these records: Intacct has them again."""
    links = session.scalars(select(Link.id).where(*_joined(connection_id, object_, keys)))
    issues.close_all(session, connection_id, [f"link:{id_}" for id_ in links], causes=[DELETED_THERE])


def numbers(job: JobContext, kind: str) -> set[str]:
    """The numbers, folded, of our documents of which this is told: one that was entered anew in Intacct has the same,
    and waits for a person's word."""
    ids = _told(job)
    if not ids:
        return set()
    with job.state.reading() as session:
        return set(session.scalars(select(Link.number_folded).where(Link.id.in_(ids), Link.kind == kind))) - {""}


def settle(job: JobContext, _: Cursor) -> None:
    """Close the issues of what has been voided here since, or is joined to nothing any more."""
    ids = _told(job)
    if not ids:
        return
    over = or_(Link.state != LINKED, Link.status == VOID, Record.missing_since.is_(None))
    with job.transaction() as session:
        query = select(Link.id).outerjoin(Link.record).where(Link.id.in_(ids), over)
        ended = [f"link:{id_}" for id_ in session.scalars(query)]
        issues.close_all(session, job.connection.id, ended, causes=[DELETED_THERE])


def _told(job: JobContext) -> list[int]:
    """The ids of the links of which this is told."""
    return [int(subject.removeprefix("link:")) for subject in job.told(Standing([DELETED_THERE]))]


def _joined(connection_id: int, object_: str, keys: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        Link.connection_id == connection_id,
        Link.object == object_,
        Link.record_key.in_(keys),
        Link.state == LINKED,
    )
