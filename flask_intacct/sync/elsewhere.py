"""Joined documents that the host gave to another of its companies: Intacct has them in the books of this one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from .. import issues
from ..choices import LINKED
from ..host import Host
from ..issues import Finding
from ..keys import portions
from ..ledger import VOID, Ref
from ..links import local_ref
from ..messages import Message
from ..models import Link, Record
from ..standing import Standing
from .job_context import JobContext
from .snapshot import there

MOVED = Finding("moved here", Message("row.moved"), Message("row.moved.cure"))


@dataclass(frozen=True, slots=True)
class Left:
    """A joined document that is not among those of the company any more."""

    link_id: int
    ref: Ref
    label: str


def left(session: Session, connection_id: int, kind: str, generation: int) -> list[Left]:
    """The joined documents that the scan of this generation did not meet, and the one before it did."""
    return _those(session, *there(connection_id, kind), Link.seen_at != generation, Link.state == LINKED)


def standing(session: Session, kind: str, told: Collection[int]) -> list[Left]:
    """Those of which it is told already."""
    return [one for ids in portions(sorted(told)) for one in _those(session, Link.kind == kind, Link.id.in_(ids))]


def _those(session: Session, *where: ColumnElement[bool]) -> list[Left]:
    query = select(Link.id, Link.source, Link.local_id, Link.label).where(*where)
    return [Left(id_, Ref(source, local_id), label) for id_, source, local_id, label in session.execute(query)]


def owners(host: Host, kind: str, some: Iterable[Left]) -> dict[Left, str | None]:
    """The companies that they belong to now, None of what is gone; without those whose company can't be read."""
    found = {one.ref: one for one in some}
    return {found[ref]: owner for ref, owner in host.owners(kind, found)} if found else {}


def tell(job: JobContext, session: Session, kind: str, some: Iterable[Left]) -> None:
    """Open an issue of each that Intacct still has, and has not reversed, within the caller's transaction."""
    labels = {one.link_id: one.label for one in some}
    counts = or_(Record.id.is_(None), and_(Record.missing_since.is_(None), Record.status != VOID))
    for ids in portions(sorted(labels)):
        query = select(Link.id).outerjoin(Link.record).where(Link.id.in_(ids), counts)
        for id_ in session.scalars(query.order_by(Link.id)).all():
            job.issue(session, f"link:{id_}", MOVED, kind, labels[id_], "out")


def told(job: JobContext) -> set[int]:
    """The links of which that stands."""
    return {int(subject.removeprefix("link:")) for subject in job.told(Standing([MOVED.cause]))}


def back(session: Session, connection_id: int, link_ids: Collection[int]) -> None:
    """Close what was told of these: they are the company's again."""
    issues.close_all(session, connection_id, [f"link:{id_}" for id_ in sorted(link_ids)], causes=[MOVED.cause])


def away(job: JobContext, link: Link) -> bool:
    """Whether the row of a link belongs to another company by now: nothing that Intacct says of this one concerns it.

    :raises Unreadable: it can't be read.
    """
    return not job.state.host.belongs(link.kind, local_ref(link), job.connection.company_id)
