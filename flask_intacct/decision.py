"""What a decision does to a link, within the transaction of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from . import audit, choices, issues, kinds, overrides
from .choices import LINKED, OPEN_STATES, ORPHANED, SUSPENDED, UNDECIDED, object_of
from .clock import now
from .errors import AlreadyUsed, Refused, Stale
from .messages import Message, noun, plain
from .models import Connection, Link, Operation, Record, Rejection, transition, transition_all


def refuse_taken(session: Session, link: Link, record: Record) -> None:
    """:raises AlreadyUsed: another local record has it."""
    taker = choices.takers(session, link.connection_id, record.object, [record.key]).get(record.key)
    words = choices.taken_words(taker, link)
    if words:
        raise AlreadyUsed(Message("decide.taken", record=f"{record.natural_id} {record.name}", taken=words))


def link_of(session: Session, connection_id: int, link_id: int, *, lock: bool = False) -> Link:
    """A link of this connection.

    :raises Refused: it is another's, or gone.
    """
    link = session.get(Link, link_id, with_for_update=lock or None)
    if link is None or link.connection_id != connection_id:
        raise Refused(Message("decide.not_ours"))
    return link


def open_link(session: Session, connection_id: int, link_id: int, version: int | None) -> tuple[Connection, Link]:
    """The connection, and a link of it that may still be decided, locked.

    :raises Stale: the row is not of this version any more.
    :raises Refused: it can't be decided here.
    """
    connection = session.get(Connection, connection_id, with_for_update=True)  # before its links, as everybody does
    link = link_of(
        session, connection_id, link_id, lock=True
    )  # of two people at one row, the later one reads the other
    if connection is None or connection.live_company is None:
        raise Refused(Message("connection.gone"))
    if version is not None and link.version != version:
        who = {"who": link.decided_by} if link.decided_by else {}
        raise Stale(Message("decide.changed_by" if who else "decide.changed", label=link.label, **who))
    if link.state not in OPEN_STATES and not (link.state == LINKED and kinds.named(link.kind).changeable):
        said = "decide.in_doubt" if link.state == SUSPENDED else "decide.in_step"
        raise Refused(Message(said, label=link.label))
    return connection, link


def record_of(session: Session, link: Link, record_key: str, role: str) -> Record:
    """Intacct's record of this key, among those that the link may choose from in a role.

    :raises Refused: there is none.
    """
    object_ = object_of(session, link, role)
    if not object_:
        raise Refused(Message("decide.category_first", label=link.label))
    record = session.scalar(
        select(Record).where(
            Record.connection_id == link.connection_id, Record.object == object_, Record.key == record_key
        )
    )
    if record is None:
        raise Refused(Message("decide.no_record", label=link.label))
    return record


def options_of(session: Session, category: Link) -> Sequence[Link]:
    """The options of a tracking category."""
    return session.scalars(select(Link).where(*_below(category))).all()


def _below(category: Link) -> tuple[ColumnElement[bool], ...]:
    return (
        Link.connection_id == category.connection_id,
        Link.kind == kinds.TRACKING_OPTION,
        Link.parent == category.local_id,
    )


def reopen_options(session: Session, category: Link) -> None:
    """Another dimension for a category: nothing decided, suggested or refused for its options holds any more."""
    session.execute(delete(Rejection).where(Rejection.link_id.in_(select(Link.id).where(*_below(category)))))
    for option in options_of(session, category):
        if option.state in OPEN_STATES:
            option.suggested_key = option.runner_up_key = option.sure_key = ""
            option.confidence, option.certain, option.reasons, option.conflicts = 0, False, [], []
            clear(session, option, UNDECIDED, "")


def judge(session: Session, link: Link) -> None:
    """A person decides where a certain suggestion is offered: keep which, for it may turn out wrong."""
    if link.certain and not link.sure_key:
        link.sure_key = choices.offered(session, link)


def reject(session: Session, link: Link) -> None:
    """A person looked at the suggestion and decided otherwise: this pair is not suggested again."""
    key = choices.offered(session, link)
    if not key or link.kind == kinds.TRACKING_CATEGORY:
        return
    refused = select(Rejection.id).where(Rejection.link_id == link.id, Rejection.record_key == key)
    if session.scalar(refused) is None:
        session.add(Rejection(link_id=link.id, record_key=key))


def answered(session: Session, link: Link) -> None:
    """A person matches or unlinks what only a person could tell the outcome of: nobody waits for that any more."""
    waits = Operation.link_id == link.id, Operation.state == "MANUAL"
    if transition_all(session, Operation, "CANCELLED", "a person looked for it", *waits):
        issues.close(session, link.connection_id, f"link:{link.id}")


def take_role(session: Session, link: Link, role: str) -> None:
    """Put a contact into a role, and remember the host's own where that is another.

    :raises Refused: it has a row of its own in that role.
    """
    if role == link.role:
        return
    if has_row(session, link, role):
        raise Refused(Message("decide.own_row", label=link.label, role=noun(role)))
    own = overrides.own_role(link)
    link.role, link.own_role = role, "" if role == own else own


def has_row(session: Session, link: Link, role: str) -> bool:
    """Whether the same record of the host has another row, in this role."""
    query = select(Link.id).where(
        Link.connection_id == link.connection_id,
        Link.kind == link.kind,
        Link.source == link.source,
        Link.local_id == link.local_id,
        Link.role == role,
        Link.id != link.id,
    )
    return session.scalar(query) is not None


def clear(session: Session, link: Link, state: str, who: str, at: datetime | None = None) -> None:
    """Decide for no record of Intacct. What was decided against the evidence is taken back with the rest."""
    before = described(link)
    answered(session, link)
    link.object = link.record_key = ""
    link.exclusive = None
    link.overrides = []
    own = overrides.own_role(link)
    if has_row(session, link, own):
        state = ORPHANED  # the contact got its row back meanwhile, for documents that use it
    else:
        take_role(session, link, own)
    decide(session, link, state, who, "" if state == UNDECIDED else "hand", before, at)


def decide(
    session: Session,
    link: Link,
    state: str,
    who: str,
    origin: str,
    before: dict[str, Any],
    at: datetime | None = None,
) -> None:
    """Keep a decision, with who and when; a plan made before holds no more.

    :param before: What :func:`described` said before it.
    :param at: When it was decided, if that is not now.
    """
    transition(link, state, f"decided by {who or 'a rule'}")
    link.origin, link.decided_by, link.decided_at = origin, who, at or now()
    link.version += 1
    session.flush()
    audit.record(session, link.connection_id, who, decided(link.kind, state), link.label, before, described(link))
    session.execute(update(Connection).where(Connection.id == link.connection_id).values(plan_digest=""))


def decided(kind: str, state: str) -> str:
    """What the audit log calls a decision."""
    return f"{kind} {state}"


def described(link: Link) -> dict[str, Any]:
    """A decision as the audit log has it."""
    return said(link.state, link.record_key, link.role, link.overrides)


def said(state: str, record: str, role: str, against: Sequence[Any] = ()) -> dict[str, Any]:
    """The same by its parts."""
    more = {"role": role, "overrides": [plain(overrides.said(item)) for item in against]}
    return {"state": state, "record": record} | {name: fact for name, fact in more.items() if fact}
