"""Asking Intacct for rows: by named fields, without those that it refuses and that can be done without.

`lookup` also lists fields that a query refuses, and what is refused may change with the rights of the user: so each run
asks for all of them once, and remembers what it has to leave out in `facts["without"]` of the connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from .. import gateway, issues, kinds
from ..errors import Refused
from ..explain import unreadable
from ..gateway import Client, Filter, Order, Result, functions
from ..gateway import filters as f
from ..gateway.errors import Disabled, GatewayBusy, NotFound, PermissionDenied, ProtocolError, ResultError
from ..gateway.formats import Row, text
from ..gateway.functions import MOST_KEYS
from ..issues import Finding
from ..messages import NOTHING, Message, listed
from ..models import Connection
from ..translate.rows import kept, whole
from . import damage
from .job_context import JobContext

Answer = TypeVar("Answer")
PAGE = 1000
MISSING = "fields missing"
"""The cause of the issue that tells which fields are left out."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is read of an object.

    :param object: Its name in Intacct.
    :param fields: What is asked for; some only if they may be (:func:`kinds.without`).
    :param key: A field of rising whole numbers that names a record for ever.
    :param cached: The object under which its records are cached; "" the same.
    :param probe: Only looks whether records are there: what it reads says nothing about their other fields.
    """

    object: str
    fields: tuple[str, ...]
    key: str = "RECORDNO"
    cached: str = ""
    probe: bool = False

    @property
    def records(self) -> str:
        """The object under which its records are cached."""
        return self.cached or self.object

    def key_of(self, row: Row) -> str:
        """The key of one of its rows."""
        return text(row, self.key.upper())

    def names(self, rows: Sequence[Row]) -> list[str]:
        """By what its rows are counted: another name than rows of any other source."""
        return [f"{self.records}:{self.key_of(row)}" for row in rows]


def of(kind: kinds.Kind, *more: str) -> Source:
    """The records of a kind."""
    return Source(kind.object, (*kind.reads, *more))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows as they are kept.

    :param more: Are there rows after it? Their number does not tell: one that can't be read is left out.
    :param end: The greatest key on the page, of rows left out as well.
    :param left_out: The keys of rows that could not be read; "" where even the key could not.
    """

    rows: list[Row]
    more: bool
    end: str
    left_out: frozenset[str] = frozenset()


def page(
    job: JobContext,
    source: Source,
    *,
    filter: Filter | None = None,
    order: Sequence[Order] = (),
    size: int = 0,
    client: Client | None = None,
) -> Page:
    """One page, in the order of the keys unless another is given.

    :param client: Who asks, if not the one that reads.
    """

    def request(fields: list[str]) -> gateway.Page:
        question = _question(job, source, fields, filter, order, size)
        return question.ask(client) if client else job.early.take(question, partial(question.ask, job.client()))

    answer, form = asked(job, source, request), job.form
    rows = [kept(row, form) for row in answer.rows]
    if not source.probe:
        damage.report(job, source.records, [source.key_of(row) for row in rows], answer.spoiled)
    keys = [*map(source.key_of, rows), *(whole(row.key) for row in answer.spoiled)]
    end = max((int(key) for key in keys if key.isascii() and key.isdigit()), default=0)
    if answer.more and not end:
        raise ProtocolError(f"{source.object}: a page without a single key, and more after it")
    return Page(rows, answer.more, str(end), frozenset(whole(row.key) for row in answer.spoiled if row.left_out))


