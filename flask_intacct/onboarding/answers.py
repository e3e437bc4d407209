"""What people answer where a row, or a company, seems to be another one than before, or was deleted in Intacct."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, issues, kinds
from ..choices import DOUBT, LINKED, SUSPENDED
from ..errors import Refused
from ..ledger import Document, load
from ..messages import Message
from ..models import Connection, Issue, Link
from ..state import current
from ..sync import anew, identity, lease, retire, snapshot
from ..sync.outbox import settle
from ..sync.successor import DOUBTED
from . import ended


def same(connection_id: int, issue_id: int, who: str) -> None:
    """It is the same record, or company: what it is like now is kept, and all goes on.

    :raises Refused: that is not asked any more.
    """
    with current().transaction() as session:
        connection, issue = _asked(session, connection_id, issue_id)
        if issue.fingerprint == issues.ANOTHER_COMPANY:
            before, name = {"name": connection.company_name}, str(connection.facts.get(DOUBTED, ""))
            connection.company_name = name or connection.company_name
            connection.facts = {key: fact for key, fact in connection.facts.items() if key != DOUBTED}
            issues.close(session, connection_id, issue.subject, causes=[issues.ANOTHER_COMPANY])
            audit.record(session, connection_id, who, "company is the same", connection.company_name, before)
            return
        for link in _suspended(session, issue):
            now = link.agreed[DOUBT]["value"]
            identity.lift(session, link, who or "somebody")
            if link.kind in kinds.documents():
                snapshot.renew(session, link, load(Document, now))
            else:
                link.facts = {**now, "to_send": link.facts.get("to_send", 0)}


def another(connection_id: int, issue_id: int, who: str) -> None:
    """It is another one: what was joined ends as if its row had been deleted, and the row, or company, begins anew.

    :raises Refused: that is not asked any more.
    """
    with current().transaction() as session:
        connection, issue = _asked(session, connection_id, issue_id)
        if issue.fingerprint == issues.ANOTHER_COMPANY:
            audit.record(session, connection_id, who, "company is another", connection.company_name)
            ended.end(session, [connection.company_id])
            return
        links = _suspended(session, issue)
        for link in links:
            identity.lift(session, link, who or "somebody")
        retire.end(session, links)


def again(connection_id: int, issue_id: int, who: str) -> None:
    """What was deleted in Intacct is wanted there: it is joined to one that was entered anew, a document by the next
    sync; what there is not is created.

    :raises Refused: that is not asked any more.
    """
    with current().transaction() as session:
        _, issue = _asked(session, connection_id, issue_id, [issues.DELETED_THERE])
        link = session.get(Link, int(issue.subject.removeprefix("link:")), with_for_update=True)
        if link is not None and link.state == SUSPENDED:
            raise Refused(Message("issue.asks"))
        if link is None or link.state != LINKED:
            raise Refused(Message("issue.not_open"))
        before = {"record": link.record_key}
        found = anew.of(session, link) if link.kind == kinds.CONTACT else None
        if found is None:
            settle.unjoin(session, link)
        else:
            link.record_key, link.exclusive, link.version = found.key, found.key, link.version + 1
            found.applied_hash = found.hash
            issues.close(session, connection_id, f"record:{found.id}")
        issues.close(session, connection_id, issue.subject)
        audit.record(session, connection_id, who, "to be sent again", link.label, before)


def _asked(
    session: Session, connection_id: int, issue_id: int, causes: Collection[str] = issues.ASKED
) -> tuple[Connection, Issue]:
    """The connection, locked, and the issue that asks; it is of one of these causes."""
    connection = lease.locked(session, connection_id)
    issue = session.get(Issue, issue_id, with_for_update=True)
    if issue is None or issue.connection_id != connection_id or issue.live is None:
        raise Refused(Message("issue.not_open"))
    if issue.fingerprint not in causes:
        raise Refused(Message("issue.asks_nothing"))
    return connection, issue


def _suspended(session: Session, issue: Issue) -> Sequence[Link]:
    """The suspended links of the row that an issue asks about, in whatever roles, locked."""
    link = session.get(Link, int(issue.subject.removeprefix("link:")))
    if link is None or link.state != SUSPENDED:
        raise Refused(Message("issue.not_open"))
    query = select(Link).where(
        Link.connection_id == link.connection_id,
        Link.kind == link.kind,
        Link.source == link.source,
        Link.local_id == link.local_id,
        Link.state == SUSPENDED,
    )
    found = query.order_by(Link.id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(found).all()
