"""What people delete in Intacct, which no list of changes tells: its audit history names it, or a sweep of all keys
misses it. Neither is proof: each is asked for by key before it is marked.

The history needs a right of its own. Without it the syncs that scan sweep the keys, which costs a request for a
thousand records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select

from .. import kinds
from ..gateway import Filter
from ..gateway import filters as f
from ..gateway.deletions import OBJECT as HISTORY
from ..gateway.errors import Disabled, GatewayBusy, NotFound, PermissionDenied, ResultError
from ..gateway.formats import UserFormat, from_date, text
from ..keys import portions
from ..models import Connection, Link, Record
from ..phases import Cursor
from ..translate.rows import kept, moment
from . import gone, pull, records
from .job_context import JobContext
from .source import Source

DENIED = "history_denied"
"""Where a connection's facts keep that its user may not read the audit history."""

_UNREADABLE = (Disabled, NotFound, PermissionDenied)


def find(job: JobContext, cursor: Cursor) -> Cursor | None:
    """Mark the contacts and documents that were deleted in Intacct."""
    if cursor:
        return _swept(job, cursor)
    denied = bool(job.connection.facts.get(DENIED))
    if job.form is not None and (job.scans or not denied):  # each scan asks again: the right may have been given
        readable = _of_history(job, job.form)
        if readable == denied:
            _note(job, denied=not readable)
        denied = not readable
    return {"at": 0, "place": {}} if job.scans and (denied or job.form is None) else None


def _objects(job: JobContext) -> Iterator[tuple[Source, Filter | None]]:
    """What is looked at: the key of each object, and what of it is read at all."""
    host, connection, form = job.state.host, job.connection, job.form
    for role in kinds.roles(kinds.CONTACT) if host.has(kinds.CONTACT) else ():
        yield _keys(kinds.kind(kinds.CONTACT, role)), None
    if form is None or connection.sync_from is None or not connection.with_transactions:
        return
    for name in kinds.documents():
        if host.has(name):
            yield _keys(kinds.kind(name)), f.ge(kinds.shape(name).date, from_date(connection.sync_from, form))


def _keys(spec: kinds.Kind) -> Source:
    return Source(spec.object, (spec.key,), spec.key, probe=True)


def _of_history(job: JobContext, form: UserFormat) -> bool:
    """Mark what the history names since the last time; False if it may not be read, or the gateway fails to."""
    objects = {source.object: source for source, _ in _objects(job)}
    cursor = pull.reached(job, Source(HISTORY, ()), "deletions")
    since = moment(cursor.watermark) or job.connection.created_at
    named, newest = defaultdict[str, set[str]](set), since
    try:
        for entry in job.client().deletions([*objects], since - pull.LOOK_BACK, form=form):
            named[text(entry, "OBJECTTYPE").upper()].add(text(entry, "OBJECTKEY"))
            newest = max(newest, moment(text(kept(entry, form), "ACCESSTIME")) or newest)
    except GatewayBusy:
        raise
    except ResultError:
        return False
    proved = [_prove(job, objects[object_], sorted(named[object_])) for object_ in objects if object_ in named]
    if all(proved) and newest.isoformat() != cursor.watermark:
        with job.transaction() as session:
            pull.move(session, cursor, watermark=newest.isoformat())
    return True


def _prove(job: JobContext, source: Source, named: Sequence[str]) -> bool:
    """Mark those records of an object that have gone; the history names them by their key or by their id.

    False if the object may not be read, as that of a side that is paused: it is asked for again by the next sync.
    """
    for some in portions(named, records.CHUNK):
        mine = Record.connection_id == job.connection.id, Record.object == source.object
        query = select(Record).where(*mine, or_(Record.key.in_(some), Record.natural_id.in_(some)))
        created = (
            select(Link.record_key)
            .outerjoin(Link.record)
            .where(
                Link.connection_id == job.connection.id,
                Link.object == source.object,
                Link.record_key.in_(some),
                Record.id.is_(None),  # it went before it was read back
            )
        )
        with job.state.reading() as session:
            known = {record.key: record for record in session.scalars(query.where(Record.missing_since.is_(None)))}
            keys = [*known, *dict.fromkeys(session.scalars(created))]
        try:
            absent = gone.absent(job, source, keys) if keys else ()
        except _UNREADABLE:
            return False
        if absent:
            with job.transaction() as session:
                there = [
                    known.get(key) or records.unread(session, job.connection.id, source.object, key) for key in absent
                ]
                gone.mark(job, session, there)
    return True


def _swept(job: JobContext, cursor: Cursor) -> Cursor | None:
    """One step of a sweep of the keys of all objects, one after the other; what may not be read is passed over."""
    at, objects = cursor["at"], [*_objects(job)]
    if at >= len(objects):
        return None
    try:
        place = pull.keys(job, objects[at][0], cursor["place"], objects[at][1])
    except _UNREADABLE:
        place = None  # reading the object itself tells it
    return {"at": at, "place": place} if place is not None else {"at": at + 1, "place": {}}


def _note(job: JobContext, *, denied: bool) -> None:
    """Remember whether the history may be read."""
    with job.transaction() as session:
        row = session.get_one(Connection, job.connection.id)
        row.facts = {**row.facts, DENIED: denied}
        session.flush()
        job.connection = row
