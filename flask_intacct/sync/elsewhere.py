"""Joined documents that the host gave to another of its companies: Intacct has them in the books of this one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import issues
from ..choices import LINKED
from ..errors import Refused
from ..host import Host
from ..issues import Finding
from ..keys import portions
from ..ledger import VOID, Ref
from ..links import local_ref
from ..messages import Message
from ..models import Link, Record
from ..standing import Standing
from . import records
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


def of(host: Host, kind: str, company_id: str, some: Iterable[Left]) -> list[Left]:
    """Those of them that belong to another company now; not those that are gone, or whose company can't be read."""
    found = {one.ref: one for one in some}
    owners = dict(host.owners(kind, found)) if found else {}
    return [found[ref] for ref, owner in owners.items() if owner not in (None, company_id)]


def tell(job: JobContext, session: Session, kind: str, some: Iterable[Left]) -> None:
    """Open an issue of each that Intacct still has, and has not reversed, within the caller's transaction."""
    labels = {one.link_id: one.label for one in some}
    for ids in portions(sorted(labels)):
        query = select(Link.id, Record).outerjoin(Link.record).where(Link.id.in_(ids)).order_by(Link.id)
        for id_, record in session.execute(query).all():
            if record is None or _counts(job, kind, record):
                job.issue(session, f"link:{id_}", MOVED, kind, labels[id_], "out")


def _counts(job: JobContext, kind: str, record: Record) -> bool:
    if record.missing_since is not None:
        return False
    try:
        return bool(records.value_of(job.state.config, record, kind).status != VOID)
    except Refused:
        return True  # nobody can tell


def told(job: JobContext) -> set[int]:
    """The links of which that stands."""
    return {int(subject.removeprefix("link:")) for subject in job.told(Standing([MOVED.cause]))}


def back(session: Session, connection_id: int, link_ids: Collection[int]) -> None:
    """Close what was told of these: they are the company's again."""
    issues.close_all(session, connection_id, [f"link:{id_}" for id_ in sorted(link_ids)], causes=[MOVED.cause])


def returned(host: Host, kind: str, company_id: str, some: Iterable[Left]) -> list[int]:
    """The links of those that are the company's again, whatever their date is by now."""
    found = {one.ref: one.link_id for one in some}
    owners = dict(host.owners(kind, found)) if found else {}
    return [found[ref] for ref, owner in owners.items() if owner == company_id]


def away(job: JobContext, link: Link) -> bool:
    """Whether the row of a link belongs to another company by now: nothing that Intacct says of this one concerns it.

    :raises Unreadable: it can't be read.
    """
    return not job.state.host.belongs(link.kind, local_ref(link), job.connection.company_id)
