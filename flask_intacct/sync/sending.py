"""The stage that sends documents: in batches, each read back and compared with what was sent until the two agree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import LINKED, SUSPENDED
from ..errors import Refused
from ..gateway.formats import text
from ..issues import Finding
from ..ledger import Document
from ..messages import Message, listed, noun
from ..models import Connection, Issue, Link, Operation, Record
from ..phases import Cursor
from ..translate.compare import differences
from . import aside, outbox, records, settled, unreadable, unsent, whole
from .ours import retire_gone
from .slice import Slice

DIFFERS = "amounts differ"
"""The cause of an issue: both sides have a document, and not with the same amounts."""

NOT_COMPARED = "not compared"
"""The cause of an issue: nobody can tell whether Intacct made of a document what was sent."""

AGREES = "intacct_number"
"""What the agreement of a link holds once both sides were the same, also of those that were never sent."""


def agrees(link: Link) -> bool:
    """Whether the documents of a joined link were the same once; what changes later is no matter of sending."""
    return AGREES in link.agreed


def send(spec: kinds.Kind, slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Send one batch, or read back what was created; the first of a kind goes alone, and the rest only if it came back
    as it was sent.

    `tried` of the cursor are the keys of those that this run did not find to be the same.
    """
    connection_id, tried = slice_.connection.id, cursor.get("tried", [])
    created = slice_.kept("created", lambda: _created(slice_, spec), spec.name)
    keys = list(islice((key for key in created if key not in set(tried)), outbox.BATCH))
    with slice_.state.reading() as session:
        proved = spec.name in slice_.connection.facts.get("proved", ())
        ready = () if keys else outbox.waiting(session, connection_id, spec, outbox.BATCH)
        if ready and not proved and _first_under_way(session, connection_id, spec):
            return None  # its outcome is looked up by a later run
    if keys:
        same = _read_back(slice_, spec, keys, canary=not proved)
        for key in same:
            created.pop(key, None)
        tried = [*tried, *(key for key in keys if key not in same)]
    elif not ready:
        return None
    elif not retire_gone(slice_, (link for _, link in ready)) and not unsent.hold_changed(slice_, spec.name, ready):
        slice_.forget()  # should what was created not be told here, it is looked for
        made = outbox.send(slice_, spec, outbox.BATCH if proved else 1)
        slice_.kept("created", lambda: created | dict.fromkeys(made), spec.name)
    return {"batches": cursor.get("batches", 0) + 1, "tried": tried}


def _created(slice_: Slice, spec: kinds.Kind) -> dict[str, None]:
    """The keys of what was created, and was not read yet or not found to be the same, in the order of their links."""
    query = (
        select(Link.record_key)
        .outerjoin(Link.record)
        .where(
            Link.connection_id == slice_.connection.id,
            Link.kind == spec.name,
            Link.object == spec.object,
            Link.record_key != "",
            Link.state != SUSPENDED,
            or_(Record.id.is_(None), and_(Link.state == LINKED, Link.agreed[AGREES].as_string().is_(None))),
        )
    )
    with slice_.state.reading() as session:
        return dict.fromkeys(session.scalars(query.order_by(Link.id)))


def _first_under_way(session: Session, connection_id: int, spec: kinds.Kind) -> bool:
    """Post no second first document while nobody knows what became of the first: is its outcome still looked up?

    :raises Refused: a person has to look at it.
    """
    query = (
        select(Link.id, Operation.state)
        .join(Operation.link)
        .where(
            Operation.connection_id == connection_id,
            Operation.state.in_(outbox.UNDER_WAY),
            Link.kind == spec.name,
        )
    )
    states = {f"link:{link_id}": state for link_id, state in session.execute(query)}
    by_hand = [subject for subject, state in states.items() if state == outbox.MANUAL]
    odd = Issue.fingerprint.in_((DIFFERS, NOT_COMPARED)) & (Issue.direction == "out")
    told = select(Issue.label).where(
        Issue.connection_id == connection_id, Issue.kind == spec.name, Issue.live.is_not(None),
        or_(odd, Issue.subject.in_(by_hand)),
    )  # fmt: skip
    label = session.scalar(told.order_by(Issue.id).limit(1))
    if label is not None:
        raise Refused(Message("out.first_waits", noun=noun(spec.noun), label=label))
    return len(states) > len(by_hand)


