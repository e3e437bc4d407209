"""The cache of Intacct's records: rows land here, hashed, before anything else looks at them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import bulk, issues, kinds, logs, tokens
from ..clock import read
from ..config import Config
from ..errors import Refused
from ..failures import noted
from ..gateway.classify import printable
from ..gateway.formats import Row, text
from ..issues import Finding
from ..ledger import Document, digest, folded
from ..messages import Message, quoted
from ..models import Record
from ..standing import Standing
from ..translate import incoming
from . import header, missing, snapshot
from .job_context import JobContext
from .source import without

log = logs.logger(__name__)

UNREADABLE = "unreadable record"
CHUNK = 400
"""Keys in one IN (...): below the parameter limit of every database."""


def by_key(session: Session, connection_id: int, object_: str, keys: Iterable[str]) -> dict[str, Record]:
    """The cached records of these keys."""
    wanted = list(keys)
    found: dict[str, Record] = {}
    for at in range(0, len(wanted), CHUNK):
        query = select(Record).where(
            Record.connection_id == connection_id, Record.object == object_, Record.key.in_(wanted[at : at + CHUNK])
        )
        found.update((record.key, record) for record in session.scalars(query))
    return found


def fresh(job: JobContext, kind: kinds.Kind, rows: Sequence[Row]) -> list[Row]:
    """Those of the rows that are not cached as they are, or all if something is said of any record."""
    keys = [text(row, kind.key) for row in rows]
    if job.told(Standing(before="record:")):
        return list(rows)
    known: dict[str, str] = {}
    with job.state.reading() as session:
        for at in range(0, len(keys), CHUNK):
            query = select(Record.key, Record.hash).where(
                Record.connection_id == job.connection.id,
                Record.object == kind.object,
                Record.key.in_(keys[at : at + CHUNK]),
                Record.missing_since.is_(None),
            )
            known.update((key, hash_) for key, hash_ in session.execute(query))
    return [row for key, row in zip(keys, rows, strict=True) if known.get(key) != digest(row)]


def land(
    job: JobContext,
    session: Session,
    kind: kinds.Kind,
    rows: Sequence[Row],
    *,
    object_: str = "",
    generation: int = 0,
    tops: dict[str, str] | None = None,
) -> None:
    """Insert or refresh records from rows, within the caller's transaction. A row that can't be read is an issue.

    :param object_: The object of a dimension's values; else the kind's own.
    :param tops: The entity above each location.
    """
    name = object_ or kind.object
    connection_id, key_field = job.connection.id, kinds.key(kind, name)
    found = {key: row for row in rows if (key := text(row, key_field))}
    cached = by_key(session, connection_id, name, found)
    unread = set(session.scalars(Standing([UNREADABLE]).query(connection_id)))
    left_out = without(job, name)
    landed: dict[str, Any] = {}
    back: list[str] = []
    let_in: list[str] = []
    refused: dict[str, Refused] = {}
    seen: list[int] = []
    for key, row in found.items():
        known = cached.get(key)
        record: Any = known or SimpleNamespace(connection_id=connection_id, object=name, key=key, **_EMPTY)
        # What Intacct refuses to tell today stays what it was; it has not become empty.
        payload = {item: value for item, value in (known.payload if known else {}).items() if item in left_out} | row
        fresh, told = digest(payload), known is not None and f"record:{known.id}" in unread
        if known is not None and known.hash == fresh and known.missing_since is None and not told:
            seen.append(known.id)
            continue
        if known is not None and known.applied_hash == known.hash != "" and _alike(job, known, kind, payload):
            record.applied_hash = fresh
        if told and kind.shape is not None:
            # Even if it is again what was brought in last: its link has an issue to close.
            record.applied_hash = ""
        kept_out = known is not None and excluded(job.state.config, known)
        record.payload, record.hash, record.modified = payload, fresh, text(row, kinds.STAMP)
        let_in += [text(row, kind.natural_id)] if kept_out and not excluded(job.state.config, record) else []
        record.generation = generation or record.generation
        back += [key] if record.missing_since is not None else []
        record.missing_since = None
        landed[key] = record
        try:
            describe(job.state.config, record, kind, row, (tops or {}).get(text(row, "LOCATIONID")))
        except Refused as error:
            record.status = snapshot.UNREADABLE if kind.shape is not None else ""
            refused[key] = error
    if generation:
        _seen(session, seen, generation)
    ids = _write(session, connection_id, name, landed, cached) if landed else {}
    if let_in:
        _look_again(session, connection_id, kind, let_in)
    if back:
        missing.back(session, connection_id, name, back)
    for key, refusal in refused.items():
        finding = Finding(UNREADABLE, refusal.said)
        job.issue(session, f"record:{ids[key]}", finding, kind.name, f"{name} {key}", "in")
    healed = [f"record:{ids[key]}" for key in landed.keys() - refused.keys()]
    issues.close_all(session, connection_id, [subject for subject in healed if subject in unread])
    texts = {ids[key]: record.search for key, record in landed.items() if key not in refused}
    tokens.write(session, connection_id, name, texts)


def _look_again(session: Session, connection_id: int, contact: kinds.Kind, ids: Sequence[str]) -> None:
    """Have the documents of contacts that may sync from now on looked at as if they were new."""
    theirs = [kinds.kind(name).object for name in kinds.documents() if kinds.shape(name).contact_role == contact.role]
    mine = Record.connection_id == connection_id, Record.object.in_(theirs), Record.party.in_(ids)
    session.execute(update(Record).where(*mine).values(applied_hash=""))


_EMPTY = {
    "natural_id": "", "role": "", "entity": "", "name": "", "search": "", "email": "", "tax_number": "",
    "active": True, "party": "", "applied_hash": "", "generation": 0, "number_folded": "", "reference_folded": "",
    "day": None, "cents": 0, "open_cents": None, "status": "", "missing_since": None,
}  # fmt: skip
"""What a new record has in columns that nothing is read into; all new rows give the same columns. Many come at once:
until they are written they are no rows of the ORM, whose attributes take longer than all that is read into them."""


def unread(session: Session, connection_id: int, object_: str, key: str) -> Record:
    """Keep a record of which only the key is known, within the caller's transaction."""
    record = Record(connection_id=connection_id, object=object_, key=key, payload={}, hash="", modified="", **_EMPTY)
    session.add(record)
    session.flush()
    return record


