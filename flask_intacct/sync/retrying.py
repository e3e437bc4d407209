"""Retries: what failed or is held is tried again soon, because a person says so: by a push, which costs a few requests,
where that takes up all of it, else by a sync.

Documents are marked as if the host had touched them. Which run is to start is kept with the connection until one
begins, so that nothing is lost where none can start just now: another one is at work, or the connection rests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, or_, select, tuple_, update
from sqlalchemy.orm import Session

from .. import audit, issues, kinds
from ..clock import now
from ..messages import Message
from ..models import UNDER_WAY, Connection, Issue, Link, Operation, Record, Run
from ..state import State
from . import breaker, lease, place, run, snapshot, touched, unreadable
from .outbox.states import MANUAL, UNKNOWN
from .run import AGAIN, INITIAL, PUSH, SYNC

STATES = ("connected", "paused", "needs_reconnecting")
"""The states of a connection in which something may be wanted again; it is done once it is connected."""

OF_THEIRS = ("control account", "location outside the entity")
"""Causes that lie in a record of Intacct, besides those of which :func:`~flask_intacct.issues.of_another` tells."""


@dataclass(slots=True)
class Taken:
    """What became of some issues.

    :param done: The ids of those whose records are tried again.
    :param rests: How many of these wait until a person resumes their side.
    :param left: Why others are left as they are, by their ids.
    """

    done: list[int] = field(default_factory=list)
    rests: int = 0
    left: dict[int, Message] = field(default_factory=dict)


def take(session: Session, connection: Connection, found: Sequence[Issue], who: str) -> Taken:
    """Have the records behind open issues tried again, within the caller's transaction, in a fixed number of
    statements; the caller has locked the connection and begins the run.
    """
    taken, links = Taken(), _links(session, connection.id, found)
    states = _under_way(session, [link.id for link in links.values()])
    roles = _roles(session, found) if connection.resting else {}
    wanted, read = PUSH, set[str]()
    marks, due = list[Any](), list[int]()
    for issue in found:
        link = links.get(issue.subject)
        state = states.get(link.id, "") if link is not None else ""
        if issue.fingerprint in issues.ANSWERED or state == MANUAL:
            taken.left[issue.id] = Message("issue.answer_first", label=issue.label)
            continue
        taken.done.append(issue.id)
        kind = link.kind if link is not None else issue.kind
        if link is not None and kind in kinds.documents():
            marks.append(link)
        elif kind in kinds.MATCHED:
            read.add(kind)
        if state == UNKNOWN and link is not None:
            due.append(link.id)
        side = kinds.side(kind, link.role if link is not None else roles.get(issue.subject, ""))
        if side is not None and side.name in connection.resting:
            taken.rests += 1
        elif link is None or state or not _pushed(connection, issue, link):
            wanted = SYNC
    _mark(session, connection, marks)
    for kind in read:
        place.mark(session, [connection.id], kind)
    if due:
        mine = Operation.link_id.in_(due), Operation.state == UNKNOWN, Operation.due_at > now()
        sooner = update(Operation).where(*mine).values(due_at=now())
        session.execute(sooner.execution_options(synchronize_session=False))
    if len(taken.done) > taken.rests:
        want(connection, wanted, who)
    told = [issue for issue in found if issue.id not in taken.left]
    audit.record_all(
        session, connection.id, who, (("tried again", one.label, {}, {"cause": one.fingerprint}) for one in told)
    )
    return taken


def want(connection: Connection, kind: str, who: str) -> None:
    """Keep which run is to start as soon as it can; a sync does what a push would. The caller has locked the row."""
    before = connection.facts.get(AGAIN, {})
    kind = SYNC if SYNC in (kind, before.get("kind")) else kind
    connection.facts = {**connection.facts, AGAIN: {"kind": kind, "who": who}}


def begin(session: Session, connection: Connection) -> tuple[Run | None, bool]:
    """The run that does what is wanted again, and whether it is new and has to be woken after the commit; none while
    it has to wait. The caller has locked the connection.

    :raises Refused: see :func:`.run.start`.
    """
    wish = connection.facts.get(AGAIN)
    if wish is None or connection.state != "connected":
        return None, False
    busy = run.live(session, connection.id)
    if busy is not None and not _serves(busy, wish["kind"]):
        return None, False
    run.forget_wish(connection)
    return run.begin(session, connection.id, wish["kind"], wish["who"])


def waiting(state: State, *where: ColumnElement[bool]) -> Sequence[int]:
    """The connections, those of which all this holds, that something is wanted again of, and nothing is at work for."""
    busy = select(Run.id).where(Run.live == Connection.id).exists()
    query = select(Connection.id).where(Connection.state == "connected", ~busy, _WISH.is_not(None), *where)
    with state.reading() as session:
        return session.scalars(query.order_by(Connection.id)).all()


def go_on(state: State, connection_id: int) -> Run | None:
    """Begin what is wanted again of a connection; gives the run if it has to be woken.

    :raises Refused: see :func:`.run.start`.
    """
    with state.transaction() as session:
        found, fresh = begin(session, lease.locked(session, connection_id))
    return found if fresh else None


_WISH = Connection.facts[AGAIN]["kind"].as_string()


def _serves(busy: Run, kind: str) -> bool:
    """Whether a live run sees all that is wanted, for it has not begun, or gives way to one that does."""
    if busy.kind == PUSH and kind == SYNC:
        return True
    begun = busy.state != run.QUEUED or busy.started_at is not None
    return not begun and busy.kind in (INITIAL, SYNC, PUSH)


def _pushed(connection: Connection, issue: Issue, link: Any) -> bool:
    """Whether a push tries what an issue tells of a link: a document that goes out, by what is kept of Intacct."""
    if link.kind not in kinds.documents() or link.state not in snapshot.OPEN:
        return False
    theirs = issues.of_another(issue.fingerprint) or issue.fingerprint in OF_THEIRS
    if issue.fingerprint != unreadable.CAUSE and (issue.direction != "out" or theirs):
        return False  # what comes in, and those records, only a sync reads
    ready = connection.synced_at is not None and connection.with_transactions and "format" in connection.facts
    return ready and not breaker.halted(connection, kinds.kind(link.kind))


def _links(session: Session, connection_id: int, found: Sequence[Issue]) -> Mapping[str, Any]:
    """What is known of the links behind issues, by the subjects of these."""
    ids = {int(id_): f"link:{id_}" for one in found if (id_ := one.subject.removeprefix("link:")).isdigit()}
    refs = {ref: one.subject for one in found if (ref := unreadable.ref_of(one.subject)) is not None}
    named = tuple_(Link.kind, Link.source, Link.local_id)
    which: list[ColumnElement[bool]] = [Link.id.in_(ids)] if ids else []
    which += [named.in_(refs) & (Link.role == "")] if refs else []
    if not which:
        return {}
    columns = Link.id, Link.kind, Link.source, Link.local_id, Link.role, Link.state
    rows = session.execute(select(*columns).where(Link.connection_id == connection_id, or_(*which)))
    return {ids.get(row.id) or refs[row.kind, row.source, row.local_id]: row for row in rows}


def _under_way(session: Session, link_ids: Sequence[int]) -> dict[int, str]:
    """The state of what is under way of each of these links."""
    if not link_ids:
        return {}
    query = select(Operation.link_id, Operation.state)
    query = query.where(Operation.link_id.in_(link_ids), Operation.state.in_(UNDER_WAY), Operation.live.is_not(None))
    found: dict[int, str] = dict(session.execute(query).all())
    return found


def _roles(session: Session, found: Sequence[Issue]) -> dict[str, str]:
    """The roles of Intacct's contacts that issues are about, by the subjects of these."""
    ids = [int(id_) for one in found if (id_ := one.subject.removeprefix("record:")).isdigit()]
    if not ids:
        return {}
    rows = session.execute(select(Record.id, Record.object).where(Record.id.in_(ids)))
    return {f"record:{id_}": kinds.role_of(kinds.CONTACT, object_) for id_, object_ in rows}


def _mark(session: Session, connection: Connection, links: Sequence[Any]) -> None:
    """Mark the links of documents as touched."""
    if not links:
        return
    mine = Link.connection_id == connection.id, Link.id.in_([link.id for link in links])
    session.execute(touched.mark(*mine))
    if any(link.state in snapshot.OPEN for link in links):
        connection.touches += 1
