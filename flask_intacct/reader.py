"""Rows of the host as ledger values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import kinds, logs
from .ahead import Ahead
from .entries import OTHERS, EntryError
from .errors import Unreadable
from .failures import noted, passing, reference, roll_back, told
from .keys import identity, is_row, split
from .ledger import (
    CONTACT_DETAILS,
    CONTROLS,
    DRAFT,
    ZERO,
    Account,
    Contact,
    Document,
    Line,
    Ref,
    TaxType,
    TrackingCategory,
    TrackingOption,
    cents,
)
from .local import Local, LocalDocument
from .messages import Message, noun
from .vocabulary import named, unlisted_word

log = logs.logger(__name__)


class Reader:
    """Reads rows for one pass; what it looked up on the way it remembers no longer than that.

    :param locals_of: Gives the descriptions of a kind.
    """

    def __init__(self, session: Session, locals_of: Callable[[str], Sequence[Local]]) -> None:
        self._session, self._locals_of = session, locals_of
        self.ahead = Ahead(session, locals_of)
        self._logged: set[str] = set()

    def read(self, kind: str, local: Local, row: Any) -> Any:
        """One row as a ledger value of its kind.

        :raises Unreadable: a callable of the host fails, or the row holds what can't be.
        """
        try:
            return self._document(local, row) if isinstance(local, LocalDocument) else self._value(kind, local, row)
        except Exception as error:
            if passing(error):
                raise
            # The host's own code may raise anything: that is told of this row, and the others are read.
            roll_back(self._session, error)
            raise self.unreadable(kind, local, identity(row), error) from error

    def company_of(self, local: Local, row: Any) -> str:
        """The id of the company that a row belongs to.

        :raises Unreadable: it can't be read.
        """
        try:
            company = self._ref(local, row, "company")
        except EntryError as error:
            roll_back(self._session, error)
            raise self.unreadable(local.kind, local, identity(row), error) from error
        return "" if company is None else company.id

    def unreadable(self, kind: str, local: Local, local_id: str, error: BaseException) -> Unreadable:
        """Says which row can't be read, and why."""
        failed = error.failed if isinstance(error, EntryError) else error
        if failed is not None and reference(failed) not in self._logged:  # once a pass, however many rows it is
            self._logged.add(reference(failed))
            noted(log, failed, "%s %s can't be read", local.model.__name__, local_id)
        reason = error.said if isinstance(error, EntryError) else told(error)
        number = self._number(local, local_id) if isinstance(local, LocalDocument) else None
        name = f"{local.model.__name__} {number or local_id}"
        return Unreadable(kind, Ref(local.source, local_id), name, reason, number)

    def _number(self, local: Local, local_id: str) -> str | None:
        """The number of a document that can't be read otherwise; None if that can't be either."""
        column, keys = local.attribute("number"), local.mapper.primary_key
        values = split(local_id, keys)
        if column is None or values is None:
            return None
        wanted = [key == value for key, value in zip(keys, values, strict=True)]
        try:
            found = self._session.scalar(select(column).where(*wanted))
        except Exception as error:
            if passing(error):
                raise
            # The column's own type can make nothing of it.
            roll_back(self._session, error)
            return None
        return None if found is None else str(found).strip()

    def _value(self, kind: str, local: Local, row: Any) -> Any:
        common: dict[str, Any] = {
            "ref": Ref(local.source, local.local_id(row)),
            "name": _text(local, row, "name"),
            "code": _text(local, row, "code"),
            "active": not _get(local, row, "archived", False),
        }
        if kind == kinds.TAX_TYPE:
            rate = _get(local, row, "rate")
            found, odd = named("roles", _get(local, row, "roles") or kinds.roles(kind), kinds.roles(kind))
            return TaxType(**common, rate=None if rate is None else _number("rate", rate), roles=found, unlisted=odd)
        if kind == kinds.ACCOUNT:
            word = _get(local, row, "type")
            meaning = local.words.meaning(word)
            odd = (unlisted_word("type", word),) if meaning is None and word not in (None, "") else ()
            controls, unknown = named("control", _get(local, row, "control"), CONTROLS)
            control = next(iter(controls), "")
            return Account(**common, type=meaning or "", control=control, unlisted=(*odd, *unknown))
        if kind == kinds.TRACKING_CATEGORY:
            return TrackingCategory(**common)
        if kind == kinds.TRACKING_OPTION:
            return TrackingOption(**common, category=self._ref(local, row, "category") or Ref("", ""))
        found, odd = named("role", _role(local, row), kinds.roles(kind))
        details: dict[str, Any] = {name: _text(local, row, name) for name in CONTACT_DETAILS}
        return Contact(**common, **details, roles=found, unlisted=odd)

    def _document(self, local: LocalDocument, row: Any) -> Document:
        total = _get(local, row, "total")
        word = _get(local, row, "status")
        status = local.states.meaning(word)
        return Document(
            kind=local.kind,
            ref=Ref(local.source, local.local_id(row)),
            number=_text(local, row, "number"),
            contact=self._ref(local, row, "contact"),
            date=_day("date", _get(local, row, "date")),
            due=_day("due", _get(local, row, "due")),
            reference=_text(local, row, "reference"),
            description=_text(local, row, "description"),
            status=status or DRAFT,
            currency=_text(local, row, "currency").upper(),
            total=None if total is None else _money("total", total),
            lines=tuple(self._line(local.lines, line) for line in self.ahead.lines(local, row)),
            unlisted=() if status else (unlisted_word("status", word),),
        )

    def _line(self, local: Local, row: Any) -> Line:
        options = self._other(local, row, "options")
        options = () if options is None else options
        chosen = [options] if isinstance(options, str) or not hasattr(options, "__iter__") else list(options)
        refs = [self._target(local, row, "options", option) for option in chosen if option is not None]
        refs.append(self._ref(local, row, "property"))
        return Line(
            net=_money("net", _get(local, row, "net") or ZERO),
            tax=_money("tax", _get(local, row, "tax") or ZERO),
            account=self._ref(local, row, "account"),
            tax_type=self._ref(local, row, "tax_type"),
            options=tuple(dict.fromkeys(ref for ref in refs if ref is not None)),
            description=_text(local, row, "description"),
        )

    def _ref(self, local: Local, row: Any, name: str) -> Ref | None:
        value = self._other(local, row, name)
        return None if value is None or value == "" else self._target(local, row, name, value)

    def _other(self, local: Local, row: Any, name: str) -> Any:
        """What an entry gives that means another row."""
        try:
            return self.ahead.get(local, row, name)
        except Exception as error:
            if passing(error):
                raise
            raise _failed(name, error) from error

    def _target(self, local: Local, row: Any, name: str, value: Any) -> Ref | None:
        """Which record an entry means, whatever it gives: a row, the value of a foreign key, a primary key."""
        candidates = self._locals_of(OTHERS[name])
        if is_row(value):
            for other in candidates:
                if isinstance(value, other.model):
                    return Ref(other.source, other.local_id(value))
            if candidates:
                raise EntryError(
                    Message("entry.other_row", entry=name, model=type(value).__name__, noun=noun(_named(name)))
                )
            return Ref("", identity(value))
        found = self.ahead.lead(local, name)
        if found is not None:
            return self.ahead.ref(*found, row)
        sources = {other.source for other in candidates}
        return Ref(sources.pop() if len(sources) == 1 else "", identity(value))


