"""What a sync will do, told by the same code that will do it: some records at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from .. import kinds
from ..errors import Refused
from ..issues import Finding
from ..ledger import DRAFT, VOID, Document, Ref
from ..messages import NOTHING, Message, noun, sentence
from ..models import Record
from ..phases import Cursor
from ..sync import apply, coming, inbound, maps, pairing, settled, unreadable
from ..sync.form import UNPROVED
from ..sync.maps import Maps
from ..sync.prepare import Preparer
from ..sync.slice import Slice
from ..sync.slots import SENT
from .foresight import CAUSE, Foresight
from .tally import Sum, Tally

AT_ONCE = 500

HELD = Finding("may exist already", Message("plan.may_exist"), Message("plan.may_exist.cure"))


def records(slice_: Slice, kind: str, place: Cursor, tally: Tally) -> Cursor | None:
    """Intacct's records of a kind that the sync will create in the host; what it can't create is a problem."""
    foresight = _foresight(slice_)
    if kind == kinds.TRACKING_CATEGORY:
        for record in coming.categories(slice_):
            _count(tally, kind, foresight.category(record))
        return None
    objects = coming.dimensions(slice_) if kind == kinds.TRACKING_OPTION else [""]
    specs = [kinds.kind(kind, role) for role in kinds.roles(kind)]
    targets = [(spec, object_ or spec.object) for spec in specs for object_ in objects]
    at = place.get("target", 0)
    if at >= len(targets):
        return None
    spec, object_ = targets[at]
    some: Sequence[Record] = ()
    if slice_.state.host.place(spec.name, spec.role) is not None:
        some = inbound.unlinked(slice_, object_, after=place.get("after", 0), limit=AT_ONCE)
    for record in some:
        if coming.wanted(slice_, spec, record):
            _count(tally, kind, foresight.record(spec, record))
    if len(some) == AT_ONCE:
        return {"target": at, "after": some[-1].id}
    return {"target": at + 1} if at + 1 < len(targets) else None


def documents(slice_: Slice, kind: str, place: Cursor, tally: Tally) -> Cursor | None:
    """What will happen to the documents of a kind, and which of Intacct's contacts come along."""
    tally.sums.setdefault(kind, {})
    currency = unreadable.currency(slice_)
    if currency is None:
        return None
    tally.currency = currency
    if slice_.form is None:
        _waiting(slice_, kind, tally)
        return None
    if not place:
        both = _both(slice_, kind)
        for pair in both.pairs:
            tally.document(kind, "pair", both.ours[pair.ours].gross)
        for document in outgoing(slice_, kind):
            if document.status in (DRAFT, VOID):
                tally.document(kind, "skip", document.gross)
        return {"side": "ours"}
    step, order = (_ours, _free) if place["side"] == "ours" else (_theirs, _unspoken)
    refs = slice_.kept(f"{place['side']} {kind}", lambda: order(_both(slice_, kind)))
    some = refs[bisect_right(refs, Ref(*place["after"])) if "after" in place else 0 :][:AT_ONCE]
    step(slice_, kind, some, tally)
    if len(some) == AT_ONCE:
        return {"side": place["side"], "after": [*some[-1]]}
    return {"side": "theirs"} if place["side"] == "ours" else None


def outgoing(slice_: Slice, kind: str) -> Iterable[Document]:
    """Our documents of a kind; those that can't be read have issues."""
    connection = slice_.connection
    return slice_.state.host.documents(kind, connection.company_id, connection.sync_from, lambda error: None)


def pairs(slice_: Slice, kind: str) -> Iterable[Message]:
    """The documents of a kind that are on both sides."""
    if slice_.form is None or unreadable.currency(slice_) is None:
        return
    both = _both(slice_, kind)
    for pair in both.pairs:
        ours = both.ours[pair.ours]
        named = Message("document", noun=noun(kinds.kind(kind).noun.capitalize()), number=ours.number)
        figures = {"date": ours.date, "gross": ours.gross, "reasons": list(pair.reasons)}
        yield Message("plan.both", document=named, **figures)


