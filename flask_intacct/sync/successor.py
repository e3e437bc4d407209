"""Companies whose id the host gave away again: nothing of another company's books is synced for the one that was
connected.

A company is held if its name is another one and nothing else speaks for it: of the rows that were joined none is left
as what it was. While nothing is joined, another currency does. A name alone, like any edit, is taken over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from .. import audit, issues
from ..choices import LINKED, MATCHED, SUSPENDED
from ..errors import Refused, Unreadable
from ..issues import Finding
from ..ledger import Document, Ref, Value
from ..links import local_ref
from ..messages import Message
from ..models import Connection, Link
from ..state import State
from . import identity, snapshot, values
from .job_context import JobContext
from .link_values import NO_TAX

AT_ONCE = 200
"""So many joined rows are looked at together."""

CURRENCY, DOUBTED = "company_currency", "company_doubt"
"""Where a connection's facts keep the currency of its company, and the name of the one that has its id now."""


class Held(Refused):
    """The company seems to be another one: nothing is done for it until a person says that it is the same."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.whole)
        self.finding = finding


def check(job: JobContext) -> None:
    """Go on with a company that is the one that was connected.

    :raises Held: it seems to be another one, which its issue says.
    """
    host, connection = job.state.host, job.connection
    name = host.company_name(connection.company_id)
    currency = _currency(job.state, connection.company_id)
    host.session.rollback()
    kept = connection.facts.get(CURRENCY, "")
    if not name or name[:255] == connection.company_name:
        if currency and currency != kept:
            _keep(job, connection.company_name, currency)
    elif not connection.company_name or not _another(job, currency, kept):
        _keep(job, name[:255], currency or kept)
    else:
        _hold(job, name[:255])


def _currency(state: State, company_id: str) -> str:
    try:
        return state.host.currency(company_id)
    except Unreadable:
        return ""  # it is told where it is needed


def _another(job: JobContext, currency: str, kept: str) -> bool:
    joined = False
    for links in _joined(job):
        for left in _left(job, links):
            joined = True
            if left:
                return False
    return joined or bool(currency and kept and currency != kept)


def _joined(job: JobContext) -> Iterator[Sequence[Link]]:
    after = 0
    while True:
        query = select(Link).where(
            Link.connection_id == job.connection.id,
            Link.state.in_((MATCHED, LINKED, SUSPENDED)),
            Link.source != NO_TAX,
            Link.id > after,
        )
        with job.state.reading() as session:
            links = session.scalars(query.order_by(Link.id).limit(AT_ONCE)).all()
        if not links:
            return
        yield links
        after = links[-1].id


def _left(job: JobContext, links: Sequence[Link]) -> Iterator[bool]:
    """Of each of these links whose kind is described: its row is there, the company's, and the same for all we know."""
    host = job.state.host
    for kind in sorted({link.kind for link in links}):
        mine = {local_ref(link): link for link in links if link.kind == kind and host.local(kind, link.source)}
        unread: list[Unreadable] = []
        for ref, found in host.owned(kind, mine, unread.append):
            own = found is not None and found[0] == job.connection.company_id
            yield found is not None and own and not _replaced(mine[ref], found[1])
        yield from (Ref(*error.ref) in mine for error in unread)


def _replaced(link: Link, value: Value | Document) -> bool:
    if isinstance(value, Document):
        before = identity.Head(link.number_folded, link.day, (link.party_source, link.party))
        return before.another(snapshot.head(value))
    try:
        return bool(link.facts) and identity.another(values.of(link), value)
    except (TypeError, ValueError):
        return False  # too little is known of it


def _keep(job: JobContext, name: str, currency: str) -> None:
    with job.transaction() as session:
        row = session.get_one(Connection, job.connection.id)
        if name != row.company_name:
            audit.record(session, row.id, "", "company renamed here", name, {"name": row.company_name})
        row.company_name = name
        row.facts = {key: fact for key, fact in row.facts.items() if key != DOUBTED} | {CURRENCY: currency}
        issues.close(session, row.id, f"connection:{row.id}", causes=[issues.ANOTHER_COMPANY])
        session.flush()
        job.connection = row


def _hold(job: JobContext, name: str) -> None:
    """:raises Held: always."""
    was = job.connection.company_name
    finding = Finding(
        issues.ANOTHER_COMPANY, Message("company.another", was=was, now=name), Message("company.another.cure")
    )
    with job.transaction() as session:
        row = session.get_one(Connection, job.connection.id)
        row.facts = {**row.facts, DOUBTED: name}
        job.issue(session, f"connection:{row.id}", finding, "", was)
    raise Held(finding)
