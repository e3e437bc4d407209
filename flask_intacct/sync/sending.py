"""The stage that sends documents: in batches, each read back and compared with what was sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import kinds
from ..errors import Refused, Unreadable
from ..issues import Finding
from ..ledger import Document
from ..links import local_ref
from ..messages import Message, listed, noun
from ..models import Connection, Issue, Link, Record
from ..phases import Cursor
from ..translate.compare import differences
from . import aside, contacts, outbox, records, unsent, whole
from .ours import retire_gone
from .slice import Slice

DIFFERS = "amounts differ"
"""The cause of an issue: both sides have a document, and not with the same amounts."""

NOT_COMPARED = "not compared"
"""The cause of an issue: nobody can tell whether Intacct made of a document what was sent."""


def send(spec: kinds.Kind, slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Send one batch, or read back what was created; the first of a kind goes alone, and the rest only if it came back
    as it was sent.

    `gone` of the cursor are those that Intacct created and does not give back.
    """
    connection_id, gone = slice_.connection.id, cursor.get("gone", [])
    with slice_.state.transaction() as session:
        links = contacts.unread(session, connection_id, spec, 0, outbox.BATCH + len(gone))
        keys = [link.record_key for link in links if link.record_key not in gone]
        proved = spec.name in slice_.connection.facts.get("proved", ())
        ready = () if keys else outbox.waiting(session, connection_id, spec.name, "", outbox.BATCH)
        if ready and not proved:
            _check_canary(session, connection_id, spec.name)
    if keys:
        read = _read_back(slice_, spec, keys[: outbox.BATCH], canary=not proved)
        gone = [*gone, *(key for key in keys[: outbox.BATCH] if key not in read)]
    elif not ready:
        return None
    elif not retire_gone(slice_, (link for _, link in ready)) and not unsent.hold_changed(slice_, ready):
        outbox.send(slice_, spec, outbox.BATCH if proved else 1)
    return {"batches": cursor.get("batches", 0) + 1, "gone": gone}


def _check_canary(session: Session, connection_id: int, kind: str) -> None:
    """Post no second first document while nobody has looked at the first.

    :raises Refused: the first one came back different.
    """
    query = select(Issue.label).where(
        Issue.connection_id == connection_id, Issue.kind == kind, Issue.fingerprint.in_((DIFFERS, NOT_COMPARED)),
        Issue.direction == "out", Issue.live.is_not(None),
    )  # fmt: skip
    label = session.scalar(query.limit(1))
    if label is not None:
        raise Refused(Message("out.first_waits", noun=noun(kinds.kind(kind).noun), label=label))


def _read_back(slice_: Slice, spec: kinds.Kind, keys: list[str], *, canary: bool) -> Collection[str]:
    """Compare what Intacct made of it with what was sent; gives the keys of those that it gave back.

    :raises Refused: the first document of its kind came back different: nothing more is sent.
    """
    rows = whole.read_back(slice_, spec, keys, slice_.writer)
    odd: list[Message] = []
    compared = 0
    with slice_.transaction(outcome=True) as session:
        records.land(slice_, session, spec, rows)
        cached = records.by_key(session, slice_.connection.id, spec.object, keys)
        joined = select(Link).where(
            Link.connection_id == slice_.connection.id, Link.object == spec.object, Link.exclusive.in_(cached)
        )
        for link in session.scalars(joined.order_by(Link.id)).all():
            record = cached[str(link.exclusive)]
            try:
                wrong = _compared(slice_, link, record)
            except Exception as error:
                finding = aside.finding(error, f"{link.kind} {link.label}", NOT_COMPARED)
                if not isinstance(error, Unreadable):
                    finding = replace(finding, cause=NOT_COMPARED)
                    odd.append(finding.message)
                slice_.issue(session, f"link:{link.id}", finding, spec.name, link.label, "out")
                continue  # not applied: the next sync compares the two again
            record.applied_hash = record.hash
            if wrong is None:
                continue  # it was deleted a moment ago
            compared += 1
            if wrong:
                odd.append(Message("sent.odd", label=link.label, differences=listed(wrong)))
                made = Message("sent.differs", differences=listed(wrong))
                finding = Finding(DIFFERS, made, Message("sent.differs.cure"))
                slice_.issue(session, f"link:{link.id}", finding, spec.name, link.label, "out")
        if canary and compared and not odd:
            row = session.get_one(Connection, slice_.connection.id)
            row.facts = {**row.facts, "proved": [*row.facts.get("proved", ()), spec.name]}
            session.flush()
            slice_.connection = row
    if canary and odd:
        raise Refused(Message("out.first_differs", noun=noun(spec.noun), differences=odd[0]))
    return cached.keys()


def _compared(slice_: Slice, link: Link, record: Record) -> list[Message] | None:
    """How what Intacct made of a document differs from ours; None if ours is gone."""
    theirs = records.value_of(slice_.state.config, record, link.kind)
    link.agreed = {**link.agreed, "intacct_number": theirs.number}
    ours = slice_.state.host.value(link.kind, local_ref(link))
    if not isinstance(ours, Document):
        return None
    # The number is Intacct's to give.
    return differences(replace(ours, contact=None, number=theirs.number), theirs)
