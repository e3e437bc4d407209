"""Which of Intacct's records the host gets: the plan counts them, the sync creates them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select

from .. import kinds
from ..choices import LINKED, MATCHED
from ..kinds import Kind
from ..models import Link, Operation, Record
from ..phases import Cursor, following
from . import anew, arrivals, record_import, records, twins
from .job_context import JobContext
from .outbox.states import UNDER_WAY


def coming(job: JobContext, spec: Kind, object_: str = "") -> list[Record]:
    """The active records of an object that no local record is joined to, and that are this company's business.

    None of a role that the host described no model for: there is no place to create them.
    """
    if job.state.host.place(spec.name, spec.role) is None:
        return []
    found = [record for record in record_import.unlinked(job, object_ or spec.object) if wanted(job, spec, record)]
    made = ours(job, spec) if found else None
    return [record for record in found if made is not None and not made(record)]


def ours(job: JobContext, spec: Kind) -> Callable[[Record], bool]:
    """Tells whether a record is, or may be, one of ours: what was sent without a clear answer is looked up, what was
    entered anew waits for a person.
    """
    query = (
        select(Operation.payload)
        .join(Operation.link)
        .where(
            Operation.connection_id == job.connection.id,
            Operation.state.in_(UNDER_WAY),
            Link.kind == spec.name,
            Operation.object == spec.object,
        )
    )
    with job.state.reading() as session:
        sent = {payload["values"].get("NAME", "") for payload in session.scalars(query)}
    keys, anew_ = twins.keys(job, spec.object), anew.ids(job, spec.object) if spec.name == kinds.CONTACT else ()

    def made(record: Record) -> bool:
        own = record.object == spec.object and (record.key in keys or record.natural_id in anew_)
        return own or record.name in sent

    return made


def categories(job: JobContext) -> Sequence[Record]:
    """The dimensions that a company without tracking categories gets one for; else only what was matched is tracked.

    Categories that came in from Intacct are none of its own: one that was refused may still follow them.
    """
    with job.state.reading() as session:
        query = select(Link.id).where(
            Link.connection_id == job.connection.id,
            Link.kind == kinds.TRACKING_CATEGORY,
            Link.origin != "intacct",
        )
        if session.scalar(query.limit(1)) is not None:
            return []
    return record_import.unlinked(job, kinds.DIMENSION)


def dimensions(job: JobContext) -> list[str]:
    """The dimensions whose values the host gets as options."""
    with job.state.reading() as session:
        query = select(Link.record_key).where(
            Link.connection_id == job.connection.id,
            Link.kind == kinds.TRACKING_CATEGORY,
            Link.state.in_((MATCHED, LINKED)),
        )
        tracked = list(dict.fromkeys(session.scalars(query.order_by(Link.id))))
    return tracked or [record.key for record in categories(job)]


def bring_in(spec: Kind, job: JobContext, cursor: Cursor, object_: str = "") -> Cursor | None:
    """Create them in the host, oldest first: those that can't come in are got past."""
    if job.state.host.place(spec.name, spec.role) is None:
        return None
    name, after = object_ or spec.object, cursor.get("after", 0)
    some = record_import.unlinked(job, name, after=after, limit=record_import.AT_ONCE)
    found = [record for record in some if wanted(job, spec, record)]
    made = ours(job, spec) if found else None
    for record in found:
        if made is not None and not made(record):
            label = f"{record.natural_id} {record.name}".strip()
            with record_import.reported(job, f"record:{record.id}", spec.name, label, "in"):
                arrivals.create_local(job, spec, record)
            if job.over():
                return {"after": record.id}
    return following(some, record_import.AT_ONCE)


def wanted(job: JobContext, spec: Kind, record: Record) -> bool:
    """Whether an unjoined record of Intacct is one that comes in by itself."""
    entity = job.connection.entity
    if not record.active:
        return False
    if spec.name == kinds.TAX_TYPE:
        return record.role == spec.role
    if spec.name == kinds.CONTACT:  # shared ones come in when a document uses them
        return entity != "" and record.entity == entity and not records.excluded(job.state.config, record)
    if record.object == "LOCATION":  # the entity itself is no property
        is_entity = record.natural_id == record.entity or record.payload.get("LOCATIONTYPE") == "E"
        return not is_entity and entity in ("", record.entity)
    return True
