"""What the host touched: the notes of its transactions become marks on the links of documents, and on whole kinds of
what is matched (:mod:`.place`); what is marked is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Update, case, delete, select, update
from sqlalchemy.orm import Session

from .. import bulk, issues, kinds
from ..choices import LINKED
from ..errors import Unreadable
from ..ledger import Document, Ref
from ..models import Connection, Link, Touch
from ..phases import Cursor
from ..state import State
from . import elsewhere, lease, place, scanning, snapshot, unreadable
from .job_context import JobContext

AT_ONCE = 500
"""So many documents are looked at in one step."""

PASSES = 3
"""So often a stage goes over what was touched."""

Key = tuple[str, str, str]
"""A record or document of the host: kind, source, local id."""


def dispatch(state: State) -> None:
    """Mark all that the host touched, in every company that has or had it.

    May run several times at once: a note is deleted with its mark, and who comes second finds it gone. A mark is a
    negative number in `seen_at`, less by one each time, so that whoever reads a document again knows whether it was
    touched meanwhile.
    """
    query = select(Touch.id, Touch.kind, Touch.source, Touch.local_id).order_by(Touch.id)
    while True:
        with state.reading() as session:
            notes = session.execute(query.limit(AT_ONCE)).all()
        if not notes:
            return
        companies = _companies(state, _keys(notes))
        with state.reading() as session:
            concerned = _concerned(session, _keys(notes), companies)
        with state.transaction() as session:
            lease.lock(session, concerned)  # their workers may be making links of the same documents
            here = query.where(Touch.id.in_([note.id for note in notes])).with_for_update()
            left = session.execute(here).all()
            _mark(session, _keys(left), companies)
            session.execute(delete(Touch).where(Touch.id.in_([note.id for note in left])))


def _keys(notes: Iterable[Any]) -> Sequence[Key]:
    return sorted({(note.kind, note.source, note.local_id) for note in notes})


def _companies(state: State, keys: Sequence[Key]) -> Mapping[Key, str]:
    """The companies that these rows belong to now; none of one that is gone or can't be read.

    The link of one that can't be read is marked if it has one; the next scan tells of it.
    """
    grouped: dict[str, list[Ref]] = {}
    for kind, source, local_id in keys:
        grouped.setdefault(kind, []).append(Ref(source, local_id))
    found: dict[Key, str] = {}
    state.host.session.rollback()  # MariaDB's transactions look back to their beginning
    for kind, refs in grouped.items():
        for ref, company in state.host.owners(kind, refs):
            if company is not None:
                found[kind, ref.source, ref.id] = company
    state.host.session.rollback()  # nothing stays open while ours is written
    return found


def _live(session: Session, companies: Mapping[Key, str]) -> dict[str, int]:
    """The connections of these companies."""
    query = select(Connection.live_company, Connection.id).where(
        Connection.live_company.in_(set(companies.values())), Connection.state != "ended"
    )
    return {str(company): connection_id for company, connection_id in session.execute(query)}


def _concerned(session: Session, keys: Sequence[Key], companies: Mapping[Key, str]) -> set[int]:
    """The connections whose links are marked or made."""
    found = set(_live(session, companies).values())
    for (kind, source), ids in _grouped(keys).items():
        query = select(Link.connection_id).where(Link.kind == kind, Link.source == source, Link.local_id.in_(ids))
        found |= set(session.scalars(query.distinct()))
    return found


def _grouped(keys: Sequence[Key]) -> dict[tuple[str, str], list[str]]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for kind, source, local_id in keys:
        grouped.setdefault((kind, source), []).append(local_id)
    return grouped


def _mark(session: Session, keys: Sequence[Key], companies: Mapping[Key, str]) -> None:
    live = _live(session, companies)
    for (kind, source), ids in _grouped(keys).items():
        mine = Link.kind == kind, Link.source == source, Link.local_id.in_(ids)
        query = select(Link.connection_id, Link.local_id).where(*mine)
        known = {(row.connection_id, row.local_id) for row in session.execute(query)}
        belong = {
            (live[company], local_id)
            for local_id in ids
            if (company := companies.get((kind, source, local_id))) in live
        }
        if kind in kinds.documents():
            _mark_documents(session, (kind, source), mine, known, sorted(belong - known))
        else:
            place.mark(session, {connection_id for connection_id, _ in known | belong}, kind)


def _mark_documents(
    session: Session,
    of: tuple[str, str],
    mine: tuple[ColumnElement[bool], ...],
    known: Collection[Any],
    new: Sequence[tuple[int, str]],
) -> None:
    """Mark the links of documents that have one, and make those of others."""
    kind, source = of
    open_ = {connection_id for connection_id, _ in new}
    if known:
        session.execute(mark(*mine))
        open_ |= set(session.scalars(select(Link.connection_id).where(*mine, Link.state.in_(snapshot.OPEN)).distinct()))
    if open_:
        more = update(Connection).where(Connection.id.in_(open_)).values(touches=Connection.touches + 1)
        session.execute(more.execution_options(synchronize_session=False))
    if new:
        rows = [
            {"connection_id": connection_id, "kind": kind, "source": source, "local_id": local_id, "label": local_id,
             "seen_at": -1}
            for connection_id, local_id in new
        ]  # fmt: skip
        bulk.insert_rows(session, Link, rows)


def mark(*where: ColumnElement[bool]) -> Update:
    """Marks the links of documents of which all this holds."""
    seen_at = case((Link.seen_at > 0, -1), else_=Link.seen_at - 1)
    return update(Link).where(*where).values(seen_at=seen_at).execution_options(synchronize_session=False)


def read(kind: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Read again some documents of a kind that were touched."""
    if not job.connection.with_transactions:
        return None
    some, kept = read_some(job, kind, cursor.get("after", 0))
    if not some:
        # What was touched while it was read is read once more; a row that never rests waits for the next sync.
        again = cursor.get("again", 0) + 1
        return {"again": again} if cursor.get("touched") and again < PASSES else None
    touched = cursor.get("touched", False) or kept < len(some)
    return {"after": some[-1].id, "touched": touched, "again": cursor.get("again", 0)}


