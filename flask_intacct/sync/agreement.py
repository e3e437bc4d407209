"""The last value that both sides of a joined record had, kept beside its link whenever the two say the same.

Both are compared once for each state that they are in together; while they differ, what was agreed stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from .. import bulk, kinds
from ..choices import LINKED
from ..config import Config
from ..errors import Refused
from ..ledger import APPROVED, AWAITING_APPROVAL, DRAFT, FORM, PAID, Document, Line, Ref, Value, dump, load
from ..models import Link, LinkValue, Record
from ..phases import Cursor, following
from ..translate.compare import differences
from . import records, values
from .maps import Maps
from .outbox.states import AGREES
from .prepare import Preparer
from .slice import Slice
from .snapshot import UNREADABLE

AT_ONCE = 200
"""So many pairs one step compares."""

Pair = tuple[Link, Record, LinkValue | None]

ONE_SIDED = ("ref", "roles", "category", "entity", "excluded", "unlisted")
"""Fields of a value that only one side knows, or that name the other side's records."""

_WORDS = {PAID: APPROVED, AWAITING_APPROVAL: DRAFT}
"""Statuses that are the other side's too: payments do not sync, and what awaits approval is a draft in Intacct."""


def of_documents(kind: str, maps: Callable[[Slice], Maps], slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Compare some documents of both sides, as they were read last."""
    after = cursor.get("after", 0)
    some = _pairs(slice_, Link.kind == kind, Link.seen_at >= 0, Record.status != UNREADABLE, after=after)
    ours = {link.id: load(Document, kept.value) for link, _, kept in some if kept is not None}
    decided = maps(slice_)
    decided.learn(ours.values())
    preparer = Preparer(slice_.connection, decided, "")
    _keep(
        slice_,
        some,
        {
            link.id: dump(ours[link.id])
            for link, record, _ in some
            if link.id in ours and _alike(slice_, preparer, link, ours[link.id], record)
        },
    )
    return following([link for link, _, _ in some], AT_ONCE)


def of_contacts(slice_: Slice, cursor: Cursor) -> Cursor | None:
    """The same for contacts."""
    some = _pairs(slice_, Link.kind == kinds.CONTACT, after=cursor.get("after", 0))
    found = {link.id: value for link, _, _ in some if (value := _value(link)) is not None}
    config = slice_.state.config
    same = {
        link.id: dump(found[link.id])
        for link, record, _ in some
        if link.id in found and same_record(found[link.id], record, link, config)
    }
    _keep(slice_, some, same, {link_id: dump(value) for link_id, value in found.items()})
    return following([link for link, _, _ in some], AT_ONCE)


def _value(link: Link) -> Value | None:
    try:
        return values.of(link) if link.facts else None
    except (TypeError, ValueError):
        return None  # too little was kept of it


def same_record(ours: Value, record: Record, link: Link, config: Config) -> bool:
    """Whether Intacct's record says the same as a row of ours, in all that both sides have; a contact's code is ours
    alone."""
    try:
        theirs = records.value_of(config, record, link.kind, link.role)
    except Refused:
        return False
    alone = (*ONE_SIDED, "code") if link.kind == kinds.CONTACT else ONE_SIDED
    told: dict[str, Any] = {name: getattr(theirs, name) for name in alone if hasattr(theirs, name)}
    return type(ours) is type(theirs) and replace(ours, **told) == theirs


def _alike(slice_: Slice, preparer: Preparer, link: Link, ours: Document, record: Record) -> bool:
    """Whether both documents say the same, line by line; the number that Intacct gave in place of ours is agreed."""
    try:
        theirs = records.value_of(slice_.state.config, record, link.kind)
    except Refused:
        return False  # it has an issue of its own since it was read
    prepared, _ = preparer.prepare(ours)
    if _WORDS.get(ours.status, ours.status) != _WORDS.get(theirs.status, theirs.status):
        return False
    number = str(link.agreed.get(AGREES) or ours.number)
    return not differences(_located(slice_, replace(prepared, number=number)), theirs, lines=True)


def _located(slice_: Slice, prepared: Document) -> Document:
    """With the default location in the lines that carry none, as it is sent."""
    default = slice_.connection.default_location if slice_.connection.entity else ""
    if not default:
        return prepared
    own = Ref("LOCATION", default)

    def located(line: Line) -> Line:
        if any(option.source == own.source for option in line.options):
            return line
        return replace(line, options=(*line.options, own))

    return replace(prepared, lines=tuple(map(located, prepared.lines)))


def _pairs(slice_: Slice, *where: ColumnElement[bool], after: int) -> Sequence[Pair]:
    """Some joined links with their records, of which one is not as when they were compared last."""
    query = (
        select(Link, Record, LinkValue)
        .join(Link.record)
        .outerjoin(Link.value)
        .where(Link.connection_id == slice_.connection.id, Link.state == LINKED, Link.hash != "", *where)
        .where(Record.missing_since.is_(None), Link.id > after)
        .where(func.coalesce(LinkValue.judged, "") != Link.record_key + ":" + Link.hash + ":" + Record.hash)
    )
    with slice_.state.reading() as session:
        found = session.execute(query.order_by(Link.id).limit(AT_ONCE))
        return [(link, record, kept) for link, record, kept in found]


def _judged(link: Link, record: Record) -> str:
    return f"{link.record_key}:{link.hash}:{record.hash}"


def _keep(
    slice_: Slice,
    some: Sequence[Pair],
    same: Mapping[int, dict[str, Any]],
    fresh: Mapping[int, dict[str, Any]] | None = None,
) -> None:
    """Keep what is agreed of those pairs that nobody changed meanwhile. What was agreed with another record is none.

    :param same: The values on which both sides agree, by link.
    :param fresh: The present values of ours, where they are not kept yet.
    """
    if not some:
        return
    with slice_.transaction() as session:
        found = select(Link).where(Link.id.in_([link.id for link, _, _ in some])).order_by(Link.id).with_for_update()
        now = {link.id: link for link in session.scalars(found)}
        rows: dict[int, dict[str, Any]] = {}
        for link, record, kept in some:
            row, judged = now.get(link.id), _judged(link, record)
            if row is None or row.state != LINKED or _judged(row, record) != judged:
                continue  # it was decided or answered meanwhile
            rows[link.id] = {"judged": judged}
            if fresh is not None and link.id in fresh:
                rows[link.id] |= {"value": fresh[link.id], "codec": FORM}
            if link.id in same:
                rows[link.id] |= {"agreed": same[link.id], "agreed_codec": FORM}
            elif kept is not None and kept.judged and not kept.judged.startswith(f"{link.record_key}:"):
                rows[link.id] |= {"agreed": None, "agreed_codec": None}
        _write(session, some, rows)


def _write(session: Session, some: Sequence[Pair], rows: Mapping[int, dict[str, Any]]) -> None:
    kept = {link.id: value.id for link, _, value in some if value is not None}
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for link_id, row in rows.items():
        if link_id in kept or "value" in row:
            key = {"id": kept[link_id]} if link_id in kept else {"link_id": link_id}
            groups.setdefault((*key, *row), []).append(key | row)
    for columns, group in groups.items():
        if columns[0] == "id":
            session.execute(update(LinkValue), group)
        else:
            bulk.insert_rows(session, LinkValue, group)
