"""Feeds the matching with both sides and stores what it says with the links."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import kinds, links
from ..choices import LINKED, MATCHED, UNDECIDED
from ..errors import Refused
from ..ledger import Account, Contact, Ref, TaxType, TrackingCategory, TrackingOption, Value
from ..matching import Reason, Suggestion, available, suggest
from ..models import Connection, Link, Record, Rejection
from ..state import current
from ..sync import records
from ..sync.slice import Slice
from .steps import after_reading

_ROLES = {"CUSTOMER": kinds.CUSTOMER, "VENDOR": kinds.VENDOR}
_DETAILS = ("email", "phone", "tax_number", "address1", "city", "postcode")
CERTAIN = 95
"""Without the extra ``[matching]``, from this confidence on a suggestion of equal and unique evidence is certain."""


def suggestions(slice_: Slice) -> None:
    """The phase: compute and store the suggestions of every kind."""
    for kind in kinds.MATCHED:
        with slice_.transaction() as session:
            slice_.progress(session, done=compute(session, slice_.connection, kind))
    with slice_.transaction() as session:
        after_reading(session, session.get_one(Connection, slice_.connection.id))


def suggest_options(connection_id: int) -> None:
    """Once a category is matched to another dimension than was suggested: suggest that dimension's values."""
    with current().transaction() as session:
        compute(session, session.get_one(Connection, connection_id), kinds.TRACKING_OPTION)


def compute(session: Session, connection: Connection, kind: str) -> int:
    """Suggest for the undecided links of one kind; gives how many got a suggestion."""
    open_ = session.scalars(
        select(Link).where(Link.connection_id == connection.id, Link.kind == kind, Link.state == UNDECIDED)
    ).all()
    if not open_:
        return 0
    remote = _remotes(session, connection, kind)
    by_ref = {value.ref: record.key for record, value in remote}
    if kind == kinds.TRACKING_CATEGORY:
        _suggest_categories(session, connection, open_, {record.key for record, _ in remote})
        return sum(1 for link in open_ if link.suggested_key)
    found = suggest(
        kind,
        _locals(open_, kind),
        [value for _, value in remote],
        taken=_taken(session, connection, remote),
        rejected=_rejected(session, open_, remote),
        categories=_categories(session, connection),
        entity=connection.entity,
    )
    best = {(suggestion.local, suggestion.role): suggestion for suggestion in found}
    for link in open_:
        _store(link, best.get((links.local_ref(link), link.role)), by_ref)
    session.flush()
    return len(found)


