"""Documents that were keyed on both sides before: paired, held, or free to be sent or brought in.

Only documents of the same contact can be the same, so that both sides are laid side by side some contacts at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from .. import issues, kinds, signals
from ..choices import LINKED, ORPHANED
from ..clock import now
from ..errors import Refused
from ..issues import Finding
from ..keys import beyond, portions
from ..ledger import STATUSES, Document, Ref
from ..matching.pairs import Held, Pair, Seen, find
from ..messages import Message, plain
from ..models import DocumentColumns, Link, Record, transition
from ..phases import Cursor
from ..standing import Standing
from . import header, link_values, record_import, records, settled, snapshot
from .job_context import JobContext
from .outbox import settle
from .resolution import Maps
from .snapshot import OPEN, UNKNOWN, UNREADABLE, unjoined

AT_ONCE = 50
"""So many documents one step joins."""

CHUNK = 500
"""So many documents of ours are laid beside Intacct's at once, unless one contact has more."""

NOBODY = Ref("", "")
"""Stands for the contact of a document of ours that has none."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """One of Intacct's documents, by its record."""

    id: int
    key: str
    number: str


@dataclass(slots=True)
class Both:
    """Documents of both sides that nothing joins yet, and what was found between them."""

    ours: dict[Ref, int] = field(default_factory=dict)
    """The ids of their links."""
    theirs: dict[Ref, Theirs] = field(default_factory=dict)
    pairs: Sequence[Pair] = ()
    held: Sequence[Held] = ()
    unread: Collection[str] = ()
    """The folded numbers of documents of ours that can't be read."""

    @property
    def free(self) -> list[Ref]:
        """Our documents that nothing of Intacct's may be, in order. A pair that is found again could not be joined."""
        held = {item.ours for item in self.held} | {pair.ours for pair in self.pairs}
        return sorted(ref for ref in self.ours if ref not in held)


def spoken_for(both: Both) -> Callable[[Document], bool]:
    """Tells of a document of Intacct whether one of ours may be it, also one that can't be read: it waits for a person,
    or for the next sync where a pair could not be joined."""
    unsure = {pair.theirs for pair in both.pairs}
    unsure |= {candidate for held in both.held for candidate in held.candidates}

    def waits(document: Document) -> bool:
        if document.ref in unsure or UNKNOWN in both.unread:
            return True
        return bool(both.unread) and header.fold(document.number) in both.unread

    return waits


Treat = Callable[[JobContext, str, Both, Cursor], Cursor | None]
"""Treats some documents of a chunk from a cursor on; gives the cursor behind them, None at the end of the chunk."""


def chunks(
    kind: str, maps: Callable[[JobContext], Maps], treat: Treat, job: JobContext, cursor: Cursor
) -> Cursor | None:
    """A step of a stage that goes over all our documents that nothing joins, contact by contact."""
    behind, upto = cursor.get("behind"), cursor.get("upto")
    if upto is None:
        with job.state.reading() as session:
            upto = _next(session, job.connection.id, kind, behind)
        if upto is None:
            return None
    parties = _between(behind, upto)
    both = job.kept("both", lambda: compare(job, kind, maps(job), parties), (behind, upto))
    inner = treat(job, kind, both, cursor.get("in", {}))
    return {"behind": upto} if inner is None else {"behind": behind, "upto": upto, "in": inner}


def _next(session: Session, connection_id: int, kind: str, behind: Sequence[str] | None) -> list[str] | None:
    """The last of the contacts of the next chunk; None if there are no more."""
    of = Link.party_source, Link.party
    query = select(*of, func.count()).where(*unjoined(connection_id, kind)).group_by(*of).order_by(*of).limit(CHUNK)
    if behind is not None:
        query = query.where(beyond(of, behind))
    last, number = None, 0
    for source, local_id, count in session.execute(query):
        if last is not None and number + count > CHUNK:
            break
        last, number = [source, local_id], number + count
    return last


def _between(behind: Sequence[str] | None, upto: Sequence[str]) -> ColumnElement[bool]:
    of = Link.party_source, Link.party
    source, local_id = upto
    upper = and_(Link.party_source <= source, or_(Link.party_source < source, Link.party <= local_id))
    return upper if behind is None else beyond(of, behind) & upper


