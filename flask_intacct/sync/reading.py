"""The stages that read Intacct: tax details, accounts, contacts, documents; see :mod:`.dimensions` for dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..accounts import MARKS
from ..gateway import Client, Filter
from ..gateway import errors as gateway
from ..gateway import filters as f
from ..gateway.formats import Row, from_date, text
from ..issues import Finding
from ..kinds import Kind
from ..ledger import BANK, TAX
from ..messages import Message
from ..models import Connection, Record
from ..phases import Cursor
from ..standing import Standing
from . import failing, form, gone, pull, records, whole
from . import source as sources
from .job_context import JobContext

TAXES_SUBJECT = "object:TAXDETAIL"
TAXES_UNREAD = Finding(
    "taxes can't be read",
    Message("read.taxes"),
    Message("read.taxes.cure", right=kinds.right("TAXDETAIL")),
)
_MARKS = (
    ("TAXDETAIL", "GLACCOUNT", TAX),
    ("CHECKINGACCOUNT", "GLACCOUNTNO", BANK),
    ("SAVINGSACCOUNT", "GLACCOUNTNO", BANK),
)
"""Objects that have an account of their own, and the field that names it."""


def connect(job: JobContext, _: Cursor) -> None:
    """Prove that the connection works, and read what the company is like."""
    client = job.client()
    form.learn(job)
    facts: dict[str, Any] = {}
    details = client.entity_details() if job.connection.entity else {}
    facts["currency"] = text(details, "CURRENCY")
    with job.transaction() as session:
        row = session.get_one(Connection, job.connection.id)
        job.check_user(row.intacct_company, row.user_id)  # Intacct was asked meanwhile
        row.facts = {**row.facts, **{name: value for name, value in facts.items() if value}}
        job.progress(session, done=["connection"], total=1)
        job.connection = row


def tax_types(job: JobContext, cursor: Cursor, *, counts: bool = False) -> Cursor | None:
    """Read the tax details; a company without a tax solution has none, and the step is skipped.

    :param counts: What is read is what the phase counts; likewise below.
    """
    spec = kinds.named(kinds.TAX_TYPE)
    any_, unread = False, False
    try:
        following = _whole(job, spec, cursor, counts)
        if following is not None:
            return following
        with job.state.reading() as session:
            any_ = session.scalar(_records(job, spec.object).limit(1)) is not None
    except (gateway.Disabled, gateway.NotFound):
        any_ = False
    except gateway.PermissionDenied:
        unread = not job.connection.facts.get("no_taxes")
    if (any_, unread) != (True, False) or not _known(job):
        _tell(job, any_, unread)
    return None


def _known(job: JobContext) -> bool:
    """Whether it is known already that the company has tax details, which can be read."""
    facts = job.connection.facts
    said = facts.get("taxes") and not facts.get("taxes_unread") and not facts.get("no_taxes")
    return bool(said) and not job.told(Standing(subjects=[TAXES_SUBJECT]))


def _tell(job: JobContext, any_: bool, unread: bool) -> None:
    """Keep whether the company has tax details, or tell that they can't be read."""
    with job.transaction() as session:
        row = session.get_one(Connection, job.connection.id)
        if unread:
            job.issue(session, TAXES_SUBJECT, TAXES_UNREAD, kinds.TAX_TYPE, "TAXDETAIL", "in")
            any_ = bool(row.facts.get("taxes"))  # what was known of them is still true
        else:
            issues.close(session, row.id, TAXES_SUBJECT, but=[pull.MANY])
        said = bool(row.facts.get("no_taxes")) and not any_  # what was read is stronger than what somebody said
        row.facts = {**row.facts, "taxes": any_, "taxes_unread": unread, "no_taxes": said}
        session.flush()
        job.connection = row


def accounts(job: JobContext, cursor: Cursor, *, counts: bool = False) -> Cursor | None:
    """Read the chart of accounts."""
    with sources.needed("GLACCOUNT"):
        return _whole(job, kinds.kind(kinds.ACCOUNT), cursor, counts)


def marks(job: JobContext, cursor: Cursor) -> Cursor | None:
    """Read which accounts are those of bank accounts and tax details, one object after the other.

    `read` of the cursor holds the accounts that each object named; what was known from one that can't be read stays.
    """
    if not cursor:
        return {"of": _MARKS[0][0], "read": {}}
    of, read = cursor["of"], dict(cursor["read"])
    if of:
        field = next(field for object_, field, _ in _MARKS if object_ == of)
        with suppress(gateway.ResultError):  # the user may not read them, or there are none
            read[of] = job.early.take(("marks", of), _marks_of(job.client(), of, field))
        with job.state.reading() as session:
            told = failing.missed(session, job.run) & {failing.missing(of)}  # before; and now it is not
        if told:
            with job.transaction() as session:
                issues.close_all(session, job.connection.id, [*told])
        return {"of": _behind(of), "read": read}
    known: dict[str, str] = job.connection.facts.get(MARKS, {})
    unread = {mark for object_, _, mark in _MARKS if object_ not in read}
    fresh = {number: mark for number, mark in known.items() if mark in unread}
    fresh |= {number: mark for object_, _, mark in _MARKS for number in read.get(object_, ())}
    if fresh != known or MARKS not in job.connection.facts:
        with job.transaction() as session:
            connection = session.get_one(Connection, job.connection.id)
            connection.facts = {**connection.facts, MARKS: fresh}
            session.flush()
            job.connection = connection
    return None


def _marks_of(client: Client, object_: str, field: str) -> Callable[[], list[str]]:
    return lambda: sorted({text(row, field) for row in client.query(object_, [field])} - {""})


