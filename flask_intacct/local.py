"""How a host's models play a kind: the host describes its models, it inherits from nothing.

::

    Local(Tenant, role="customer", name="ten_nm", email="email_addr", company="company_id")

An entry is the name of a mapped attribute or a callable that takes the row. Where another row is meant (a line's
account, a document's contact) the entry may give a foreign key's value, a relationship, or a row.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, inspect, select, tuple_
from sqlalchemy.exc import NoInspectionAvailable, SQLAlchemyError
from sqlalchemy.orm import Mapper, RelationshipProperty, Session

from . import kinds
from .errors import MappingError
from .ledger import CONTACT_DETAILS, STATUSES

Entry = str | Callable[[Any], Any]

ACCOUNT_TYPES = ("balancesheet", "incomestatement")
ENTRIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "company": (("name",), ("currency",)),
    kinds.TAX_TYPE: (("name", "rate"), ("code", "roles", "archived", "company")),
    kinds.ACCOUNT: (("name",), ("code", "type", "control", "archived", "company")),
    kinds.TRACKING_CATEGORY: (("name",), ("archived", "company")),
    kinds.TRACKING_OPTION: (("name", "category"), ("code", "archived", "company")),
    kinds.CONTACT: (("name",), ("code", *CONTACT_DETAILS, "archived", "company")),
    kinds.INVOICE: (
        ("number", "contact", "date", "status"),
        ("due", "reference", "description", "currency", "company", "total"),
    ),
    "line": (("account", "net"), ("tax", "tax_type", "description", "options", "property")),
}
ENTRIES[kinds.BILL] = ENTRIES[kinds.INVOICE]
"""Per kind: the entries that are needed, and those that may be left out."""


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
    :param parent: For lines: the relationship on the document that holds them.
    :param entries: The attributes, by the names in :data:`ENTRIES`.
    :raises MappingError: at ``init_app``, naming the model, the attribute and the nearest attributes.
    """

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
        self.parent = parent
        self.entries = entries
        self.kind = ""

    def bind(self, kind: str) -> None:
        """Check the description against the model, once the host's mappers are complete."""
        self.kind = kind
        needed, optional = ENTRIES[kind]
        self._check_model()
        for name in needed:
            if name not in self.entries:
                raise MappingError(f"{self._who}: {name}= is missing. It says which attribute holds the {name}.")
        for name, entry in self.entries.items():
            if name not in needed + optional:
                raise MappingError(f"{self._who}: {name}= is not known. {_near(name, needed + optional)}")
            if isinstance(entry, str):
                self._check_attribute(name, entry)
        for word, type_ in self.types.items():
            if type_ not in ACCOUNT_TYPES:
                raise MappingError(f"{self._who}: types[{word!r}]={type_!r} is no type. {_near(type_, ACCOUNT_TYPES)}")
        if kind == kinds.CONTACT and not callable(self.role) and self.role not in kinds.roles(kinds.CONTACT):
            raise MappingError(f'{self._who}: role= must be "customer", "vendor" or a callable, not {self.role!r}.')

    def _check_model(self) -> None:
        """A model there must be; its mappers are completed, for a backref is no attribute before."""
        registry = self.mapper.registry
        try:
            registry.configure()
        except SQLAlchemyError as error:
            raise MappingError(
                f"{self._who}: the models don't fit together when init_app is called: {error} Import all of them first."
            ) from error

    def _check_attribute(self, name: str, attribute: str) -> None:
        if not hasattr(self.model, attribute):
            names = [key for key in dir(self.model) if not key.startswith("_") and key not in ("metadata", "registry")]
            known = sorted({*self.mapper.all_orm_descriptors.keys(), *names})
            raise MappingError(f"{self._who}: {name}={attribute!r}, but the model has no such attribute. "
                               f"{_near(attribute, known)}")  # fmt: skip

    @property
    def _who(self) -> str:
        return f"{type(self).__name__}({self.model.__name__}) for {self.kind}"

    @property
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

    @property
    def tables(self) -> set[str]:
        """The names of its table and of those it inherits from."""
        return {str(getattr(table, "name", "")) for table in self.mapper.tables}

    def get(self, row: Any, name: str, default: Any = None) -> Any:
        """The value of an entry for this row; `default` where the entry is not mapped."""
        entry = self.entries.get(name)
        if entry is None:
            return default
        return entry(row) if callable(entry) else getattr(row, entry)

    def text(self, row: Any, name: str) -> str:
        """The value of an entry as trimmed text; "" for none."""
        value = self.get(row, name)
        return "" if value is None else str(value).strip()

    def local_id(self, row: Any) -> str:
        """The primary key as text; parts joined by a bar."""
        return "|".join(str(part) for part in self.mapper.primary_key_from_instance(row))

    def find(self, session: Session, local_id: str) -> Any | None:
        """The row of this id, or None."""
        columns = self.mapper.primary_key
        parts = local_id.split("|") if len(columns) > 1 else [local_id]
        if len(parts) != len(columns):
            return None
        try:
            key = tuple(column.type.python_type(part) for column, part in zip(columns, parts, strict=True))
        except (ValueError, TypeError, NotImplementedError):
            return None
        return session.get(self.model, key)

    def attribute(self, name: str) -> Any | None:
        """The mapped column attribute behind an entry, or None where only Python can tell."""
        entry = self.entries.get(name)
        if not isinstance(entry, str):
            return None
        relationship = self.mapper.relationships.get(entry)
        if relationship is not None:
            return self._foreign_key(relationship)
        attribute = getattr(self.model, entry, None)
        return attribute if isinstance(getattr(attribute, "expression", None), ColumnElement) else None

    def _foreign_key(self, relationship: RelationshipProperty[Any]) -> Any | None:
        """The column attribute that holds the primary key of the other row."""
        pairs = relationship.local_remote_pairs or []
        if relationship.uselist or [remote for _, remote in pairs] != list(relationship.mapper.primary_key):
            return None
        return self.mapper.get_property_by_column(pairs[0][0]).class_attribute if len(pairs) == 1 else None

    def rows(self, session: Session, company_id: str, *, since: Any = None, batch: int = 500) -> Iterator[Any]:
        """All rows of a company, by primary key, read in batches; `since` bounds the date of documents."""
        last: tuple[Any, ...] | None = None
        keys = self.mapper.primary_key
        while True:
            query = self._select(company_id, since).order_by(*keys).limit(batch)
            if last is not None:
                query = query.where(tuple_(*keys) > last if len(keys) > 1 else keys[0] > last[0])
            found = list(session.scalars(query))
            for row in found:
                if self._of_company(row, company_id):
                    yield row
            if len(found) < batch:
                return
            last = tuple(self.mapper.primary_key_from_instance(found[-1]))

    def _select(self, company_id: str, since: Any) -> Select[Any]:
        query = select(self.model)
        company = self.attribute("company")
        if company is not None and company_id:
            query = query.where(company == company.expression.type.python_type(company_id))
        day = self.attribute("date")
        if since is not None and day is not None:
            query = query.where(day >= since)
        return query

    def _of_company(self, row: Any, company_id: str) -> bool:
        if not company_id or "company" not in self.entries or self.attribute("company") is not None:
            return True
        company = self.get(row, "company")
        return identity(company) == company_id

    def target(self, name: str) -> str:
        """The table that a foreign-key entry points to, or "" where the entry is none."""
        attribute = self.attribute(name)
        keys = getattr(attribute.expression, "foreign_keys", ()) if attribute is not None else ()
        return next((key.column.table.name for key in keys), "")

    def assign(self, row: Any, name: str, value: Any) -> None:
        """Set the attribute behind an entry; a row becomes its key where the attribute is a column."""
        entry = self.entries.get(name)
        if not isinstance(entry, str):
            return
        prop = self.mapper.attrs.get(entry)
        if value is not None and not isinstance(prop, RelationshipProperty) and hasattr(value, "_sa_instance_state"):
            value = inspect(value).mapper.primary_key_from_instance(value)[0]
        setattr(row, entry, value)