def of_contacts(contacts: Iterable[Ref]) -> ColumnElement[bool]:
    """Which documents of ours are of these contacts of ours."""
    return tuple_(Link.party_source, Link.party).in_([(ref.source, ref.id) for ref in contacts])


def compare(job: JobContext, kind: str, maps: Maps, parties: ColumnElement[bool]) -> Both:
    """Lay our unjoined documents of some contacts beside those of Intacct, by the columns that both sides keep.

    :param parties: The condition for the links of ours.
    """
    both, connection, spec = Both(), job.connection, kinds.kind(kind)
    role = kinds.shape(kind).contact_role
    with job.state.reading() as session:
        both.unread = unread(session, connection.id, kind)
        links = session.execute(_ours(connection.id, kind).where(parties)).all()
    whose = {Ref(link.party_source, link.party) for link in links} - {NOBODY}
    maps.learn_contacts(whose, role)
    leads = {ours: target.ref for ours in whose if (target := maps.target(kinds.CONTACT, ours, role)) is not None}
    object_, wanted = kinds.kind(kinds.CONTACT, role).object, {ref for ref in leads.values() if ref is not None}
    with job.state.reading() as session:
        found: list[Any] = [
            record
            for some in portions(sorted(ref.id for ref in wanted), records.CHUNK)
            for record in session.execute(_theirs(connection.id, spec.object).where(Record.party.in_(some)))
        ]
    found += _cured(job, spec)
    ours, theirs = [], []
    for link in links:
        ref, contact = Ref(link.source, link.local_id), leads.get(Ref(link.party_source, link.party))
        both.ours[ref] = link.id
        ours.append(_seen(kind, ref, contact, link))
    for record in found:
        ref, contact = Ref(spec.object, record.key), Ref(object_, record.party)
        both.theirs[ref] = Theirs(record.id, record.key, record.natural_id)
        theirs.append(_seen(kind, ref, contact, record))
    same = find(ours, theirs)
    both.pairs, both.held = same.pairs, same.held
    return both


def _ours(connection_id: int, kind: str) -> Select[Any]:
    query = select(Link.id, Link.source, Link.local_id, Link.party_source, Link.party, *_columns(Link))
    return query.where(*unjoined(connection_id, kind))


def _theirs(connection_id: int, object_: str) -> Select[Any]:
    """Intacct's documents that can be read; also those whose rows were deleted here, for ours may be keyed anew."""
    query = select(Record.id, Record.key, Record.natural_id, Record.party, *_columns(Record))
    return query.where(*record_import.free(connection_id, object_, deleted_here=True), Record.status.in_(STATUSES))


def _cured(job: JobContext, spec: kinds.Kind) -> Iterator[Record]:
    """Intacct's documents that could not be read when they landed and can be by now, after a new release, say."""
    told = job.told(Standing([records.UNREADABLE]))
    if not told:
        return
    ids = [int(subject.removeprefix("record:")) for subject in told if subject.startswith("record:")]
    free = record_import.free(job.connection.id, spec.object, deleted_here=True)
    for some in portions(ids, records.CHUNK):
        with job.state.reading() as session:
            unread = session.scalars(select(Record).where(*free, Record.id.in_(some))).all()
        for record in unread:
            with suppress(Refused):
                records.describe(job.state.config, record, spec, record.payload, None)
                yield record


def _columns(of: type[DocumentColumns]) -> tuple[Any, ...]:
    return of.day, of.cents, of.status, of.number_folded, of.reference_folded


def _seen(kind: str, ref: Ref, contact: Ref | None, row: Any) -> Seen:
    return Seen(ref, kind, contact, row.day, row.cents, row.status, row.number_folded, row.reference_folded)


def documents(job: JobContext, maps: Maps, both: Both, refs: Iterable[Ref]) -> dict[Ref, Document]:
    """Some documents of ours of a chunk as they were last read, and looked up where all leads that they use."""
    ids = [both.ours[ref] for ref in refs]
    with job.state.reading() as session:
        found = {document.ref: document for document in link_values.of(session, ids)}
    maps.learn(found.values())
    return found


def unread(session: Session, connection_id: int, kind: str) -> Collection[str]:
    """The folded numbers of documents of ours that can't be read and that nothing joins."""
    query = select(Link.number_folded).where(
        *snapshot.there(connection_id, kind), Link.state.in_(OPEN), Link.status == UNREADABLE
    )
    return set(session.scalars(query))