def asks_marks(job: JobContext) -> None:
    """Have asked early what :func:`marks` asks."""
    for of, field, _ in _MARKS:
        job.early.ask(("marks", of), _marks_of(job.client(), of, field))


def asks(kind: str, role: str, job: JobContext) -> None:
    """Have asked early what the stage asks first that reads the records of a kind and role."""
    spec = kinds.kind(kind, role) if role else kinds.named(kind)
    if role:
        if job.connection.facts.get("exclusion", {}).get(spec.object) is not None:
            pull.foresee(job, _contacts(job, spec))
    elif spec.shape is None:
        pull.foresee(job, sources.of(spec), whole=True)
    elif (since := _since(job, spec)) is not None:
        pull.foresee(job, sources.of(spec), since)


def marked(cursor: Cursor) -> tuple[str, Cursor] | None:
    """The object that :func:`marks` is at, and the cursor behind it."""
    of = cursor.get("of")
    return (of, {**cursor, "of": _behind(of)}) if of else None


def _behind(object_: str) -> str:
    """The object whose marks are read after those of another one; "" after the last."""
    names = [name for name, _, _ in _MARKS]
    return "".join(names[names.index(object_) + 1 :][:1])


def contacts(role: str, job: JobContext, cursor: Cursor, *, counts: bool = False) -> Cursor | None:
    """Read customers or vendors: all of them once, then what changed."""
    spec = kinds.kind(kinds.CONTACT, role)
    if job.connection.facts.get("exclusion", {}).get(spec.object) is None:
        _find_exclusion_field(job, spec)
    source = _contacts(job, spec)

    def fetch(rows: Sequence[Row]) -> tuple[Sequence[Row], int]:
        fresh = records.fresh(job, spec, rows)
        job.count({*source.names(rows)} - {*source.names(fresh)} if counts else ())
        return fresh, len(rows)

    with sources.needed(spec.object):
        return pull.changes(job, source, _landing(job, spec, counts), cursor, fetch=fetch)


def _contacts(job: JobContext, spec: Kind) -> sources.Source:
    """What is read of contacts, where it is known whether the company has the exclusion field."""
    exclusion = job.connection.facts["exclusion"][spec.object]
    return sources.of(spec, *([job.state.config.exclusion_field] if exclusion else []))


def _find_exclusion_field(job: JobContext, spec: Kind) -> None:
    """See whether the company has the custom checkbox that keeps a contact out; asked once per connection."""
    field = job.state.config.exclusion_field
    with sources.needed(spec.object, Message("read.which_fields", object=spec.object, field=field)):
        found = field in job.client().lookup(spec.object).fields
    with job.transaction() as session:
        row = session.get_one(Connection, job.connection.id)
        row.facts = {**row.facts, "exclusion": {**row.facts.get("exclusion", {}), spec.object: found}}
        job.connection = row


def documents(kind_name: str, job: JobContext, cursor: Cursor, *, counts: bool = False) -> Cursor | None:
    """Read the documents from the sync-from date on, with the lines of those that are new or changed."""
    spec = kinds.kind(kind_name)
    since = _since(job, spec)
    if since is None:
        return None

    def fetch(headers: Sequence[Row]) -> tuple[Sequence[Row], int]:
        return changed(job, spec, headers)

    land = _landing(job, spec, counts)
    with sources.needed(spec.object):
        following = pull.changes(job, sources.of(spec), land, cursor, filter=since, fetch=fetch)
    for source in whole.below(job, spec) if following is None else ():
        gone.forget(job, source)
    return following


def _since(job: JobContext, spec: Kind) -> Filter | None:
    """Which documents of a kind are read; None if none are."""
    sync_from, form_ = job.connection.sync_from, job.form
    if sync_from is None or form_ is None or not job.connection.with_transactions:
        return None
    return f.ge(kinds.shape(spec.name).date, from_date(sync_from, form_))


def changed(job: JobContext, spec: Kind, headers: Sequence[Row]) -> tuple[Sequence[Row], int]:
    """The whole documents behind headers that differ from what is cached, as far as the time of the slice goes; and of
    how many headers that is all."""
    with job.state.reading() as session:
        keys = (text(row, "RECORDNO") for row in headers)
        cached = records.by_key(session, job.connection.id, spec.object, keys)
    fresh = [
        at
        for at, row in enumerate(headers)
        if (known := cached.get(text(row, "RECORDNO"))) is None
        or any(known.payload.get(name) != row.get(name) for name in row)
    ]
    found: list[Row] = []
    for at in range(0, len(fresh), whole.CHUNK):
        some = fresh[at : at + whole.CHUNK]
        found += whole.documents(job, spec, [headers[one] for one in some])
        if job.over() and some[-1] != fresh[-1]:
            return found, some[-1] + 1
    return found, len(headers)


def _landing(job: JobContext, spec: Kind, counts: bool) -> pull.Land:
    def land(session: Session, rows: Sequence[Row]) -> None:
        records.land(job, session, spec, rows)
        job.progress(session, done=sources.of(spec).names(rows) if counts else ())

    return land


def _whole(job: JobContext, spec: Kind, cursor: Cursor, counts: bool) -> Cursor | None:
    def land(session: Session, rows: Sequence[Row], generation: int) -> None:
        records.land(job, session, spec, rows, generation=generation)
        job.progress(session, done=sources.of(spec).names(rows) if counts else ())

    return pull.everything(job, sources.of(spec), land, cursor, counts=counts)


def _records(job: JobContext, object_: str) -> Any:
    return select(Record).where(Record.connection_id == job.connection.id, Record.object == object_)
