"""The host's own tables, read as ledger values and written in the host's own ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import Session

from . import kinds
from .errors import MappingError, Refused
from .ledger import (
    CONTACT_DETAILS,
    CONTROLS,
    DRAFT,
    STATUSES,
    ZERO,
    Account,
    Contact,
    Document,
    Line,
    Ref,
    TaxType,
    TrackingCategory,
    TrackingOption,
    Value,
    cents,
)
from .local import ACCOUNT_TYPES, Local, LocalDocument, identity


class Host:
    """What the host mapped, by kind.

    :param company: How a company is described; None for a host with one company, whose id is then "".
    :param mapped: Per kind, the models that play it.
    """

    def __init__(self, company: Local | None, mapped: Mapping[str, Sequence[Local]]) -> None:
        self.company = company
        self._mapped = {kind: tuple(locals_) for kind, locals_ in mapped.items() if locals_}
        self.db: SQLAlchemy | None = None

    def bind(self, db: SQLAlchemy) -> None:
        """Check every description against its model; called by ``init_app``.

        :raises MappingError: see :class:`~flask_intacct.local.Local`.
        """
        self.db = db
        if self.company is not None:
            self.company.bind("company")
        for kind, locals_ in self._mapped.items():
            models = [local.model for local in locals_]
            for local in locals_:
                if kind in kinds.DOCUMENTS and not isinstance(local, LocalDocument):
                    raise MappingError(f"{kind}s of {local.model.__name__} need a LocalDocument, not a Local.")
                if models.count(local.model) > 1:
                    raise MappingError(
                        f"{local.model.__name__} is described twice for {kind}; do it once, with a callable role=."
                    )
                local.bind(kind)

    @property
    def session(self) -> Session:
        """The host's own session: for the host's rows, never for ours."""
        assert self.db is not None  # bound by init_app
        return cast(Session, self.db.session)

    def has_word(self, kind: str, status: str) -> bool:
        """Whether documents of this kind that are brought in can have this status."""
        local = next(iter(self.locals(kind)), None)
        return isinstance(local, LocalDocument) and local.has_word(status)

    def has(self, kind: str) -> bool:
        """Whether the host mapped this kind."""
        return kind in self._mapped

    def locals(self, kind: str) -> tuple[Local, ...]:
        """The models that play a kind; none if it is not mapped."""
        return self._mapped.get(kind, ())

    def local(self, kind: str, source: str) -> Local | None:
        """The model behind a source name, None if the host no longer maps it."""
        return next((local for local in self.locals(kind) if local.source == source), None)

    def companies(self) -> list[tuple[str, str]]:
        """(id, name) of every company, by name."""
        if self.company is None:
            return [("", "")]
        rows = self.session.scalars(select(self.company.model)).all()
        return sorted(
            ((self.company.local_id(row), self.company.text(row, "name")) for row in rows), key=lambda c: c[1]
        )

    def currency(self, company_id: str) -> str:
        """The currency of a company; "" where the host does not say."""
        if self.company is None:
            return ""
        row = self.company.find(self.session, company_id)
        return "" if row is None else self.company.text(row, "currency").upper()

    def kind_of(self, row: Any) -> tuple[str, Local] | None:
        """Which kind a row plays, and by which description."""
        described = ((kind, local) for kind, locals_ in self._mapped.items() for local in locals_)
        return next((found for found in described if isinstance(row, found[1].model)), None)

    def find(self, kind: str, ref: Ref) -> tuple[Local, Any] | None:
        """The description and the row behind a reference, or None if it is gone. Models may share a table."""
        for local in self.locals(kind):
            row = local.find(self.session, ref.id) if local.source == ref.source else None
            if row is not None:
                return local, row
        return None

    def row(self, kind: str, ref: Ref) -> Any | None:
        """The host's row, or None if it is gone."""
        found = self.find(kind, ref)
        return None if found is None else found[1]

    def value(self, kind: str, ref: Ref) -> Value | Document | None:
        """One record as a ledger value, or None if it is gone."""
        found = self.find(kind, ref)
        return None if found is None else self.read(kind, *found)

    def values(self, kind: str, company_id: str) -> Iterator[Any]:
        """All records of a kind in a company, as ledger values."""
        for local in self.locals(kind):
            for row in local.rows(self.session, company_id):
                yield self.read(kind, local, row)

    def documents(self, kind: str, company_id: str, since: date | None) -> Iterator[Document]:
        """The documents of a company dated on or after `since` (None: all of them)."""
        for local in self.locals(kind):
            for row in local.rows(self.session, company_id, since=since):
                document = self._document(cast(LocalDocument, local), row)
                if since is None or (document.date is not None and document.date >= since):
                    yield document

    def read(self, kind: str, local: Local, row: Any) -> Any:
        """One row as a ledger value of its kind."""
        if isinstance(local, LocalDocument):
            return self._document(local, row)
        common: dict[str, Any] = {
            "ref": Ref(local.source, local.local_id(row)),
            "name": local.text(row, "name"),
            "code": local.text(row, "code"),
            "active": not local.get(row, "archived", False),
        }
        if kind == kinds.TAX_TYPE:
            rate = local.get(row, "rate")
            roles = local.get(row, "roles") or kinds.roles(kinds.TAX_TYPE)
            return TaxType(**common, rate=None if rate is None else Decimal(str(rate)), roles=_words(roles))
        if kind == kinds.ACCOUNT:
            return Account(
                **common,
                type=_meaning(local.get(row, "type"), local.types, ACCOUNT_TYPES, ""),
                control=_meaning(local.get(row, "control"), {}, CONTROLS, ""),
            )
        if kind == kinds.TRACKING_CATEGORY:
            return TrackingCategory(**common)
        if kind == kinds.TRACKING_OPTION:
            category = self._ref(local, row, "category", kinds.TRACKING_CATEGORY)
            return TrackingOption(**common, category=category or Ref("", ""))
        roles = local.role(row) if callable(local.role) else local.role
        details: dict[str, Any] = {name: local.text(row, name) for name in CONTACT_DETAILS}
        return Contact(**common, **details, roles=_words(roles))

    def _document(self, local: LocalDocument, row: Any) -> Document:
        total = local.get(row, "total")
        return Document(
            kind=local.kind,
            ref=Ref(local.source, local.local_id(row)),
            number=local.text(row, "number"),
            contact=self._ref(local, row, "contact", kinds.CONTACT),
            date=_day(local.get(row, "date")),
            due=_day(local.get(row, "due")),
            reference=local.text(row, "reference"),
            description=local.text(row, "description"),
            status=_meaning(local.get(row, "status"), local.statuses, STATUSES, DRAFT),
            currency=local.text(row, "currency").upper(),
            total=None if total is None else cents(total),
            lines=tuple(self._line(local.lines, line) for line in getattr(row, local.lines.parent)),
        )

    def _line(self, local: Local, row: Any) -> Line:
        options = local.get(row, "options") or ()
        chosen = [options] if isinstance(options, str) or not hasattr(options, "__iter__") else list(options)
        prop = local.get(row, "property")
        if prop is not None:
            chosen.append(prop)
        refs = [
            self._target(local, "options", option, kinds.TRACKING_OPTION) for option in chosen if option is not None
        ]
        return Line(
            net=cents(local.get(row, "net") or ZERO),
            tax=cents(local.get(row, "tax") or ZERO),
            account=self._ref(local, row, "account", kinds.ACCOUNT),
            tax_type=self._ref(local, row, "tax_type", kinds.TAX_TYPE),
            options=tuple(dict.fromkeys(refs)),
            description=local.text(row, "description"),
        )

    def _ref(self, local: Local, row: Any, name: str, kind: str) -> Ref | None:
        value = local.get(row, name)
        return None if value is None or value == "" else self._target(local, name, value, kind)

    def _target(self, local: Local, name: str, value: Any, kind: str) -> Ref:
        candidates = self.locals(kind)
        for other in candidates:
            if isinstance(value, other.model):
                return Ref(other.source, other.local_id(value))
        key, table = identity(value), local.target(name)
        near = [other for other in candidates if table in other.tables]
        sources = {other.source for other in near or candidates}
        if len(sources) > 1 and near:
            # Joined inheritance: the key is of the common table, only the row tells whose it is.
            sources = {other.source for other in near if other.find(self.session, key) is not None}
        return Ref(sources.pop() if len(sources) == 1 else "", key)

    def create(self, kind: str, local: Local, values: dict[str, Any]) -> Ref:
        """Make a row in the host from `values` and add it to the host's session; the caller commits.

        :raises Refused: the host can't have this record; the text says why.
        """
        if local.create is not None:
            row = local.create(values)
            if row is None:
                raise Refused(f"The application's create= for {local.model.__name__} made nothing.")
        else:
            row = self._default_row(local, values)
        self.session.add(row)
        self.session.flush()
        return Ref(local.source, local.local_id(row))

    def _default_row(self, local: Local, values: dict[str, Any]) -> Any:
        row = _bare(local)
        self.assign(local, row, {name: value for name, value in values.items() if name != "lines"})
        if isinstance(local, LocalDocument):
            lines = getattr(row, local.lines.parent)
            for line_values in values["lines"]:
                line = _bare(local.lines)
                self.assign(local.lines, line, line_values)
                lines.append(line)
        return row

    def update(self, kind: str, ref: Ref, values: dict[str, Any]) -> None:
        """Bring changed values into a row of the host, by its own `update=` if it has one; the caller commits.

        :raises Refused: the row is gone, or the host refuses.
        """
        found = self.find(kind, ref)
        if found is None:
            raise Refused(f"{kind} {ref.id} is no longer there.")
        local, row = found
        if local.update is not None:
            local.update(row, values)
        else:
            self.assign(local, row, values)

    def archive(self, kind: str, ref: Ref) -> None:
        """Archive a row of the host in its own way; the caller commits. A row that is gone is archived enough."""
        found = self.find(kind, ref)
        if found is None:
            return
        local, row = found
        if local.archive is not None:
            local.archive(row)
        else:
            local.assign(row, "archived", True)

    def assign(self, local: Local, row: Any, values: dict[str, Any]) -> None:
        """Set the mapped attributes; words are turned into the host's."""
        for name, value in values.items():
            if name == "status" and isinstance(local, LocalDocument):
                value = local.status_word(value)
            elif name == "type" and local.types:
                value = next((word for word, meaning in local.types.items() if meaning == value), value)
            elif name == "active":
                name, value = "archived", not value
            local.assign(row, name, value)


def _bare(local: Local) -> Any:
    try:
        return local.model()
    except TypeError as error:
        raise Refused(f"A {local.model.__name__} can't be made without create= in its description: {error}.") from error


def _meaning(word: Any, words: Mapping[Any, str], known: Sequence[str], otherwise: str) -> str:
    """What a word of the host means; a host that lists no words uses ours."""
    return words.get(word, otherwise) if words else word if word in known else otherwise


def _words(value: Any) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else value or ())


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else value