def join(job: JobContext, kind: str, both: Both, cursor: Cursor) -> Cursor | None:
    """Link what is the same beyond doubt, and open an issue where a person has to look: a step of :func:`chunks`.

    Both in the order of our documents: what is joined is not found again, and changes nothing for what is left.
    """
    spec, after = kinds.kind(kind), _ref(cursor)
    pairs = [pair for pair in both.pairs if after is None or pair.ours > after]
    if "held" not in cursor:
        for pair in pairs[:AT_ONCE]:
            theirs = both.theirs[pair.theirs]
            with record_import.reported(job, f"record:{theirs.id}", kind, theirs.number or theirs.key, "in"):
                _pair(job, spec, pair, theirs.id)
            if job.over():
                return {"after": [*pair.ours]}
        return {"after": [*pairs[AT_ONCE - 1].ours]} if len(pairs) > AT_ONCE else {"held": True}
    held = [item for item in both.held if after is None or item.ours > after]
    with job.transaction() as session:
        some = held[:AT_ONCE]
        links = links_of(session, job.connection.id, kind, [item.ours for item in some])
        for item in some:
            link, finding = links.get(item.ours), _why(both, item)
            if link is None:
                continue  # its row was deleted meanwhile
            issues.close(session, job.connection.id, f"link:{link.id}", but=(finding.cause,))
            job.issue(session, f"link:{link.id}", finding, kind, link.label, "out")
        job.progress(session, failed=[f"link:{link.id}" for link in links.values()])
    return {"held": True, "after": [*held[AT_ONCE - 1].ours]} if len(held) > AT_ONCE else None


def _ref(cursor: Cursor) -> Ref | None:
    return Ref(*cursor["after"]) if "after" in cursor else None


def _pair(job: JobContext, spec: kinds.Kind, pair: Pair, record_id: int) -> None:
    with job.transaction() as session:
        link = links_of(session, job.connection.id, spec.name, [pair.ours]).get(pair.ours)
        if link is None or link.state not in OPEN:
            return  # deleted, decided or joined meanwhile
        record = session.get_one(Record, record_id)
        theirs = records.value_of(job.state.config, record, spec.name)
        (ours,) = link_values.of(session, [link.id])
        link.object, link.record_key, link.exclusive = spec.object, record.key, record.key
        transition(link, LINKED, "the same document is in Intacct")
        link.origin, link.reasons, link.decided_at = "pair", plain(pair.reasons), now()
        link.agreed = {"number": ours.number, "intacct_number": theirs.number, "total": str(theirs.gross)}
        if settled.shown(ours, theirs):
            record.applied_hash = record.hash  # else what was paid comes in next
        settle.found(session, link.id, record.payload)
        solved = [
            f"link:{link.id}",
            f"record:{record.id}",
            *_keyed_anew(session, link),
        ]  # record: why it could not come in
        issues.close_all(session, job.connection.id, solved)
        job.progress(session, done=[f"link:{link.id}"])
        events = signals.keep(session, link.connection_id, {signals.record_linked: signals.of_links([link.id])})
    signals.tell(events)


def _why(both: Both, held: Held) -> Finding:
    names = [both.theirs[ref].number or ref.id for ref in held.candidates]
    return Finding(
        "may exist already",
        Message("send.may_exist", count=len(names), names=names, reasons=list(held.reasons)),
        Message("send.may_exist.cure"),
    )


def _keyed_anew(session: Session, link: Link) -> list[str]:
    """The subjects of what a document was that was deleted here and has a row again: nothing is to look at any more."""
    query = select(Link.id).where(
        Link.connection_id == link.connection_id,
        Link.object == link.object,
        Link.record_key == link.record_key,
        Link.state == ORPHANED,
    )
    return [f"link:{old}" for old in session.scalars(query)]


def links_of(session: Session, connection_id: int, kind: str, refs: Sequence[Ref]) -> dict[Ref, Link]:
    """The links of documents of ours of one kind."""
    query = select(Link).where(
        Link.connection_id == connection_id,
        Link.kind == kind,
        Link.source.in_({ref.source for ref in refs}),  # an index leads through it
        Link.local_id.in_([ref.id for ref in refs]),
        Link.role == "",
    )
    wanted = set(refs)
    return {ref: link for link in session.scalars(query) if (ref := Ref(link.source, link.local_id)) in wanted}
