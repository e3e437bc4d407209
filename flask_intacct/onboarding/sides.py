"""Both sides of a kind as the matching takes them: the links still open and Intacct's records, as ledger values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import kinds, ledger
from ..choices import LINKED, MATCHED, UNDECIDED
from ..errors import Refused
from ..ledger import Ref, Value
from ..links import local_ref
from ..matching import available
from ..models import Connection, Link, Record, Rejection
from ..state import current
from ..sync import records, values


@dataclass(frozen=True, slots=True)
class Sides:
    """What a suggestion for one kind depends on.

    :param open: The links to suggest for.
    :param options: For categories: the options of each, by the category's local id.
    :param remote: Intacct's records; for categories the dimensions' values, by dimension.
    """

    kind: str
    open: Sequence[Link]
    options: Mapping[str, Sequence[Link]]
    remote: Mapping[str, Sequence[tuple[Record, Value]]]
    taken: frozenset[Ref]
    rejected: frozenset[tuple[Ref, Ref]]
    categories: Mapping[Ref, Ref]
    entity: str


def undecided(session: Session, connection: Connection, kind: str) -> Sequence[Link]:
    """The links that want a suggestion."""
    query = select(Link).where(Link.connection_id == connection.id, Link.kind == kind, Link.state == UNDECIDED)
    return session.scalars(query.order_by(Link.id)).all()


def read(session: Session, connection: Connection, kind: str, open_: Sequence[Link]) -> Sides:
    """Both sides of a kind, as they were last read."""
    categories = _categories(session, connection)
    remote = _remotes(session, connection, kind, categories)
    pairs = [pair for found in remote.values() for pair in found]
    return Sides(
        kind,
        open_,
        _options(session, connection) if kind == kinds.TRACKING_CATEGORY else {},
        remote,
        _taken(session, connection, pairs),
        _rejected(session, connection, open_, pairs),
        categories,
        connection.entity,
    )


def digest(session: Session, connection: Connection, kind: str, open_: Sequence[Link]) -> str:
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
    return ledger.digest(
        [
            [version("flask-intacct"), available(), current().config.exclusion_field, connection.entity],
            [[link.id, link.version, *_described(link)] for link in open_],
            sorted([parent, *_described(link)] for parent, options in below.items() for link in options),
            *(sorted(map(list, session.execute(query))) for query in (read_, held, refused)),
            sorted([*ours, *theirs] for ours, theirs in categories.items()),
        ]
    )


def _described(link: Link) -> list[str]:
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
) -> dict[str, list[tuple[Record, Value]]]:
    """Intacct's records by object; a category is matched by the values of a dimension, as if they were options."""
    objects = _objects(session, connection, kind, categories)
    value_kind = kinds.TRACKING_OPTION if kind == kinds.TRACKING_CATEGORY else kind
    found: dict[str, list[tuple[Record, Value]]] = {object_: [] for object_ in objects}
    query = select(Record).where(
        Record.connection_id == connection.id, Record.object.in_(objects), Record.missing_since.is_(None)
    )
    for record in session.scalars(query):
        try:
            value = records.value_of(current().config, record, value_kind)
        except Refused:
            continue  # it has an issue of its own since it was read
        found[record.object].append((record, value))
    return found


def local_values(open_: Sequence[Link], kind: str, bad: Callable[[Link, Exception], None] | None = None) -> list[Value]:
    """The local records as they were last read, once per record with the roles still open.

    :param bad: Told of each that can't be read from what is kept, which is then left out; without it that raises.
    """
    roles: dict[Ref, set[str]] = {}
    for link in open_:
        roles.setdefault(local_ref(link), set()).add(link.role)
    role = bool(kinds.named(kind).role)
    found = []
    for link in open_:
        open_roles = roles.pop(local_ref(link), None)
        if open_roles is None:
            continue
        try:
            found.append(values.of(link, **({"roles": frozenset(open_roles)} if role else {})))
        except (ValueError, TypeError) as error:
            if bad is None:
                raise
            bad(link, error)
    return found


def _options(session: Session, connection: Connection) -> dict[str, list[Link]]:
    """All options by their category, whatever was decided for them."""
    query = select(Link).where(Link.connection_id == connection.id, Link.kind == kinds.TRACKING_OPTION)
    found: dict[str, list[Link]] = {}
    for link in session.scalars(query.order_by(Link.id)):
        found.setdefault(link.parent, []).append(link)
    return found


def _taken(session: Session, connection: Connection, remote: Sequence[tuple[Record, Value]]) -> frozenset[Ref]:
    """The Intacct records that a link holds for itself."""
    query = select(Link.object, Link.exclusive).where(Link.connection_id == connection.id, Link.exclusive.is_not(None))
    held = set(session.execute(query))
    return frozenset(value.ref for record, value in remote if (record.object, record.key) in held)


def _refusals(connection: Connection, kind: str) -> Any:
    return (
        select(Rejection.link_id, Rejection.record_key)
        .join(Link, Link.id == Rejection.link_id)
        .where(Link.connection_id == connection.id, Link.kind == kind, Link.state == UNDECIDED)
    )


def _rejected(
    session: Session, connection: Connection, open_: Sequence[Link], remote: Sequence[tuple[Record, Value]]
) -> frozenset[tuple[Ref, Ref]]:
    """Pairs that a person refused. Keys of customers and vendors may be equal: a link is of one of them."""
    if not open_:
        return frozenset()
    links = {link.id: link for link in open_}
    refs: dict[str, list[tuple[str, Ref]]] = {}
    for record, value in remote:
        refs.setdefault(record.key, []).append((record.object, value.ref))
    return frozenset(
        (local_ref(links[link_id]), ref)
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
