"""The rows of a plan: one for each record that something will happen to, so that every figure of it opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from sqlalchemy import case, delete, exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from .. import kinds
from ..ledger import money
from ..messages import NOTHING, Message
from ..models import Connection, Link, PlanItem, Record, Run
from ..state import current
from ..sync import snapshot

CHUNK = 400
"""So many ids in one condition."""


@dataclass(frozen=True, slots=True)
class Item:
    """What will happen to one record.

    :param action: One of the actions of :class:`~.plan.PlanRow`.
    :param cents: The gross of a document.
    :param cause: Why it is held, with the `reason` in words.
    :param hash: Stands for our document as the plan showed it.
    """

    kind: str
    action: str
    label: str
    link_id: int = 0
    record_id: int = 0
    cents: int | None = None
    cause: str = ""
    reason: Message = NOTHING
    hash: str = ""

    @property
    def key(self) -> tuple[str, int, int]:
        """What no two rows of a plan share."""
        return self.kind, self.link_id, self.record_id


_NAMES = tuple(item.name for item in fields(Item))


@dataclass(frozen=True, slots=True)
class Sum:
    """How many records, and what they come to."""

    count: int = 0
    total: Decimal | None = None


def begin(session: Session, run: Run, confirmed: int) -> None:
    """Throw away the rows of earlier plans of the connection, and of an earlier attempt of this one.

    :param confirmed: The run of the plan that was confirmed, which is kept; 0 for none.
    """
    older = select(Run.id).where(Run.connection_id == run.connection_id, Run.kind == run.kind, Run.id != confirmed)
    session.execute(delete(PlanItem).where(PlanItem.run_id.in_(older)))


def write(session: Session, run_id: int, items: Iterable[Item]) -> None:
    """Write rows; one that is there already, from a step that came twice, is replaced."""
    rows = {item.key: item for item in items}
    if not rows:
        return
    for column, ids in (
        (PlanItem.link_id, sorted({item.link_id for item in rows.values()} - {0})),
        (PlanItem.record_id, sorted({item.record_id for item in rows.values() if not item.link_id})),
    ):
        for at in range(0, len(ids), CHUNK):
            mine = PlanItem.run_id == run_id, column.in_(ids[at : at + CHUNK])
            of_kinds = PlanItem.kind.in_({item.kind for item in rows.values()})
            session.execute(delete(PlanItem).where(*mine, of_kinds))
    session.execute(
        insert(PlanItem),
        [
            {name: getattr(item, name) for name in _NAMES}
            | {"run_id": run_id, "label": item.label[:255], "cause": item.cause[:64]}
            for item in rows.values()
        ],
    )


def sums(session: Session, run_id: int) -> Mapping[str, Mapping[str, Sum]]:
    """What the rows come to, by kind and action."""
    query = (
        select(PlanItem.kind, PlanItem.action, func.count(), func.sum(PlanItem.cents))
        .where(PlanItem.run_id == run_id)
        .group_by(PlanItem.kind, PlanItem.action)
    )
    found: dict[str, dict[str, Sum]] = {}
    for kind, action, count, cents in session.execute(query):
        found.setdefault(kind, {})[action] = Sum(count, None if cents is None else money(cents))
    return found


def some(session: Session, run_id: int, kind: str, action: str, *, after: int = 0, limit: int) -> Sequence[PlanItem]:
    """Rows of one figure, in the order in which they were written.

    :param after: The id of the row to go on behind.
    """
    query = select(PlanItem).where(
        PlanItem.run_id == run_id, PlanItem.kind == kind, PlanItem.action == action, PlanItem.id > after
    )
    return session.scalars(query.order_by(PlanItem.id).limit(limit)).all()


def stand(session: Session, connection: Connection, run_id: int) -> bool:
    """Whether the documents that a plan sends, pairs or holds are as it showed them: none was touched or is gone, and
    none was touched that could not be read then."""
    documents = [kind for kind in kinds.documents() if connection.with_transactions and current().host.has(kind)]
    same = exists().where(PlanItem.link_id == Link.id, PlanItem.hash == Link.hash, Link.seen_at > 0)
    mine = PlanItem.run_id == run_id, PlanItem.kind.in_(documents), PlanItem.link_id > 0
    odd = select(PlanItem.id).where(*mine, PlanItem.action != "skip", ~same)
    unread = Link.state.in_(snapshot.OPEN), Link.status == snapshot.UNREADABLE, Link.seen_at < 0
    mended = select(Link.id).where(Link.connection_id == connection.id, Link.kind.in_(documents), *unread)
    return all(session.execute(query.limit(1)).first() is None for query in (odd, mended))


@dataclass(frozen=True, slots=True)
class About:
    """What people know a document by, besides its number."""

    contact: str = ""
    day: date | None = None


def about(session: Session, rows: Sequence[PlanItem]) -> Mapping[int, About]:
    """Contact and date of the documents behind some rows, by the row's id: ours where there is one, else Intacct's."""
    ours, theirs = aliased(Link), aliased(Link)
    known = (
        select(ours.id, ours.day, theirs.label)
        .outerjoin(
            theirs,
            (theirs.connection_id == ours.connection_id)
            & (theirs.kind == kinds.CONTACT)
            & (theirs.source == ours.party_source)
            & (theirs.local_id == ours.party),
        )
        .where(ours.id.in_([row.link_id for row in rows if row.link_id]))
    )
    links = {id_: About(contact or "", day) for id_, day, contact in session.execute(known)}
    records = _of_records(session, [row.record_id for row in rows if not row.link_id])
    return {row.id: (links if row.link_id else records).get(row.link_id or row.record_id, About()) for row in rows}


def _of_records(session: Session, ids: Sequence[int]) -> Mapping[int, About]:
    """The same of Intacct's documents, by their records' ids."""
    theirs = aliased(Record)
    roles = case(
        *(
            (Record.object == spec.object, kinds.kind(kinds.CONTACT, spec.shape.contact_role).object)
            for spec in map(kinds.kind, kinds.documents())
            if spec.shape is not None
        ),
        else_="",
    )
    query = (
        select(Record.id, Record.day, func.coalesce(theirs.name, Record.party))
        .outerjoin(
            theirs,
            (theirs.connection_id == Record.connection_id)
            & (theirs.object == roles)
            & (theirs.natural_id == Record.party),
        )
        .where(Record.id.in_(ids))
    )
    return {id_: About(contact, day) for id_, day, contact in session.execute(query)}
