"""Both sides of a kind as the matching takes them: the links still open and Intacct's records, as ledger values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import kinds
from ..choices import LINKED, MATCHED, UNDECIDED
from ..errors import Refused
from ..ledger import Contact, Ref, TaxType, Value
from ..links import local_ref
from ..matching import available
from ..models import Connection, Link, Record, Rejection
from ..state import current
from ..sync import records, values

AT_ONCE = 1000
"""Rows that are fetched at once."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What the matching needs of a link, without the rest of its row: there may be very many.

    :param value: The local record as it was last read; None for a further link of the same record.
    :param error: Why it can't be read from what is kept.
    """

    id: int
    version: int
    ref: Ref
    role: str
    label: str
    parent: str
    value: Value | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Theirs:
    """The same of one of Intacct's records."""

    id: int
    object: str
    key: str
    value: Value


@dataclass(frozen=True, slots=True)
class Sides:
    """What a suggestion for one kind depends on.

    :param open: The links to suggest for.
    :param options: For categories: the options of each, by the category's local id.
    :param remote: Intacct's records; for categories the dimensions' values, by dimension.
    """

    kind: str
    open: Sequence[Ours]
    options: Mapping[str, Sequence[Ours]]
    remote: Mapping[str, Sequence[Theirs]]
    taken: frozenset[Ref]
    rejected: frozenset[tuple[Ref, Ref]]
    categories: Mapping[Ref, Ref]
    entity: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a kind is: its links that want a suggestion, and how many of them have one, made from whatever `digest`
    stands for."""

    open: int
    suggested: int
    digest: str


_COLUMNS = (
    Link.id, Link.version, Link.kind, Link.source, Link.local_id, Link.role, Link.label, Link.parent,
    Link.suggested_key, Link.facts,
)  # fmt: skip
"""What a link's value is made of, and what else is asked of it here."""

_FEW = ("city", "country")
"""Facts that are the same for many records."""


def undecided(session: Session, connection: Connection, kind: str) -> Sequence[Ours]:
    """The links that want a suggestion."""
    return _ours(session, connection, kind, Link.state == UNDECIDED)


def _ours(session: Session, connection: Connection, kind: str, *where: ColumnElement[bool]) -> Sequence[Ours]:
    """The facts of a link are let go as soon as its value is made of them: they take several times as much."""
    by_role, once = bool(kinds.named(kind).role), _Once()
    found: list[Ours] = []
    seen: set[Ref] = set()
    for row in _links(session, connection, kind, *where):
        ref, role = Ref(once(row.source), row.local_id), once(row.role)
        value, error = None, None
        if ref not in seen:
            seen.add(ref)
            row.facts.update((name, once(row.facts[name])) for name in _FEW if isinstance(row.facts.get(name), str))
            try:
                value = values.of(row, **({"roles": once(frozenset((role,)))} if by_role else {}))
            except (ValueError, TypeError) as error_:
                error = error_
            else:
                ref = value.ref
        label = value.name if value is not None and value.name == row.label else row.label
        found.append(Ours(row.id, row.version, ref, role, label, once(row.parent), value, error))
    return found


def _links(session: Session, connection: Connection, kind: str, *where: ColumnElement[bool]) -> Iterator[Any]:
    query = select(*_COLUMNS).where(Link.connection_id == connection.id, Link.kind == kind, *where).order_by(Link.id)
    yield from session.execute(query.execution_options(yield_per=AT_ONCE))


class _Once(dict[Any, Any]):
    """Gives for each of equal things the first one, so that many rows hold one and the same."""

    def __call__(self, thing: Any) -> Any:
        return self.setdefault(thing, thing)


