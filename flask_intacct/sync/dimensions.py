"""The stages that read the dimensions that lines can carry, and the values of each.

A dimension that can't be read or written is an issue that names it; the others go on without it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from .. import issues, kinds, tokens
from ..clock import now
from ..errors import Refused
from ..explain import explain
from ..gateway.errors import Disabled, NotFound, PermissionDenied, ResultError, RetryClass
from ..gateway.formats import Row, text
from ..issues import Finding
from ..ledger import digest, folded
from ..messages import Message
from ..models import Record
from ..phases import Cursor, following
from ..standing import Standing
from ..translate import dimensions as names
from ..translate import incoming
from . import failing, pull, records
from .job_context import JobContext
from .source import Source

ODD = "dimension left out"
"""The cause of an issue: the values of a dimension can't be read, or not be written to lines."""

LIST = "dimensions"
_LOCATION = "LOCATION"
AT_ONCE = 500


def listed(job: JobContext, _: Cursor) -> None:
    """Read which dimensions lines can carry."""
    listed: dict[str, Row] = {}
    told = [row for row in _told(job) if _usable(row)]
    for row in told:
        _list(job, listed, row)
    _land(job, listed, {_subject(_object_name(row)) for row in told})


def values(job: JobContext, cursor: Cursor, *, counts: bool = False) -> Cursor | None:
    """Read the values of one dimension after the other.

    :param counts: What is read is what the phase counts.
    """
    known = job.kept("dimensions", lambda: _known(job))
    for key in sorted(known):
        if key == cursor.get("of"):
            sweep = _values(job, key, known[key], cursor["place"], counts)
            return {"after": key} if sweep is None else {"of": key, "place": sweep}
        if "of" not in cursor and key > cursor.get("after", ""):
            return {"of": key, "place": {}}
    return {"after": cursor["of"]} if "of" in cursor else None


def asks(job: JobContext) -> None:
    """Have asked early which dimensions there are, and for the values of those that are known."""
    job.early.ask(LIST, job.client().dimensions)
    for key, object_ in sorted(_known(job).items()):
        pull.foresee(job, _source(key, object_), whole=True)


def _known(job: JobContext) -> dict[str, str]:
    """The objects of the dimensions that there are, by the key of each."""
    with job.state.reading() as session:
        found = session.scalars(_cached(job, kinds.DIMENSION))
        return {record.key: _object_name(record.payload) for record in found}


def _told(job: JobContext) -> list[Row]:
    """The dimensions that Intacct tells of; if it may not be asked, those known from before, else the standard ones."""
    try:
        rows = job.early.take(LIST, job.client().dimensions)
    except (Disabled, NotFound, PermissionDenied) as error:
        finding = Finding(
            "dimensions unknown",
            Message("read.dimensions", reason=explain(error).message),
            Message("read.dimensions.cure"),
            issues.NOTICE,
        )
        with job.transaction() as session:
            job.issue(session, LIST, finding, kinds.TRACKING_CATEGORY, "Dimensions", "in")
            known = [record.payload for record in session.scalars(_cached(job, kinds.DIMENSION))]
        return known or [{"OBJECTNAME": name, "OBJECTLABEL": name.capitalize()} for name in kinds.DIMENSION_OBJECTS]
    _close(job, [LIST])
    return rows


def _close(job: JobContext, subjects: Sequence[str]) -> None:
    """Close what was said of these."""
    if job.told(Standing(subjects=subjects)):
        with job.transaction() as session:
            issues.close_all(session, job.connection.id, subjects)


def _list(job: JobContext, listed: dict[str, Row], row: Row) -> None:
    """Take a dimension into the list, or leave it out with an issue."""
    object_ = _object_name(row)
    key = names.name(object_)
    try:
        names.check(object_)
        if key in listed:
            two = {"one": repr(_object_name(listed[key])), "other": repr(object_)}
            raise Refused(Message("in.dimension_twice", **two, field=key))
    except Refused as refusal:
        _odd(job, object_, Finding(ODD, refusal.said, Message("read.dimension_name.cure"), issues.NOTICE))
    else:
        listed[key] = row


