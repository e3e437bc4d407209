"""Joined records that were deleted in Intacct: an issue each, until Intacct has it again or ours is gone, too.

A deletion there changes nothing here: only a person knows whether it was meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import LINKED, MATCHED, ORPHANED, SUSPENDED
from ..issues import DELETED_HERE, DELETED_THERE, Finding
from ..keys import portions
from ..ledger import VOID, Ref
from ..messages import Message
from ..models import Link, Record
from ..phases import Cursor
from ..standing import Standing
from .job_context import JobContext
from .retire import UNDER_WAY

KINDS = (kinds.CONTACT, *kinds.documents())
"""What people are told of; other records are managed in Intacct, and inactive there is all that counts."""


_JOINED = (LINKED, MATCHED, SUSPENDED)
"""The states of links of which this is told: joined, about to be, or until a person says which row it is."""


def tell(job: JobContext, session: Session, object_: str, keys: Sequence[str]) -> None:
    """Open the issues of what is joined to these records, and close those of what was deleted here already, within the
    caller's transaction."""
    connection_id = job.connection.id
    for some in portions(keys):
        of_them = _of(connection_id, object_, some)
        ended = session.scalars(select(Link.id).where(*of_them, Link.state == ORPHANED))
        issues.close_all(session, connection_id, [f"link:{id_}" for id_ in ended], causes=[DELETED_HERE])
        joined = Link.state.in_(_JOINED), Link.kind.in_(KINDS)
        query = select(Link, Record.natural_id).join(Link.record).where(*of_them, *joined)
        rows = session.execute(query).all()
        # What else is said of them is idle by now, but where it is still looked up what became of them.
        but = (*UNDER_WAY, DELETED_THERE)
        issues.close_all(session, connection_id, [f"link:{link.id}" for link, _ in rows], but=but)
        for link, name in rows:
            if link.status == VOID:
                continue
            said = Message("row.deleted_there", name=name or link.record_key)
            finding = Finding(DELETED_THERE, said, Message("row.deleted_there.cure"))
            job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "in")


def back(session: Session, connection_id: int, object_: str, keys: Sequence[str]) -> None:
    """Close the issues of what is joined to these records: Intacct has them again."""
    for some in portions(keys):
        links = session.scalars(select(Link.id).where(*_of(connection_id, object_, some)))
        issues.close_all(session, connection_id, [f"link:{id_}" for id_ in links], causes=[DELETED_THERE])


def numbers(job: JobContext, kind: str) -> set[tuple[str, Ref]]:
    """The numbers, folded, and contacts of our documents of which this is told: one that was entered anew in Intacct
    has the same, and waits for a person's word."""
    found: set[tuple[str, Ref]] = set()
    for some in portions(told(job)):
        query = select(Link.number_folded, Link.party_source, Link.party).where(Link.id.in_(some), Link.kind == kind)
        with job.state.reading() as session:
            rows = session.execute(query).all()
        found |= {(row.number_folded, Ref(row.party_source, row.party)) for row in rows if row.number_folded}
    return found


def settle(job: JobContext, _: Cursor) -> None:
    """Close the issues of what has been voided here since, or is joined to nothing any more."""
    over = or_(Link.state.not_in(_JOINED), Link.status == VOID, Record.missing_since.is_(None))
    for some in portions(told(job)):
        query = select(Link.id).outerjoin(Link.record).where(Link.id.in_(some), over)
        if not job.any(query):
            continue
        with job.transaction() as session:
            ended = [f"link:{id_}" for id_ in session.scalars(query)]
            issues.close_all(session, job.connection.id, ended, causes=[DELETED_THERE])


def told(job: JobContext) -> list[int]:
    """The ids of the links of which this is told."""
    return sorted(int(subject.removeprefix("link:")) for subject in job.told(Standing([DELETED_THERE])))


def _of(connection_id: int, object_: str, keys: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return Link.connection_id == connection_id, Link.object == object_, Link.record_key.in_(keys)
