"""Links with the Intacct records that are proposed for them, or that they have, and whether a proposal may be taken as
it stands: in a fixed number of queries, however many links.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, load_only

from . import kinds, tokens
from .bars import Bar
from .choices import ARCHIVED, CREATE, LINKED, MATCHED, UNDECIDED, detail, objection, sought, taken_words
from .ledger import folded
from .messages import NOTHING, Message
from .models import Connection, Link, Record
from .overrides import Question, of_match

LIKELY = 75
"""Below this a suggestion is shown as a guess."""

SURE = ("certain", "likely", "unsure")
"""How sure a suggestion may be, to choose by."""

_TOLD = (
    Record.connection_id, Record.object, Record.key, Record.natural_id, Record.name, Record.active,
    Record.missing_since, Record.role, Record.entity, Record.payload,
)  # fmt: skip
"""What of a record decides whether a proposal may be taken."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which links of a kind a list shows: each that is not "" has to hold.

    :param sure: One of :data:`SURE`.
    :param search: For each word, a link has one that begins with it.
    :param parent: The local id of a tracking category.
    """

    kind: str
    role: str = ""
    sure: str = ""
    search: str = ""
    parent: str = ""

    def where(self, session: Session, connection_id: int, bar: Bar) -> list[ColumnElement[bool]]:
        """The conditions, but for the state of the links."""
        found = tokens.having(session, Link, connection_id, self.kind, sought(folded(self.search)))
        found.append(Link.kind == self.kind)
        if self.role:
            found.append(Link.role == self.role)
        if self.sure == "certain":
            found.append(bar.clearing)
        elif self.sure == "likely":
            found += [~bar.clearing, Link.confidence >= LIKELY]
        elif self.sure == "unsure":
            found.append(Link.confidence < LIKELY)
        if self.parent:
            found.append(Link.parent == self.parent)
        return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What there is to say of the record that is proposed for a link.

    :param record: The Intacct record that is matched, else the suggested one.
    :param blocked: Why nobody can take the suggested record, in words: who holds it already, that it is inactive.
    :param questions: What has to be agreed to before the suggestion is taken.
    :param tie: Another link has the same suggestion, for a record that only one can have.
    :param clears: The suggestion is sure enough.
    """

    record: Record | None
    blocked: Message
    questions: Sequence[Question]
    tie: bool
    clears: bool

    @property
    def certain(self) -> bool:
        """Ticked beforehand, and taken by *Accept all certain*."""
        return self.record is not None and self.clears and not (self.blocked or self.questions or self.tie)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a matching list.

    :param detail: What helps to tell the record from others.
    :param shared: How many others of ours use the same record, where sharing is allowed.
    """

    link: Link
    verdict: Verdict
    bar: Bar
    runner_up: Record | None = None
    detail: Message = NOTHING
    shared: int = 0

    @property
    def record(self) -> Record | None:
        return self.verdict.record

    @property
    def blocked(self) -> Message:
        return self.verdict.blocked

    @property
    def tie(self) -> bool:
        return self.verdict.tie

    @property
    def certain(self) -> bool:
        return self.verdict.certain

    @property
    def band(self) -> str:
        """How sure the suggestion is, as a class name."""
        return "high" if self.verdict.clears else "middle" if self.link.confidence >= LIKELY else "low"

    @property
    def decided(self) -> bool:
        return self.link.state != UNDECIDED

    @property
    def open(self) -> bool:
        """Whether the decision can still be taken back."""
        return self.link.state in (MATCHED, CREATE, ARCHIVED)


@dataclass(frozen=True, slots=True)
class Certain:
    """The links that are certain, as far as was looked, and whether there are suggestions that were not looked at."""

    ids: Sequence[int] = ()
    more: bool = False

    @property
    def number(self) -> int:
        return len(self.ids)

    def __bool__(self) -> bool:
        return self.more or self.number > 0


def look(session: Session, connection: Connection, kind: str, bar: Bar, most: int) -> Certain:
    """The first suggestions that *Accept all certain* would take, in a fixed number of queries."""
    return shown(session, connection, kind, (), bar, most)[1]


def shown(
    session: Session, connection: Connection, kind: str, links: Sequence[Link], bar: Bar, most: int
) -> tuple[list[Row], Certain]:
    """Links of a kind with all that a page shows of them, and what :func:`look` gives, read together.

    :param most: 0 where nothing is to be accepted.
    """
    query = (
        select(Link)
        .where(Link.connection_id == connection.id, Link.kind == kind, Link.state == UNDECIDED)
        .where(bar.clearing, Link.suggested_key != "")
        .order_by(Link.label, Link.id)
    )
    found = session.scalars(query.limit(most + 1)).all() if most else []
    sure = found[:most]
    keys = {key for link in links for key in (link.record_key, link.suggested_key, link.runner_up_key)}
    page = _read(session, connection, [*links, *sure], keys | {link.suggested_key for link in sure}, bar)
    certain = Certain([link.id for link in sure if page.verdict(link).certain], len(found) > most)
    return [page.row(link) for link in links], certain


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


def verdicts(session: Session, connection: Connection, links: Sequence[Link], bar: Bar) -> dict[int, Verdict]:
    """What there is to say of each of these links of one kind, by its id."""
    page = _read(session, connection, links, {link.record_key or link.suggested_key for link in links}, bar)
    return {link.id: page.verdict(link) for link in links}


def _read(session: Session, connection: Connection, links: Sequence[Link], keys: set[str], bar: Bar) -> _Page:
    """What there is to say of links of one kind.

    :param keys: Those of the records that may be spoken of.
    """
    if not links:
        return _Page(connection, {}, {}, {}, set(), bar)
    objects = objects_of(session, links)
    keys = keys - {""} or {""}
    of_page = (Record.object.in_(set(objects.values())), Record.key.in_(keys))
    records = session.scalars(
        select(Record).where(Record.connection_id == connection.id, *of_page).options(load_only(*_TOLD, Record.email))
    )
    used = (
        select(Link)
        .where(
            Link.connection_id == connection.id,
            Link.object.in_(set(objects.values())),
            Link.record_key.in_(keys),
            or_(Link.state.in_((MATCHED, LINKED)), Link.exclusive.is_not(None)),
        )
        .options(load_only(Link.object, Link.record_key, Link.label, Link.decided_by, Link.decided_at))
    )
    holders: dict[tuple[str, str], list[Link]] = {}
    for holder in session.scalars(used):
        holders.setdefault((holder.object, holder.record_key), []).append(holder)
    # How sure a suggestion is and its role are no conditions here: SQLite would take them for the best way to the rows.
    roles = kinds.roles(links[0].kind)
    sure = (func.sum(case((and_(bar.clearing, Link.role == role), 1), else_=0)) for role in roles)
    wanted = (
        select(Link.suggested_key, *sure)
        .where(Link.connection_id == connection.id, Link.kind == links[0].kind, Link.state == UNDECIDED)
        .where(Link.suggested_key.in_(keys))
        .group_by(Link.suggested_key)
    )
    return _Page(
        connection,
        objects,
        {(record.object, record.key): record for record in records},
        holders,
        {
            (role, key)
            for key, *many in session.execute(wanted)
            for role, number in zip(roles, many, strict=True)
            if number > 1
        },
        bar,
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """What was read for some links."""

    connection: Connection
    objects: dict[int, str]
    records: dict[tuple[str, str], Record]
    holders: dict[tuple[str, str], list[Link]]
    ties: set[tuple[str, str]]
    bar: Bar

    def key(self, link: Link) -> str:
        return link.record_key or (link.suggested_key if link.state == UNDECIDED else "")

    def held_by(self, link: Link) -> list[Link]:
        """The other links that have its record."""
        return [one for one in self.holders.get((self.objects[link.id], self.key(link)), ()) if one.id != link.id]

    def verdict(self, link: Link) -> Verdict:
        key, open_ = self.key(link), link.state == UNDECIDED
        record, held_by = self.records.get((self.objects[link.id], key)), self.held_by(link)
        exclusive = kinds.kind(link.kind, link.role).exclusive
        blocked = taken_words(held_by[0], link) if exclusive and held_by else NOTHING
        if open_ and record is not None and not blocked:
            blocked = objection(self.connection, link, record)
        return Verdict(
            record=record,
            blocked=blocked,
            questions=of_match(self.connection, link, record, link.role) if open_ and record is not None else (),
            tie=exclusive and open_ and (link.role, key) in self.ties,
            clears=self.bar.clears(link),
        )

    def row(self, link: Link) -> Row:
        object_, verdict = self.objects[link.id], self.verdict(link)
        exclusive = kinds.kind(link.kind, link.role).exclusive
        other = "" if exclusive and self.holders.get((object_, link.runner_up_key)) else link.runner_up_key
        return Row(
            link=link,
            verdict=verdict,
            bar=self.bar,
            runner_up=self.records.get((object_, other)),
            detail=detail(self.connection, verdict.record) if verdict.record is not None else NOTHING,
            shared=0 if exclusive else len(self.held_by(link)),
        )
