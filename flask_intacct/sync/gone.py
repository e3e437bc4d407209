"""Records that Intacct no longer has: asked for by key, and marked if it says so.

Nothing is said of them any more, but that they are gone where something of ours is joined to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from .. import issues
from ..clock import read
from ..gateway import filters as f
from ..gateway.errors import ResultError, RetryClass
from ..keys import portions
from ..models import Record
from ..standing import Standing
from . import damage, missing, records, twins
from . import source as sources
from .job_context import JobContext
from .source import PAGE, Source


def absent(job: JobContext, source: Source, keys: Sequence[str]) -> list[str]:
    """Those of the keys of which Intacct says that it has no such record."""
    only_keys = Source(source.object, (source.key,), source.key, probe=True)
    there: set[str] = set()
    for at in range(0, len(keys), PAGE):
        page = sources.page(job, only_keys, filter=f.in_(source.key, keys[at : at + PAGE]))
        there |= set(map(source.key_of, page.rows)) | page.left_out
    return [key for key in keys if key not in there] if "" not in there else []  # one is, and nobody can tell which


def mark(job: JobContext, session: Session, gone: Iterable[Record]) -> None:
    """Mark records as gone, close what was said of them, and tell of what is joined to them, within the caller's
    transaction."""
    at, ids, subjects, keys = read(session), [], [], defaultdict[str, list[str]](list)
    for record in gone:
        ids.append(record.id)
        subjects += [f"record:{record.id}", twins.subject(record.object, record.key)]
        keys[record.object].append(record.key)
    for part in portions(ids, records.CHUNK):
        session.execute(update(Record).where(Record.id.in_(part)).values(missing_since=at))
    issues.close_all(session, job.connection.id, subjects)
    for object_, some in keys.items():
        missing.tell(job, session, object_, some)


def forget(job: JobContext, source: Source) -> None:
    """Mark those records of a source that have gone of which something is said: sweeps alone look for all of them.

    What was created and is not cached yet is not asked for: queries may see it later than that.
    """
    if not job.told(Standing((damage.CAUSE, twins.CAUSE), before="record:")):
        return
    damaged = damage.keys(job, source.records)
    cached = {source.key_of(record.payload): record for record in _told(job, source.records, damaged)}
    keys = [*dict.fromkeys([*damaged, *cached])]
    if not keys:
        return
    try:
        gone = absent(job, source, keys)
    except ResultError as error:
        if error.retry is not RetryClass.DATA:
            raise
        return  # they may not be asked for any more: nothing is proved
    if gone:
        with job.transaction() as session:
            mark(job, session, [cached[key] for key in gone if key in cached])
            damage.gone(job, session, source.records, gone)


def _told(job: JobContext, object_: str, damaged: Collection[str]) -> list[Record]:
    """The cached records of an object of which something is said."""
    mine = (
        Record.connection_id == job.connection.id, Record.object == object_, Record.missing_since.is_(None)
    )  # fmt: skip
    keys = [*damaged, *twins.keys(job, object_)]
    found: dict[int, Record] = {}
    ids = sorted(int(subject.removeprefix("record:")) for subject in job.told(Standing(before="record:")))
    with job.state.reading() as session:
        for at in range(0, max(len(ids), len(keys)), records.CHUNK):
            some = slice(at, at + records.CHUNK)
            query = select(Record).where(*mine, or_(Record.id.in_(ids[some]), Record.key.in_(keys[some])))
            found |= {record.id: record for record in session.scalars(query)}
    return list(found.values())
