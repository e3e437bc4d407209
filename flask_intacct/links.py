"""Decisions: which Intacct record a local record is, or that it is created there, or archived here.

Each decision is one short transaction of its own. At most one local record per Intacct record is held by a unique key
in the database; the checks here only find better words for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from . import audit, choices, kinds
from .choices import ARCHIVED, CREATE, LINKED, MATCHED, OPEN_STATES, UNDECIDED, object_of
from .errors import AlreadyUsed, Refused, Stale
from .ledger import Ref
from .models import Connection, Link, Record, Rejection, now
from .state import current

CHANGEABLE = (kinds.TAX_TYPE, kinds.ACCOUNT, kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION)
"""Kinds whose match may be changed after Confirm, for future documents."""


@dataclass(slots=True)
class Outcome:
    """What a bulk action came to: ids that were done, and a sentence for each that was refused."""

    done: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def match(
    connection_id: int, link_id: int, record_key: str, who: str, *, version: int | None = None, origin: str = "hand"
) -> Link:
    """Decide that a local record is this Intacct record.

    :param version: The row version that the page showed.
    :raises AlreadyUsed: another local record has it; the text names the record and who chose it.
    :raises Stale: somebody changed the row since the page was drawn.
    :raises Refused: the two can't be the same, or the row can no longer be changed.
    """
    state = current()
    try:
        with state.transaction() as session:
            connection, link = _open_link(session, connection_id, link_id, version)
            record = _record(session, link, record_key)
            wrong = choices.objection(connection, link, record)
            if wrong:
                raise Refused(wrong)
            if kinds.kind(link.kind, link.role).exclusive:
                _refuse_taken(session, link, record)
            if link.kind == kinds.TRACKING_CATEGORY and record.key != (link.record_key or link.suggested_key):
                _reopen_options(session, link)
            before = {"state": link.state, "record": link.record_key}
            _judge(session, link)
            if record.key != link.suggested_key:
                _reject(session, link)
            link.object, link.record_key = record.object, record.key
            link.exclusive = record.key if kinds.kind(link.kind, link.role).exclusive else None
            _decide(session, link, LINKED if link.state == LINKED else MATCHED, who, origin, before)
            session.flush()
            return link
    except IntegrityError:
        with state.transaction() as session:
            link = _link(session, connection_id, link_id)
            _refuse_taken(session, link, _record(session, link, record_key))
        raise  # not the exclusive key: a fault of ours, not of the person


def accept(connection_id: int, link_ids: Sequence[int], who: str) -> Outcome:
    """Match each of these to its suggestion."""

    def one(link_id: int) -> None:
        with current().transaction() as session:
            link = _link(session, connection_id, link_id)
        if link.state == UNDECIDED and not link.suggested_key:
            raise Refused(f"{link.label} has no suggestion.")
        match(connection_id, link_id, link.suggested_key, who, version=link.version, origin="suggested")

    return _each(link_ids, one)


def create(connection_id: int, link_ids: Sequence[int], role: str, who: str, *, confirmed: bool = False) -> Outcome:
    """Decide that contacts are created in Intacct as customer or vendor, at Confirm.

    :param role: ``customer`` or ``vendor``; "" keeps the role of each row.
    :param confirmed: The person has looked at the likely existing record and still wants a new one.
    """

    def one(link_id: int) -> None:
        with current().transaction() as session:
            _, link = _open_link(session, connection_id, link_id, None)
            if link.kind != kinds.CONTACT:
                raise Refused(f"{link.label}: only contacts can be created in Sage Intacct.")
            if link.state == LINKED:
                raise Refused(f"{link.label} exists in Sage Intacct already.")
            if choices.offered(session, link) and not confirmed:
                raise Refused(f"{link.label} looks like an existing record in Sage Intacct: look at it first.")
            _judge(session, link)
            _reject(session, link)
            if role and role != link.role:
                _change_role(session, link, role)
            _clear(session, link, CREATE, who)

    return _each(link_ids, one)


def archive(connection_id: int, link_ids: Sequence[int], who: str) -> Outcome:
    """Decide that records are archived in the host, at Confirm.

    Refused while a document to be sent uses one, or the host has a reason of its own to keep it.
    """

    def one(link_id: int) -> None:
        with current().transaction() as session:
            wanted = _link(session, connection_id, link_id)
        reason = choices.keep(wanted)
        if reason:
            raise Refused(f"{wanted.label} can't be archived: {reason}.")
        with current().transaction() as session:
            _, link = _open_link(session, connection_id, link_id, None)
            if link.state == LINKED:
                raise Refused(f"{link.label} is in step with Sage Intacct: make it inactive there.")
            options = _options(session, link) if link.kind == kinds.TRACKING_CATEGORY else ()
            for row in (link, *options):
                used = int(row.facts.get("to_send", 0))
                if used:
                    raise Refused(
                        f"{row.label} is used by {used} document{'s' if used > 1 else ''} still to be sent. Match it,"
                        " or change those documents first."
                    )
            for option in options:
                if option.state in OPEN_STATES:
                    _clear(session, option, ARCHIVED, who)
            _judge(session, link)
            _clear(session, link, ARCHIVED, who)

    return _each(link_ids, one)


def undo(connection_id: int, link_ids: Sequence[int], who: str, *, mistaken: bool = False) -> Outcome:
    """Take decisions back, until Confirm.

    :param mistaken: The person takes back what they pressed a moment ago: that says nothing about the suggestions.
    """

    def one(link_id: int) -> None:
        with current().transaction() as session:
            _, link = _open_link(session, connection_id, link_id, None)
            if link.state == LINKED:
                raise Refused(f"{link.label} was confirmed and is in use.")
            if link.kind == kinds.TRACKING_CATEGORY:
                _reopen_options(session, link)
            if mistaken:
                link.sure_key = ""
            _clear(session, link, UNDECIDED, who)

    return _each(link_ids, one)


def _refuse_taken(session: Session, link: Link, record: Record) -> None:
    taker = choices.takers(session, link.connection_id, record.object, [record.key]).get(record.key)
    words = choices.taken_words(taker, link)
    if words:
        raise AlreadyUsed(
            f"{record.natural_id} {record.name}: {words} Choose another record, or undo that match first."
        )


def _each(link_ids: Sequence[int], one: Callable[[int], Any]) -> Outcome:
    outcome = Outcome()
    for link_id in link_ids:
        try:
            one(link_id)
        except Refused as refusal:
            outcome.refused.append(refusal.message)
        else:
            outcome.done.append(link_id)
    return outcome


def _link(session: Session, connection_id: int, link_id: int, *, lock: bool = False) -> Link:
    link = session.get(Link, link_id, with_for_update=lock or None)
    if link is None or link.connection_id != connection_id:
        raise Refused("This row does not belong to the company, or it is gone.")
    return link


def _open_link(session: Session, connection_id: int, link_id: int, version: int | None) -> tuple[Connection, Link]:
    connection = session.get(Connection, connection_id)
    link = _link(session, connection_id, link_id, lock=True)  # of two people at one row, the later one reads the other
    if connection is None:
        raise Refused("This connection is gone.")
    if version is not None and link.version != version:
        raise Stale(
            f"{link.label} was changed{' by ' + link.decided_by if link.decided_by else ''} since this page was"
            " drawn. Look at it again."
        )
    if link.state not in OPEN_STATES and not (link.state == LINKED and link.kind in CHANGEABLE):
        raise Refused(f"{link.label} is in step with Sage Intacct and can't be changed here.")
    return connection, link


def _record(session: Session, link: Link, record_key: str) -> Record:
    object_ = object_of(session, link)
    if not object_:
        raise Refused(f"{link.label}: match its category first.")
    record = session.scalar(
        select(Record).where(
            Record.connection_id == link.connection_id, Record.object == object_, Record.key == record_key
        )
    )
    if record is None:
        raise Refused(
            f"{link.label}: that record is not in Sage Intacct (or not of this kind). Refresh and choose again."
        )
    return record


def _options(session: Session, category: Link) -> Sequence[Link]:
    return session.scalars(
        select(Link).where(
            Link.connection_id == category.connection_id,
            Link.kind == kinds.TRACKING_OPTION,
            Link.parent == category.local_id,
        )
    ).all()


def _reopen_options(session: Session, category: Link) -> None:
    for option in _options(session, category):
        if option.state in OPEN_STATES:
            option.suggested_key = option.runner_up_key = option.sure_key = ""
            option.confidence, option.certain, option.reasons, option.conflicts = 0, False, [], []
            _clear(session, option, UNDECIDED, "")


def _judge(session: Session, link: Link) -> None:
    """A person decides where a certain suggestion is offered: keep which, for it may turn out wrong."""
    if link.certain and not link.sure_key:
        link.sure_key = choices.offered(session, link)


def _reject(session: Session, link: Link) -> None:
    """A person looked at the suggestion and decided otherwise: this pair is not suggested again."""
    key = choices.offered(session, link)
    if not key or link.kind == kinds.TRACKING_CATEGORY:
        return
    refused = select(Rejection.id).where(Rejection.link_id == link.id, Rejection.record_key == key)
    if session.scalar(refused) is None:
        session.add(Rejection(link_id=link.id, record_key=key))


def _change_role(session: Session, link: Link, role: str) -> None:
    if role not in kinds.roles(kinds.CONTACT):
        raise Refused(f"{role} is not a role of a contact.")
    clash = session.scalar(
        select(Link.id).where(
            Link.connection_id == link.connection_id,
            Link.kind == link.kind,
            Link.source == link.source,
            Link.local_id == link.local_id,
            Link.role == role,
        )
    )
    if clash is not None:
        raise Refused(f"{link.label} has a row of its own as {role}: decide that one.")
    link.role = role


def _clear(session: Session, link: Link, state: str, who: str) -> None:
    before = {"state": link.state, "record": link.record_key}
    link.object = link.record_key = ""
    link.exclusive = None
    _decide(session, link, state, who, "" if state == UNDECIDED else "hand", before)


def _decide(session: Session, link: Link, state: str, who: str, origin: str, before: dict[str, Any]) -> None:
    link.state, link.origin, link.decided_by, link.decided_at = state, origin, who, now()
    link.version += 1
    session.flush()
    audit.record(
        session,
        link.connection_id,
        who,
        f"{link.kind} {state}",
        link.label,
        before=before,
        after={"state": state, "record": link.record_key},
    )
    session.execute(update(Connection).where(Connection.id == link.connection_id).values(plan_digest=""))


def local_ref(link: Link) -> Ref:
    """The local record behind a link."""
    return Ref(link.source, link.local_id)
