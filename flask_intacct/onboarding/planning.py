"""Works the plan out, by the same code that will carry it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import ARCHIVED, CREATE, LINKED, MATCHED
from ..clock import read
from ..errors import Refused, Unreadable
from ..ledger import DRAFT, VOID, ZERO, Document, Ref
from ..models import Connection, Issue, Link, Record, Run
from ..state import State, current
from ..sync import apply, coming, maps, pairing, records, settled, unreadable
from ..sync.form import UNPROVED
from ..sync.ours import SENT, UNLISTED
from ..sync.prepare import Preparer
from ..sync.slice import Slice
from . import against, suggest
from .foresight import CAUSE, CURE, Foresight
from .plan import JournalLine, Plan, PlanRow, Problem, Section, dump

HELD = "Held, with the reason given"
Problems = dict[tuple[str, str, str, str], int]
"""How many records have a problem: by kind, cause, message and cure."""


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
        asdict(document)
        for kind in kinds.documents()
        for document in _outgoing(state, connection, kind, unread)
        if document.status in SENT
    ]
    state.db.session.remove()
    refs = [error.ref for error in unread]  # one that reads again is news
    return records.digest([connection.entity, str(connection.sync_from), decided, outgoing, *([refs] if refs else [])])


def _outgoing(
    state: State, connection: Connection, kind: str, unread: list[Unreadable] | None = None
) -> Iterable[Document]:
    """Our documents of a kind; those that can't be read are left to whoever gives a list for them."""
    if not connection.with_transactions:
        return ()
    skip = ([] if unread is None else unread).append
    return state.host.documents(kind, connection.company_id, connection.sync_from, skip)


def compute(slice_: Slice) -> None:
    """The phase: work the plan out and keep it with the run."""
    connection, state = slice_.connection, slice_.state
    suggest.renew(slice_)  # both sides were read again just now
    with state.transaction() as session:
        decided = maps.load(session, connection.id)
        scope = apply.scope_of(session, slice_)
    problems: Problems = Counter()
    foresight = Foresight(slice_, decided)
    incoming = {kind: _coming(slice_, kind, foresight, problems) for kind in kinds.MATCHED if state.host.has(kind)}
    _of_our_own(slice_, problems)
    pairs: list[str] = []
    journal: tuple[JournalLine, ...] = ()
    documents: list[Section] = []
    for kind in kinds.documents():
        if state.host.has(kind) and connection.with_transactions:
            section, first, used = _documents(slice_, kind, decided, scope, foresight, problems, pairs)
            documents.append(section)
            incoming.get(kinds.CONTACT, set()).update(used)
            if first is not None and kinds.shape(kind).posted_to and not journal:
                journal = _journal(first, _account_names(slice_))
    with state.transaction() as session:
        sections = [_records(session, slice_, kind, len(found)) for kind, found in incoming.items()]
        contrary = against.against(session, connection.id)
        at = read(session)
    made = Plan(
        digest=digest(connection),
        made_at=at,
        sections=(*sections, *documents),
        problems=tuple(
            Problem(kind, cause[:1].upper() + cause[1:], message, cure, count)
            for (kind, cause, message, cure), count in sorted(problems.items(), key=lambda item: -item[1])
        ),
        pairs=tuple(pairs),
        journal=journal,
        warnings=()
        if connection.with_transactions
        else ("Transactions are excluded: only contacts and settings sync.",),
        against=contrary,
    )
    with slice_.transaction() as session:
        session.get_one(Run, slice_.run.id).report = dump(made)
        session.get_one(Connection, connection.id).plan_digest = made.digest
        slice_.progress(session, done=1, total=1)


def _records(session: Session, slice_: Slice, kind: str, incoming: int) -> Section:
    """What was decided for the records of a kind, and how many come in from Intacct."""
    query = select(Link.state, Link.role).where(Link.connection_id == slice_.connection.id, Link.kind == kind)
    states = Counter((state, role if state == CREATE else "") for state, role in session.execute(query))
    rows = [PlanRow("link", "Joined to a record of Sage Intacct", states[MATCHED, ""] + states[LINKED, ""])]
    for role in kinds.roles(kind):
        rows.append(PlanRow("create", f"Created in Sage Intacct as {role}", states[CREATE, role]))
    rows.append(PlanRow("archive", "Archived here", states[ARCHIVED, ""]))
    rows.append(PlanRow("bring_in", "Brought in from Sage Intacct", incoming))
    return Section(kind, kinds.named(kind).label, tuple(row for row in rows if row.count))


def _of_our_own(slice_: Slice, problems: Problems) -> None:
    """The host's rows that can't be read, and its words that nobody listed."""
    unreadable.currency(slice_)  # an issue if it can't be read
    words = slice_.connection.facts.get(UNLISTED, {})
    for kind, counted in words.items():
        for word, number in counted.items():
            means = kinds.named(kind).unlisted
            problems[kind, f"{word} is not listed", means, "List the word in the description."] += number
    with slice_.state.transaction() as session:
        query = issues.open_issues(slice_.connection.id).where(Issue.fingerprint == unreadable.CAUSE)
        for issue in session.scalars(query.where(Issue.subject.startswith("row:"))):
            problems[issue.kind, unreadable.CAUSE, issue.message, issue.cure] += 1


