"""Rows of the kinds that people match, compared with what is known of them: another record inherits no decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select

from .. import kinds
from ..choices import SUSPENDED
from ..errors import Unreadable
from ..ledger import Value, dump
from ..links import local_ref
from ..models import Link
from ..phases import Cursor, following
from . import identity, retire, values
from .job_context import JobContext
from .link_values import NO_TAX

AT_ONCE = 200
"""So many rows one step compares."""

Pair = tuple[Link, Value]
"""A link, and its row as it is now."""


def check(job: JobContext, cursor: Cursor) -> Cursor | None:
    """Compare the rows of what was decided, before anything is sent or changed for them: as many as one step does."""
    if not job.scans:
        return None
    query = select(Link).where(
        Link.connection_id == job.connection.id,
        Link.kind.in_(kinds.MATCHED),
        Link.state.in_((*identity.DECIDED, SUSPENDED)),
        Link.source != NO_TAX,
        Link.id > cursor.get("after", 0),
    )
    with job.state.reading() as session:
        links = session.scalars(query.order_by(Link.id).limit(AT_ONCE)).all()
    settle(job, _now(job, [link for link in links if identity.telling(link.facts)]))
    return following(links, AT_ONCE)


def _now(job: JobContext, links: Sequence[Link]) -> list[Pair]:
    """Those of these links whose row can be read, with what it is now."""
    host, found, unread = job.state.host, list[Pair](), list[Unreadable]()
    for kind in {link.kind for link in links}:
        mine = [link for link in links if link.kind == kind and host.local(kind, link.source) is not None]
        rows = dict(host.by_refs(kind, map(local_ref, mine), unread.append))
        now = ((link, rows.get(local_ref(link))) for link in mine)
        found += [(link, value) for link, value in now if isinstance(value, Value)]
    host.session.rollback()
    return found


def settle(job: JobContext, pairs: Iterable[Pair]) -> bool:
    """Suspend the links whose row seems to be another record, and let those go on whose row is again what it was;
    gives whether there were any.

    Before Confirm nothing was done yet for what was decided: the link ends, and its row is to be decided anew.
    """
    odd = {link.id: value for link, value in pairs if _odd(link, value)}
    if not odd:
        return False
    with job.transaction() as session:
        identity.lock(session, job.connection.id)
        query = select(Link).where(Link.id.in_(odd)).order_by(Link.id).with_for_update()
        links = [link for link in session.scalars(query) if _odd(link, odd[link.id])]
        if job.connection.confirmed_at is None:
            retire.end(session, links)
            return True
        for link, before, value in _known(links, odd):
            if link.state == SUSPENDED and not identity.another(before, value) and _same(before, value):
                identity.lift(session, link, "")
            else:
                identity.suspend(session, link, dump(value), identity.said(before), identity.said(value))
    return True


def _known(links: Iterable[Link], now: dict[int, Value]) -> Iterator[tuple[Link, Value, Value]]:
    for link in links:
        before = _before(link)
        if before is not None:
            yield link, before, now[link.id]


def _before(link: Link) -> Value | None:
    """The row of a link as it is known; None of one of which nothing is."""
    try:
        return values.of(link) if link.facts else None
    except (TypeError, ValueError):
        return None  # of a newer release, or of one that kept too little


def _odd(link: Link, value: Value) -> bool:
    """Whether there is something to do for a link, as its row is now."""
    if link.state == SUSPENDED:
        return True
    before = _before(link) if link.state in identity.DECIDED else None
    return before is not None and identity.another(before, value)


def _same(before: Value, after: Value) -> bool:
    """Whether a row is again what it was, as far as that tells records apart."""
    return identity.said(before) == identity.said(after)
