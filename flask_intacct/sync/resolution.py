"""The decisions as look-up tables: from a local record to its Intacct record, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .. import accounts, kinds
from ..choices import LINKED, MATCHED, SUSPENDED
from ..ledger import Document, Ref
from ..models import Connection, Link, Record
from ..state import State
from . import records
from .job_context import JobContext
from .link_values import NO_TAX

CHUNK = 400
"""So many references one query looks up."""

USABLE = (MATCHED, LINKED)

_TARGET = (
    Link.id, Link.local_id, Link.label, Link.state,
    Record.object, Record.natural_id, Record.active, Record.missing_since, Record.entity,
)  # fmt: skip

Local = tuple[str, Ref, str]
"""A kind, a record of ours, and the role in which it is used."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a local record leads: its link's state, and the Intacct record if it has one."""

    link_id: int
    label: str
    state: str
    ref: Ref | None = None
    active: bool = True
    control: bool = False
    excluded: bool = False
    entity: str = ""


@dataclass(slots=True)
class Maps:
    """The decisions of a connection, as far as they were asked for: each is looked up once, many of them together."""

    state: State
    connection: Connection
    _out: dict[Local, Target | None] = field(default_factory=dict)
    _back: dict[tuple[str, Ref], Ref | None] = field(default_factory=dict)
    _doubted: dict[tuple[str, Ref], str] = field(default_factory=dict)

    def target(self, kind: str, ref: Ref, role: str = "") -> Target | None:
        """Where a local record leads; None if nobody was asked about it."""
        if (kind, ref, role) not in self._out:
            self._learn([(kind, ref, role)])
        return self._out[kind, ref, role]

    def local(self, kind: str, ref: Ref) -> Ref | None:
        """The local record of an Intacct one; of a shared option the first that was made."""
        if (kind, ref) not in self._back:
            self._recall([(kind, ref)])
        return self._back[kind, ref]

    def used(self, document: Document) -> set[tuple[str, Ref]]:
        """The local records of all that a document of Intacct uses, with their kinds."""
        found = ((kind, self.local(kind, ref)) for kind, ref, _ in _used(document))
        return {(kind, ref) for kind, ref in found if ref is not None}

    def doubted(self, document: Document) -> str:
        """What our own record is called that a document of Intacct uses and whose link is suspended; "" if none is."""
        used = [(kind, ref) for kind, ref, _ in _used(document)]
        self._recall(used)
        return next((self._doubted[one] for one in used if one in self._doubted), "")

    def joined(self, kind: str, theirs: Ref, ours: Ref) -> None:
        """Take note that these two were joined just now."""
        self._back[kind, theirs] = ours

    def learn(self, documents: Iterable[Document]) -> None:
        """Look up together where all lead that documents of ours use."""
        self._learn([local for document in documents for local in _used(document)])

    def learn_contacts(self, contacts: Iterable[Ref], role: str) -> None:
        """Look up together where contacts of ours lead."""
        self._learn([(kinds.CONTACT, contact, role) for contact in contacts])

    def recall(self, documents: Iterable[Document]) -> None:
        """Look up together the local records of all that documents of Intacct use."""
        self._recall([(kind, ref) for document in documents for kind, ref, _ in _used(document)])

    def _learn(self, wanted: Sequence[Local]) -> None:
        by: dict[tuple[str, str, str], list[str]] = {}
        for kind, ref, role in dict.fromkeys(wanted):
            if (kind, ref, role) not in self._out:
                self._out[kind, ref, role] = None
                by.setdefault((kind, ref.source, role), []).append(ref.id)
        with self.state.reading() as session:
            for (kind, source, role), ids in by.items():
                for some in _chunks(ids):
                    mine = Link.kind == kind, Link.source == source, Link.role == role, Link.local_id.in_(some)
                    query = _joined(self.connection.id, outer=True).where(*mine)
                    columns = (*_TARGET, Record.payload) if self._looks_into(kind) else _TARGET
                    for row in session.execute(query.with_only_columns(*columns)):
                        self._out[kind, Ref(source, row.local_id), role] = self._target(kind, row)

    def _looks_into(self, kind: str) -> bool:
        """Whether what a record of Intacct may be used for stands in its payload."""
        return kind == kinds.ACCOUNT or (kind == kinds.CONTACT and bool(self.state.config.exclusion_field))

    def _target(self, kind: str, row: Any) -> Target:
        there = row.object is not None  # else no record of Intacct is joined
        looked = there and self._looks_into(kind)
        return Target(
            link_id=row.id,
            label=row.label,
            state=row.state,
            ref=Ref(row.object, row.natural_id) if there and row.state in USABLE else None,
            active=row.active and row.missing_since is None if there else True,
            control=looked and kind == kinds.ACCOUNT and accounts.control(self.connection, row) != "",
            excluded=looked and kind == kinds.CONTACT and records.excluded(self.state.config, row),
            entity=row.entity if there else "",
        )

    def _recall(self, wanted: Sequence[tuple[str, Ref]]) -> None:
        by: dict[tuple[str, str], list[str]] = {}
        for kind, ref in dict.fromkeys(wanted):
            if (kind, ref) not in self._back:
                self._back[kind, ref] = None
                by.setdefault((kind, ref.source), []).append(ref.id)
        with self.state.reading() as session:
            for (kind, object_), ids in by.items():
                for some in _chunks(ids):
                    for theirs, ours, label in _recalled(session, self.connection.id, kind, object_, some):
                        if label:
                            self._doubted[kind, theirs] = label
                        elif self._back[kind, theirs] is None:
                            self._back[kind, theirs] = ours


def _recalled(
    session: Session, connection_id: int, kind: str, object_: str, ids: Sequence[str]
) -> Iterator[tuple[Ref, Ref, str]]:
    """Intacct's record, ours, and what ours is called where its link is suspended."""
    query = (
        _joined(connection_id, outer=False)
        .where(
            Link.kind == kind,
            Link.state.in_((*USABLE, SUSPENDED)),
            Record.object == object_,
            Record.natural_id.in_(ids),
        )
        .with_only_columns(Record.natural_id, Link.source, Link.local_id, Link.state, Link.label)
        .order_by(Link.id)
    )
    for natural_id, source, local_id, state, label in session.execute(query):
        yield Ref(object_, natural_id), Ref(source, local_id), (label or local_id) if state == SUSPENDED else ""


def _joined(connection_id: int, *, outer: bool) -> Select[Link, Record]:
    """Links with their Intacct records."""
    return select(Link, Record).join(Link.record, isouter=outer).where(Link.connection_id == connection_id)


def _used(document: Document) -> Iterator[Local]:
    """All that a document refers to, in the roles that its kind gives."""
    shape = kinds.shape(document.kind)
    if document.contact is not None:
        yield kinds.CONTACT, document.contact, shape.contact_role
    for line in document.lines:
        if line.account is not None:
            yield kinds.ACCOUNT, line.account, ""
        yield kinds.TAX_TYPE, line.tax_type or Ref(NO_TAX, NO_TAX), shape.tax_role
        for option in line.options:
            yield kinds.TRACKING_OPTION, option, ""


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), CHUNK):
        yield ids[at : at + CHUNK]


def of(job: JobContext) -> Maps:
    """The decisions, as the stage at hand looks them up."""
    return job.kept("maps", lambda: Maps(job.state, job.connection))
