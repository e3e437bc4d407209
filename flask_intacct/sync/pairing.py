"""Documents that were keyed on both sides before: paired, held, or free to be sent or brought in.

Only documents of the same contact can be the same, so that both sides are laid side by side some contacts at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from .. import issues, kinds, signals
from ..choices import LINKED, ORPHANED
from ..clock import now
from ..errors import Refused
from ..issues import Finding
from ..keys import beyond
from ..ledger import Document, Ref
from ..matching.pairs import Held, Pair, find
from ..matching.text.normalise import document_number
from ..messages import Message, plain
from ..models import Link, Record, transition
from ..phases import Cursor
from ..translate import states
from . import aside, inbound, link_values, records, settled, snapshot
from .maps import Maps
from .outbox import settle
from .slice import Slice, application
from .snapshot import OPEN, UNKNOWN, UNREADABLE, unjoined

AT_ONCE = 50
"""So many documents one step joins."""

CHUNK = 500
"""So many documents of ours are laid beside Intacct's at once, unless one contact has more."""

Party = tuple[str, str]
"""The contact of a document of ours, by source and local id; ("", "") where it has none."""


@dataclass(slots=True)
class Both:
    """Documents of both sides that nothing joins yet, and what was found between them."""

    ours: dict[Ref, Document] = field(default_factory=dict)
    theirs: dict[Ref, tuple[Record, Document]] = field(default_factory=dict)
    pairs: Sequence[Pair] = ()
    held: Sequence[Held] = ()
    left: set[Ref] = field(default_factory=set)
    """Intacct's documents that don't come in: their rows were deleted here. One of ours may be keyed anew, though."""
    unread: Collection[str] = ()
    """The folded numbers of documents of ours that can't be read."""
    aside: dict[Ref, Finding] = field(default_factory=dict)
    """Documents of either side that can't be compared, and why: they are neither sent nor brought in."""

    @property
    def free(self) -> list[Ref]:
        """Our documents that nothing of Intacct's may be, in order. A pair that is found again could not be joined."""
        held = {item.ours for item in self.held} | {pair.ours for pair in self.pairs} | self.aside.keys()
        return sorted(ref for ref in self.ours if ref not in held)


def spoken_for(both: Both) -> Callable[[Document], bool]:
    """Tells of a document of Intacct whether one of ours may be it, also one that can't be read: it waits for a person,
    or for the next sync where a pair could not be joined."""
    unsure = {pair.theirs for pair in both.pairs} | both.aside.keys()
    unsure |= {candidate for held in both.held for candidate in held.candidates}

    def waits(document: Document) -> bool:
        if document.ref in unsure or UNKNOWN in both.unread:
            return True
        return bool(both.unread) and document_number(document.number)[:120] in both.unread

    return waits


Treat = Callable[[Slice, str, Both, Cursor], Cursor | None]
"""Treats some documents of a chunk from a cursor on; gives the cursor behind them, None at the end of the chunk."""


def chunks(kind: str, maps: Callable[[Slice], Maps], treat: Treat, slice_: Slice, cursor: Cursor) -> Cursor | None:
    """A step of a stage that goes over all our documents that nothing joins, contact by contact."""
    behind, upto = cursor.get("behind"), cursor.get("upto")
    if upto is None:
        with slice_.state.reading() as session:
            upto = _next(session, slice_.connection.id, kind, behind)
        if upto is None:
            return None
    parties = _between(behind, upto)
    both = slice_.kept("both", lambda: compare(slice_, kind, maps(slice_), parties), (behind, upto))
    inner = treat(slice_, kind, both, cursor.get("in", {}))
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


def compare(slice_: Slice, kind: str, maps: Maps, parties: ColumnElement[bool]) -> Both:
    """Lay our unjoined documents of some contacts beside those of Intacct.

    :param parties: The condition for the links of ours.
    """
    both, connection = Both(), slice_.connection
    with slice_.state.reading() as session:
        both.unread = unread(session, connection.id, kind)
        links = session.scalars(select(Link.id).where(*unjoined(connection.id, kind), parties)).all()
        both.ours = {document.ref: document for document in link_values.of(session, links)}
    maps.learn(both.ours.values())
    contacts = {contact for document in both.ours.values() if (contact := _contact(maps, document)) is not None}
    for record in inbound.unlinked(slice_, kinds.kind(kind).object, deleted_here=True, parties=contacts):
        try:
            document = records.value_of(slice_.state.config, record, kind)
        except Refused:
            continue  # it has an issue of its own since it was read
        if states.importable(document.state):
            both.theirs[document.ref] = (record, document)
    with slice_.state.reading() as session:
        left = _left(session, connection.id, kind, [record.key for record, _ in both.theirs.values()])
    both.left = {ref for ref, (record, _) in both.theirs.items() if record.key in left}

    def set_aside(document: Document, error: Exception) -> None:
        both.aside[document.ref] = aside.finding(error, f"{kind} {document.number}", "not acceptable")

    # A currency that only one side states is no difference.
    found = find(
        (replace(document, currency="") for document in both.ours.values()),
        (replace(document, currency="") for _, document in both.theirs.values()),
        lambda document: _contact(maps, document),
        set_aside,
    )
    both.pairs, both.held = found.pairs, found.held
    return both