def _land(job: JobContext, listed: dict[str, Row], told: Collection[str]) -> None:
    """Cache the dimensions that there are, and close the issues of those that Intacct no longer tells of."""
    with job.state.reading() as session:
        query = select(Record.key, Record.hash).where(
            Record.connection_id == job.connection.id,
            Record.object == kinds.DIMENSION,
            Record.missing_since.is_(None),
        )
        cached = dict(session.execute(query).all())
    if cached == {key: digest(row) for key, row in listed.items()} and not job.told(Standing([ODD])):
        return
    mine = (Record.connection_id == job.connection.id, Record.object == kinds.DIMENSION)
    with job.transaction() as session:
        known = records.by_key(session, job.connection.id, kinds.DIMENSION, listed)
        renamed: list[Record] = []
        for key, row in listed.items():
            record = known.get(key) or Record(connection_id=job.connection.id, object=kinds.DIMENSION, key=key)
            record.natural_id, record.payload, record.hash = key, dict(row), digest(row)
            record.name = (text(row, "TERMLABEL") or text(row, "OBJECTLABEL") or key)[:255]
            search = folded(record.name, key)[:500]
            if record.search != search:
                record.search = search
                renamed.append(record)
            record.missing_since = None
            session.add(record)
        session.flush()
        tokens.write_rows(session, renamed)
        unlisted = session.scalars(select(Record.key).where(*mine, Record.key.not_in(listed))).all()
        gone = update(Record).where(*mine, Record.key.in_(unlisted), Record.missing_since.is_(None))
        session.execute(gone.values(missing_since=now()))
        issues.close_all(session, job.connection.id, [failing.missing(key) for key in unlisted])
        for subject in session.scalars(Standing([ODD]).query(job.connection.id)).all():
            if subject not in told:
                issues.close(session, job.connection.id, subject)


def _values(job: JobContext, key: str, object_: str, place: Cursor, counts: bool) -> Cursor | None:
    """One step of reading the values of one dimension.

    :raises Refused: the locations can't be read, which tell whose business a document is.
    """
    kind = kinds.kind(kinds.TRACKING_OPTION)

    def land(session: Session, rows: Sequence[Row], generation: int) -> None:
        records.land(job, session, kind, rows, object_=key, generation=generation)
        job.progress(session, done=source.names(rows) if counts else ())

    source = _source(key, object_)
    try:
        following = pull.everything(job, source, land, place, counts=counts)
    except (ResultError, Refused) as error:
        lasting = isinstance(error, Refused | Disabled | NotFound | PermissionDenied) or error.retry is RetryClass.DATA
        if not lasting:
            raise
        if key == _LOCATION and job.connection.entity:
            said = Message("in.locations", entity=job.connection.entity_name, right=kinds.right(_LOCATION))
            raise Refused(said) from error
        said = error.said if isinstance(error, Refused) else explain(error).message
        message = Message("read.dimension", object=object_, reason=said)
        _odd(job, object_, Finding(ODD, message, kinds.right(object_), issues.NOTICE))
        with job.transaction() as session:
            issues.close(session, job.connection.id, failing.missing(key))  # said before, and now as what it is
        return None
    if following is None:
        _close(job, [_subject(object_), failing.missing(key)])
    return following


def past(cursor: Cursor) -> tuple[str, Cursor] | None:
    """The dimension that :func:`values` is at, and the cursor behind it."""
    return (cursor["of"], {"after": cursor["of"]}) if "of" in cursor else None


def _source(key: str, object_: str) -> Source:
    standard = kinds.DIMENSION_OBJECTS.get(key)
    if standard is None:
        return Source(object_, ("id", "name", "updatedAt"), key="id", cached=key)
    more = ("PARENTID", "LOCATIONTYPE") if key == _LOCATION else ()
    return Source(object_, ("RECORDNO", standard[0], standard[1], "STATUS", *more))


def _odd(job: JobContext, object_: str, finding: Finding) -> None:
    with job.transaction() as session:
        job.issue(session, _subject(object_), finding, kinds.TRACKING_CATEGORY, object_, "in")


def _subject(object_: str) -> str:
    return f"dimension:{object_}"[:80]


def entities(job: JobContext, cursor: Cursor) -> Cursor | None:
    """Store the entity above each location, which takes all of them to tell."""

    def above() -> dict[str, str]:
        with job.state.reading() as session:
            return incoming.entities(
                session.scalars(_cached(job, _LOCATION, gone=True).with_only_columns(Record.payload))
            )

    tops, some = job.kept("entities", above), _cached(job, _LOCATION, gone=True)
    query = some.with_only_columns(Record.id, Record.natural_id, Record.entity).where(
        Record.id > cursor.get("after", 0)
    )
    with job.state.reading() as session:
        locations = session.execute(query.order_by(Record.id).limit(AT_ONCE)).all()
    moved = [
        {"id": row.id, "entity": tops.get(row.natural_id, "")}
        for row in locations
        if row.entity != tops.get(row.natural_id, "")
    ]
    if moved:
        with job.transaction() as session:
            session.execute(update(Record), moved)
    return following(locations, AT_ONCE)


def _cached(job: JobContext, object_: str, *, gone: bool = False) -> Select[Any]:
    query = select(Record).where(Record.connection_id == job.connection.id, Record.object == object_)
    return query if gone else query.where(Record.missing_since.is_(None))


def _object_name(row: Row) -> str:
    return text(row, "OBJECTNAME")


def _usable(row: Row) -> bool:
    """Dimensions that a line can carry through us: the standard ones that we know, and user-defined ones."""
    own = text(row, "USERDEFINEDDIMENSION").lower() in ("true", "t")
    return own or _object_name(row) in kinds.DIMENSION_OBJECTS