def _read_back(slice_: Slice, spec: kinds.Kind, keys: list[str], *, canary: bool) -> Collection[str]:
    """Compare what Intacct made of it with what was sent; gives the keys of those that are the same.

    :raises Refused: the first document of its kind did not come back as it was sent: nothing more is sent.
    """
    rows = whole.read_back(slice_, spec, keys, slice_.writer)
    odd: list[Message] = []
    same: list[str] = []
    with slice_.transaction(outcome=True) as session:
        records.land(slice_, session, spec, rows)
        found = records.by_key(session, slice_.connection.id, spec.object, (text(row, spec.key) for row in rows))
        joined = select(Link).where(
            Link.connection_id == slice_.connection.id, Link.object == spec.object, Link.exclusive.in_(keys)
        )
        links = session.scalars(joined.order_by(Link.id)).all()
        told, ours_of = _told(session, slice_.connection.id, links), unreadable.of_links(slice_, spec.name, links)
        for link in links:
            record, subject = found.get(str(link.exclusive)), f"link:{link.id}"
            try:
                finding = _compared(slice_, link, record, ours_of, applies=subject not in told)
            except Exception as error:
                what = aside.finding(error, f"{link.kind} {link.label}", NOT_COMPARED)
                finding = replace(what, cause=NOT_COMPARED)
            if finding is None and agrees(link):
                same.append(str(link.exclusive))
            if finding is None or finding.cause != NOT_COMPARED:
                gone = (NOT_COMPARED,) if finding else (NOT_COMPARED, DIFFERS)
                issues.close(session, slice_.connection.id, subject, causes=gone)
            if finding is not None and slice_.issue(session, subject, finding, spec.name, link.label, "out"):
                odd.append(_stopped(spec, link, finding))
        if canary and same and not odd:
            row = session.get_one(Connection, slice_.connection.id)
            row.facts = {**row.facts, "proved": [*row.facts.get("proved", ()), spec.name]}
            session.flush()
            slice_.connection = row
    if canary and odd:
        raise Refused(odd[0])
    return same


def _stopped(spec: kinds.Kind, link: Link, finding: Finding) -> Message:
    """Why nothing more of a kind is sent after its first."""
    one, said = noun(spec.noun), finding.message
    if finding.cause != DIFFERS:
        return Message("out.first_not_compared", noun=one, label=link.label, reason=said)
    odd = Message("sent.odd", label=link.label, differences=said.values["differences"])
    return Message("out.first_differs", noun=one, differences=odd)


def _told(session: Session, connection_id: int, links: Sequence[Link]) -> Collection[str]:
    """Those of these links of which something else is told, by its subject."""
    query = select(Issue.subject).where(
        Issue.connection_id == connection_id,
        Issue.subject.in_([f"link:{link.id}" for link in links]),
        Issue.fingerprint.not_in((DIFFERS, NOT_COMPARED)),
        or_(Issue.live.is_not(None), Issue.resolution == issues.HANDLED),
    )
    return set(session.scalars(query))


def _compared(
    slice_: Slice, link: Link, record: Record | None, ours_of: Callable[[Link], Any], *, applies: bool
) -> Finding | None:
    """What is wrong with what Intacct made of a document; None if nothing is, or if ours is gone.

    :param record: None if Intacct does not give it back.
    :param ours_of: Gives the document of a link, or None.
    :param applies: All that it says is known here, unless it was paid or reversed meanwhile.
    """
    if record is None:
        return Finding(NOT_COMPARED, Message("sent.not_read"), Message("sent.not_read.cure"))
    theirs = records.value_of(slice_.state.config, record, link.kind)
    ours = ours_of(link)
    if not isinstance(ours, Document):
        return None  # it was deleted a moment ago
    # The number is Intacct's to give.
    wrong = differences(replace(ours, contact=None, number=theirs.number), theirs)
    if applies and settled.shown(ours, theirs):
        record.applied_hash = record.hash
    if wrong:
        return Finding(DIFFERS, Message("sent.differs", differences=listed(wrong)), Message("sent.differs.cure"))
    link.agreed = {**link.agreed, AGREES: theirs.number}
    return None