def _suggest_categories(session: Session, connection: Connection, open_: Sequence[Link], dimensions: set[str]) -> None:
    """A category is most likely the dimension whose values carry the names of its options."""
    values = _values_by_dimension(session, connection, dimensions)
    for link in open_:
        options = session.scalars(
            select(Link).where(
                Link.connection_id == connection.id, Link.kind == kinds.TRACKING_OPTION, Link.parent == link.local_id
            )
        ).all()
        shared = sorted(
            ((_shared(options, remotes, connection, object_), object_) for object_, remotes in values.items()),
            reverse=True,
        )
        best, object_ = shared[0] if shared else (0, "")
        second = shared[1] if len(shared) > 1 else (0, "")
        clear = best > 2 * second[0] and best * 3 >= len(options) and best > 0
        link.suggested_key = object_ if clear else ""
        link.runner_up_key = second[1] if clear and second[0] else ""
        # Agreeing names of a third of the values give 65 %, of all of them 99 %.
        link.confidence = min(99, 48 + 51 * best // len(options)) if clear else 0
        link.reasons = [f"{best} of {len(options)} options have an equal value there"] if clear else []
    session.flush()


def _values_by_dimension(session: Session, connection: Connection, dimensions: set[str]) -> dict[str, list[Value]]:
    values: dict[str, list[Value]] = {}
    query = select(Record).where(
        Record.connection_id == connection.id, Record.object.in_(dimensions), Record.missing_since.is_(None)
    )
    for record in session.scalars(query):
        try:
            value = records.value_of(current().config, record, kinds.TRACKING_OPTION)
        except (Refused, ValueError):
            continue  # it has an issue of its own since it was read
        values.setdefault(record.object, []).append(value)
    return values


def _shared(options: Sequence[Link], remotes: Sequence[Value], connection: Connection, object_: str) -> int:
    """How many of the options have an equal value among those of a dimension."""
    if not options:
        return 0
    category = {Ref("", options[0].parent): Ref(kinds.DIMENSION, object_)}
    locals_ = _locals(options, kinds.TRACKING_OPTION)
    return len(suggest(kinds.TRACKING_OPTION, locals_, remotes, categories=category, entity=connection.entity))


def _store(link: Link, suggestion: Suggestion | None, keys: dict[Ref, str]) -> None:
    link.suggested_key = keys[suggestion.remote] if suggestion else ""
    link.runner_up_key = keys[suggestion.runner_up] if suggestion and suggestion.runner_up else ""
    link.confidence = suggestion.confidence if suggestion else 0
    link.certain = suggestion is not None and (suggestion.certain or (not available() and link.confidence >= CERTAIN))
    link.reasons = [_words(reason) for reason in suggestion.reasons] if suggestion else []
    link.conflicts = [_words(conflict) for conflict in suggestion.conflicts] if suggestion else []


def _words(said: str) -> Any:
    """A reason as JSON that can still be translated: its English words and what goes into them."""
    return {"message": said.message, "values": said.values} if isinstance(said, Reason) else said


def _remotes(session: Session, connection: Connection, kind: str) -> list[tuple[Record, Value]]:
    state = current()
    if kind == kinds.TRACKING_CATEGORY:
        objects: Sequence[str] = (kinds.DIMENSION,)
    elif kind == kinds.TRACKING_OPTION:
        objects = [ref.id for ref in _categories(session, connection).values()]
    else:
        objects = [kinds.kind(kind, role).object for role in kinds.roles(kind)]
    query = select(Record).where(
        Record.connection_id == connection.id, Record.object.in_(objects), Record.missing_since.is_(None)
    )
    found: list[tuple[Record, Value]] = []
    for record in session.scalars(query):
        if kind == kinds.TRACKING_CATEGORY:
            value: Value = TrackingCategory(ref=Ref(kinds.DIMENSION, record.key), name=record.name)
        else:
            try:
                value = records.value_of(state.config, record, kind, _ROLES.get(record.object, ""))
            except (Refused, ValueError):
                continue  # it has an issue of its own since it was read
        found.append((record, value))
    return found


def _locals(open_: Sequence[Link], kind: str) -> list[Value]:
    """The local records as they were last read, once per record with the roles still open."""
    values: dict[Ref, Value] = {}
    roles: dict[Ref, set[str]] = {}
    for link in open_:
        roles.setdefault(links.local_ref(link), set()).add(link.role)
    for link in open_:
        ref, facts = links.local_ref(link), link.facts
        common: dict[str, Any] = {"ref": ref, "name": facts.get("name", link.label), "code": facts.get("code", "")}
        if kind == kinds.TAX_TYPE:
            values[ref] = TaxType(
                **common, rate=Decimal(facts["rate"]) if "rate" in facts else None, roles=frozenset(roles[ref])
            )
        elif kind == kinds.ACCOUNT:
            values[ref] = Account(**common, type=facts.get("type", ""))
        elif kind == kinds.TRACKING_CATEGORY:
            values[ref] = TrackingCategory(**common)
        elif kind == kinds.TRACKING_OPTION:
            values[ref] = TrackingOption(**common, category=Ref("", link.parent))
        else:
            details = {name: facts.get(name, "") for name in _DETAILS}
            values[ref] = Contact(**common, **details, roles=frozenset(roles[ref]))
    return list(values.values())


def _taken(session: Session, connection: Connection, remote: Sequence[tuple[Record, Value]]) -> set[Ref]:
    """The Intacct records that a link holds for itself."""
    query = select(Link.object, Link.exclusive).where(Link.connection_id == connection.id, Link.exclusive.is_not(None))
    held = set(session.execute(query))
    return {value.ref for record, value in remote if (record.object, record.key) in held}


def _rejected(session: Session, open_: Sequence[Link], remote: Sequence[tuple[Record, Value]]) -> set[tuple[Ref, Ref]]:
    """Pairs that a person refused."""
    locals_ = {link.id: links.local_ref(link) for link in open_}
    refs: dict[str, list[Ref]] = {}
    for record, value in remote:
        refs.setdefault(record.key, []).append(value.ref)
    query = (
        select(Rejection.link_id, Rejection.record_key)
        .join(Link, Link.id == Rejection.link_id)
        .where(Link.connection_id == open_[0].connection_id)
    )
    return {
        (locals_[link_id], ref)
        for link_id, key in session.execute(query)
        if link_id in locals_
        for ref in refs.get(key, ())
    }


def _categories(session: Session, connection: Connection) -> dict[Ref, Ref]:
    """The dimension of each category: the one it is matched to, else the one that is suggested."""
    query = select(Link).where(Link.connection_id == connection.id, Link.kind == kinds.TRACKING_CATEGORY)
    found: dict[Ref, Ref] = {}
    for link in session.scalars(query.order_by(Link.id)):
        key = link.record_key if link.state in (MATCHED, LINKED) else link.suggested_key
        if key and link.state in (MATCHED, LINKED, UNDECIDED):
            found[Ref("", link.local_id)] = Ref(kinds.DIMENSION, key)
    return found
