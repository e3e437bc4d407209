"""Intacct's records in the host: joined, archived, refreshed; each record in a transaction of its own.

The host's row, our link and the applied hash go into the host's session and are committed together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from .. import issues, logs
from ..choices import ARCHIVED, LINKED, MATCHED, ORPHANED
from ..isolation import begin_committed
from ..issues import Finding
from ..kinds import Kind
from ..ledger import dump
from ..links import local_ref
from ..models import Link, Record, transition
from ..phases import Cursor, following
from ..writer import saving
from . import aside, elsewhere, records
from .identity import lock as lock
from .job_context import JobContext

log = logs.logger(__name__)

AT_ONCE = 50
"""So many records one step treats, where each has a transaction of its own."""

LOOKED_AT = 500
"""So many records one step looks at, where only few of them are treated."""


@contextmanager
def host_transaction(job: JobContext) -> Iterator[Session]:
    """A fenced transaction of the host's session, rolled back whole if anything in it fails.

    What its listeners raise once it is committed is logged. It begins anew: nothing that is read in it, of the host's
    or of ours, is older than its fence.
    """
    session = job.state.host.session
    session.rollback()
    try:
        begin_committed(session)
        job.fence(session)
        mark = job.mark(session)
        yield session
        try:
            with saving():
                session.commit()
        except Exception:
            session.close()
            if not job.marked(mark):
                raise
            # What listeners do after the commit undoes nothing: the rows are there, and nobody is told otherwise.
            logs.warning(log, "A listener of the application failed after a commit; what was committed stands.")
    except BaseException:  # raised on; a worker that is stopped must not leave the host's session half done either
        session.close()  # rolls back also where a listener of the host's failed while it committed
        raise


def unchanged(session: Session, link: Link) -> Link | None:
    """A link that was read a while ago, as it is now; None if its row was deleted or it was decided anew since.

    The connection is locked, as by everybody who decides: it stays like that until the caller commits.
    """
    return still(session, link.connection_id, [link]).get(link.id)


def still(session: Session, connection_id: int, links: Sequence[Link]) -> dict[int, Link]:
    """The same for several links of a connection, by id: those that are as they were."""
    now = locked(session, connection_id, links)
    return {link.id: now[link.id] for link in links if link.id in now and _decided(now[link.id]) == _decided(link)}


def locked(session: Session, connection_id: int, links: Sequence[Link]) -> dict[int, Link]:
    """Links of a connection as they are now, by id, locked like the connection."""
    lock(session, connection_id)
    query = select(Link).where(Link.id.in_([link.id for link in links])).order_by(Link.id)
    fresh = query.with_for_update().execution_options(populate_existing=True)  # MariaDB's plain reads look back
    return {row.id: row for row in session.scalars(fresh)}


def _decided(link: Link) -> tuple[str, ...]:
    return link.state, link.source, link.local_id, link.object, link.record_key


def link_matched(kind: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    """What was matched is joined now: later changes in Intacct come in, the present differences stay as they are."""
    matched = Link.connection_id == job.connection.id, Link.kind == kind, Link.state == MATCHED
    if not job.any(select(Link.id).where(*matched, Link.id > cursor.get("after", 0))):
        return None
    with job.transaction() as session:
        lock(session, job.connection.id)
        links = _links(job, session, cursor, Link.kind == kind, Link.state == MATCHED)
        cached: dict[tuple[str, str], Record] = {}
        for object_ in {link.object for link in links}:
            keys = [link.record_key for link in links if link.object == object_]
            found = records.by_key(session, job.connection.id, object_, keys)
            cached |= {(object_, key): record for key, record in found.items()}
        subjects = []
        for link in links:
            transition(link, LINKED, "it was matched")
            subjects.append(f"link:{link.id}")
            record = cached.get((link.object, link.record_key))
            if record is not None:
                record.applied_hash = record.hash
                subjects.append(f"record:{record.id}")  # why it could not come in
        # What only a person can tell was not told by a decision that came before it.
        issues.close_all(session, job.connection.id, subjects, but=[issues.NEEDS_A_PERSON, issues.DELETED_THERE])
        job.progress(session, done=[f"link:{link.id}" for link in links])
    return following(links, AT_ONCE)


def archive(kind: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Archive in the host what a person decided to archive."""
    with job.state.reading() as session:
        links = _links(job, session, cursor, Link.kind == kind, Link.state == ARCHIVED, limit=LOOKED_AT)
    todo = [link for link in links if not link.agreed.get("archived")]
    for link in todo[:AT_ONCE]:
        with reported(job, f"link:{link.id}", link.kind, link.label, "in"), host_transaction(job) as session:
            row = unchanged(session, link)
            if row is None or elsewhere.away(job, link):
                continue
            job.state.host.archive(link.kind, local_ref(link))
            row.agreed = {**row.agreed, "archived": True}
            issues.close(session, link.connection_id, f"link:{link.id}")
            job.progress(session, done=[f"link:{link.id}"])
        if job.over():
            return {"after": link.id}
    return {"after": todo[AT_ONCE - 1].id} if len(todo) > AT_ONCE else following(links, LOOKED_AT)


