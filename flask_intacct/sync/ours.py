"""Our own side: a link per record of the host and role, with what the record was like when it was last read."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only
from sqlalchemy.orm.interfaces import LoaderOption

from .. import bulk, kinds, presence, tokens
from ..choices import ARCHIVED, ORPHANED, RETIRED, SUSPENDED, UNDECIDED
from ..ledger import digest, dump, folded
from ..links import local_ref
from ..models import Link, transition
from ..phases import Cursor, following
from . import doubts, place, retire, touched, unlisted
from .job_context import JobContext
from .link_values import NO_TAX
from .slots import Rows, Slot, Use, used

_NAMES = load_only(Link.source, Link.local_id, Link.role, Link.own_role, Link.origin, Link.state)
"""What tells whose link it is, without all that is kept of its record."""

_LIKE = load_only(
    Link.kind, Link.source, Link.local_id, Link.role, Link.own_role, Link.origin, Link.state,
    Link.label, Link.search, Link.parent, Link.facts, Link.hash,
)  # fmt: skip
"""What tells whether a record is as its link says."""

BATCH = 500
"""So many rows or links one step looks at."""


def snapshot(job: JobContext, cursor: Cursor) -> Cursor | None:
    """Make a link for every record that has to be decided, refresh those there are, and orphan those that went.

    One kind after the other: first its rows, in their order, then its links.
    """
    has = [kind for kind in kinds.MATCHED if job.state.host.has(kind)]
    use = job.kept("use", lambda: _used(job))
    if not cursor:
        touched.dispatch(job.state)
        return {"kind": has[0]} if has else None
    kind, again = cursor["kind"], len(cursor) == 1
    following = has[has.index(kind) + 1 :] if kind in has else []
    behind = {"kind": following[0]} if following else None
    needs = _needs(job, kind, use)
    if again:
        mark, read = place.of(job, kind, needs)
        if read and not job.scans:
            return behind
        cursor = cursor | {"place": [mark, needs if read else ""]}
    rows = job.kept(kind, lambda: Rows.read(job, kind, use, again=again))
    if "links" not in cursor:
        after = cursor.get("after")
        slots = rows.slots[bisect_right(rows.order, tuple(after)) if after else 0 :][:BATCH]
        if slots:
            _keep(job, kind, slots)
        here = {"kind": kind, "place": cursor["place"]}
        return here | ({"after": slots[-1].key} if len(slots) == BATCH else {"links": 0})
    last = _orphan(job, kind, rows, cursor["links"])
    if last is not None:
        return cursor | {"links": last}
    words = Counter(word for value in rows.found for word in value.unlisted)
    if words != unlisted.of(job.connection, kind):
        with job.transaction() as session:
            unlisted.keep(session, job.connection.id, kind, words)
    mark, known = cursor["place"]
    if known != needs:
        place.keep(job, kind, mark, needs)
    return behind


def _needs(job: JobContext, kind: str, use: Use) -> str:
    """Stands for what the links of a kind depend on, besides its rows."""
    own = sorted([*map(str, key), number] for key, number in use.items() if key[0] == kind)
    return digest([job.connection.facts.get("taxes", False), own])[:40]


def _keep(job: JobContext, kind: str, slots: Sequence[Slot]) -> None:
    """Keep what some records are like, each with its link; nothing is written where all are as they were."""
    ids, names = [slot.value.ref.id for slot in slots], [":".join(map(str, (kind, *slot.key))) for slot in slots]
    with job.state.reading() as session:
        known = _known(session, job.connection.id, kind, ids, _LIKE)
    pairs = ((slot.link(known), slot.value) for slot in slots)
    if doubts.settle(job, ((link, value) for link, value in pairs if link is not None)):
        with job.state.reading() as session:
            known = _known(session, job.connection.id, kind, ids, _LIKE)
    if all(_as_known(slot.link(known), kind, slot) for slot in slots):
        job.count(names)
        return
    with job.transaction() as session:
        known = _known(session, job.connection.id, kind, ids)
        before = {link.id: link.search for link in known.values()}
        bulk.insert_rows(session, Link, [_new(job, kind, slot) for slot in slots if slot.link(known) is None])
        known = _known(session, job.connection.id, kind, ids)
        for slot in slots:
            link = slot.link(known)
            if link is not None and not _as_known(link, kind, slot):
                _refresh(link, kind, slot)
        session.flush()
        tokens.write_rows(session, [link for link in known.values() if before.get(link.id) != link.search])
        job.progress(session, done=names)


def _used(job: JobContext) -> Use:
    with job.state.reading() as session:
        return used(session, job.connection.id)


def _orphan(job: JobContext, kind: str, rows: Rows, after: int) -> int | None:
    """Orphan links of rows that need none any more; gives the last link looked at, None if there are no more."""
    with job.state.reading() as session:
        links, odd = _unneeded(session, job, kind, rows, after)
    if odd:
        with job.transaction() as session:
            links, odd = _unneeded(session, job, kind, rows, after)
            for link in odd:
                transition(link, ORPHANED, "nothing is to be decided for it")
                link.exclusive = None
    return links[-1].id if len(links) == BATCH else None


def _unneeded(
    session: Session, job: JobContext, kind: str, rows: Rows, after: int
) -> tuple[Sequence[Link], Sequence[Link]]:
    """Some links from one on, and those of them whose rows need none any more."""
    query = (
        select(Link)
        .where(
            Link.connection_id == job.connection.id,
            Link.kind == kind,
            Link.state.not_in((ARCHIVED, ORPHANED, SUSPENDED)),
            Link.id > after,
        )
        .options(_NAMES)
    )
    links = session.scalars(query.order_by(Link.id).limit(BATCH)).all()
    refs = {local_ref(link) for link in links}
    known = _known(session, job.connection.id, kind, [ref.id for ref in refs], _NAMES)
    kept = {link.id for ref in refs for slot in rows.of.get(ref, ()) if (link := slot.link(known)) is not None}
    odd = []
    for link in links:
        if link.id in kept or local_ref(link) in rows.unread:
            continue  # it is there, even if it can't be read
        if link.own_role and local_ref(link) in rows.of:
            continue  # a person chose this role; the host's own has a row beside it, for what is to be sent
        odd.append(link)
    return links, odd


def deleted(job: JobContext, cursor: Cursor) -> Cursor | None:
    """Retire the links of rows that are gone, however they went: by plain SQL no session of the host sees it."""
    if not job.scans:
        return None
    query = select(Link.id, Link.kind, Link.source, Link.local_id).where(
        Link.connection_id == job.connection.id,
        Link.local_id.not_like(f"{RETIRED}%"),
        Link.source != NO_TAX,
        Link.id > cursor.get("after", 0),
    )
    with job.state.reading() as session:
        found = session.execute(query.order_by(Link.id).limit(presence.AT_ONCE)).all()
    retire_gone(job, found)
    return following(found, presence.AT_ONCE)


def retire_gone(job: JobContext, links: Iterable[Any]) -> int:
    """Retire those of these links (their kind, source and local id are looked at) whose row is gone; gives how many."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for link in links:
        grouped.setdefault((link.kind, link.source), []).append(link.local_id)
    host, gone = job.state.host, dict[tuple[str, str], set[str]]()
    for (kind, source), local_ids in grouped.items():
        local = host.local(kind, source)  # None for what is no longer described, of which nothing can be said
        if local is not None:
            with presence.connection(host.session, local) as connection:
                gone[kind, source] = presence.gone(connection, local, local_ids)
    if not any(gone.values()):
        return 0
    with job.transaction() as session:
        return retire.retire(session, gone)


