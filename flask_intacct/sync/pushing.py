"""Pushes: documents that the host touched are sent by a run of their own, which scans nothing and brings nothing in.

Somebody may have typed one of them into Intacct since the last sync. So before any goes, Intacct is asked, in one query
for all of them, what is new or changed for their contacts, and they are paired with that as in a sync.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import exists, select, update

from .. import kinds
from ..errors import Unreadable
from ..gateway import filters as f
from ..gateway.formats import from_date
from ..ledger import Document, Ref
from ..models import Connection, Link, Run
from ..phases import Cursor, Stage
from ..standing import Standing
from ..state import State
from . import breaker, document_matching, documents, pull, reading, records, sending, snapshot, touched
from . import source as sources
from .document_matching import Both
from .job_context import JobContext
from .resolution import of as maps_of


def wanted(state: State) -> list[Connection]:
    """The connections of which a document that may go was touched, and that no run is at work for."""
    touched.dispatch(state)
    busy = exists().where(Run.live == Connection.id)
    query = select(Connection).where(
        Connection.state == "connected",
        Connection.synced_at.is_not(None),
        Connection.with_transactions.is_(True),
        Connection.touches > 0,
        ~busy,
    )
    with state.reading() as session:
        found = session.scalars(query.order_by(Connection.id)).all()
    going = []
    for connection in found:
        if _any(state, connection):
            going.append(connection)
        else:
            _forget(state, connection)
    return going


def _any(state: State, connection: Connection) -> bool:
    """Whether a document that was touched may go as it is now."""
    for kind in kinds.documents():
        side = kinds.side(kind)
        if not state.host.has(kind) or (side is not None and side.name in connection.resting):
            continue
        after = 0
        while True:
            query = touched.marked(connection.id, kind, after).where(Link.state.in_(snapshot.OPEN))
            with state.reading() as session:
                some = session.execute(query.limit(touched.AT_ONCE)).all()
            if not some:
                break
            if _may_go(state, connection, kind, [Ref(link.source, link.local_id) for link in some]):
                return True
            after = some[-1].id
    return False


def _may_go(state: State, connection: Connection, kind: str, refs: Sequence[Ref]) -> bool:
    unread: list[Unreadable] = []
    state.host.session.rollback()  # nothing older than this moment is read
    found = [owned for _, owned in state.host.owned(kind, refs, unread.append) if owned is not None]
    state.host.session.rollback()
    return any(
        company == connection.company_id
        and isinstance(document, Document)
        and document.status in snapshot.SENT
        and document.dated_from(connection.sync_from)
        for company, document in found
    )


def _forget(state: State, connection: Connection) -> None:
    """Nothing that was touched goes by itself; what was touched meanwhile is looked at by the next tick."""
    seen = Connection.id == connection.id, Connection.touches == connection.touches
    with state.transaction() as session:
        session.execute(update(Connection).where(*seen).values(touches=0))


def take_up(job: JobContext, _: Cursor) -> None:
    """What is touched from now on is for the next push."""
    _forget(job.state, job.connection)


def stages(kind: str) -> tuple[Stage, ...]:
    """Send the documents of a kind that were touched."""
    spec = kinds.kind(kind)
    steps = (partial(_prepare, kind), partial(_send, spec))
    return Stage(documents.reap, kind), *(Stage(partial(documents.if_possible, step), kind) for step in steps)


def _prepare(kind: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Read some documents again that were touched, pair them with what Intacct has, and make the others ready."""
    after = cursor.get("after", 0)
    if not cursor and breaker.stopped(job, kinds.kind(kind)):
        return None  # the next sync tries one
    if "links" not in cursor:
        some, _ = touched.read_some(job, kind, after)
        if not some:
            return None
        with job.state.reading() as session:
            mine = Link.id.in_([link.id for link in some])
            free = session.scalars(select(Link.id).where(mine, *snapshot.unjoined(job.connection.id, kind))).all()
        _close_gone(job, kind, {link.id for link in some}.difference(free))
        here = {"after": some[-1].id}
        return {**here, "links": list(free)} if free else here
    ids = cursor["links"]
    if "at" not in cursor:
        _look(job, kind, ids)
        return {**cursor, "at": "pair"}
    both = job.kept("both", lambda: _both(job, kind, ids), tuple(ids))
    treat = document_matching.join if cursor["at"] == "pair" else documents.intend_some
    inner = treat(job, kind, both, cursor.get("in", {}))
    here = {"after": after, "links": ids}
    if inner is not None:
        return {**here, "at": cursor["at"], "in": inner}
    return {**here, "at": "intend"} if cursor["at"] == "pair" else {"after": after}


def _close_gone(job: JobContext, kind: str, ids: Collection[int]) -> None:
    """Close what was told of documents that are no longer to be sent."""
    told = job.told(Standing(subjects=[f"link:{id_}" for id_ in ids])) if ids else ()
    if told:
        with job.transaction() as session:
            documents.close_gone(session, job.connection.id, kind, ids)


def _contacts(job: JobContext, ids: Collection[int]) -> set[Ref]:
    with job.state.reading() as session:
        query = select(Link.party_source, Link.party).where(Link.id.in_(ids)).distinct()
        return {Ref(*row) for row in session.execute(query)}


def _look(job: JobContext, kind: str, ids: Collection[int]) -> None:
    """Keep what is new or changed in Intacct for the contacts of these documents; the next sync brings it in."""
    spec, shape, maps = kinds.kind(kind), kinds.shape(kind), maps_of(job)
    whose = _contacts(job, ids) - {document_matching.NOBODY}
    maps.learn_contacts(whose, shape.contact_role)
    leads = (maps.target(kinds.CONTACT, ours, shape.contact_role) for ours in whose)
    theirs = sorted({target.ref.id for target in leads if target is not None and target.ref is not None})
    if not theirs or job.form is None or job.connection.sync_from is None:
        return  # none of them can go
    source = sources.of(spec)
    since = f.ge(shape.date, from_date(job.connection.sync_from, job.form))
    for at in range(0, len(theirs), records.CHUNK):
        mine = f.in_(shape.contact, theirs[at : at + records.CHUNK])
        with sources.needed(spec.object):
            headers = sources.rows(job, source, f.all_(since, mine, pull.since(job, source))).rows
            while headers:
                rows, taken = reading.changed(job, spec, headers)
                headers = headers[taken:]
                if rows:
                    with job.transaction() as session:
                        records.land(job, session, spec, rows)


def _both(job: JobContext, kind: str, ids: Collection[int]) -> Both:
    """These documents beside those of Intacct; compared with them are all of their contacts."""
    contacts = document_matching.of_contacts(_contacts(job, ids))
    both = document_matching.compare(job, kind, maps_of(job), contacts)
    ours = {ref: link_id for ref, link_id in both.ours.items() if link_id in ids}
    return replace(
        both,
        ours=ours,
        pairs=[pair for pair in both.pairs if pair.ours in ours],
        held=[held for held in both.held if held.ours in ours],
    )


def _send(spec: kinds.Kind, job: JobContext, cursor: Cursor) -> Cursor | None:
    return sending.send(spec, job, cursor, lambda: False)
