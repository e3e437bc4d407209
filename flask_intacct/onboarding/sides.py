"""Both sides of a kind as the matching takes them: the links still open and Intacct's records, as ledger values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import kinds
from ..choices import LINKED, MATCHED, UNDECIDED
from ..errors import Refused
from ..ledger import Ref, Value
from ..links import local_ref
from ..matching import available
from ..models import Connection, Link, Record, Rejection
from ..state import current
from ..sync import records, values

AT_ONCE = 1000
"""Rows that are fetched at once."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What the matching needs of a link, without the rest of its row: there may be very many."""

    id: int
    version: int
    kind: str
    source: str
    local_id: str
    role: str
    label: str
    parent: str
    suggested_key: str
    facts: dict[str, Any]

    @property
    def ref(self) -> Ref:
        """The local record."""
        return Ref(self.source, self.local_id)


@dataclass(frozen=True, slots=True)
class Theirs:
    """The same of one of Intacct's records."""

    id: int
    object: str
    key: str
    natural_id: str
    name: str
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


def undecided(session: Session, connection: Connection, kind: str) -> Sequence[Ours]:
    """The links that want a suggestion."""
    return _ours(session, connection, kind, Link.state == UNDECIDED)


def _ours(session: Session, connection: Connection, kind: str, *where: ColumnElement[bool]) -> Sequence[Ours]:
    columns = [getattr(Link, item.name) for item in fields(Ours)]
    query = select(*columns).where(Link.connection_id == connection.id, Link.kind == kind, *where).order_by(Link.id)
    return [Ours(*row) for row in session.execute(query.execution_options(yield_per=AT_ONCE))]


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
        _rejected(session, connection, open_, theirs),
        categories,
        connection.entity,
    )


def digest(session: Session, connection: Connection, kind: str, open_: Sequence[Ours]) -> str:
    """What stands for all that :func:`read` gives, without making values of it."""
    categories = _categories(session, connection)
    read_ = select(Record.object, Record.key, Record.hash, Record.role, Record.entity).where(
        Record.connection_id == connection.id,
        Record.object.in_(_objects(session, connection, kind, categories)),
        Record.missing_since.is_(None),
    )
    held = select(Link.object, Link.exclusive).where(
        Link.connection_id == connection.id, Link.kind == kind, Link.exclusive.is_not(None)
    )
    refused = _refusals(connection, kind)
    below = _options(session, connection) if kind == kinds.TRACKING_CATEGORY else {}
    found = hashlib.sha256()
    parts: tuple[Iterable[Sequence[Any]], ...] = (
        [[version("flask-intacct"), available(), current().config.exclusion_field, connection.entity]],
        ([link.id, link.version, *_described(link)] for link in open_),
        sorted([parent, *_described(link)] for parent, options in below.items() for link in options),
        *(
            _streamed(session, query)
            for query in (read_.order_by(Record.id), held.order_by(Link.id), refused.order_by(Rejection.id))
        ),
        sorted([*ours, *theirs] for ours, theirs in categories.items()),
    )
    for part in parts:
        for row in part:
            found.update(repr(row).encode())
        found.update(b";")
    return found.hexdigest()


def _streamed(session: Session, query: Any) -> Iterator[list[Any]]:
    """The rows of a query, which is asked when the first is wanted: MariaDB streams one at a time on a connection."""
    yield from map(list, session.execute(query.execution_options(yield_per=AT_ONCE)))


def _described(link: Ours) -> list[str]:
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
    query = select(Record).where(
        Record.connection_id == connection.id, Record.object.in_(objects), Record.missing_since.is_(None)
    )
    for record in session.scalars(query.order_by(Record.id).execution_options(yield_per=AT_ONCE)):
        session.expunge(record)  # its payload is not needed any more
        try:
            value = records.value_of(current().config, record, value_kind)
        except Refused:
            continue  # it has an issue of its own since it was read
        own = record.id, record.object, record.key, record.natural_id, record.name
        found[record.object].append(Theirs(*own, value))
    return found


def local_values(open_: Sequence[Ours], kind: str, bad: Callable[[Ours, Exception], None] | None = None) -> list[Value]:
    """The local records as they were last read, once per record with the roles still open.

    :param bad: Told of each that can't be read from what is kept, which is then left out; without it that raises.
    """
    roles: dict[Ref, set[str]] = {}
    for link in open_:
        roles.setdefault(link.ref, set()).add(link.role)
    role = bool(kinds.named(kind).role)
    found = []
    for link in open_:
        open_roles = roles.pop(link.ref, None)
        if open_roles is None:
            continue
        try:
            found.append(values.of(link, **({"roles": frozenset(open_roles)} if role else {})))
        except (ValueError, TypeError) as error:
            if bad is None:
                raise
            bad(link, error)
    return found


def _options(session: Session, connection: Connection) -> dict[str, list[Ours]]:
    """All options by their category, whatever was decided for them."""
    found: dict[str, list[Ours]] = {}
    for link in _ours(session, connection, kinds.TRACKING_OPTION):
        found.setdefault(link.parent, []).append(link)
    return found


def _taken(session: Session, connection: Connection, remote: Sequence[Theirs]) -> frozenset[Ref]:
    """The Intacct records that a link holds for itself."""
    query = select(Link.object, Link.exclusive).where(Link.connection_id == connection.id, Link.exclusive.is_not(None))
    held = set(session.execute(query))
    return frozenset(one.value.ref for one in remote if (one.object, one.key) in held)


def _refusals(connection: Connection, kind: str) -> Any:
    return (
        select(Rejection.link_id, Rejection.record_key)
        .join(Link, Link.id == Rejection.link_id)
        .where(Link.connection_id == connection.id, Link.kind == kind, Link.state == UNDECIDED)
    )


def _rejected(
    session: Session, connection: Connection, open_: Sequence[Ours], remote: Sequence[Theirs]
) -> frozenset[tuple[Ref, Ref]]:
    """Pairs that a person refused. Keys of customers and vendors may be equal: a link is of one of them."""
    if not open_:
        return frozenset()
    links = {link.id: link for link in open_}
    refs: dict[str, list[tuple[str, Ref]]] = {}
    for one in remote:
        refs.setdefault(one.key, []).append((one.object, one.value.ref))
    return frozenset(
        (links[link_id].ref, ref)
        for link_id, key in session.execute(_refusals(connection, open_[0].kind))
        if link_id in links
        for object_, ref in refs.get(key, ())
        if kinds.kind(links[link_id].kind, links[link_id].role).object in ("", object_)
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
