"""Documents with their lines: the lines and their taxes by queries for named fields, a few requests for many documents.

What such a document comes to has to be what its header says, and in a company with taxes each line has its tax detail.
A document of which that is not so (the taxes of some can't be queried, as those of drafts) is read whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from .. import kinds
from ..errors import Refused
from ..gateway import Client, Filter, Result
from ..gateway import filters as f
from ..gateway.errors import ResultError, RetryClass
from ..gateway.formats import Row, lines, text
from ..models import Record
from ..translate import dimensions
from ..translate import documents as translated
from . import source as sources
from .job_context import JobContext
from .source import Source

TAXES = Source(kinds.TAX_RECORDS, kinds.TAX_RECORD_FIELDS)
CHUNK = 300
"""So many documents are asked for at once, as their lines and taxes mostly fit on one page each; after them the time of
the slice is looked at."""


def documents(job: JobContext, spec: kinds.Kind, headers: Sequence[Row]) -> list[Row]:
    """The documents of these headers, which are rows as they are kept, each with its lines.

    :param headers: At most :data:`CHUNK`.
    """
    keys = [text(row, "RECORDNO") for row in headers]
    below: dict[str, list[Row]] = {key: [] for key in keys}
    for line in _queried(job, _line_source(job, spec), f.in_("RECORDKEY", keys)):
        below.setdefault(text(line, "RECORDKEY"), []).append(line)
    taxed = bool(job.connection.facts.get("taxes"))
    taxes = _taxes(job, keys) if taxed else {}
    collection = kinds.shape(spec.name).collection
    found = {}
    for row in headers:
        key = text(row, "RECORDNO")
        own = [translated.with_taxes(line, taxes.get(text(line, "RECORDNO"), [])) for line in below[key]]
        found[key] = dict(row) | {collection: own}
    doubtful = [key for key, row in found.items() if not translated.adds_up(spec, row, taxed)]
    if doubtful:
        read = {text(row, "RECORDNO"): row for row in read_back(job, spec, doubtful, job.client())}
        for key in read.keys() & found.keys():
            found[key][collection] = read[key][collection]
    return list(found.values())


def read_back(job: JobContext, spec: kinds.Kind, keys: Sequence[str], client: Client) -> list[Row]:
    """Documents that were written a moment ago: read by key, because queries may see them later than that."""
    return _told(job, spec, sources.read(job, sources.of(spec), keys, client))


def told(job: JobContext, spec: kinds.Kind, answer: Result) -> list[Row]:
    """The same, of an answer that is there: of a `read` of at most 100 keys."""
    return _told(job, spec, sources.told(job, sources.of(spec), answer))


def _told(job: JobContext, spec: kinds.Kind, rows: Sequence[Row]) -> list[Row]:
    source = job.kept("lines", lambda: _line_source(job, spec), spec.name)
    asked = translated.asked(spec, source.fields)
    return [_only(row, asked, kinds.shape(spec.name).collection) for row in rows]


def below(job: JobContext, spec: kinds.Kind) -> tuple[Source, Source]:
    """What is read of documents besides their headers: lines and taxes."""
    return _line_source(job, spec), TAXES


def _only(row: Row, asked: Collection[str], collection: str) -> Row:
    """A document that was read whole, less what is not asked for elsewhere."""
    found: Row = {name: value for name, value in row.items() if name in asked}
    found[collection] = [
        {name: value for name, value in line.items() if name in asked} for line in lines(row, collection)
    ]
    return found


def _line_source(job: JobContext, spec: kinds.Kind) -> Source:
    """The lines of a kind, with the dimensions that lines of this company carry as far as they were read."""
    query = select(Record.key).where(
        Record.connection_id == job.connection.id,
        Record.object == kinds.DIMENSION,
        Record.missing_since.is_(None),
    )
    with job.state.reading() as session:
        known = list(session.scalars(query.order_by(Record.key)))
    shape = kinds.shape(spec.name)
    return Source(shape.items, (*shape.line, *dimensions.fields(["LOCATION", *known])))


def _queried(job: JobContext, source: Source, filter: Filter) -> list[Row]:
    """The rows below documents; none where Intacct refuses: the documents do not add up without them."""
    try:
        return sources.rows(job, source, filter).rows
    except (ResultError, Refused) as error:
        if isinstance(error, ResultError) and error.retry is not RetryClass.DATA:
            raise
        return []


def _taxes(job: JobContext, keys: list[str]) -> dict[str, list[Row]]:
    """The tax records of these documents' lines, by the record number of the line."""
    found: dict[str, list[Row]] = {}
    for row in _queried(job, TAXES, f.in_("PRRECORDKEY", keys)):
        found.setdefault(text(row, "SOURCEPRENTRYKEY"), []).append(row)
    return found
