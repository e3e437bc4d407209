"""The phase of each kind of documents: read, look up, pair, send, bring in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import CREATE
from ..errors import Refused, Unreadable
from ..host import Host
from ..issues import Finding
from ..ledger import PAID, VOID, Document, Ref, dump
from ..links import local_ref
from ..models import Connection, Issue, Link, Record, transition
from ..translate.compare import differences
from . import apply, inbound, lookup, maps, outbox, pairing, reading, records, settled, unreadable, whole
from .ours import retire_gone
from .outbox import Intent
from .prepare import Preparer
from .slice import Slice

DIFFERS = "amounts differ"
"""The cause of an issue: both sides have a document, and not with the same amounts."""


def documents(kind: str, slice_: Slice) -> None:
    """Bring the documents of a kind into step, in stages that a next slice finds again."""
    if not slice_.connection.with_transactions:
        return
    outbox.reap(slice_)
    if slice_.form is None:
        return  # they wait, and the connection has an issue that says why
    if unreadable.currency(slice_) is None:
        return  # nobody can tell what is in another one; likewise
    stages: dict[str, Callable[[str, Slice], None]] = {
        "read": reading.documents,
        "settle": _settle,
        "pair": _pair,
        "intend": _intend,
        "send": _send,
        "refresh": _refresh,
        "apply": apply.bring_in,
    }
    names = list(stages)
    for name in names[names.index(slice_.place.get("stage", "read")) :]:
        stages[name](kind, slice_)
        following = names[names.index(name) + 1 :]
        with slice_.transaction() as session:
            slice_.progress(session, place={**slice_.place, "stage": following[0] if following else name})
        if following:
            slice_.check_time()


def _settle(kind: str, slice_: Slice) -> None:
    lookup.settle(slice_, kinds.kind(kind))


def _pair(kind: str, slice_: Slice) -> None:
    with slice_.state.transaction() as session:
        decided = maps.load(session, slice_.connection.id)
    pairing.join(slice_, kind, pairing.compare(slice_, kind, decided))


def _intend(kind: str, slice_: Slice) -> None:
    """Write down an intent for every document that may go, and an issue for every other."""
    connection = slice_.connection
    with slice_.state.transaction() as session:
        decided = maps.load(session, connection.id)
        under_way = outbox.under_way(session, connection.id)
    both = pairing.compare(slice_, kind, decided)
    held = {item.ours for item in both.held}
    preparer = Preparer(connection, decided, slice_.state.host.currency(connection.company_id))
    wanted: set[int] = set()
    for ref, document in both.ours.items():
        if ref in held:
            continue
        prepared, findings = preparer.prepare(document)
        with slice_.transaction() as session:
            link = pairing.link_for(session, connection.id, document)
            if link.id in under_way or link.state not in pairing.OPEN:
                continue
            causes = [finding.cause for finding in findings]
            issues.close(session, connection.id, f"link:{link.id}", but=causes, proved=False)
            if findings:
                as_it_is = records.digest(dump(document))
                for finding in issues.merged(findings):
                    slice_.issue(session, f"link:{link.id}", finding, kind, link.label, "out", as_it_is)
                slice_.progress(session, failed=1)
                continue
            transition(link, CREATE, "it can be sent")
            link.agreed = {"number": document.number, "total": str(document.gross)}
            function = kinds.shape(kind).form.function
            intent = Intent(link.id, function, kinds.kind(kind).object, preparer.build(prepared))
            outbox.intend(slice_, session, intent)
            wanted.add(link.id)
    with slice_.transaction() as session:
        outbox.withdraw(session, connection.id, kind, wanted)
        _close_gone(session, connection.id, kind, both.ours, under_way)
        incoming = apply.expected(both, slice_.state.host, connection, apply.scope_of(session, slice_))
        slice_.progress(session, total=slice_.phase.done + slice_.phase.failed + len(wanted) + incoming)


def _close_gone(session: Session, connection_id: int, kind: str, ours: Collection[Ref], under_way: set[int]) -> None:
    """Close the issues of documents that are no longer to be sent: voided, back to draft, deleted."""
    query = select(Link).where(Link.connection_id == connection_id, Link.kind == kind, Link.state.in_(pairing.OPEN))
    for link in session.scalars(query).all():
        if local_ref(link) not in ours and link.id not in under_way:
            issues.close(session, connection_id, f"link:{link.id}")


def _send(kind: str, slice_: Slice) -> None:
    """Send in batches; the first of a kind alone, and the rest only if it came back as it was sent."""
    spec = kinds.kind(kind)
    while True:
        with slice_.state.transaction() as session:
            ready = outbox.waiting(session, slice_.connection.id, kind, "", outbox.BATCH)
            if not ready:
                return
            proved = kind in slice_.connection.facts.get("proved", ())
            if not proved:
                _check_canary(session, slice_.connection.id, kind)
        if retire_gone(slice_, (link for _, link in ready)):
            continue
        keys = outbox.send(slice_, spec, outbox.BATCH if proved else 1)
        if keys:
            _read_back(slice_, spec, keys, canary=not proved)
        slice_.check_time()


def _check_canary(session: Session, connection_id: int, kind: str) -> None:
    """Post no second first document while nobody has looked at the first.

    :raises Refused: the first one came back different.
    """
    query = select(Issue.label).where(
        Issue.connection_id == connection_id, Issue.kind == kind, Issue.fingerprint == DIFFERS,
        Issue.direction == "out", Issue.live.is_not(None),
    )  # fmt: skip
    label = session.scalar(query.limit(1))
    if label is not None:
        first = f"The first {kinds.kind(kind).noun}, {label},"
        raise Refused(f"{first} came back different, so no more are sent until that is solved.")


def _read_back(slice_: Slice, spec: kinds.Kind, keys: list[str], *, canary: bool) -> None:
    """Compare what Intacct made of it with what was sent.

    :raises Refused: the first document of its kind came back different: nothing more is sent.
    """
    rows = whole.read_back(slice_, spec, keys, slice_.writer)
    odd: list[str] = []
    compared = 0
    with slice_.transaction(outcome=True) as session:
        records.land(slice_, session, spec, rows)
        cached = records.by_key(session, slice_.connection.id, spec.object, keys)
        for key, record in cached.items():
            link = session.scalar(
                select(Link).where(
                    Link.connection_id == slice_.connection.id, Link.object == spec.object, Link.exclusive == key
                )
            )
            if link is None:
                continue
            theirs = records.value_of(slice_.state.config, record, spec.name)
            record.applied_hash = record.hash
            link.agreed = {**link.agreed, "intacct_number": theirs.number}
            try:
                ours = slice_.state.host.value(spec.name, local_ref(link))
            except Unreadable as error:
                slice_.issue(session, f"link:{link.id}", unreadable.finding(error), spec.name, link.label, "out")
                continue
            if not isinstance(ours, Document):
                continue  # it was deleted a moment ago
            compared += 1
            # The number is Intacct's to give.
            wrong = differences(replace(ours, contact=None, number=theirs.number), theirs)
            if wrong:
                odd.append(f"{link.label}: {'; '.join(wrong)}")
                finding = Finding(
                    DIFFERS, f"Sage Intacct made something else of it: {'; '.join(wrong)}.",
                    "Compare the two documents, tax above all, before anything else is posted.",
                )  # fmt: skip
                slice_.issue(session, f"link:{link.id}", finding, spec.name, link.label, "out")
        if canary and compared and not odd:
            row = session.get_one(Connection, slice_.connection.id)
            row.facts = {**row.facts, "proved": [*row.facts.get("proved", ()), spec.name]}
            session.flush()
            slice_.connection = row
    if canary and odd:
        raise Refused(f"The first {spec.noun} came back different, so no more are sent. {odd[0]}.")


def _refresh(kind: str, slice_: Slice) -> None:
    """Bring changes of joined documents in: a reversal voids our copy, a number or total that changed is shown."""
    spec = kinds.kind(kind)
    for link, record in inbound.changed(slice_, spec):
        with inbound.reported(slice_, f"link:{link.id}", kind, link.label, "in"):
            _refresh_one(slice_, spec, link, record)


def _refresh_one(slice_: Slice, spec: kinds.Kind, link: Link, record: Record) -> None:
    host = slice_.state.host
    theirs = records.value_of(slice_.state.config, record, spec.name)
    ours = host.value(spec.name, Ref(link.source, link.local_id))
    if not isinstance(ours, Document):
        return
    with inbound.host_transaction(slice_) as session:
        if theirs.status == VOID and ours.status != VOID:
            _set_status(host, link, ours, VOID)
            issues.close(session, link.connection_id, f"link:{link.id}")
        elif theirs.status != VOID and theirs.gross != ours.gross:
            finding = Finding(
                DIFFERS,
                f"It was changed: {ours.gross} here, {theirs.gross} in Sage Intacct.",
                "Make the two agree.",
            )
            slice_.issue(session, f"link:{link.id}", finding, spec.name, link.label, "in")
            return  # not applied: they are compared again in each sync, for it may be ours that is put right
        elif not _settle_up(slice_, session, link, ours, theirs):
            return  # likewise, for the host may get a word for it
        session.get_one(Record, record.id).applied_hash = record.hash


def _settle_up(slice_: Slice, session: Session, link: Link, ours: Document, theirs: Document) -> bool:
    """Show here what was paid in Intacct, as far as the host can: all of it, or nothing any more. False if it can't."""
    status = settled.word(ours, theirs, bool(link.agreed.get("settled")))
    wordless = bool(status) and not slice_.state.host.has_word(link.kind, status, link.source)
    part = settled.part_paid_here(ours, theirs)
    finding = settled.wordless(theirs) if wordless else settled.held(theirs) if part else None
    issues.close(session, link.connection_id, f"link:{link.id}", but=[finding.cause] if finding else [])
    if finding is not None:
        slice_.issue(session, f"link:{link.id}", finding, link.kind, link.label, "in")
    elif status:
        _set_status(slice_.state.host, link, ours, status)
        row = session.get_one(Link, link.id)
        row.agreed = {**row.agreed, "settled": status == PAID}
    return not wordless


def _set_status(host: Host, link: Link, ours: Document, status: str) -> None:
    """Give our copy a status.

    :raises Refused: it did not take it: a callable status= without update=, or an update= that leaves it out.
    """
    host.update(link.kind, ours.ref, {"status": status})
    made = host.value(link.kind, ours.ref)
    if isinstance(made, Document) and made.status != status:
        raise Refused(
            f"It is {status} in Sage Intacct, and stays {made.status} here. Let update= of the description set the"
            f' status that it is given: "{status}".'
        )
