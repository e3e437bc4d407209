"""The phases that read Intacct: tax details, accounts, dimensions and their values, contacts, documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import kinds
from ..gateway import errors as gateway
from ..gateway import filters as f
from ..gateway.formats import Row, from_date, text
from ..kinds import Kind
from ..models import Connection, Record
from ..translate import incoming
from . import pull, records
from .slice import Slice

_OPTION_FIELDS = ("RECORDNO", "STATUS", "WHENMODIFIED")
_LOCATION_FIELDS = ("PARENTID", "LOCATIONTYPE")


def connect(slice_: Slice) -> None:
    """Prove that the connection works, and read what the company is like."""
    client = slice_.client()
    facts: dict[str, Any] = {}
    details = client.entity_details() if slice_.connection.entity else {}
    facts["currency"] = text(details, "CURRENCY")
    with slice_.transaction() as session:
        row = session.get_one(Connection, slice_.connection.id)
        row.facts = {**row.facts, **{name: value for name, value in facts.items() if value}}
        if row.state == "needs_reconnecting":
            row.state = "connected" if row.confirmed_at else "onboarding"
        slice_.progress(session, done=1, total=1)
        slice_.connection = row


def tax_types(slice_: Slice) -> None:
    """Read the tax details; a company without a tax solution has none, and the step is skipped."""
    spec = kinds.kind(kinds.TAX_TYPE, kinds.SALE)
    try:
        _whole(slice_, spec)
        with slice_.state.transaction() as session:
            any_ = session.scalar(_records(slice_, spec.object).limit(1)) is not None
    except (gateway.Disabled, gateway.NotFound):
        any_ = False
    with slice_.transaction() as session:
        row = session.get_one(Connection, slice_.connection.id)
        row.facts = {**row.facts, "taxes": any_}


def accounts(slice_: Slice) -> None:
    """Read the chart of accounts."""
    _whole(slice_, kinds.kind(kinds.ACCOUNT))


def tracking(slice_: Slice) -> None:
    """Read the dimensions that lines can carry, then the values of each."""
    dimensions = [row for row in slice_.client().dimensions() if _usable(row)]
    with slice_.transaction() as session:
        known = records.by_key(session, slice_.connection.id, kinds.DIMENSION, map(_object_name, dimensions))
        for row in dimensions:
            key = _object_name(row)
            record = known.get(key) or Record(connection_id=slice_.connection.id, object=kinds.DIMENSION, key=key)
            record.natural_id, record.payload, record.hash = key, dict(row), records.digest(row)
            record.name = text(row, "TERMLABEL") or text(row, "OBJECTLABEL") or key
            record.search = f"{record.name} {key}".casefold()[:500]
            session.add(record)
    for row in dimensions:
        if _object_name(row) not in slice_.place.get("read", ()):
            _values(slice_, _object_name(row))
            with slice_.transaction() as session:
                slice_.progress(
                    session, place={**slice_.place, "read": [*slice_.place.get("read", ()), _object_name(row)]}
                )
    _entities_above(slice_)


def _values(slice_: Slice, object_: str) -> None:
    standard = kinds.DIMENSION_OBJECTS.get(object_)
    if standard is not None:
        fields = [standard[0], standard[1], *_OPTION_FIELDS, *(_LOCATION_FIELDS if object_ == "LOCATION" else ())]
    else:
        defined = slice_.client().lookup(object_).fields
        fields = [name for name in ("NAME", "CODE", "ID", *_OPTION_FIELDS) if name in defined]
    kind = kinds.kind(kinds.TRACKING_OPTION)

    def land(session: Session, rows: Sequence[Row], generation: int) -> None:
        records.land(slice_, session, kind, rows, object_=object_, generation=generation)

    pull.everything(slice_, object_, fields, land)


def _entities_above(slice_: Slice) -> None:
    """Store the entity above each location, which takes all of them to tell."""
    with slice_.transaction() as session:
        locations = session.scalars(_records(slice_, "LOCATION")).all()
        tops = incoming.entities(record.payload for record in locations)
        for record in locations:
            record.entity = tops.get(record.natural_id, "")


def contacts(slice_: Slice) -> None:
    """Read customers and vendors: all of them once, then what changed."""
    for role in kinds.roles(kinds.CONTACT):
        spec = kinds.kind(kinds.CONTACT, role)
        exclusion = slice_.connection.facts.get("exclusion", {}).get(spec.object)
        if exclusion is None:
            exclusion = _has_exclusion_field(slice_, spec)
        fields = [*spec.fields, slice_.state.config.exclusion_field] if exclusion else list(spec.fields)

        def land(session: Session, rows: Sequence[Row], spec: Kind = spec) -> None:
            records.land(slice_, session, spec, rows)
            slice_.progress(session, done=_counted(slice_, rows))

        pull.changes(slice_, spec.object, fields, land)


def _has_exclusion_field(slice_: Slice, spec: Kind) -> bool:
    """Whether the company has the custom checkbox that keeps a contact out; asked once per connection."""
    found = slice_.state.config.exclusion_field in slice_.client().lookup(spec.object).fields
    with slice_.transaction() as session:
        row = session.get_one(Connection, slice_.connection.id)
        row.facts = {**row.facts, "exclusion": {**row.facts.get("exclusion", {}), spec.object: found}}
        slice_.connection = row
    return found


def documents(kind_name: str, slice_: Slice) -> None:
    """Read the documents from the sync-from date on, with the lines of those that are new or changed."""
    spec = kinds.kind(kind_name)
    sync_from = slice_.connection.sync_from
    if sync_from is None or not slice_.connection.with_transactions:
        return

    def fetch(headers: Sequence[Row]) -> Sequence[Row]:
        """The whole documents behind headers that differ from what is cached."""
        with slice_.state.transaction() as session:
            cached = records.by_key(
                session, slice_.connection.id, spec.object, (text(row, "RECORDNO") for row in headers)
            )
        changed = [
            text(row, "RECORDNO")
            for row in headers
            if (known := cached.get(text(row, "RECORDNO"))) is None
            or any(known.payload.get(name) != row.get(name) for name in row)
        ]
        whole = {text(row, "RECORDNO"): row for row in slice_.client().read(spec.object, changed)}
        return [whole[text(row, "RECORDNO")] | dict(row) for row in headers if text(row, "RECORDNO") in whole]

    def land(session: Session, rows: Sequence[Row]) -> None:
        records.land(slice_, session, spec, rows)
        slice_.progress(session, done=_counted(slice_, rows))

    since = f.ge("WHENCREATED", from_date(sync_from))
    pull.changes(slice_, spec.object, spec.fields, land, filter=since, fetch=fetch)


def _counted(slice_: Slice, rows: Sequence[Row]) -> int:
    """A phase that only reads counts what it read; one that syncs counts what it brought into step."""
    return len(rows) if slice_.phase.name.startswith("read_") else 0


def _whole(slice_: Slice, spec: Kind) -> None:
    def land(session: Session, rows: Sequence[Row], generation: int) -> None:
        records.land(slice_, session, spec, rows, generation=generation)

    pull.everything(slice_, spec.object, spec.fields, land)


def _records(slice_: Slice, object_: str) -> Any:
    return select(Record).where(Record.connection_id == slice_.connection.id, Record.object == object_)


def _object_name(row: Row) -> str:
    return text(row, "OBJECTNAME")


def _usable(row: Row) -> bool:
    """Dimensions that a line can carry through us: the standard ones that we know, and user-defined ones."""
    return _object_name(row) in kinds.DIMENSION_OBJECTS or text(row, "USERDEFINEDDIMENSION").lower() == "true"
