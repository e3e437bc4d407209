"""The stages of tax types, accounts and tracking: Intacct manages them, the host follows."""

from __future__ import annotations

from functools import partial

from .. import kinds
from ..phases import Cursor, Stage
from . import arrivals, dimensions, eligibility, reading, record_import
from .job_context import JobContext


def stages() -> tuple[Stage, ...]:
    """Read each kind, then join, archive, refresh and bring in its records."""
    category, option = kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION
    return (
        Stage(reading.tax_types, kinds.TAX_TYPE, asks=partial(reading.asks, kinds.TAX_TYPE, "")),
        *_plain(kinds.TAX_TYPE),
        Stage(reading.accounts, kinds.ACCOUNT, asks=partial(reading.asks, kinds.ACCOUNT, "")),
        Stage(reading.marks, kinds.ACCOUNT, past=reading.marked, asks=reading.asks_marks),
        *_plain(kinds.ACCOUNT),
        Stage(dimensions.listed, category, asks=dimensions.asks),
        Stage(dimensions.values, category, past=dimensions.past),
        Stage(dimensions.entities, category),
        *decided(category),
        Stage(_categories, category),
        *decided(option),
        Stage(_options, option),
    )


def decided(kind: str) -> tuple[Stage, ...]:
    """Carry out what people decided for records of a kind that Intacct manages."""
    return Stage(partial(record_import.link_matched, kind), kind), Stage(partial(record_import.archive, kind), kind)


def _plain(kind: str) -> tuple[Stage, ...]:
    specs = [kinds.kind(kind, role) for role in kinds.roles(kind)]
    brought = (
        Stage(partial(step, spec), kind)
        for spec in specs
        for step in (record_import.update_changed, eligibility.bring_in)
    )
    return (*decided(kind), *brought)


def _categories(job: JobContext, _: Cursor) -> None:
    """Bring in the dimensions that the host has no categories of its own for; there are few."""
    spec = kinds.kind(kinds.TRACKING_CATEGORY)
    for record in eligibility.categories(job):
        with record_import.reported(job, f"record:{record.id}", spec.name, record.name, "in"):
            arrivals.create_local(job, spec, record)


def _options(job: JobContext, cursor: Cursor) -> Cursor | None:
    """One dimension after the other: what changed, then what is new."""
    spec = kinds.kind(kinds.TRACKING_OPTION)
    objects = eligibility.dimensions(job)
    if not cursor:
        return {"of": objects[0], "place": {}} if objects else None
    object_, place = cursor["of"], cursor["place"]
    if "new" not in cursor:
        following = record_import.update_changed(spec, job, place, object_)
        return {"of": object_, "place": following} if following else {"of": object_, "place": {}, "new": True}
    following = eligibility.bring_in(spec, job, place, object_)
    if following:
        return {"of": object_, "place": following, "new": True}
    left = objects[objects.index(object_) + 1 :] if object_ in objects else []
    return {"of": left[0], "place": {}} if left else None
