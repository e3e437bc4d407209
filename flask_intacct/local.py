"""How a host's models play a kind: the host describes its models, it inherits from nothing.

::

    Local(Tenant, role="customer", name="ten_nm", email="email_addr", company="company_id")

An entry is the name of a mapped attribute or a callable that takes the row. Where another row is meant (a line's
account, a document's contact) the entry may name a column with a foreign key, to whichever unique column or columns of
the other table, or a relationship; a callable gives the row or its primary key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlalchemy.exc import NoInspectionAvailable, SQLAlchemyError
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipProperty, Session
from sqlalchemy.orm.exc import UnmappedColumnError
from sqlalchemy.orm.interfaces import LoaderOption

from . import batches, kinds, loading
from .batches import Bad, Key
from .columns import lone
from .entries import ACCOUNT_TYPES, OTHERS, check_entries
from .errors import MappingError, Refused
from .keys import Lead, identity, leads, prop_of, split
from .ledger import APPROVED, PAID, STATUSES
from .relations import assign, related
from .vocabulary import Vocabulary, near

Entry = str | Callable[[Any], Any]


class Local:
    """One of the host's models, playing one kind.

    :param model: A mapped class of the host.
    :param role: For contacts: ``"customer"``, ``"vendor"``, or a callable that takes the row and gives one or both.
    :param types: For accounts: the host's words for ``balancesheet`` and ``incomestatement``.
    :param create: Makes a new row from a dict of values; the default sets the mapped attributes. It may raise
        :class:`~flask_intacct.errors.Refused` to say why the host can't have this record.
    :param update: Takes the row and a dict of values; the default sets the mapped attributes.
    :param archive: Takes the row; the default sets the attribute mapped as `archived` to true.
    :param keep: Takes the row and gives the reason why it can't be archived ("there is an active tenancy"), "" if it
        can.
    :param usage: Takes the row and gives a dict of counts by label, for the screen that asks before archiving.
    :param url: Takes the row and gives the address of the host's own page.
    :param load: What callables need beside the row: SQLAlchemy's loader options, such as
        ``[joinedload(Invoice.landlord)]``. What entries name is loaded anyway.
    :param parent: For lines: the relationship on the document that holds them.
    :param entries: The attributes, by the names that :func:`~flask_intacct.entries.entries_of` gives.
    :raises MappingError: at ``init_app``, naming the model, the attribute and the nearest attributes.
    """

    BATCH = 500
    """So many rows are read at a time."""

    def __init__(
        self,
        model: type[Any],
        *,
        role: str | Callable[[Any], Any] = "",
        types: Mapping[str, str] | None = None,
        create: Callable[[dict[str, Any]], Any] | None = None,
        update: Callable[[Any, dict[str, Any]], Any] | None = None,
        archive: Callable[[Any], Any] | None = None,
        keep: Callable[[Any], str] | None = None,
        usage: Callable[[Any], Mapping[str, int]] | None = None,
        url: Callable[[Any], str] | None = None,
        load: Sequence[LoaderOption] = (),
        parent: str = "lines",
        **entries: Entry,
    ) -> None:
        self.model = model
        self.role = role
        self.types = dict(types or {})
        self.create = create
        self.update = update
        self.archive = archive
        self.keep = keep
        self.usage = usage
        self.url = url
        self.load = load
        self.parent = parent
        self.entries = entries
        self.kind = ""
        self.owner: Local | None = None
        self._leads: dict[str, list[Lead]] = {}
        self._props: dict[str, Any] = {}
        self._asks: dict[str, Callable[[Any], Any]] = {}
        self.words = Vocabulary("types", self.types, ACCOUNT_TYPES, "no type")

    def bind(self, kind: str) -> None:
        """Check the description against the model, once the host's mappers are complete."""
        self.kind = kind
        self._check_model()
        check_entries(self.who, self.model, self.mapper, kind, self.entries)
        self.words = Vocabulary("types", self.types, ACCOUNT_TYPES, "no type")
        if kind == kinds.ACCOUNT:
            self.words.bind(self.who, self.type_of("type"))
        if kind == kinds.CONTACT and not callable(self.role) and self.role not in kinds.roles(kinds.CONTACT):
            known = ", ".join(f'"{role}"' for role in kinds.roles(kinds.CONTACT))
            raise MappingError(f"{self.who}: role= must be {known} or a callable, not {self.role!r}.")

    def _check_model(self) -> None:
        """A model there must be; its mappers are completed, for a backref is no attribute before."""
        try:
            self.mapper.registry.configure()
        except SQLAlchemyError as error:
            raise MappingError(
                f"{self.who}: the models don't fit together when init_app is called: {error} Import all of them first."
            ) from error

    @property
    def who(self) -> str:
        """How messages name this description."""
        return f"{type(self).__name__}({self.model.__name__}) for {self.kind}"

    @cached_property
    def mapper(self) -> Mapper[Any]:
        try:
            mapper = inspect(self.model)
        except NoInspectionAvailable:
            mapper = None
        if not isinstance(mapper, Mapper):
            raise MappingError(f"{self.model!r} is not a mapped class; give the model itself.")
        return mapper

    @property
    def source(self) -> str:
        """What our tables call this model: the name of its table."""
        return str(getattr(self.mapper.local_table, "name", self.model.__name__))[:80]

    def get(self, row: Any, name: str, default: Any = None) -> Any:
        """The value of an entry for this row; `default` where the entry is not mapped."""
        entry = self.entries.get(name)
        if entry is None:
            return default
        if not isinstance(entry, str):
            return entry(row)
        if entry not in self._asks:
            prop = prop_of(self.mapper, entry)
            if isinstance(prop, RelationshipProperty):
                self._asks[entry] = partial(related, prop=prop)
            else:
                self._asks[entry] = attrgetter(entry)
        return self._asks[entry](row)

    def text(self, row: Any, name: str) -> str:
        """The value of an entry as trimmed text; "" for none."""
        value = self.get(row, name)
        return "" if value is None else str(value).strip()

    def prop(self, name: str) -> Any | None:
        """The mapped property behind an entry; None where only Python can tell."""
        if name not in self._props:
            entry = self.entries.get(name)
            self._props[name] = prop_of(self.mapper, entry) if isinstance(entry, str) else None
        return self._props[name]

    def alone(self) -> dict[str, Any]:
        """The columns behind entries in which no two rows may have the same, by the names of these."""
        props = {name: prop for name in self.entries if isinstance(prop := self.prop(name), ColumnProperty)}
        return {name: prop.columns[0] for name, prop in props.items() if name not in OTHERS and lone(prop.columns[0])}

    def type_of(self, name: str) -> Any | None:
        """The type of the column behind an entry, None if it is no column."""
        prop = self.prop(name)
        return prop.columns[0].type if isinstance(prop, ColumnProperty) else None

    def local_id(self, row: Any) -> str:
        """The primary key as text; parts joined by a bar."""
        return identity(row)

    def find(self, session: Session, local_id: str) -> Any | None:
        """The row of this id, or None."""
        key = split(local_id, self.mapper.primary_key)
        return None if key is None else session.get(self.model, key)

    def leads(self, name: str) -> list[Lead]:
        """Which rows the column or relationship behind an entry names; nothing where only Python can tell.

        :raises MappingError: a foreign key of it names a table or column that there is not.
        """
        entry = self.entries.get(name)
        if name not in self._leads:
            try:
                self._leads[name] = leads(self.mapper, entry) if isinstance(entry, str) else []
            except SQLAlchemyError as error:
                raise MappingError(f"{self.who}: {name}={entry!r}: {error}") from error
        return self._leads[name]

    def attribute(self, name: str) -> Any | None:
        """The column attribute behind an entry, for queries; None where only Python can tell."""
        entry = self.entries.get(name)
        if not isinstance(entry, str):
            return None
        if isinstance(self.prop(name), RelationshipProperty):
            here = [attribute for lead in self.leads(name) for attribute in lead.here]
            return getattr(self.model, here[0]) if len(here) == 1 else None
        attribute = getattr(self.model, entry, None)
        return attribute if isinstance(getattr(attribute, "expression", None), ColumnElement) else None

    def assign(self, row: Any, name: str, value: Any) -> None:
        """Set the attribute behind an entry; another row becomes its key where that is a column.

        :raises Refused: the attribute can't hold what is given.
        """
        entry = self.entries.get(name)
        if isinstance(entry, str):
            assign(row, entry, self.prop(name), self.leads(name), value)

    def names(self, columns: Sequence[Any]) -> list[str] | None:
        """The attributes of these columns, in their order; None if one is no column of this model."""
        try:
            return [self.mapper.get_property_by_column(column).key for column in columns]
        except UnmappedColumnError:
            return None

    @cached_property
    def along(self) -> tuple[LoaderOption, ...]:
        """How rows are loaded: with what the entries and `load` name."""
        return loading.options(self)

    def rows(
        self, session: Session, company_id: str, *, since: Any = None, batch: int = 0, bad: Bad | None = None
    ) -> Iterator[Any]:
        """All rows of a company, by primary key, read in batches; `since` bounds the date of documents.

        :param batch: So many at a time; 0 for the usual number.
        :param bad: Told the id of each row that can't be read, and why; without it that raises.
        """
        after: Key | None = ()
        while after is not None:
            found, after = batches.batch(
                self, session, company_id, since=since, after=after, size=batch or self.BATCH, bad=bad
            )
            yield from found