def preparer(slice_: Slice) -> Preparer:
    """What looks whether documents may go, as they will be once all is carried out that was decided."""
    return Preparer(slice_.connection, _maps(slice_), unreadable.currency(slice_) or "", planned=True)


def _maps(slice_: Slice) -> Maps:
    def load() -> Maps:
        with slice_.state.transaction() as session:
            return maps.load(session, slice_.connection.id)

    return slice_.kept("maps", load)


def _scope(slice_: Slice) -> apply.Scope:
    def read() -> apply.Scope:
        with slice_.state.transaction() as session:
            return apply.scope_of(session, slice_)

    return slice_.kept("scope", read)


def _foresight(slice_: Slice) -> Foresight:
    return slice_.kept("foresight", lambda: Foresight(slice_, _maps(slice_)))


def _both(slice_: Slice, kind: str) -> pairing.Both:
    return slice_.kept(f"both {kind}", lambda: pairing.compare(slice_, kind, _maps(slice_)))


def _free(both: pairing.Both) -> list[Ref]:
    return sorted(both.ours.keys() - {pair.ours for pair in both.pairs})


def _unspoken(both: pairing.Both) -> list[Ref]:
    return sorted(both.theirs.keys() - {pair.theirs for pair in both.pairs} - both.spoken_for - both.left)


def _count(tally: Tally, kind: str, reason: Message) -> None:
    if reason:
        tally.problem(kind, _foreseen(reason))
    else:
        tally.coming[kind] += 1


def _foreseen(reason: Message) -> Finding:
    return Finding(CAUSE, sentence(reason), Message("plan.foreseen.cure"))


def _ours(slice_: Slice, kind: str, refs: Iterable[Ref], tally: Tally) -> None:
    both, ready = _both(slice_, kind), preparer(slice_)
    held = slice_.kept(f"held {kind}", lambda: {item.ours for item in both.held})
    for ref in refs:
        document = both.ours[ref]
        if ref in held:
            findings = [HELD]
        else:
            _, findings = ready.prepare(document)
        tally.document(kind, "hold" if findings else "send", document.gross)
        for finding in findings:
            tally.problem(kind, finding)
        if not findings and tally.first is None and kinds.shape(kind).posted_to:
            tally.first = (kind, ref)


def _theirs(slice_: Slice, kind: str, refs: Iterable[Ref], tally: Tally) -> None:
    both, foresight, scope = _both(slice_, kind), _foresight(slice_), _scope(slice_)
    for ref in refs:
        _, document = both.theirs[ref]
        try:
            if apply.out_of_scope(document, slice_.connection, scope):
                continue
            apply.check(document, tally.currency)
        except Refused as refusal:
            tally.document(kind, "hold", document.gross)
            tally.problem(kind, Finding("not possible here", refusal.said))
            continue
        verdict = settled.verdict(slice_.state.host, document)
        stays = verdict in (settled.HELD, settled.LEFT_OUT)
        reason = NOTHING if stays else foresight.document(document)
        if reason:
            tally.document(kind, "hold", document.gross)
            tally.problem(kind, _foreseen(reason))
            continue
        tally.document(kind, verdict, document.gross)
        contact = document.contact
        new = not stays and contact is not None and _maps(slice_).local(kinds.CONTACT, contact) is None
        if new and contact is not None and not foresight.comes(kinds.shape(kind).contact_role, contact):
            tally.along.add(contact)


def _waiting(slice_: Slice, kind: str, tally: Tally) -> None:
    """All documents of a kind, which wait until the form of dates is known."""
    sent = [item for item in outgoing(slice_, kind) if item.status in SENT]
    tally.problem(kind, UNPROVED, max(len(sent), 1))
    tally.sums[kind]["hold"] = Sum()
    for document in sent:
        tally.document(kind, "hold", document.gross)