def _known(
    session: Session, connection_id: int, kind: str, local_ids: list[str], *along: LoaderOption
) -> dict[tuple[str, str, str], Link]:
    """The links of records by their source, local id and role.

    :param along: How they are loaded, if not whole.
    """
    query = select(Link).where(Link.connection_id == connection_id, Link.kind == kind, Link.local_id.in_(local_ids))
    found = session.scalars(query.options(*along).order_by(Link.id))
    return {(link.source, link.local_id, link.role): link for link in found}


def _columns(kind: str, slot: Slot) -> dict[str, Any]:
    """What a record is like, as the columns of its link."""
    value, facts = slot.value, dump(slot.value) | {"to_send": slot.to_send}
    return {
        "label": value.label[:255],
        "search": folded(value.code, value.name, facts.get("email", ""), facts.get("tax_number", ""))[:500],
        "parent": value.category.id if kind == kinds.TRACKING_OPTION else "",
        "facts": facts,
        "hash": digest(slot.value),
    }


def _as_known(link: Link | None, kind: str, slot: Slot) -> bool:
    """Whether a record has its link, and that is as it should be."""
    if link is None:
        return False
    if link.role != slot.role and not link.own_role:
        return True  # it came from Intacct in another role
    if link.state == SUSPENDED:
        return True  # a person has to say first whose record it is
    orphaned = link.state == ORPHANED and link.role == slot.role
    if orphaned or (link.state == ARCHIVED and slot.to_send):
        return False
    return all(getattr(link, name) == value for name, value in _columns(kind, slot).items())


def _new(job: JobContext, kind: str, slot: Slot) -> dict[str, Any]:
    ref = slot.value.ref
    own = {"kind": kind, "source": ref.source, "local_id": ref.id, "role": slot.role, "state": UNDECIDED}
    return {"connection_id": job.connection.id, **own, **_columns(kind, slot)}


def _refresh(link: Link, kind: str, slot: Slot) -> None:
    """Keep what a record is like with its link, which is decided anew where that no longer holds."""
    if link.role == slot.role and link.state == ORPHANED:
        transition(link, UNDECIDED, "it is to be decided again")
        link.object, link.record_key = "", ""
        link.overrides, link.own_role = [], ""
    for name, value in _columns(kind, slot).items():
        setattr(link, name, value)
    if link.state == ARCHIVED and slot.to_send:
        transition(link, UNDECIDED, "a new document uses it")  # the decision no longer holds
