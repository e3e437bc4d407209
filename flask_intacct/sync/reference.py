"""The phase of tax types, accounts and tracking: Intacct manages them, the host follows."""

from __future__ import annotations

from sqlalchemy import select

from .. import kinds
from ..choices import LINKED
from ..models import Link, Record
from . import inbound, reading
from .slice import Slice, Step


def reference(slice_: Slice) -> None:
    """Read each kind, then join, archive, refresh and bring in its records."""
    for kind, (read, apply) in _STAGES.items():
        if not slice_.state.host.has(kind):
            continue
        for stage, step in ((f"read {kind}", read), (kind, apply)):
            if step is None or stage in slice_.place.get("stages", ()):
                continue
            step(slice_)
            with slice_.transaction() as session:
                slice_.progress(session, place={"stages": [*slice_.place.get("stages", ()), stage]})
            slice_.check_time()


def _plain(kind: str) -> Step:
    def step(slice_: Slice) -> None:
        inbound.link_matched(slice_, (kind,))
        inbound.archive(slice_, (kind,))
        for role in kinds.roles(kind):
            spec = kinds.kind(kind, role)
            inbound.update_changed(slice_, spec)
            for record in inbound.unlinked(slice_, spec.object):
                if record.active and record.role == role:
                    _create(slice_, spec, record)

    return step


def _create(slice_: Slice, spec: kinds.Kind, record: Record) -> None:
    label = f"{record.natural_id} {record.name}".strip()
    with inbound.reported(slice_, f"record:{record.id}", spec.name, label, "in"):
        inbound.create_local(slice_, spec, record)


def _categories(slice_: Slice) -> None:
    """A company without tracking categories gets one per dimension; else only what was matched is tracked."""
    inbound.link_matched(slice_, (kinds.TRACKING_CATEGORY,))
    inbound.archive(slice_, (kinds.TRACKING_CATEGORY,))
    with slice_.state.transaction() as session:
        any_ = session.scalar(
            select(Link.id)
            .where(Link.connection_id == slice_.connection.id, Link.kind == kinds.TRACKING_CATEGORY)
            .limit(1)
        )
    if any_ is None:
        spec = kinds.kind(kinds.TRACKING_CATEGORY)
        for record in inbound.unlinked(slice_, kinds.DIMENSION):
            inbound.create_row(slice_, spec, record, {"name": record.name, "active": True}, record.name)


def _options(slice_: Slice) -> None:
    inbound.link_matched(slice_, (kinds.TRACKING_OPTION,))
    inbound.archive(slice_, (kinds.TRACKING_OPTION,))
    spec = kinds.kind(kinds.TRACKING_OPTION)
    with slice_.state.transaction() as session:
        query = select(Link.record_key).where(
            Link.connection_id == slice_.connection.id, Link.kind == kinds.TRACKING_CATEGORY, Link.state == LINKED
        )
        dimensions = list(dict.fromkeys(session.scalars(query)))
    for object_ in dimensions:
        inbound.update_changed(slice_, spec, object_)
        for record in inbound.unlinked(slice_, object_):
            if record.active and _within(slice_, record):
                _create(slice_, spec, record)
            slice_.check_time()


def _within(slice_: Slice, record: Record) -> bool:
    """A location has to lie under our entity, and the entity itself is no property."""
    entity = slice_.connection.entity
    if record.object != "LOCATION" or record.natural_id == record.entity or record.payload.get("LOCATIONTYPE") == "E":
        return record.object != "LOCATION"
    return not entity or record.entity == entity


_STAGES: dict[str, tuple[Step | None, Step]] = {
    kinds.TAX_TYPE: (reading.tax_types, _plain(kinds.TAX_TYPE)),
    kinds.ACCOUNT: (reading.accounts, _plain(kinds.ACCOUNT)),
    kinds.TRACKING_CATEGORY: (reading.tracking, _categories),
    kinds.TRACKING_OPTION: (None, _options),
}