def _contact(maps: Maps, document: Document) -> Ref | None:
    """Intacct's contact of a document of ours."""
    role = kinds.shape(document.kind).contact_role
    target = maps.target(kinds.CONTACT, document.contact, role) if document.contact else None
    return target.ref if target else None


def unread(session: Session, connection_id: int, kind: str) -> Collection[str]:
    """The folded numbers of documents of ours that can't be read and that nothing joins."""
    query = select(Link.number_folded).where(
        *snapshot.there(connection_id, kind), Link.state.in_(OPEN), Link.status == UNREADABLE
    )
    return set(session.scalars(query))


def _left(session: Session, connection_id: int, kind: str, keys: Sequence[str]) -> set[str]:
    """Those of these keys of Intacct's documents whose rows were deleted here."""
    found: set[str] = set()
    for at in range(0, len(keys), records.CHUNK):
        query = select(Link.record_key).where(
            Link.connection_id == connection_id,
            Link.object == kinds.kind(kind).object,
            Link.state == ORPHANED,
            Link.record_key.in_(keys[at : at + records.CHUNK]),
        )
        found.update(session.scalars(query))
    return found


def join(slice_: Slice, kind: str, both: Both, cursor: Cursor) -> Cursor | None:
    """Link what is the same beyond doubt, and open an issue where a person has to look: a step of :func:`chunks`.

    Both in the order of our documents: what is joined is not found again, and changes nothing for what is left.
    """
    spec, after = kinds.kind(kind), _ref(cursor)
    pairs = [pair for pair in both.pairs if after is None or pair.ours > after]
    if not cursor:
        _tell_aside(slice_, kind, both)
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
        links = links_of(session, slice_.connection.id, kind, [item.ours for item in some])
        for item in some:
            link, finding = links.get(item.ours), _why(both, item)
            if link is None:
                continue  # its row was deleted meanwhile
            issues.close(session, slice_.connection.id, f"link:{link.id}", but=(finding.cause,))
            slice_.issue(session, f"link:{link.id}", finding, kind, link.label, "out")
        slice_.progress(session, failed=[f"link:{link.id}" for link in links.values()])
    return {"held": True, "after": [*held[AT_ONCE - 1].ours]} if len(held) > AT_ONCE else None


def _tell_aside(slice_: Slice, kind: str, both: Both) -> None:
    """Open an issue for each document that can't be compared."""
    if not both.aside:
        return
    with slice_.transaction() as session:
        links = links_of(session, slice_.connection.id, kind, [ref for ref in both.aside if ref in both.ours])
        told = [(f"link:{link.id}", link.label, "out", both.aside[ref]) for ref, link in links.items()]
        for ref in both.aside.keys() & both.theirs.keys():
            record, document = both.theirs[ref]
            told.append((f"record:{record.id}", document.number or record.key, "in", both.aside[ref]))
        for subject, label, direction, finding in sorted(told, key=itemgetter(0)):
            slice_.issue(session, subject, finding, kind, label, direction)
        slice_.progress(session, failed=[subject for subject, *_ in told])


def _ref(cursor: Cursor) -> Ref | None:
    return Ref(*cursor["after"]) if "after" in cursor else None


def _pair(slice_: Slice, spec: kinds.Kind, both: Both, pair: Pair) -> None:
    record, theirs = both.theirs[pair.theirs]
    ours = both.ours[pair.ours]
    with slice_.transaction() as session:
        link = links_of(session, slice_.connection.id, spec.name, [ours.ref]).get(ours.ref)
        if link is None or link.state not in OPEN:
            return  # deleted, decided or joined meanwhile
        link.object, link.record_key, link.exclusive = spec.object, record.key, record.key
        transition(link, LINKED, "the same document is in Intacct")
        link.origin, link.reasons, link.decided_at = "pair", plain(pair.reasons), now()
        link.agreed = {"number": ours.number, "intacct_number": theirs.number, "total": str(theirs.gross)}
        if settled.shown(ours, theirs):
            session.get_one(Record, record.id).applied_hash = record.hash  # else what was paid comes in next
        settle.found(session, link.id, record.payload)
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