class LocalDocument(Local):
    """A model of the host that plays invoices or bills.

    :param lines: A :class:`Local` of the lines.
    :param statuses: The host's status words, mapped to ``draft``, ``awaiting_approval``, ``approved``, ``paid``
        and ``void``. A word that is not listed is a draft: it is never sent.
    """

    def __init__(
        self, model: type[Any], *, lines: Local, statuses: Mapping[Any, str] | None = None, **options: Any
    ) -> None:
        super().__init__(model, **options)
        self.lines = lines
        self.statuses = dict(statuses or {})

    def bind(self, kind: str) -> None:
        super().bind(kind)
        self.lines.bind("line")
        if self.lines.parent not in self.mapper.relationships:
            raise MappingError(
                f"{self._who}: lines=Local(..., parent={self.lines.parent!r}), but the document has no such"
                f" relationship. {_near(self.lines.parent, sorted(self.mapper.relationships.keys()))}"
            )
        for word, status in self.statuses.items():
            if status not in STATUSES:
                raise MappingError(
                    f"{self._who}: statuses[{word!r}]={status!r} is not a status. {_near(status, STATUSES)}"
                )

    def has_word(self, status: str) -> bool:
        """Whether the host has a word of its own for a status; a host that lists no words uses ours."""
        return not self.statuses or status in self.statuses.values()

    def status_word(self, status: str) -> Any:
        """The host's word for a status: the first that was mapped to it; `approved` stands in for `paid`."""
        for word, meaning in self.statuses.items():
            if meaning == status:
                return word
        return self.status_word("approved") if status == "paid" else status


def identity(value: Any) -> str:
    """A row's primary key or a plain key, as text; "" for none."""
    if value is None:
        return ""
    state = getattr(value, "_sa_instance_state", None)
    if state is None:
        return str(value)
    return "|".join(str(part) for part in state.mapper.primary_key_from_instance(value))


def _near(wrong: str, known: Any) -> str:
    near = difflib.get_close_matches(wrong, [str(item) for item in known], n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(map(str, known))}."
