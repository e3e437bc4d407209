"""What schema version 2 keeps and version 1 did not, computed from what version 1 kept, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import kinds, notices, tokens
from ..choices import LINKED
from ..config import Config
from ..errors import Refused
from ..ledger import FORM, digest, dump
from ..models import Connection, Link, LinkValue, Operation, Record
from ..sync import agreement, records, values

BATCH = 200
"""So many rows a transaction treats."""


@dataclass(frozen=True, slots=True)
class Step:
    """Treats the rows of one table by key.

    :param treat: Treats a batch behind an id, within the caller's transaction; gives the ids that it looked at.
    :param of: What these rows are, for people.
    """

    treat: Callable[[Config, Session, int], Sequence[int]]
    of: str


def documents(config: Config, session: Session, after: int) -> Sequence[int]:
    """The columns of Intacct's documents, by the code that fills them when a row lands.

    One that can't be read has its issue since it landed, and stays as it is.
    """
    by_object = {kinds.kind(name).object: kinds.kind(name) for name in kinds.documents()}
    query = select(Record).where(Record.object.in_(by_object), Record.id > after)
    found = session.scalars(query.order_by(Record.id).limit(BATCH)).all()
    for record in found:
        try:
            records.describe(config, record, by_object[record.object], record.payload, None)
        except Refused:
            continue
    return [record.id for record in found]


def links(config: Config, session: Session, after: int) -> Sequence[int]:
    """The values of the host's records, from the facts that their links keep.

    Values that both sides have are agreed. Of documents nothing was kept but that they are joined, and whether the
    host's says the same as Intacct's can't be told without asking the host: their agreed value is left NULL until a
    sync has seen both. So is that of tracking categories: what they are joined to has no value of its own.
    """
    joined = Link.state == LINKED, Link.kind != kinds.TRACKING_CATEGORY
    query = (
        select(Link, LinkValue, Record)
        .outerjoin(Link.value)
        .outerjoin(Link.record.and_(*joined))
        .where(Link.id > after)
    )
    found = session.execute(query.order_by(Link.id).limit(BATCH)).all()
    for link, kept, record in found:
        if not link.facts:
            continue
        try:
            value = values.of(link)
        except (KeyError, TypeError, ValueError):
            continue  # a kind or a value that nobody knows any more: the next sync reads the host's row
        link.hash, link.to_send = digest(value), int(link.facts.get("to_send", 0))
        if kept is None:
            kept = LinkValue(link_id=link.id)
            session.add(kept)
        kept.value, kept.codec = dump(value), FORM
        if record is not None and agreement.same_record(value, record, link, config):
            kept.agreed, kept.agreed_codec = kept.value, FORM
    return [link.id for link, _, _ in found]


def operations(config: Config, session: Session, after: int) -> Sequence[int]:
    """The object that each operation writes; what was kept of it stays as it is."""
    found = session.scalars(select(Operation).where(Operation.id > after).order_by(Operation.id).limit(BATCH)).all()
    for operation in found:
        named = {"object": operation.object or str(operation.payload.get("object", ""))}
        kept = update(Operation).where(Operation.id == operation.id).values(**named, updated_at=Operation.updated_at)
        session.execute(kept.execution_options(synchronize_session=False))
    return [operation.id for operation in found]


def words_of_links(config: Config, session: Session, after: int) -> Sequence[int]:
    """The words by which links are found."""
    return _words(session, session.scalars(select(Link).where(Link.id > after).order_by(Link.id).limit(BATCH)).all())


def words_of_records(config: Config, session: Session, after: int) -> Sequence[int]:
    """The words by which records are found."""
    query = select(Record).where(Record.id > after).order_by(Record.id)
    return _words(session, session.scalars(query.limit(BATCH)).all())


def _words(session: Session, rows: Sequence[Link] | Sequence[Record]) -> Sequence[int]:
    tokens.write_rows(session, rows)
    return [row.id for row in rows]


def flags(config: Config, session: Session, after: int) -> Sequence[int]:
    """The notice of each connection that is its flag."""
    query = select(Connection).where(Connection.id > after).order_by(Connection.id).limit(BATCH)
    found = session.scalars(query).all()
    for connection in found:
        notices.renew(session, connection)
    return [connection.id for connection in found]


STEPS = (
    Step(documents, "documents of Sage Intacct were read anew"),
    Step(links, "links have the values of their rows"),
    Step(operations, "operations of the outbox know what they write"),
    Step(words_of_links, "links are found by their words"),
    Step(words_of_records, "records of Sage Intacct are found by their words"),
    Step(flags, "companies have their flags"),
)
