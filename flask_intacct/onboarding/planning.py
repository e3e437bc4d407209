"""Works the plan out, by the same code that will carry it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, kinds, ledger
from ..choices import ARCHIVED, CREATE, LINKED, MATCHED
from ..clock import read
from ..errors import Unreadable
from ..issues import Finding
from ..ledger import ZERO, Document
from ..messages import Message, noun
from ..models import Connection, Issue, Link, Record, Run
from ..phases import Cursor
from ..state import State, current
from ..sync import settled, unreadable
from ..sync.ours import UNLISTED
from ..sync.slice import Slice
from ..sync.slots import SENT
from . import against, forecast
from .plan import JournalLine, Plan, PlanRow, Problem, Section, dump
from .tally import Sum, Tally

Part = Callable[[Slice, str, Cursor, Tally], Cursor | None]


def digest(connection: Connection) -> str:
    """What stands for the decisions and the outgoing documents as they are this moment."""
    state = current()
    with state.transaction() as session:
        query = (
            select(Link.id, Link.state, Link.role, Link.object, Link.record_key, Record.active)
            .outerjoin(
                Record,
                (Record.connection_id == Link.connection_id)
                & (Record.object == Link.object)
                & (Record.key == Link.record_key),
            )
            .where(Link.connection_id == connection.id, Link.kind.in_(kinds.MATCHED))
            .order_by(Link.id)
        )
        decided = [list(row) for row in session.execute(query)]
    unread: list[Unreadable] = []
    outgoing = [
        document
        for kind in kinds.documents()
        for document in _outgoing(state, connection, kind, unread)
        if document.status in SENT
    ]
    state.db.session.remove()
    refs = [error.ref for error in unread]  # one that reads again is news
    return ledger.digest([connection.entity, str(connection.sync_from), decided, outgoing, *([refs] if refs else [])])


def _outgoing(
    state: State, connection: Connection, kind: str, unread: list[Unreadable] | None = None
) -> Iterable[Document]:
    """Our documents of a kind; those that can't be read are left to whoever gives a list for them."""
    if not connection.with_transactions:
        return ()
    skip = ([] if unread is None else unread).append
    return state.host.documents(kind, connection.company_id, connection.sync_from, skip)


def compute(slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Work the plan out part by part, and keep it with the run. What was found so far is in the cursor."""
    has = slice_.state.host.has
    parts: list[tuple[Part, str]] = [(forecast.records, kind) for kind in kinds.MATCHED if has(kind)]
    if slice_.connection.with_transactions:
        parts += [(forecast.documents, kind) for kind in kinds.documents() if has(kind)]
    part, tally = cursor.get("part", 0), Tally.load(cursor.get("tally", {}))
    if part < len(parts):
        step, kind = parts[part]
        place = step(slice_, kind, cursor.get("place", {}), tally)
        return {"part": part if place else part + 1, "place": place or {}, "tally": tally.dump()}
    _keep(slice_, tally)
    return None


def _keep(slice_: Slice, tally: Tally) -> None:
    connection, state = slice_.connection, slice_.state
    _of_our_own(slice_, tally)
    journal: tuple[JournalLine, ...] = ()
    first = _first(slice_, tally)
    if first is not None:
        journal = _journal(forecast.preparer(slice_).prepare(first)[0], _account_names(slice_))
    with state.transaction() as session:
        sections = [
            _records(session, slice_, kind, tally.number(kind)) for kind in kinds.MATCHED if state.host.has(kind)
        ]
        contrary = against.against(session, connection.id)
        at = read(session)
    made = Plan(
        digest=digest(connection),
        made_at=at,
        sections=(*sections, *(_documents(kind, sums, tally.currency) for kind, sums in tally.sums.items())),
        problems=tuple(
            Problem(kind, issues.heading(cause), message, cure, count)
            for (kind, cause, message, cure), count in sorted(tally.problems.items(), key=lambda item: -item[1])
        ),
        pairs=tuple(text for kind in tally.sums for text in forecast.pairs(slice_, kind)),
        journal=journal,
        warnings=() if connection.with_transactions else (Message("plan.no_transactions"),),
        against=contrary,
    )
    with slice_.transaction() as session:
        session.get_one(Run, slice_.run.id).report = dump(made)
        session.get_one(Connection, connection.id).plan_digest = made.digest
        slice_.progress(session, done=["plan"], total=1)


def _records(session: Session, slice_: Slice, kind: str, incoming: int) -> Section:
    """What was decided for the records of a kind, and how many come in from Intacct."""
    query = select(Link.state, Link.role).where(Link.connection_id == slice_.connection.id, Link.kind == kind)
    states = Counter((state, role if state == CREATE else "") for state, role in session.execute(query))
    rows = [PlanRow("link", Message("plan.link"), states[MATCHED, ""] + states[LINKED, ""])]
    for role in kinds.roles(kind):
        created = Message("plan.create_as", role=noun(role)) if role else Message("plan.create")
        rows.append(PlanRow("create", created, states[CREATE, role]))
    rows.append(PlanRow("archive", Message("plan.archive"), states[ARCHIVED, ""]))
    rows.append(PlanRow("bring_in", Message("plan.bring_in"), incoming))
    return Section(kind, kinds.named(kind).label, tuple(row for row in rows if row.count))


def _documents(kind: str, sums: Mapping[str, Sum], currency: str) -> Section:
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


def _of_our_own(slice_: Slice, tally: Tally) -> None:
    """The host's rows that can't be read, and its words that nobody listed."""
    unreadable.currency(slice_)  # an issue if it can't be read
    words = slice_.connection.facts.get(UNLISTED, {})
    for kind, counted in words.items():
        for word, number in counted.items():
            found = Finding(f"{word}{issues.UNLISTED}", kinds.named(kind).unlisted, Message("plan.unlisted.cure"))
            tally.problem(kind, found, number)
    with slice_.state.transaction() as session:
        query = issues.open_issues(slice_.connection.id).where(Issue.fingerprint == unreadable.CAUSE)
        for issue in session.scalars(query.where(Issue.subject.startswith("row:"))):
            tally.problem(issue.kind, Finding(unreadable.CAUSE, issue.message, issue.cure))


def _first(slice_: Slice, tally: Tally) -> Document | None:
    """The first document that can be sent, and of which the plan shows what is posted."""
    try:
        found = None if tally.first is None else slice_.state.host.value(*tally.first)
    except Unreadable:
        return None  # since a moment ago; it is told when it is read again
    return found if isinstance(found, Document) else None


def _account_names(slice_: Slice) -> dict[str, str]:
    """Intacct's accounts by number."""
    query = select(Record.natural_id, Record.name).where(
        Record.connection_id == slice_.connection.id, Record.object == kinds.kind(kinds.ACCOUNT).object
    )
    with slice_.state.transaction() as session:
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