def _failed(entry: str, error: Exception) -> EntryError:
    """What the host's own code raised for an entry, whatever it may be, told with the entry that it belongs to."""
    return EntryError(Message("entry.fails", entry=entry, reason=told(error)), error)


def _get(local: Local, row: Any, name: str, default: Any = None) -> Any:
    try:
        return local.get(row, name, default)
    except Exception as error:
        if passing(error):
            raise
        raise _failed(name, error) from error


def _text(local: Local, row: Any, name: str) -> str:
    value = _get(local, row, name)
    return "" if value is None else str(value).strip()


def _role(local: Local, row: Any) -> Any:
    try:
        return local.role(row) if callable(local.role) else local.role
    except Exception as error:
        if passing(error):
            raise
        raise _failed("role", error) from error


def _money(entry: str, amount: Any) -> Decimal:
    try:
        return cents(amount)
    except ValueError as error:
        raise EntryError(Message("entry.no_money", entry=entry, value=_short(amount))) from error


def _number(entry: str, number: Any) -> Decimal:
    try:
        found = Decimal(str(number))
    except ArithmeticError as error:
        raise EntryError(Message("entry.no_number", entry=entry, value=_short(number))) from error
    if not found.is_finite():
        raise EntryError(Message("entry.no_number", entry=entry, value=_short(number)))
    return found


def _day(entry: str, value: Any) -> date | None:
    if value is not None and not isinstance(value, date):
        raise EntryError(Message("entry.no_date", entry=entry, value=_short(value)))
    return value.date() if isinstance(value, datetime) else value


def _short(value: Any) -> str:
    return repr(value)[:60]


def _named(entry: str) -> str:
    return {"company": "company"}.get(entry, OTHERS[entry].replace("_", " "))