def foresee(job: JobContext, source: Source, filter: Filter | None, order: Sequence[Order] = ()) -> None:
    """Have the page asked for early that :func:`page` will be asked for with the same."""
    question = _question(job, source, _fields(source, _left_out(job, source)), filter, order)
    job.early.ask(question, partial(question.ask, job.client()))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for a page."""

    object: str
    fields: tuple[str, ...]
    key: str
    filter: Filter | None
    order: tuple[Order, ...]
    size: int
    private: bool

    def ask(self, client: Client) -> gateway.Page:
        """Ask it."""
        return client.page(
            self.object,
            self.fields,
            filter=self.filter,
            order=self.order,
            page_size=self.size,
            key=self.key,
            show_private=self.private,
        )


def _question(
    job: JobContext,
    source: Source,
    fields: Sequence[str],
    filter: Filter | None,
    order: Sequence[Order],
    size: int = 0,
) -> Question:
    by = tuple(order) or (Order(source.key),)
    return Question(source.object, tuple(fields), source.key, filter, by, size or PAGE, private(job))


def rows(job: JobContext, source: Source, filter: Filter, *, client: Client | None = None) -> Page:
    """All rows that meet a condition, in the order of their keys, as one page."""
    found: list[Row] = []
    left_out: frozenset[str] = frozenset()
    last, more = "0", True
    while more:
        part = page(job, source, filter=f.all_(filter, f.gt(source.key, last)), client=client)
        found += part.rows
        last, more, left_out = part.end, part.more, left_out | part.left_out
    return Page(found, False, last, left_out)


def read(job: JobContext, source: Source, keys: Sequence[str], client: Client) -> list[Row]:
    """Records by key, with all that belongs to them; those that do not exist are not there."""
    found: list[Row] = []
    for at in range(0, len(keys), MOST_KEYS):
        found += told(job, source, client.call(functions.read(source.object, keys[at : at + MOST_KEYS])))
    return found


def told(job: JobContext, source: Source, answer: Result) -> list[Row]:
    """The rows of an answer as they are kept; what came damaged is told."""
    rows = [kept(row, job.form) for row in answer.rows]
    damage.report(job, source.records, [source.key_of(row) for row in rows], answer.spoiled)
    return rows


@contextmanager
def needed(object_: str, what: Message = NOTHING) -> Iterator[None]:
    """Say which object can't be read and what to do about it, where there is no going on without it.

    :param what: What of it is read, if not its records.
    :raises Refused: Intacct refuses it for good.
    """
    try:
        yield
    except (Disabled, NotFound, PermissionDenied) as error:
        raise Refused(unreadable(object_, error, what).whole) from error


def asked(job: JobContext, source: Source, request: Callable[[list[str]], Answer]) -> Answer:
    """Send a read for the fields of a source, again without those that Intacct refuses.

    :raises Refused: it refuses one that is needed.
    """
    left_out = _left_out(job, source)
    while True:
        fields = _fields(source, left_out)
        try:
            answer = request(fields)
        except ResultError as error:
            named = _named(error, fields)
            if not named:
                raise
            needed = [name for name in named if not kinds.without(name)]
            if needed:
                said = {"count": len(needed), "fields": needed, "object": source.object}
                raise Refused(Message("in.field_needed", **said, right=kinds.right(source.object))) from error
            left_out = (*left_out, *named)
            _note(job, source, left_out)
        else:
            missed = without(job, source.object)
            if missed and set(missed) <= set(fields):
                _note(job, source, ())  # the right was given meanwhile
            return answer


def _left_out(job: JobContext, source: Source) -> tuple[str, ...]:
    """The fields that are not asked for: none at first in a run, then those that were refused."""
    return without(job, source.object) if _noted(job, source).get("run") == job.run.id else ()


def _fields(source: Source, left_out: Collection[str]) -> list[str]:
    return [name for name in source.fields if name not in left_out]


def private(job: JobContext) -> bool:
    """At the top level, records that belong to single entities are asked for by name."""
    return not job.connection.entity


def without(job: JobContext, object_: str) -> tuple[str, ...]:
    """The fields of an object that Intacct refused to this connection last."""
    return tuple(job.connection.facts.get("without", {}).get(object_, {}).get("fields", ()))


def _noted(job: JobContext, source: Source) -> dict[str, Any]:
    found: dict[str, Any] = job.connection.facts.get("without", {}).get(source.object, {})
    return found


def _named(error: ResultError, fields: Collection[str]) -> list[str]:
    """Those of the fields that a refusal names; a query lists what it does not know after a semicolon."""
    if isinstance(error, GatewayBusy | PermissionDenied | NotFound):
        return []
    said = " ".join(fault.text.rpartition(";")[2] or fault.text for fault in error.errors)
    return [name for name in fields if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w|\.\w)", said)]


def _note(job: JobContext, source: Source, names: Sequence[str]) -> None:
    """Remember what is left out, and tell what is missing because of it."""
    subject = f"fields:{source.object}"
    with job.transaction() as session:
        row = session.get_one(Connection, job.connection.id)
        noted = {key: value for key, value in row.facts.get("without", {}).items() if key != source.object}
        if names:
            noted[source.object] = {"fields": list(names), "run": job.run.id}
            missing = listed(dict.fromkeys(kinds.without(name) for name in names))
            finding = Finding(
                MISSING,
                Message("read.fields", count=len(names), fields=list(names), object=source.object, missing=missing),
                Message("read.fields.cure", right=kinds.right(source.object)),
                severity=issues.NOTICE,
            )
            job.issue(session, subject, finding, "", source.object, "in")
        else:
            issues.close(session, job.connection.id, subject)
        row.facts = {**row.facts, "without": noted}
        session.flush()
        job.connection = row