def read(session: Session, connection: Connection, kind: str, open_: Sequence[Ours]) -> Sides:
    """Both sides of a kind, as they were last read."""
    categories = _categories(session, connection)
    remote = _remotes(session, connection, kind, categories)
    theirs = [one for found in remote.values() for one in found]
    return Sides(
        kind,
        open_,
        _options(session, connection) if kind == kinds.TRACKING_CATEGORY else {},
        remote,
        _taken(session, connection, theirs),
        _rejected(session, connection, kind, open_, theirs),
        categories,
        connection.entity,
    )


def standing(session: Session, connection: Connection, kind: str) -> Standing:
    """How far a kind is. Its digest stands for all that :func:`read` gives, without making values of it, and is ""
    where nothing wants a suggestion."""
    found = hashlib.sha256()
    open_ = suggested = 0

    def add(rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            found.update(repr(row).encode())
        found.update(b";")

    def links() -> Iterator[Sequence[Any]]:
        nonlocal open_, suggested
        for link in _links(session, connection, kind, Link.state == UNDECIDED):
            open_, suggested = open_ + 1, suggested + bool(link.suggested_key)
            yield [link.id, link.version, *_described(link)]

    add([[version("flask-intacct"), available(), current().config.exclusion_field, connection.entity]])
    add(links())
    if not open_:
        return Standing(0, 0, "")
    categories = _categories(session, connection)
    below = _links(session, connection, kinds.TRACKING_OPTION) if kind == kinds.TRACKING_CATEGORY else ()
    add(sorted([link.parent, *_described(link)] for link in below))
    read_ = select(Record.object, Record.key, Record.hash, Record.role, Record.entity).where(
        Record.connection_id == connection.id,
        Record.object.in_(_objects(session, connection, kind, categories)),
        Record.missing_since.is_(None),
    )
    held = select(Link.object, Link.exclusive).where(
        Link.connection_id == connection.id, Link.kind == kind, Link.exclusive.is_not(None)
    )
    for query in (
        read_.order_by(Record.id),
        held.order_by(Link.id),
        _refusals(connection, kind).order_by(Rejection.id),
    ):
        add(_streamed(session, query))
    add(sorted([*ours, *theirs] for ours, theirs in categories.items()))
    return Standing(open_, suggested, found.hexdigest())


def _streamed(session: Session, query: Any) -> Iterator[list[Any]]:
    """The rows of a query, which is asked when the first is wanted: MariaDB streams one at a time on a connection."""
    yield from map(list, session.execute(query.execution_options(yield_per=AT_ONCE)))


def _described(link: Any) -> list[str]:
    """All of a link that its value is made of."""
    facts = sorted(f"{name}={fact}" for name, fact in link.facts.items() if name != "to_send")
    return [link.source, link.local_id, link.role, link.label, link.parent, *facts]


def _objects(session: Session, connection: Connection, kind: str, categories: Mapping[Ref, Ref]) -> Sequence[str]:
    """The Intacct objects whose records count for a kind."""
    if kind == kinds.TRACKING_CATEGORY:
        dimensions = select(Record.key).where(
            Record.connection_id == connection.id,
            Record.object == kinds.DIMENSION,
            Record.missing_since.is_(None),
        )
        return session.scalars(dimensions.order_by(Record.key)).all()
    if kind == kinds.TRACKING_OPTION:
        return sorted({ref.id for ref in categories.values()})
    return sorted({kinds.kind(kind, role).object for role in kinds.roles(kind)})


def _remotes(
    session: Session, connection: Connection, kind: str, categories: Mapping[Ref, Ref]
) -> dict[str, list[Theirs]]:
    """Intacct's records by object; a category is matched by the values of a dimension, as if they were options."""
    objects = _objects(session, connection, kind, categories)
    value_kind = kinds.TRACKING_OPTION if kind == kinds.TRACKING_CATEGORY else kind
    found: dict[str, list[Theirs]] = {object_: [] for object_ in objects}
    columns = (Record.id, Record.object, Record.key, Record.role, Record.entity, Record.payload)
    query = select(*columns).where(
        Record.connection_id == connection.id, Record.object.in_(objects), Record.missing_since.is_(None)
    )
    once = _Once()
    record: Any
    for record in session.execute(query.order_by(Record.id).execution_options(yield_per=AT_ONCE)):
        try:
            value = records.value_of(current().config, record, value_kind)
        except Refused:
            continue  # it has an issue of its own since it was read
        found[record.object].append(Theirs(record.id, once(record.object), record.key, value))
    return found


def local_values(open_: Sequence[Ours], kind: str, bad: Callable[[Ours, Exception], None] | None = None) -> list[Value]:
    """The local records as they were last read, once per record with the roles still open.

    :param bad: Told of each that can't be read from what is kept, which is then left out; without it that raises.
    """
    roles: dict[Ref, list[str]] = {}
    if kinds.named(kind).role:
        for link in open_:
            roles.setdefault(link.ref, []).append(link.role)
    found: list[Value] = []
    for link in open_:
        if link.error is not None:
            if bad is None:
                raise link.error
            bad(link, link.error)
        elif isinstance(link.value, Contact | TaxType) and len(roles[link.ref]) > 1:
            found.append(replace(link.value, roles=frozenset(roles[link.ref])))
        elif link.value is not None:
            found.append(link.value)
    return found


def _options(session: Session, connection: Connection) -> dict[str, list[Ours]]:
    """All options by their category, whatever was decided for them."""
    found: dict[str, list[Ours]] = {}
    for link in _ours(session, connection, kinds.TRACKING_OPTION):
        found.setdefault(link.parent, []).append(link)
    return found


def _taken(session: Session, connection: Connection, remote: Sequence[Theirs]) -> frozenset[Ref]:
    """The Intacct records that a link holds for itself."""
    objects = {one.object for one in remote}
    query = select(Link.object, Link.exclusive).where(
        Link.connection_id == connection.id, Link.exclusive.is_not(None), Link.object.in_(objects)
    )
    held = set(session.execute(query)) if objects else set()
    return frozenset(one.value.ref for one in remote if (one.object, one.key) in held)


def _refusals(connection: Connection, kind: str) -> Any:
    return (
        select(Rejection.link_id, Rejection.record_key)
        .join(Link, Link.id == Rejection.link_id)
        .where(Link.connection_id == connection.id, Link.kind == kind, Link.state == UNDECIDED)
    )


def _rejected(
    session: Session, connection: Connection, kind: str, open_: Sequence[Ours], remote: Sequence[Theirs]
) -> frozenset[tuple[Ref, Ref]]:
    """Pairs that a person refused. Keys of customers and vendors may be equal: a link is of one of them."""
    refused = session.execute(_refusals(connection, kind)).all()
    wanted, keys = {link_id for link_id, _ in refused}, {key for _, key in refused}
    links = {link.id: link for link in open_ if link.id in wanted}
    refs: dict[str, list[tuple[str, Ref]]] = {}
    for one in remote:
        if one.key in keys:
            refs.setdefault(one.key, []).append((one.object, one.value.ref))
    return frozenset(
        (links[link_id].ref, ref)
        for link_id, key in refused
        if link_id in links
        for object_, ref in refs.get(key, ())
        if kinds.kind(kind, links[link_id].role).object in ("", object_)
    )


def _categories(session: Session, connection: Connection) -> dict[Ref, Ref]:
    """The dimension of each category: the one it is matched to, else the one that is suggested."""
    query = select(Link).where(Link.connection_id == connection.id, Link.kind == kinds.TRACKING_CATEGORY)
    found: dict[Ref, Ref] = {}
    for link in session.scalars(query.order_by(Link.id)):
        key = link.record_key if link.state in (MATCHED, LINKED) else link.suggested_key
        if key and link.state in (MATCHED, LINKED, UNDECIDED):
            # Under its key alone, too: a host can't always tell in which of its tables an option's category is.
            found[local_ref(link)] = found[Ref("", link.local_id)] = Ref(kinds.DIMENSION, key)
    return found