class LocalDocument(Local):
    """A model of the host that plays a kind of documents.

    :param lines: A :class:`Local` of the lines.
    :param statuses: The host's status words, mapped to ``draft``, ``awaiting_approval``, ``approved``, ``paid``
        and ``void``. A word that is not listed is a draft: it is never sent.
    :param updated: The attribute of a time that every write of a document moves, of its lines too, by whatever program:
        only those that it moved for are read by a scan. Needs a company and a date that the database can choose by.
    """

    BATCH = 150
    """SQLAlchemy loads what belongs to 500 rows in one statement: the options of their lines, mostly."""

    def __init__(
        self,
        model: type[Any],
        *,
        lines: Local,
        statuses: Mapping[Any, str] | None = None,
        updated: str = "",
        **options: Any,
    ) -> None:
        super().__init__(model, **options)
        self.lines = lines
        self.updated = updated
        self.statuses = statuses or {}

    @property
    def statuses(self) -> Mapping[Any, str]:
        """The host's words and their meanings; set anew, they are checked as at start."""
        return self._statuses

    @statuses.setter
    def statuses(self, statuses: Mapping[Any, str]) -> None:
        self._statuses = dict(statuses)
        self.states = Vocabulary("statuses", self._statuses, STATUSES, "not a status")
        if self.kind:
            self.states.bind(self.who, self.type_of("status"))

    def bind(self, kind: str) -> None:
        super().bind(kind)
        self.lines.bind("line")
        self._check_lines()
        if self.updated:
            batches.check_stamp(self)
        self.states.bind(self.who, self.type_of("status"))

    def _check_lines(self) -> None:
        parent = self.lines.parent
        prop = self.mapper.relationships.get(parent)
        if prop is None:
            known = near(parent, sorted(self.mapper.relationships.keys()))
            raise MappingError(f"{self.who}: lines=Local(..., parent={parent!r}): no such relationship. {known}")
        if not prop.uselist:
            raise MappingError(f"{self.who}: parent={parent!r} holds one row. Name the relationship to all the lines.")
        if not issubclass(self.lines.model, prop.mapper.class_):
            raise MappingError(
                f"{self.who}: parent={parent!r} holds rows of {prop.mapper.class_.__name__}, but lines= describes"
                f" {self.lines.model.__name__}."
            )
        if prop.viewonly and self.create is None:
            raise MappingError(
                f"{self.who}: parent={parent!r} is for viewing only. Give create=, which makes the lines."
            )

    def rows_of(self, row: Any) -> list[Any]:
        """The lines of a document."""
        found: list[Any] = related(row, self.mapper.relationships[self.lines.parent])
        return found

    def status_word(self, status: str) -> Any:
        """The host's word for a status; `approved` stands in for `paid`.

        :raises Refused: the host lists none.
        """
        try:
            return self.states.word(status)
        except Refused:
            if status != PAID:
                raise
            return self.states.word(APPROVED)
