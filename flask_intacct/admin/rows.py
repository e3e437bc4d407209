"""The rows of a matching list: each link with the Intacct records that it speaks of, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from .. import kinds, overrides
from ..bars import Bar
from ..choices import ARCHIVED, CREATE, LINKED, MATCHED, UNDECIDED, Candidate, detail, objection, taken_words
from ..keys import beyond
from ..messages import NOTHING, Message, kept
from ..models import Connection, Link, Record
from ..overrides import of_match

LIKELY = 75
"""Below this a suggestion is shown as a guess."""

BATCH = 300
"""So many links are looked at together; each names up to three records."""

LOOKS = 5
"""So many suggestions are looked at for each one that may be accepted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list.

    :param record: The Intacct record that is matched, else the suggested one.
    :param blocked: Why nobody can take the suggested record, in words: who holds it already, that it is inactive.
    :param detail: What helps to tell the record from others.
    :param asks: Taking the suggestion needs somebody's agreement.
    :param tie: Another row here has the same suggestion, for a record that only one can have.
    :param shared: How many others of ours use the same record, where sharing is allowed.
    """

    link: Link
    record: Record | None
    bar: Bar
    runner_up: Record | None = None
    blocked: Message = NOTHING
    detail: Message = NOTHING
    asks: bool = False
    tie: bool = False
    shared: int = 0

    @property
    def certain(self) -> bool:
        """Ticked beforehand, and taken by *Accept all certain*."""
        clear = not (self.blocked or self.asks or self.tie)
        return self.record is not None and self.bar.clears(self.link) and clear

    @property
    def band(self) -> str:
        """How sure the suggestion is, as a class name."""
        return "high" if self.bar.clears(self.link) else "middle" if self.link.confidence >= LIKELY else "low"

    @property
    def decided(self) -> bool:
        return self.link.state != UNDECIDED

    @property
    def open(self) -> bool:
        """Whether the decision can still be taken back."""
        return self.link.state in (MATCHED, CREATE, ARCHIVED)


@dataclass(frozen=True, slots=True)
class Certain:
    """How many rows are certain, as far as was looked, and whether there are suggestions that were not looked at."""

    number: int = 0
    more: bool = False

    def __bool__(self) -> bool:
        return self.more or self.number > 0


def look(session: Session, connection: Connection, kind: str, bar: Bar, most: int) -> Certain:
    """How many of the first suggestions *Accept all certain* would take, in a fixed number of queries."""
    found = session.scalars(_clearing(connection, kind, bar).limit(most + 1)).all()
    number = sum(row.certain for row in rows(session, connection, found[:most], bar))
    return Certain(number, len(found) > most)


def _clearing(connection: Connection, kind: str, bar: Bar) -> Select[Any]:
    """The links whose suggestion clears the bar, in the order of the list."""
    return (
        select(Link)
        .where(Link.connection_id == connection.id, Link.kind == kind, Link.state == UNDECIDED)
        .where(bar.clearing, Link.suggested_key != "")
        .order_by(Link.label, Link.id)
    )


def certain(session: Session, connection: Connection, kind: str, bar: Bar, most: int) -> list[int]:
    """The links that *Accept all certain* takes, at most so many: the rows that the list calls certain. It stops where
    most of what it looks at is not.
    """
    query = _clearing(connection, kind, bar).limit(BATCH)
    found: list[int] = []
    for _ in range(LOOKS * -(-most // BATCH)):
        batch = session.scalars(query).all()
        found += [row.link.id for row in rows(session, connection, batch, bar) if row.certain]
        if len(batch) < BATCH or len(found) >= most:
            break
        last = (batch[-1].label, batch[-1].id)
        query = _clearing(connection, kind, bar).where(beyond((Link.label, Link.id), last)).limit(BATCH)
    return found[:most]


def objects_of(session: Session, links: Sequence[Link]) -> dict[int, str]:
    """The Intacct object that each link chooses from: the values of its category's dimension, for an option."""
    parents = {link.parent for link in links if link.kind == kinds.TRACKING_OPTION}
    dimensions: dict[str, str] = {}
    if parents:
        query = select(Link.local_id, Link.record_key).where(
            Link.connection_id == links[0].connection_id,
            Link.kind == kinds.TRACKING_CATEGORY,
            Link.local_id.in_(parents),
            Link.state.in_((MATCHED, LINKED)),
        )
        dimensions = dict(session.execute(query).all())
    return {
        link.id: dimensions.get(link.parent, "")
        if link.kind == kinds.TRACKING_OPTION
        else kinds.kind(link.kind, link.role).object
        for link in links
    }


