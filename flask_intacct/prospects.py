"""What the host's tables would say of new rows, told before any is made; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import ColumnProperty

from . import contents, kinds, logs
from .columns import fitting, misfit, named, unfilled
from .entries import OTHERS
from .errors import Refused
from .failures import noted
from .host import Host
from .keys import portions
from .ledger import Document, Value
from .local import Local, LocalDocument
from .messages import Message, listed, noun
from .passes import MOST
from .writer import bare, words

log = logs.logger(__name__)

OTHER_ROW = object()
"""Stands for another row of the host, of which it only matters that there is one."""


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A value that only one row may have."""

    local: Local
    column: Any
    value: Any

    @property
    def name(self) -> Message:
        """What the column is called where people see it."""
        return named(self.column)


class Prospects:
    """Asks of many records of Intacct what the host would say of each."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._rows: dict[tuple[str, str], NewRow | None] = {}

    def refusal(self, kind: str, role: str, value: Value | Document) -> Message:
        """Why a record of Intacct could not be made here, as far as can be told beforehand; nothing if it can."""
        row = self._row(kind, role)
        if row is None:
            return Message("place.none", noun=noun(role or kinds.named(kind).noun))
        return listed(dict.fromkeys(row.problems(self._imagined(value))))

    def claims(self, kind: str, role: str, value: Value | Document) -> list[Claim]:
        """What of a new record no other row may have as well."""
        row = self._row(kind, role)
        return [] if row is None or not row.alone else row.claims(self._imagined(value))

    def taken(self, claims: Iterable[Claim]) -> set[Claim]:
        """Those of the claims that a row has: asked column by column, one by one only where a database takes for equal
        what Python does not."""
        grouped: dict[Any, list[Claim]] = {}
        for claim in claims:
            grouped.setdefault(claim.column, []).append(claim)
        found: set[Claim] = set()
        with self._host.session.no_autoflush:
            for part in (part for some in grouped.values() for part in portions(some, MOST)):
                there = self._held(part)
                found |= (same := {claim for claim in part if claim.value in there})
                if there - {claim.value for claim in same}:
                    found |= {claim for claim in part if self._held([claim])}
        return found

    def _row(self, kind: str, role: str) -> NewRow | None:
        if (kind, role) not in self._rows:
            local = self._host.place(kind, role)
            self._rows[kind, role] = None if local is None else NewRow(local)
        return self._rows[kind, role]

    def _imagined(self, value: Value | Document) -> dict[str, Any]:
        """What it would be made of."""
        values = contents.of(value, lambda kind, ref: OTHER_ROW)
        return values | ({} if self._host.company is None else {"company": OTHER_ROW})

    def _held(self, claims: Sequence[Claim]) -> set[Any]:
        column, mapper = claims[0].column, claims[0].local.mapper
        query = select(column).where(column.in_([claim.value for claim in claims]))
        return set(self._host.session.scalars(query, bind_arguments={"mapper": mapper}))


class NewRow:
    """What a table's definition says of rows that a description makes: nothing where the host has ways of its own.

    :param given: Attributes that are filled otherwise.
    """

    def __init__(self, local: Local, given: Iterable[str] = ()) -> None:
        self._local, self._given = local, set(given)
        props = {name: local.prop(name) for name in local.entries}
        columns = {name: prop for name, prop in props.items() if isinstance(prop, ColumnProperty)}
        self._columns = {name: prop for name, prop in columns.items() if name not in OTHERS}
        self._others = {
            name: {attribute for lead in local.leads(name) for attribute in lead.here}
            | ({columns[name].key} if name in columns else set())
            for name in local.entries.keys() & OTHERS.keys()
        }
        """The attributes that are filled by giving another row."""
        own = local.create is not None
        self.alone = {} if own else local.alone()
        self._lines = NewRow(local.lines, _led(local)) if isinstance(local, LocalDocument) and not own else None

    def problems(self, values: Mapping[str, Any]) -> list[Message]:
        """Why a row of these values could not be made. Of other rows among them it only matters that there are any."""
        local, mapper = self._local, self._local.mapper
        if local.create is not None:
            return []
        try:
            found = words(local, values)
            row = bare(local) if self._watched else None
            held = self._filled if row is None else inspect(row).dict
        except Refused as refusal:
            return [refusal.said]
        given = (self._others[name] for name in self._others.keys() & found if found[name] not in (None, []))
        columns = {name: self._columns[name] for name in found if name in self._columns}
        own = {prop.key: fitting(prop.columns[0], found[name]) for name, prop in columns.items()}
        try:
            for attribute, value in own.items() if row is not None else ():
                setattr(row, attribute, value)
        except Exception as error:
            # A validator of the host's, which may raise anything.
            return [noted(log, error, "A value for %s is refused", local.model.__name__)]
        held = held | own if row is None else held
        lines = [] if self._lines is None else [self._lines.problems(line) for line in values.get("lines", ())]
        wrong = (misfit(prop, held.get(prop.key)) for prop in columns.values())
        own_problems = [*unfilled(mapper, held, self._given.union(*given)), *(told for told in wrong if told)]
        return [*own_problems, *(problem for some in lines for problem in some)]

    def claims(self, values: Mapping[str, Any]) -> list[Claim]:
        """What a row of these values would hold in the columns in which no two rows may have the same."""
        try:
            found = words(self._local, values)
        except Refused:
            return []  # told by :meth:`problems`
        given = ((self.alone[name], value) for name, value in found.items() if name in self.alone)
        fitted = ((column, fitting(column, value)) for column, value in given)
        return [Claim(self._local, column, content) for column, content in fitted if content is not None]

    @cached_property
    def _filled(self) -> dict[str, Any]:
        """What the model itself fills of a new row.

        :raises Refused: it makes none without being given more.
        """
        row = bare(self._local)
        return dict(inspect(row).dict)

    @cached_property
    def _watched(self) -> bool:
        """Whether code of the host's looks at what the columns of a row are set to: a validator, say."""
        class_: Any = self._local.model
        manager = self._local.mapper.class_manager  # without the column that SQLAlchemy adds for an expression
        own = [manager[prop.key].dispatch for prop in self._local.mapper.column_attrs if prop.key in manager]
        return class_.__setattr__ is not object.__setattr__ or any(dispatch.set for dispatch in own)


def _led(local: LocalDocument) -> list[str]:
    """The attributes of a line that its document fills."""
    prop, mapper = local.mapper.relationships[local.lines.parent], local.lines.mapper
    remote = [] if prop.secondary is not None else [column for _, column in prop.local_remote_pairs or ()]
    return [mapper.get_property_by_column(column).key for column in remote]
