"""Documents that were keyed on both sides before: paired, held, or free to be sent or brought in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, kinds, signals
from ..choices import LINKED, ORPHANED, UNDECIDED
from ..clock import now
from ..errors import Refused, Unreadable
from ..issues import Finding
from ..ledger import Document, Ref
from ..matching.pairs import Held, Pair, find
from ..messages import Message, plain
from ..models import Link, Record, transition
from ..phases import Cursor
from ..translate import states
from . import inbound, outbox, records, settled, unreadable
from .maps import Maps
from .slice import Slice, application
from .slots import SENT

AT_ONCE = 50
"""So many documents one step treats."""

OPEN = (UNDECIDED, "create")


@dataclass(slots=True)
class Both:
    """The documents of both sides that nothing joins yet, and what was found between them."""

    ours: dict[Ref, Document] = field(default_factory=dict)
    theirs: dict[Ref, tuple[Record, Document]] = field(default_factory=dict)
    pairs: Sequence[Pair] = ()
    held: Sequence[Held] = ()
    left: set[Ref] = field(default_factory=set)
    """Intacct's documents that don't come in: their rows were deleted here. One of ours may be keyed anew, though."""
    unread: Sequence[Unreadable] = ()

    @property
    def spoken_for(self) -> set[Ref]:
        """Intacct's documents that one of ours may be, also one that can't be read: they wait for a person, or for the
        next sync where a pair could not be joined."""
        numbers = {error.number for error in self.unread}
        unsure = {ref for ref, (_, theirs) in self.theirs.items() if numbers & {theirs.number, None}}
        unsure |= {pair.theirs for pair in self.pairs}
        return unsure | {candidate for held in self.held for candidate in held.candidates}


def compare(slice_: Slice, kind: str, maps: Maps) -> Both:
    """Lay the unjoined documents of a kind side by side."""
    both = Both()
    connection = slice_.connection
    with slice_.state.transaction() as session:
        joined, left = _joined(session, connection.id, kind), _left(session, connection.id, kind)
    found_ours, bad = unreadable.documents(slice_, kind)
    both.unread = [error for error in bad if Ref(*error.ref) not in joined]
    for document in found_ours:
        if document.status in SENT and document.ref not in joined:
            both.ours[document.ref] = document
    for record in inbound.unlinked(slice_, kinds.kind(kind).object, deleted_here=True):
        try:
            document = records.value_of(slice_.state.config, record, kind)
        except Refused:
            continue  # it has an issue of its own since it was read
        if states.importable(document.state):
            both.theirs[document.ref] = (record, document)
            if record.key in left:
                both.left.add(document.ref)

    def contact_of(document: Document) -> Ref | None:
        role = kinds.shape(kind).contact_role
        target = maps.target(kinds.CONTACT, document.contact, role) if document.contact else None
        return target.ref if target else None

    # A currency that only one side states is no difference.
    found = find(
        (replace(document, currency="") for document in both.ours.values()),
        (replace(document, currency="") for _, document in both.theirs.values()),
        contact_of,
    )
    both.pairs, both.held = found.pairs, found.held
    return both


def _joined(session: Session, connection_id: int, kind: str) -> set[Ref]:
    """Our documents that are joined, or that a person took out of the sync."""
    query = select(Link.source, Link.local_id).where(
        Link.connection_id == connection_id, Link.kind == kind, Link.state.not_in(OPEN)
    )
    return {Ref(source, local_id) for source, local_id in session.execute(query)}


def _left(session: Session, connection_id: int, kind: str) -> set[str]:
    """The keys of Intacct's documents whose rows were deleted here."""
    query = select(Link.record_key).where(
        Link.connection_id == connection_id, Link.kind == kind, Link.state == ORPHANED, Link.record_key != ""
    )
    return set(session.scalars(query))


def join(slice_: Slice, kind: str, both: Both, cursor: Cursor) -> Cursor | None:
    """Link what is the same beyond doubt, and open an issue where a person has to look.

    Both in the order of our documents: what is joined is not found again, and changes nothing for what is left.
    """
    spec, after = kinds.kind(kind), _ref(cursor)
    pairs = [pair for pair in both.pairs if after is None or pair.ours > after]
    if "held" not in cursor:
        for pair in pairs[:AT_ONCE]:
            record, theirs = both.theirs[pair.theirs]
            with inbound.reported(slice_, f"record:{record.id}", kind, theirs.number or record.key, "in"):
                _pair(slice_, spec, both, pair)
            if slice_.over():
                return {"after": [*pair.ours]}
        return {"after": [*pairs[AT_ONCE - 1].ours]} if len(pairs) > AT_ONCE else {"held": True}
    held = [item for item in both.held if after is None or item.ours > after]
    with slice_.transaction() as session:
        some = held[:AT_ONCE]
        links = links_for(session, slice_.connection.id, [both.ours[item.ours] for item in some])
        for item in some:
            link, finding = links[item.ours], _why(both, item)
            issues.close(session, slice_.connection.id, f"link:{link.id}", but=(finding.cause,))
            slice_.issue(session, f"link:{link.id}", finding, kind, link.label, "out")
        slice_.progress(session, failed=[f"link:{link.id}" for link in links.values()])
    return {"held": True, "after": [*held[AT_ONCE - 1].ours]} if len(held) > AT_ONCE else None


def _ref(cursor: Cursor) -> Ref | None:
    return Ref(*cursor["after"]) if "after" in cursor else None


def _pair(slice_: Slice, spec: kinds.Kind, both: Both, pair: Pair) -> None:
    record, theirs = both.theirs[pair.theirs]
    ours = both.ours[pair.ours]
    with slice_.transaction() as session:
        link = links_for(session, slice_.connection.id, [ours])[ours.ref]
        if link.state not in OPEN:
            return  # decided or joined meanwhile
        link.object, link.record_key, link.exclusive = spec.object, record.key, record.key
        transition(link, LINKED, "the same document is in Intacct")
        link.origin, link.reasons, link.decided_at = "pair", plain(pair.reasons), now()
        link.agreed = {"number": ours.number, "intacct_number": theirs.number, "total": str(theirs.gross)}
        if settled.shown(ours, theirs):
            session.get_one(Record, record.id).applied_hash = record.hash  # else what was paid comes in next
        outbox.found(session, link.id, record.payload)
        solved = [
            f"link:{link.id}",
            f"record:{record.id}",
            *_keyed_anew(session, link),
        ]  # record: why it could not come in
        issues.close_all(session, slice_.connection.id, solved)
        slice_.progress(session, done=[f"link:{link.id}"])
    signals.tell(signals.record_linked, application(), connection_id=slice_.connection.id, link_id=link.id)


def _why(both: Both, held: Held) -> Finding:
    names = [both.theirs[ref][1].number or ref.id for ref in held.candidates]
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


def links_for(session: Session, connection_id: int, documents: Sequence[Document]) -> dict[Ref, Link]:
    """The links of documents of ours of one kind, made where there is none."""
    query = select(Link).where(
        Link.connection_id == connection_id,
        Link.kind.in_({document.kind for document in documents}),
        Link.local_id.in_([document.ref.id for document in documents]),
        Link.role == "",
    )
    found = {Ref(link.source, link.local_id): link for link in session.scalars(query)}
    for document in documents:
        if document.ref not in found:
            found[document.ref] = Link(
                connection_id=connection_id,
                kind=document.kind,
                source=document.ref.source,
                local_id=document.ref.id,
                label=(document.number or document.ref.id)[:255],
                search=f"{document.number} {document.reference}".casefold()[:500],
            )
            session.add(found[document.ref])
    session.flush()
    return found
