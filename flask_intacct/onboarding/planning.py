"""Works the plan out, by the same code that will carry it out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import ARCHIVED, CREATE, LINKED, MATCHED
from ..clock import read
from ..issues import Finding
from ..ledger import ZERO, Document
from ..messages import Message, noun
from ..models import Connection, Issue, Link, Record, Run
from ..phases import Cursor
from ..state import current
from ..sync import link_values, settled, snapshot, unreadable
from ..sync.job_context import JobContext
from ..sync.promised import CONFIRMED
from ..sync.snapshot import OPEN, SENT
from ..sync.unlisted import UNLISTED
from . import against, forecast, items
from .plan import JournalLine, Plan, PlanRow, Problem, Section, dump
from .tally import Tally

AT_ONCE = 1000
"""So many rows are fetched at once where they are only hashed."""

PAIRS = 200
"""So many pairs of a kind the plan names."""

Part = Callable[[JobContext, str, Cursor, Tally], Cursor | None]


def digest(connection: Connection) -> str:
    """What stands for the decisions, and for the outgoing documents as they were last read."""
    decided = (
        select(Link.id, Link.state, Link.role, Link.object, Link.record_key, Record.active)
        .outerjoin(Link.record)
        .where(Link.connection_id == connection.id, Link.kind.in_(kinds.MATCHED))
        .order_by(Link.id)
    )
    outgoing = [
        select(Link.id, Link.hash, Link.status)
        .where(
            *snapshot.there(connection.id, kind), Link.state.in_(OPEN), Link.status.in_((*SENT, snapshot.UNREADABLE))
        )
        .order_by(Link.id)
        for kind in (kinds.documents() if connection.with_transactions else ())
    ]
    found = hashlib.sha256(f"{connection.entity}|{connection.sync_from}".encode())
    with current().reading() as session:
        for query in (decided, *outgoing):
            for row in session.execute(query.execution_options(yield_per=AT_ONCE)):
                found.update(repr(tuple(row)).encode())
    return found.hexdigest()


def compute(job: JobContext, cursor: Cursor) -> Cursor | None:
    """Work the plan out part by part, its rows beside the run. What else was found so far is in the cursor."""
    has = job.state.host.has
    parts: list[tuple[Part, str]] = [(forecast.incoming, kind) for kind in kinds.MATCHED if has(kind)]
    if job.connection.with_transactions:
        parts += [(forecast.documents, kind) for kind in kinds.documents() if has(kind)]
    part, tally = cursor.get("part", 0), Tally.load(cursor.get("tally", {}))
    if not cursor:
        with job.transaction() as session:
            items.begin(session, job.run, job.connection.facts.get(CONFIRMED, 0))
            session.get_one(Connection, job.connection.id).plan_digest = _making(job.run)
    if part < len(parts):
        step, kind = parts[part]
        place = step(job, kind, cursor.get("place", {}), tally)
        return {"part": part if place else part + 1, "place": place or {}, "tally": tally.dump()}
    _keep(job, tally)
    return None


def _keep(job: JobContext, tally: Tally) -> None:
    connection, state = job.connection, job.state
    _of_our_own(job, tally)
    journal: tuple[JournalLine, ...] = ()
    first = _first(job, tally)
    if first is not None:
        journal = _journal(forecast.preparer(job).prepare(first)[0], _account_names(job))
    with state.reading() as session:
        sums = items.sums(session, job.run.id)
        sections = [
            _records(session, job, kind, sums.get(kind, {}).get("bring_in", items.Sum()).count)
            for kind in kinds.MATCHED
            if state.host.has(kind)
        ]
        if connection.with_transactions:
            sections += [
                _documents(kind, sums.get(kind, {}), tally.currency)
                for kind in kinds.documents()
                if state.host.has(kind)
            ]
        contrary = against.against(session, connection.id)
        pairs = [
            item.reason
            for kind in kinds.documents()
            for item in items.some(session, job.run.id, kind, "pair", limit=PAIRS)
        ]
        at = read(session)
    made = Plan(
        digest=digest(connection),
        made_at=at,
        sections=tuple(sections),
        problems=tuple(
            Problem(kind, issues.heading(cause), message, cure, count)
            for (kind, cause, message, cure), count in sorted(tally.problems.items(), key=lambda item: -item[1])
        ),
        pairs=tuple(pairs),
        journal=journal,
        warnings=() if connection.with_transactions else (Message("plan.no_transactions"),),
        against=contrary,
    )
    with job.transaction() as session:
        session.get_one(Run, job.run.id).report = dump(made)
        # Not if a decision was taken since it was begun: that took the mark away.
        mine = Connection.id == connection.id, Connection.plan_digest == _making(job.run)
        session.execute(update(Connection).where(*mine).values(plan_digest=made.digest))
        job.progress(session, done=["plan"], total=1)


def _making(run: Run) -> str:
    """Stands for a plan in place of its digest while it is made."""
    return f"run {run.id}"


def _records(session: Session, job: JobContext, kind: str, incoming: int) -> Section:
    """What was decided for the records of a kind, and how many come in from Intacct."""
    query = (
        select(Link.state, Link.role, func.count())
        .where(Link.connection_id == job.connection.id, Link.kind == kind)
        .group_by(Link.state, Link.role)
    )
    states = Counter[tuple[str, str]]()
    for state, role, count in session.execute(query):
        states[state, role if state == CREATE else ""] += count
    rows = [PlanRow("link", Message("plan.link"), states[MATCHED, ""] + states[LINKED, ""])]
    for role in kinds.roles(kind):
        created = Message("plan.create_as", role=noun(role)) if role else Message("plan.create")
        rows.append(PlanRow("create", created, states[CREATE, role]))
    rows.append(PlanRow("archive", Message("plan.archive"), states[ARCHIVED, ""]))
    rows.append(PlanRow("bring_in", Message("plan.bring_in"), incoming))
    return Section(kind, kinds.named(kind).label, tuple(row for row in rows if row.count))


def _documents(kind: str, sums: Mapping[str, items.Sum], currency: str) -> Section:
    labels = {
        "send": Message("plan.send"),
        "pair": Message("plan.pair"),
        settled.COMES_IN: Message("plan.bring_in"),
        settled.COMES_PAID: Message("plan.bring_in_paid"),
        settled.HELD: Message("plan.hold_part_paid"),
        settled.LEFT_OUT: Message("plan.leave_out"),
        "hold": Message("plan.hold"),
        "skip": Message("plan.skip"),
    }
    rows = tuple(
        PlanRow(action, label, sums[action].count, sums[action].total, currency)
        for action, label in labels.items()
        if action in sums
    )
    return Section(kind, kinds.named(kind).label, rows)


def _of_our_own(job: JobContext, tally: Tally) -> None:
    """The host's rows that can't be read, and its words that nobody listed."""
    unreadable.currency(job)  # an issue if it can't be read
    words = job.connection.facts.get(UNLISTED, {})
    for kind, counted in words.items():
        for word, number in counted.items():
            found = Finding(f"{word}{issues.UNLISTED}", kinds.named(kind).unlisted, Message("plan.unlisted.cure"))
            tally.problem(kind, found, number)
    with job.state.reading() as session:
        query = issues.open_issues(job.connection.id).where(Issue.fingerprint == unreadable.CAUSE)
        for issue in session.scalars(query.where(Issue.subject.startswith("row:"))):
            tally.problem(issue.kind, Finding(unreadable.CAUSE, issue.message, issue.cure))


def _first(job: JobContext, tally: Tally) -> Document | None:
    """The first document that can be sent, and of which the plan shows what is posted."""
    if tally.first is None:
        return None
    with job.state.reading() as session:
        return next(link_values.of(session, [tally.first]), None)


def _account_names(job: JobContext) -> dict[str, str]:
    """Intacct's accounts by number."""
    query = select(Record.natural_id, Record.name).where(
        Record.connection_id == job.connection.id, Record.object == kinds.kind(kinds.ACCOUNT).object
    )
    with job.state.reading() as session:
        return dict(session.execute(query).all())


def _journal(document: Document, names: dict[str, str]) -> tuple[JournalLine, ...]:
    """What Intacct will post for a document: its gross, against the lines and their tax."""
    credits: dict[str, Decimal] = {}
    for line in document.lines:
        number = line.account.id if line.account else ""
        account = f"{number} {names.get(number, '')}".strip()
        credits[account] = credits.get(account, ZERO) + line.net
        if line.tax and line.tax_type:
            name = f"Tax: {line.tax_type.id}"
            credits[name] = credits.get(name, ZERO) + line.tax
    account = f"{kinds.shape(document.kind).posted_to} ({kinds.kind(document.kind).noun} {document.number})"
    debit = JournalLine(account, debit=document.gross)
    return (debit, *(JournalLine(account, credit=amount) for account, amount in credits.items()))
