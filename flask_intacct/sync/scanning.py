"""Scans of the host's documents: read in batches, in the order of their keys; what is new or changed is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import kinds
from ..errors import Unreadable
from ..ledger import Ref, digest
from ..local import Local
from ..models import Connection, Link
from ..models import Cursor as Place
from ..phases import Cursor
from ..state import State
from . import elsewhere, stamps, unlisted, unreadable
from .job_context import JobContext
from .snapshot import UNREADABLE, keep, sound, there

AT_ONCE = 500
"""So many documents one step reads."""

_STREAM = "host"


def scan(kind: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Read some documents of a kind and keep what changed; at the end, let go of those that are not there any more."""
    connection, host = job.connection, job.state.host
    if not connection.with_transactions:
        return None
    if not cursor:
        if not job.scans and _scanned(job, kind):
            return None
        return {"generation": _begin(job, kind), "source": 0}
    generation, locals_ = cursor["generation"], host.locals(kind)
    if cursor["source"] >= len(locals_):
        _finish(job, kind, generation, Counter(cursor.get("words", {})))
        return None
    local = locals_[cursor["source"]]
    if "newest" not in cursor:
        cursor = cursor | {"newest": stamps.newest(job, local), "stamped": stamps.since(job, kind, local)}
    if "keys" in cursor:
        return _compare(job, kind, local, cursor)
    page = host.page(
        kind, local, connection.company_id, connection.sync_from, after=cursor.get("after", ""), size=AT_ONCE,
        stamped=datetime.fromisoformat(cursor["stamped"]) if cursor["stamped"] else None,
    )  # fmt: skip
    host.session.rollback()  # nothing stays open while ours is written, and the rows are let go
    words = Counter[str](cursor.get("words", {}))
    words.update(word for document in page.found for word in document.unlisted)
    found, unread = sound(page.found, page.unread)
    with job.transaction() as session:
        keep(session, connection.id, kind, found, unread, generation)
        unreadable.report(job, session, kind, unread)
    here = cursor | {"words": dict(words)}
    if page.after:
        return here | {"after": page.after}
    return here | {"keys": ""} if cursor["stamped"] else _next(job, kind, local, here)


def _next(job: JobContext, kind: str, local: Local, cursor: Cursor) -> Cursor:
    """The place behind the documents of one model, of which all were seen."""
    stamps.keep(job, kind, local, cursor["newest"])
    return {"generation": cursor["generation"], "words": cursor["words"], "source": cursor["source"] + 1}


def _compare(job: JobContext, kind: str, local: Local, cursor: Cursor) -> Cursor:
    """Compare the keys of documents that nothing moved for with the links that there are: read those that are new here
    or could not be read, and see the others."""
    connection, host, generation = job.connection, job.state.host, cursor["generation"]
    ids, after = host.keys(
        local, connection.company_id, connection.sync_from, after=cursor["keys"], size=AT_ONCE
    )  # fmt: skip
    mine = Link.connection_id == connection.id, Link.kind == kind, Link.source == local.source, Link.role == ""
    with job.state.reading() as session:
        query = select(Link.local_id, Link.status, Link.seen_at).where(*mine, Link.local_id.in_(ids))
        known = {row.local_id: row for row in session.execute(query)}
    lacking = [Ref(local.source, id_) for id_ in ids if id_ not in known or _stale(known[id_])]
    bad: list[Unreadable] = []
    owned = [found for _, found in host.owned(kind, lacking, bad.append) if found is not None] if lacking else []
    host.session.rollback()
    mine_now = [
        document
        for company, document in owned
        if company == connection.company_id and document.dated_from(connection.sync_from)
    ]
    found, unread = sound(mine_now, bad)
    words = Counter[str](cursor["words"])
    words.update(word for document in found for word in document.unlisted)
    with job.transaction() as session:
        if found or unread:
            keep(session, connection.id, kind, found, unread, generation)
            unreadable.report(job, session, kind, unread)
        unmoved = Link.local_id.in_(ids), Link.seen_at > 0, Link.seen_at != generation
        session.execute(update(Link).where(*mine, *unmoved).values(seen_at=generation))
    here = cursor | {"words": dict(words), "keys": after}
    return here if after else _next(job, kind, local, here)


def _stale(row: Any) -> bool:
    """Whether a document has to be read though it was not written: nothing is known of it, or it could not be read."""
    return bool(row.seen_at == 0 or row.status == UNREADABLE)


def _begin(job: JobContext, kind: str) -> int:
    stamp = _stamp(job.state, job.connection, kind)
    with job.transaction() as session:
        place = _place(session, job.connection.id, kind)
        place.generation, place.point = place.generation + 1, stamp
        return place.generation


def _scanned(job: JobContext, kind: str) -> bool:
    own = {"connection_id": job.connection.id, "object": kind, "stream": _STREAM}
    return job.any(select(Place.id).filter_by(**own).where(Place.generation > 0))


def moved(session: Session, state: State, connection: Connection) -> bool:
    """Whether documents came or went since the last scan, as the host's tables have it now; cheaper than a scan."""
    return connection.with_transactions and any(
        _place(session, connection.id, kind).point != _stamp(state, connection, kind)
        for kind in kinds.documents()
        if state.host.has(kind)
    )


def _stamp(state: State, connection: Connection, kind: str) -> str:
    state.host.session.rollback()  # MariaDB's transactions look back to their beginning
    found = state.host.stamp(kind, connection.company_id, connection.sync_from)
    state.host.session.rollback()
    return digest([list(map(str, row)) for row in found])[:40]


def generation(session: Session, connection_id: int, kind: str) -> int:
    """The number of the latest scan of a kind; 1 before the first."""
    return max(_place(session, connection_id, kind).generation, 1)


def _place(session: Session, connection_id: int, kind: str) -> Place:
    query = select(Place).where(Place.connection_id == connection_id, Place.object == kind, Place.stream == _STREAM)
    place = session.scalar(query)
    if place is None:
        place = Place(connection_id=connection_id, object=kind, stream=_STREAM, generation=0)
        session.add(place)
    return place


def _finish(job: JobContext, kind: str, generation: int, words: Mapping[str, int]) -> None:
    connection_id, company_id, host = job.connection.id, job.connection.company_id, job.state.host
    with job.state.reading() as session:
        left = elsewhere.left(session, connection_id, kind, generation)
        told = elsewhere.standing(session, kind, elsewhere.told(job))
    owners = elsewhere.owners(host, kind, [*left, *told])
    host.session.rollback()
    back = [one.link_id for one in told if owners.get(one) == company_id]
    with job.transaction() as session:
        elsewhere.tell(job, session, kind, [one for one in left if owners.get(one) not in (None, company_id)])
        elsewhere.back(session, connection_id, back)
        gone = update(Link).where(*there(connection_id, kind), Link.seen_at != generation)
        session.execute(gone.values(seen_at=0))
        unlisted.keep(session, connection_id, kind, words)
        bad = select(Link.source, Link.local_id).where(*there(connection_id, kind), Link.status == UNREADABLE)
        refs = {Ref(source, local_id) for source, local_id in session.execute(bad)}
        unreadable.close_others(session, connection_id, kind, refs)
