"""The phase of tax types, accounts and tracking: Intacct manages them, the host follows."""

from __future__ import annotations

from .. import kinds
from . import coming, dimensions, inbound, reading
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
            inbound.update_changed(slice_, kinds.kind(kind, role))
            coming.bring_in(slice_, kinds.kind(kind, role))

    return step


def _categories(slice_: Slice) -> None:
    inbound.link_matched(slice_, (kinds.TRACKING_CATEGORY,))
    inbound.archive(slice_, (kinds.TRACKING_CATEGORY,))
    spec = kinds.kind(kinds.TRACKING_CATEGORY)
    for record in coming.categories(slice_):
        inbound.create_row(slice_, spec, record, {"name": record.name, "active": True}, record.name)


def _options(slice_: Slice) -> None:
    inbound.link_matched(slice_, (kinds.TRACKING_OPTION,))
    inbound.archive(slice_, (kinds.TRACKING_OPTION,))
    spec = kinds.kind(kinds.TRACKING_OPTION)
    for object_ in coming.dimensions(slice_):
        inbound.update_changed(slice_, spec, object_)
        coming.bring_in(slice_, spec, object_)


_STAGES: dict[str, tuple[Step | None, Step]] = {
    kinds.TAX_TYPE: (reading.tax_types, _plain(kinds.TAX_TYPE)),
    kinds.ACCOUNT: (reading.accounts, _plain(kinds.ACCOUNT)),
    kinds.TRACKING_CATEGORY: (dimensions.tracking, _categories),
    kinds.TRACKING_OPTION: (None, _options),
}