def _coming(slice_: Slice, kind: str, foresight: Foresight, problems: Problems) -> set[Ref]:
    """Intacct's records of a kind that the sync will create in the host; what it can't create is a problem."""
    if kind == kinds.TRACKING_CATEGORY:
        found = [(record, foresight.category(record)) for record in coming.categories(slice_)]
    else:
        specs = [kinds.kind(kind, role) for role in kinds.roles(kind)]
        objects = coming.dimensions(slice_) if kind == kinds.TRACKING_OPTION else [""]
        found = [
            (record, foresight.record(spec, record))
            for spec in specs
            for object_ in objects
            for record in coming.coming(slice_, spec, object_)
        ]
    for _, reason in found:
        if reason:
            problems[kind, CAUSE, f"{reason[:1].upper()}{reason[1:]}.", CURE] += 1
    return {Ref(record.object, record.natural_id) for record, reason in found if not reason}


def _documents(
    slice_: Slice,
    kind: str,
    decided: maps.Maps,
    scope: apply.Scope,
    foresight: Foresight,
    problems: Problems,
    pairs: list[str],
) -> tuple[Section, Document | None, set[Ref]]:
    """What will happen to the documents of a kind, one of those to be sent, and Intacct's contacts that come along."""
    connection, state = slice_.connection, slice_.state
    currency = unreadable.currency(slice_)
    if currency is None:
        return Section(kind, kinds.named(kind).label, ()), None, set()
    if slice_.form is None:
        return _waiting(slice_, kind, problems), None, set()
    both = pairing.compare(slice_, kind, decided)
    preparer = Preparer(connection, decided, currency, planned=True)
    sums: dict[str, list[Decimal]] = {}
    first: Document | None = None

    def count(action: str, amount: Decimal) -> None:
        sums.setdefault(action, []).append(amount)

    paired = {pair.ours for pair in both.pairs}
    held = {item.ours for item in both.held}
    for pair in both.pairs:
        ours = both.ours[pair.ours]
        count("pair", ours.gross)
        pairs.append(
            f"{kinds.kind(kind).noun.capitalize()} {ours.number}, {ours.date:%d %B %Y}, {ours.gross:,.2f}:"
            f" {', '.join(pair.reasons)}"
        )
    for ref, document in both.ours.items():
        if ref in paired:
            continue
        if ref in held:
            count("hold", document.gross)
            problems[
                kind, "may exist already", "Sage Intacct has a document that may be the same.", "Compare the two."
            ] += 1
            continue
        prepared, findings = preparer.prepare(document)
        count("hold" if findings else "send", document.gross)
        for finding in findings:
            problems[kind, finding.cause, finding.message, finding.cure] += 1
        if not findings and first is None:
            first = prepared
    theirs = {pair.theirs for pair in both.pairs} | both.spoken_for | both.left
    used: set[Ref] = set()
    for ref, (_, document) in both.theirs.items():
        if ref in theirs:
            continue
        try:
            if apply.out_of_scope(document, connection, scope):
                continue
            apply.check(document, currency)
        except Refused as refusal:
            count("hold", document.gross)
            problems[kind, "not possible here", refusal.message, ""] += 1
            continue
        verdict = settled.verdict(state.host, document)
        reason = foresight.document(document) if verdict not in (settled.HELD, settled.LEFT_OUT) else ""
        if reason:
            count("hold", document.gross)
            problems[kind, CAUSE, f"{reason[:1].upper()}{reason[1:]}.", CURE] += 1
            continue
        count(verdict, document.gross)
        if verdict in (settled.HELD, settled.LEFT_OUT):
            continue
        if document.contact is not None and decided.local(kinds.CONTACT, document.contact) is None:
            used.add(document.contact)
    for document in _outgoing(state, connection, kind):
        if document.status in (DRAFT, VOID):
            count("skip", document.gross)
    labels = {
        "send": "Created in Sage Intacct",
        "pair": "Exist on both sides: joined, not created again",
        settled.COMES_IN: "Brought in from Sage Intacct",
        settled.COMES_PAID: "Brought in from Sage Intacct as paid",
        settled.HELD: "Held: paid in part in Sage Intacct, which can't be shown here",
        settled.LEFT_OUT: "Left out: paid in Sage Intacct, and there is no word for that here",
        "hold": HELD,
        "skip": "Drafts and voided ones: left alone",
    }
    rows = tuple(
        PlanRow(action, label, len(sums[action]), sum(sums[action], ZERO), currency)
        for action, label in labels.items()
        if action in sums
    )
    return Section(kind, kinds.named(kind).label, rows), first, used


def _waiting(slice_: Slice, kind: str, problems: Problems) -> Section:
    """All documents of a kind, which wait until the form of dates is known."""
    sent = [item for item in _outgoing(slice_.state, slice_.connection, kind) if item.status in SENT]
    problems[kind, UNPROVED.cause, UNPROVED.message, UNPROVED.cure] += max(len(sent), 1)
    total = sum((item.gross for item in sent), ZERO)
    currency = slice_.state.host.currency(slice_.connection.company_id)
    return Section(kind, kinds.named(kind).label, (PlanRow("hold", HELD, len(sent), total, currency),))


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