def _write(
    session: Session, connection_id: int, object_: str, landed: Mapping[str, Any], cached: Collection[str]
) -> dict[str, int]:
    """Write records that are new or changed, by their keys; gives the id of each."""
    instant = read(session)
    for record in landed.values():
        record.read_at = instant
    session.flush()
    keys = [key for key in landed if key not in cached]
    bulk.insert_rows(session, Record, [vars(landed[key]) for key in keys])
    ids = {key: record.id for key, record in landed.items() if key in cached}
    for at in range(0, len(keys), CHUNK):
        query = select(Record.key, Record.id).where(
            Record.connection_id == connection_id, Record.object == object_, Record.key.in_(keys[at : at + CHUNK])
        )
        ids.update((key, id_) for key, id_ in session.execute(query))
    return ids


def _seen(session: Session, ids: Sequence[int], generation: int) -> None:
    """Write in which sweep records were seen that are as they were."""
    for at in range(0, len(ids), CHUNK):
        seen = Record.id.in_(ids[at : at + CHUNK])
        session.execute(update(Record).where(seen).values(generation=generation))


def _alike(job: JobContext, record: Record, kind: kinds.Kind, payload: Row) -> bool:
    """Whether nothing that is brought in of a record changed, only fields or the form in which they are kept."""
    try:
        before, after = (
            _value(job.state.config, record.object, kind.name, kind.role, row, record.entity)
            for row in (record.payload, payload)
        )
    except Refused:
        return False
    return bool(before == after)


def _value(config: Config, object_: str, kind: str, role: str, row: Row, entity: str | None) -> Any:
    """:raises Refused: the row can't be read, whatever is wrong with it."""
    above = entity if object_ == "LOCATION" else None
    try:
        return incoming.value(kind, role, row, object=object_, entity=above, exclusion_field=config.exclusion_field)
    except Refused:
        raise
    except ValueError as error:
        raise Refused(quoted(str(error))) from error
    except Exception as error:
        # A row that nobody foresaw, or a mistake in a translator: it is this record's issue, and the others are read.
        reason = noted(log, error, "A row of %s could not be translated", printable(object_))
        raise Refused(Message("row.unreadable", reason=reason)) from error


def describe(config: Config, record: Any, kind: kinds.Kind, row: Row, above: str | None) -> None:
    """Fill the columns that lists, searches and totals use.

    :param record: A :class:`Record`, or what becomes one.
    :param above: The entity above a location.
    :raises Refused: the row can't be read.
    """
    value = _value(config, record.object, kind.name, kind.role, row, above)
    try:
        _fill(record, kind, value)
    except Refused:
        raise
    except Exception as error:
        # As above.
        reason = noted(log, error, "A row of %s could not be kept", printable(record.object))
        raise Refused(Message("row.unreadable", reason=reason)) from error


def _fill(record: Any, kind: kinds.Kind, value: Any) -> None:
    if isinstance(value, Document):
        header.keep(record, value)
        party = value.contact.id if value.contact else ""
        record.party = party[:120]
        record.natural_id, record.name = value.number[:120], party[:255]
        record.search = folded(value.number, value.reference, party)[:500]
        record.entity, record.active = value.entity, True
        return
    record.natural_id, record.name, record.active = value.ref.id[:120], value.name[:255], value.active
    record.search = folded(value.code, value.name, getattr(value, "email", ""), getattr(value, "tax_number", ""))[:500]
    record.email, record.tax_number = getattr(value, "email", "")[:255], getattr(value, "tax_number", "")[:80]
    record.entity = getattr(value, "entity", "")[:80]
    record.role = next(iter(value.roles), "") if kind.name == kinds.TAX_TYPE else ""


def excluded(config: Config, record: Record) -> bool:
    """Whether Intacct says that a contact must not sync, by the custom checkbox."""
    return text(record.payload, config.exclusion_field).lower() in ("true", "t")


def value_of(config: Config, record: Record, kind: str, role: str = "") -> Any:
    """A cached record as a ledger value.

    :raises Refused: Intacct's row can't be read.
    """
    role = role or record.role or kinds.role_of(kind, record.object)
    return _value(config, record.object, kind, role, record.payload, record.entity)
