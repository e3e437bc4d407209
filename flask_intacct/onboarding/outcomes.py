"""What a person says became of an operation of which nobody else can tell: the ways out of MANUAL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from .. import audit, issues, kinds
from ..choices import CREATE, LINKED, retired
from ..clock import now
from ..decision import link_of, refuse_taken
from ..errors import Refused
from ..ledger import folded
from ..messages import Message
from ..models import Issue, Link, Operation, Record, transition
from ..state import current
from ..sync import header, lease
from ..sync.outbox import actions, intent, settle
from ..sync.outbox.states import CANCELLED, DONE, MANUAL, READY
from ..translate import translators

MOST = 20
"""So many records are offered, at most."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent and may have been carried out.

    :param records: Those of Intacct that may be it, as they were read last; nobody has any of them.
    :param issue_id: The open issue that says so; 0 if somebody has marked it as handled.
    """

    operation: Operation
    link: Link
    records: Sequence[Record]
    issue_id: int

    @property
    def version(self) -> str:
        """Stands for this sending of it: a form that was drawn for an earlier one says nothing of this one."""
        return _version(self.operation)

    @property
    def creates(self) -> bool:
        """Whether it was to make a new record."""
        return bool(self.operation.action == actions.CREATE)


def sent(session: Session, connection_id: int, link_id: int) -> Sent:
    """The operation of a link that waits for a person.

    :raises Refused: nothing is asked of it any more.
    """
    link = link_of(session, connection_id, link_id)
    operation = _asked(session, link)
    if operation.action != actions.CREATE:
        mine = Record.key == link.record_key
    else:
        mine = and_(_alike(operation, link), ~_held(connection_id))
    query = select(Record).where(
        Record.connection_id == connection_id,
        Record.object == operation.object,
        Record.missing_since.is_(None),
        mine,
    )
    told = issues.open_issues(connection_id).where(
        Issue.subject == f"link:{link.id}", Issue.fingerprint == issues.NEEDS_A_PERSON
    )
    issue_id = session.scalar(told.with_only_columns(Issue.id).limit(1)) or 0
    return Sent(operation, link, session.scalars(query.order_by(Record.id.desc()).limit(MOST)).all(), issue_id)


def carried_out(connection_id: int, link_id: int, record_key: str, who: str, version: str = "") -> None:
    """It is this record of Intacct; a document is read back and compared by the next sync.

    :param version: What the page showed was asked; "" is whatever is asked now.
    :raises AlreadyUsed: another record of ours has it.
    :raises Refused: nothing is asked of it any more, or there is no such record.
    """
    with current().transaction() as session:
        lease.locked(session, connection_id)
        link = link_of(session, connection_id, link_id, lock=True)
        operation = _asked(session, link, version)
        wanted = Record.connection_id == connection_id, Record.object == operation.object, Record.key == record_key
        record = session.scalar(select(Record).where(*wanted, Record.missing_since.is_(None)))
        if record is None:
            raise Refused(Message("decide.no_record", label=link.label))
        if operation.action == actions.CREATE:
            _join(session, link, record)
        elif record.key != link.record_key:
            raise Refused(Message("decide.no_record", label=link.label))
        transition(operation, DONE, "a person found it")
        session.flush()
        intent.release(session, [operation.id])
        _told(session, link, who, "outcome told: carried out", {"record": record_key})
        if retired(link) and operation.action == actions.CREATE:
            finding = issues.deleted_here(record.natural_id or record.key)
            issues.open_issue(
                session, connection_id, f"link:{link.id}", finding, kind=link.kind, label=link.label, direction="out"
            )


def send_again(connection_id: int, link_id: int, who: str, version: str = "") -> None:
    """It is not in Intacct: the next sync sends it again, under the same control id unless its content has changed.

    :param version: As :func:`carried_out` takes it.
    :raises Refused: nothing is asked of it any more.
    """
    with current().transaction() as session:
        lease.locked(session, connection_id)
        link = link_of(session, connection_id, link_id, lock=True)
        operation = _asked(session, link, version)
        if link.state not in (CREATE, LINKED) or retired(link):
            transition(operation, CANCELLED, "a person looked for it in vain, and it is not to be sent any more")
            session.flush()
            intent.release(session, [operation.id])
        else:
            transition(operation, READY, "a person looked for it in vain")
            operation.sent_at, operation.claims = None, 0
            settle.abandoned(session, operation)
        _told(session, link, who, "outcome told: not carried out", {})


def _version(operation: Operation) -> str:
    sent_at = operation.sent_at.isoformat() if operation.sent_at else ""
    return f"{operation.id}@{sent_at}"


def _asked(session: Session, link: Link, version: str = "") -> Operation:
    mine = Operation.link_id == link.id, Operation.state == MANUAL
    operation = session.scalar(select(Operation).where(*mine).order_by(Operation.id.desc()).limit(1))
    if operation is None:
        raise Refused(Message("issue.not_open"))
    if version not in ("", _version(operation)):
        raise Refused(Message("decide.changed", label=link.label))
    return operation


def _alike(operation: Operation, link: Link) -> ColumnElement[bool]:
    """Has the number or the name that was sent; of a document, day and amount will do."""
    values = operation.payload["values"]
    if link.kind == kinds.CONTACT:
        name = str(values.get("NAME", ""))
        return or_(Record.name == name, Record.search.contains(folded(name), autoescape=True))
    written = translators.of(link.kind).sent(link.kind, values)
    cents = header.as_cents(written.gross * kinds.shape(link.kind).sign)
    same_sum = and_(Record.cents == cents, Record.day == written.date)
    number = header.fold(written.number)
    return or_(Record.number_folded == number, same_sum) if number else same_sum


def _held(connection_id: int) -> Any:
    other = aliased(Link)
    return exists().where(
        other.connection_id == connection_id, other.object == Record.object, other.exclusive == Record.key
    )


def _join(session: Session, link: Link, record: Record) -> None:
    """The link is about this record from now on; one whose row was deleted here holds it for nobody.

    :raises Refused: it was decided otherwise meanwhile.
    """
    deleted = retired(link) and not link.record_key
    if not deleted and (link.state != CREATE or link.record_key):
        raise Refused(Message("decide.changed", label=link.label))
    refuse_taken(session, link, record)
    link.object, link.record_key = record.object, record.key
    if deleted:
        return
    link.exclusive = record.key if kinds.kind(link.kind, link.role).exclusive else None
    link.origin, link.decided_at = link.origin or "sync", link.decided_at or now()
    transition(link, LINKED, "a person found it in Intacct")
    link.version += 1
    if link.kind == kinds.CONTACT:
        record.applied_hash = record.hash  # what we sent is no news


def _told(session: Session, link: Link, who: str, what: str, more: dict[str, Any]) -> None:
    issues.close(session, link.connection_id, f"link:{link.id}")
    audit.record(session, link.connection_id, who, what, link.label, after=more)