def rows(session: Session, connection: Connection, links: Sequence[Link], bar: Bar) -> list[Row]:
    """Join the links of a page with their records, in a fixed number of queries, however long the page."""
    if not links:
        return []
    objects = objects_of(session, links)
    keys = {key for link in links for key in (link.record_key, link.suggested_key, link.runner_up_key) if key}
    of_page = (Record.object.in_(set(objects.values())), Record.key.in_(keys or [""]))
    records = session.scalars(select(Record).where(Record.connection_id == connection.id, *of_page))
    used = select(Link).where(
        Link.connection_id == connection.id,
        Link.object.in_(set(objects.values())),
        Link.record_key.in_(keys or [""]),
        Link.state.in_((MATCHED, LINKED)),
    )
    holders: dict[tuple[str, str], list[Link]] = {}
    for holder in session.scalars(used):
        holders.setdefault((holder.object, holder.record_key), []).append(holder)
    wanted = (
        select(Link.role, Link.suggested_key)
        .where(Link.connection_id == connection.id, Link.kind == links[0].kind, Link.state == UNDECIDED)
        .where(bar.clearing, Link.suggested_key.in_(keys or [""]))
        .group_by(Link.role, Link.suggested_key)
        .having(func.count() > 1)
    )
    page = _Page(
        connection,
        objects,
        {(record.object, record.key): record for record in records},
        holders,
        {(role, key) for role, key in session.execute(wanted)},
        bar,
    )
    return [page.row(link) for link in links]


@dataclass(frozen=True, slots=True)
class _Page:
    """What was read for the rows of one page."""

    connection: Connection
    objects: dict[int, str]
    records: dict[tuple[str, str], Record]
    holders: dict[tuple[str, str], list[Link]]
    ties: set[tuple[str, str]]
    bar: Bar

    def row(self, link: Link) -> Row:
        object_, open_ = self.objects[link.id], link.state == UNDECIDED
        key = link.record_key or (link.suggested_key if open_ else "")
        record = self.records.get((object_, key))
        held_by = [holder for holder in self.holders.get((object_, key), []) if holder.id != link.id]
        exclusive = kinds.kind(link.kind, link.role).exclusive
        other = "" if exclusive and self.holders.get((object_, link.runner_up_key)) else link.runner_up_key
        blocked = taken_words(held_by[0], link) if exclusive and held_by else NOTHING
        if open_ and record is not None and not blocked:
            blocked = objection(self.connection, link, record)
        return Row(
            link=link,
            record=record,
            bar=self.bar,
            runner_up=self.records.get((object_, other)),
            blocked=blocked,
            detail=detail(self.connection, record) if record is not None else NOTHING,
            asks=open_ and record is not None and bool(of_match(self.connection, link, record, link.role)),
            tie=exclusive and open_ and (link.role, key) in self.ties,
            shared=0 if exclusive else len(held_by),
        )


def offered(candidate: Candidate) -> dict[str, str]:
    """A candidate as the typeahead's script takes it."""
    return {
        "key": candidate.key,
        "code": candidate.natural_id,
        "name": candidate.name,
        "detail": str(candidate.detail),
        "blocked": str(candidate.blocked),
    }


def said(reasons: Sequence[Any]) -> str:
    """What speaks for the suggested record, or against it, in one line."""
    return ", ".join(str(kept(reason)) for reason in reasons)


def agreed(override: Mapping[str, Any]) -> str:
    """What somebody agreed to against the evidence."""
    return str(overrides.said(override))