def marked(connection_id: int, kind: str, after: int) -> Any:
    """The links of a kind that were touched, from behind one on."""
    query = select(Link.id, Link.source, Link.local_id, Link.seen_at, Link.state, Link.label).where(
        Link.connection_id == connection_id, Link.kind == kind, Link.seen_at < 0, Link.id > after
    )
    return query.order_by(Link.id)


def read_some(job: JobContext, kind: str, after: int) -> tuple[Sequence[Any], int]:
    """Read documents again that were touched, from behind a link on; gives their links, and how many of these were not
    touched once more meanwhile."""
    connection, host = job.connection, job.state.host
    with job.state.reading() as session:
        some = session.execute(marked(connection.id, kind, after).limit(AT_ONCE)).all()
    if not some:
        return some, 0
    unread: list[Unreadable] = []
    refs = [Ref(link.source, link.local_id) for link in some]
    joined = {Ref(link.source, link.local_id) for link in some if link.state == LINKED}
    owned = {ref: found for ref, found in host.owned(kind, refs, unread.append) if found is not None}
    found: list[Document] = [
        document
        for ref, (company, document) in owned.items()
        if company == connection.company_id
        if ref in joined or document.dated_from(connection.sync_from)  # a joined one is compared whatever its date
    ]
    told = elsewhere.told(job)
    owners = dict(host.owners(kind, [Ref(*error.ref) for error in unread]))
    companies = owners | {ref: company for ref, (company, _) in owned.items()}
    other = {ref for ref, company in companies.items() if company not in (None, connection.company_id)} & joined
    mine = [error for error in unread if owners.get(Ref(*error.ref), connection.company_id) == connection.company_id]
    host.session.rollback()
    good, bad = snapshot.sound(found, mine)
    well = unreadable.told(job, kind, (document.ref for document in good))
    with job.transaction() as session:
        generation = scanning.generation(session, connection.id, kind)
        there = snapshot.keep(session, connection.id, kind, good, bad)
        unreadable.report(job, session, kind, bad)
        issues.close_all(session, connection.id, well, causes=[unreadable.CAUSE])
        lost = [elsewhere.Left(link.id, ref, link.label) for ref, link in zip(refs, some, strict=True) if ref in other]
        elsewhere.tell(job, session, kind, lost)
        if told:
            elsewhere.back(session, connection.id, told & {there[ref] for ref in joined & there.keys()})
        return some, _settle(session, some, {there[ref] for ref in refs if ref in there}, generation)


def _settle(session: Session, links: Sequence[Any], there: Collection[int], generation: int) -> int:
    """Take the marks away that were read; gives how many. A document that was touched meanwhile keeps its own."""
    kept, grouped = 0, dict[tuple[int, int], list[int]]()
    for link in links:
        grouped.setdefault((link.seen_at, generation if link.id in there else 0), []).append(link.id)
    for (mark, seen_at), ids in grouped.items():
        still = Link.id.in_(ids), Link.seen_at == mark
        kept += session.execute(update(Link).where(*still).values(seen_at=seen_at)).rowcount  # type: ignore[attr-defined]
    return kept