def _links(job: JobContext, session: Session, cursor: Cursor, *where: Any, limit: int = AT_ONCE) -> Sequence[Link]:
    query = select(Link).where(Link.connection_id == job.connection.id, Link.id > cursor.get("after", 0), *where)
    return session.scalars(query.order_by(Link.id).limit(limit)).all()


def changed(job: JobContext, spec: Kind, cursor: Cursor, object_: str = "") -> Sequence[tuple[Link, Record]]:
    """(link, record) of what is joined and was changed in Intacct since it was last brought in, from a link on."""
    query = (
        select(Link, Record)
        .join(Link.record)
        .where(
            Link.connection_id == job.connection.id,
            Link.kind == spec.name,
            Link.role == spec.role,
            Link.object == (object_ or spec.object),
            Link.state == LINKED,
            Record.hash != Record.applied_hash,
            Link.id > cursor.get("after", 0),
        )
    )
    with job.state.reading() as session:
        return [(link, record) for link, record in session.execute(query.order_by(Link.id).limit(AT_ONCE))]


def update_changed(spec: Kind, job: JobContext, cursor: Cursor, object_: str = "") -> Cursor | None:
    """Bring in what was changed in Intacct since the two were joined."""
    some = changed(job, spec, cursor, object_)
    for link, record in some:
        with reported(job, f"link:{link.id}", link.kind, link.label, "in"), host_transaction(job) as session:
            row = unchanged(session, link)
            if row is None or elsewhere.away(job, link):
                continue
            value = records.value_of(job.state.config, record, spec.name, spec.role)
            job.state.host.update(link.kind, local_ref(link), value)
            made = job.state.host.value(link.kind, local_ref(link))
            if made is not None:  # else what we changed would look like another record
                row.facts = dump(made) | {"to_send": row.facts.get("to_send", 0)}
            issues.close(session, link.connection_id, f"link:{link.id}")
            session.get_one(Record, record.id).applied_hash = record.hash
            job.progress(session, done=[f"link:{link.id}"])
        if job.over():
            return {"after": link.id}
    return following([link for link, _ in some], AT_ONCE)


def unlinked(
    job: JobContext,
    object_: str,
    *,
    changed: bool = False,
    after: int = 0,
    limit: int | None = None,
) -> Sequence[Record]:
    """The records of an object that no link uses, oldest first.

    :param changed: Only those of which something is still to be decided as they are now.
    :param after: The id of the record to go on behind.
    :param limit: At most so many.
    """
    query = select(Record).where(*free(job.connection.id, object_), Record.id > after).order_by(Record.id).limit(limit)
    if changed:
        query = query.where(Record.hash != Record.applied_hash)
    with job.state.reading() as session:
        return session.scalars(query).all()


def free(connection_id: int, object_: str, *, deleted_here: bool = False) -> tuple[ColumnElement[bool], ...]:
    """What holds for the records of an object that no link uses.

    :param deleted_here: Also those whose row was deleted here: they don't come in again by themselves.
    """
    used = exists().where(Link.connection_id == connection_id, Link.object == object_, Link.record_key == Record.key)
    if deleted_here:
        used = used.where(Link.state != ORPHANED)
    return (
        Record.connection_id == connection_id, Record.object == object_, Record.missing_since.is_(None), ~used
    )  # fmt: skip


@contextmanager
def reported(job: JobContext, subject: str, kind: str, label: str, direction: str) -> Iterator[None]:
    """Turn what one record comes to grief on into an issue, so that the others go on."""
    try:
        yield
        return
    except Exception as error:
        finding = aside.finding(error, f"{kind} {label}", "not possible here")
    report(job, subject, finding, kind, label, direction)


def report(job: JobContext, subject: str, finding: Finding, kind: str, label: str, direction: str) -> None:
    """Open an issue in a transaction of its own, and count the record as failed if it needs somebody."""
    needs_somebody = finding.severity != issues.NOTICE
    with job.transaction() as session:
        job.issue(session, subject, finding, kind, label, direction)
        job.progress(session, done=() if needs_somebody else [subject], failed=[subject] if needs_somebody else ())
