"""Links of rows that the host deleted: they end, and whoever gets the same id next inherits nothing of them.

A retired link is orphaned, holds no record of Intacct for itself any more, and has given its local id away. What was
never sent for it is withdrawn; what was sent without a clear answer is still looked up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from .. import audit, issues, kinds
from ..choices import LINKED, ORPHANED, RETIRED, UNDECIDED, retired, standing
from ..clock import now
from ..models import (
    Connection,
    Issue,
    Link,
    LinkUse,
    LinkValue,
    Operation,
    Record,
    transition,
    transition_all,
)
from . import lease
from .outbox.states import CANCELLED, WITHDRAWABLE

AT_ONCE = 500

UNDER_WAY = ("outcome unknown", issues.NEEDS_A_PERSON)
"""Causes that stay: what was sent is still looked for."""

Keys = Mapping[tuple[str, str], Collection[str]]
"""Local ids by kind and source."""


def retire(session: Session, keys: Keys, *, wait: bool = True) -> int:
    """Retire the links of these rows, within the caller's transaction; gives how many there were.

    One query where nothing is linked. Else the leases and connections are locked first, as every worker and person
    does, so that none of them decides or sends at the same moment.

    :param wait: See :func:`.lease.lock`.
    :raises Busy: likewise.
    """
    found = [row for query in _links(keys) for row in session.execute(query)]
    if not found:
        return 0
    lease.lock(session, {connection_id for _, connection_id in found}, wait=wait)
    ids = [link_id for link_id, _ in found]
    for at in range(0, len(ids), AT_ONCE):
        query = select(Link).where(Link.id.in_(ids[at : at + AT_ONCE])).order_by(Link.id).with_for_update()
        links = session.scalars(query.execution_options(populate_existing=True))
        end(session, [link for link in links if not retired(link)])
    return len(found)


def _links(keys: Keys) -> Iterable[Any]:
    """Queries for the links of connections in force; one, unless there are very many rows."""
    rows = [(kind, source, local_id) for (kind, source), ids in keys.items() for local_id in ids]
    for at in range(0, len(rows), AT_ONCE):
        groups: dict[tuple[str, str], list[str]] = {}
        for kind, source, local_id in rows[at : at + AT_ONCE]:
            groups.setdefault((kind, source), []).append(local_id)
        mine = (
            and_(Link.kind == kind, Link.source == source, Link.local_id.in_(ids))
            for (kind, source), ids in groups.items()
        )
        yield (
            select(Link.id, Link.connection_id)
            .join(Connection, Connection.id == Link.connection_id)
            .where(Connection.live_company.is_not(None), or_(*mine))
        )


def end(session: Session, links: Sequence[Link]) -> None:
    """Retire these links, which the caller has locked, with their connections before them."""
    ids, connection_ids = [link.id for link in links], {link.connection_id for link in links}
    withdrawable = Operation.link_id.in_(ids), Operation.state.in_(WITHDRAWABLE)
    transition_all(session, Operation, CANCELLED, "its row was deleted", *withdrawable)
    solved = update(Issue).where(
        Issue.subject.in_([f"link:{link_id}" for link_id in ids]),
        Issue.connection_id.in_(connection_ids),
        Issue.live == issues.LIVE,
        Issue.fingerprint.not_in(UNDER_WAY),
    )
    session.execute(solved.values(live=None, resolution="deleted", last_seen=now()))
    untried = _untried(session, links)
    names = _names(session, [link for link in links if standing(link) == LINKED])
    for link in links:
        if link.id in untried:
            continue
        if standing(link) == LINKED:
            finding = issues.deleted_here(names.get(link.id) or link.record_key)
            # Added without a look for an older one, for there may be thousands: a link is retired once.
            session.add(
                Issue(
                    connection_id=link.connection_id, subject=f"link:{link.id}", live=issues.LIVE, kind=link.kind,
                    label=link.label, fingerprint=finding.cause, severity=finding.severity, message=finding.message,
                    cure=finding.cure,
                )
            )  # fmt: skip
        if link.kind == kinds.TRACKING_CATEGORY:
            _part(session, link)
        before = {"state": link.state, "record": link.record_key, "local": link.local_id}
        audit.record(session, link.connection_id, "", f"{link.kind} deleted here", link.label, before)
        if link.state != ORPHANED:
            transition(link, ORPHANED, "its row was deleted")
        link.exclusive = None
        link.local_id = f"{RETIRED}{link.id}:{link.local_id}"[:80]
        link.version += 1
    session.flush()
    for model, column in ((LinkUse, LinkUse.link_id), (LinkValue, LinkValue.link_id), (Link, Link.id)):
        if untried:
            session.execute(delete(model).where(column.in_(untried)))
    session.execute(update(Connection).where(Connection.id.in_(connection_ids)).values(plan_digest=""))


def _untried(session: Session, links: Sequence[Link]) -> set[int]:
    """The links of documents that only were read: nobody decided anything for them, and nothing of them was sent."""
    ids = {link.id for link in links if link.kind in kinds.documents() and link.state == UNDECIDED}
    return ids - set(session.scalars(select(Operation.link_id).where(Operation.link_id.in_(ids)))) if ids else ids


def _names(session: Session, links: Sequence[Link]) -> dict[int, str]:
    """What Intacct calls the records of these links."""
    query = select(Link.id, Record.natural_id).join(Link.record).where(Link.id.in_([link.id for link in links]))
    return dict(session.execute(query).all()) if links else {}


def _part(session: Session, category: Link) -> None:
    """Options of a category that is gone are nobody's until they are read again."""
    options = (
        Link.connection_id == category.connection_id,
        Link.kind == kinds.TRACKING_OPTION,
        Link.parent == category.local_id,
    )
    session.execute(update(Link).where(*options).values(parent=""))
