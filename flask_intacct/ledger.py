"""The values that travel: what a host row and an Intacct object both become before they meet.

They are frozen, hold no database row and no XML, and refer to each other by :class:`Ref`. Money is
:class:`~decimal.Decimal` in units of the currency with two places, dates are :class:`~datetime.date`. :func:`dump` and
:func:`load` are the only way in which they are stored: a field that is added here is kept everywhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MOST = Decimal(2**63 - 1) / 100

DRAFT, AWAITING_APPROVAL, APPROVED, PAID, VOID = "draft", "awaiting_approval", "approved", "paid", "void"
STATUSES = (DRAFT, AWAITING_APPROVAL, APPROVED, PAID, VOID)

RECEIVABLES, PAYABLES, TAX, BANK, RETAINED, SUBLEDGER = (
    "receivables",
    "payables",
    "tax",
    "bank",
    "retained",
    "subledger",
)
CONTROLS = (RECEIVABLES, PAYABLES, TAX, BANK, RETAINED, SUBLEDGER)
"""What an account can control; `subledger` where it is not said which."""


class Ref(NamedTuple):
    """Names one record: on the host's side (source, local id), on Intacct's (object, natural id)."""

    source: str
    id: str


def cents(amount: Any) -> Decimal:
    """`amount` as money: to the cent, halves away from zero; a float counts as it is printed, 1.005 is 1.01.

    :raises ValueError: it is no number, or more than a column of cents holds (2^63).
    """
    try:
        money = (amount if type(amount) is Decimal else Decimal(str(amount))).quantize(CENT, ROUND_HALF_UP)
    except ArithmeticError as error:
        raise ValueError(f"{amount!r} is not an amount of money.") from error
    if money.is_nan() or abs(money) > MOST:
        raise ValueError(f"{amount!r} is not an amount of money.")
    return money


def whole_cents(amount: Decimal) -> int:
    """Money as a whole number of cents, as our tables keep it."""
    return int(amount.quantize(CENT, ROUND_HALF_UP) * 100)


def money(number: int) -> Decimal:
    """A whole number of cents as money."""
    return (Decimal(int(number)) / 100).quantize(CENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What all records share: who they are, what people call them, whether they may be chosen.

    :param unlisted: Words of the host that its description does not list.
    """

    ref: Ref
    name: str = ""
    code: str = ""
    active: bool = True
    unlisted: tuple[str, ...] = field(default=(), compare=False)

    @property
    def label(self) -> str:
        """How lists name the record: its code, if it has one, then its name."""
        return f"{self.code} {self.name}".strip() if self.code != self.name else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxType(Value):
    """`rate` is in per cent; `roles` holds ``sale``, ``purchase`` or both."""

    rate: Decimal | None = None
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Value):
    """`type` is ``balancesheet``, ``incomestatement`` or "" (unknown); `control` is one of :data:`CONTROLS`, or ""
    for an ordinary account."""

    type: str = ""
    normal_balance: str = ""
    control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingCategory(Value):
    """On Intacct's side a dimension: `ref.id` is its object name, `field` the line field it is written to."""

    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingOption(Value):
    """One value of a category; on Intacct's side `entity` is the entity above a location ("" elsewhere)."""

    category: Ref
    entity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Value):
    """A customer, a vendor, or both (`roles`). `excluded`: Intacct says that it must not sync."""

    roles: frozenset[str] = frozenset()
    email: str = ""
    phone: str = ""
    tax_number: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""
    entity: str = ""
    excluded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: `net` before tax, `tax` the amount of `tax_type`; `options` the tracking values it carries."""

    net: Decimal
    tax: Decimal = ZERO
    account: Ref | None = None
    tax_type: Ref | None = None
    options: tuple[Ref, ...] = ()
    description: str = ""

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document: an invoice, say. `total` is the gross that its own side states, to be compared with the lines; `open`
    what is still to be paid of it, None where its side does not say."""

    kind: str
    ref: Ref
    number: str
    contact: Ref | None
    date: dt.date | None
    due: dt.date | None = None
    reference: str = ""
    description: str = ""
    status: str = APPROVED
    currency: str = ""
    entity: str = ""
    total: Decimal | None = None
    open: Decimal | None = None
    lines: tuple[Line, ...] = ()
    state: str = field(default="", compare=False)
    unlisted: tuple[str, ...] = field(default=(), compare=False)

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def gross(self) -> Decimal:
        """The stated total, or the sum of the lines where none is stated."""
        return self.net + self.tax if self.total is None else self.total

    def dated_from(self, day: dt.date | None) -> bool:
        """Whether it is dated on or after a day; None takes any, also one without a date."""
        return day is None or (self.date is not None and self.date >= day)


CONTACT_DETAILS = ("email", "phone", "tax_number", "address1", "address2", "city", "postcode", "country")
"""What the host may tell of a contact besides its name and code, and what comes in from Intacct."""

FORM = 1
"""The form in which :func:`dump` writes; a field that is added with a default needs no new one."""

V = TypeVar("V")


def dump(value: Any) -> dict[str, Any]:
    """A ledger value as JSON, under ``v`` the form it is written in. What is as its field's default is left out."""
    return {"v": FORM, **plain(value)}


def plain(value: Any) -> dict[str, Any]:
    """The same without the form: what :func:`digest` counts of a value."""
    class_: Any = type(value)
    found = {}
    for name, default in _fields(class_):
        content = getattr(value, name)
        if default is MISSING or content != default:
            found[name] = content if type(content) is str else _jsoned(content)
    return found


def load(class_: type[V], stored: Mapping[str, Any], **known: Any) -> V:
    """The value that :func:`dump` wrote; what was not stored is as its field's default, other keys are left alone.

    :param known: Fields that the caller knows better than what was stored.
    :raises ValueError: a newer release wrote it, or it can't be read.
    :raises TypeError: a field without a default was not stored.
    """
    if int(stored.get("v", 0)) > FORM:
        raise ValueError(f"A newer release wrote this {class_.__name__} (form {stored['v']}); this one reads {FORM}.")
    given = {
        name: None if (content := stored[name]) is None else read(content)
        for name, read in _readers(class_).items()  # type: ignore[arg-type]  # a class is hashable, which its type variable hides
        if name in stored and name not in known
    }
    return class_(**given, **known)


def digest(value: Any) -> str:
    """A hash of a value, or of JSON with values in it, over what :func:`dump` stores without its form: a field that a
    release adds with a default changes none."""
    return hashlib.sha256(_ENCODER.encode(value).encode()).hexdigest()


def _hashed(value: Any) -> Any:
    return plain(value) if is_dataclass(value) else str(value)


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_hashed)


@cache
def _fields(class_: type[Any]) -> tuple[tuple[str, Any], ...]:
    """The fields of a class with their defaults, :data:`MISSING` where there is none."""
    return tuple((item.name, item.default) for item in fields(class_))


def _jsoned(content: Any) -> Any:
    class_: Any = type(content)
    return _written(class_)(content)


@cache
def _written(class_: type[Any]) -> Callable[[Any], Any]:
    """What makes JSON of a value of this class."""
    known = next((_WRITTEN[base] for base in class_.__mro__ if base in _WRITTEN), None)
    return known or (plain if is_dataclass(class_) else lambda content: content)


_WRITTEN: dict[type[Any], Callable[[Any], Any]] = {
    Decimal: str,
    dt.date: lambda content: content.isoformat(),
    frozenset: sorted,
    Ref: list,
    tuple: lambda content: [_jsoned(item) for item in content],
}


@cache
def _readers(class_: type[Any]) -> dict[str, Callable[[Any], Any]]:
    """What makes a field's value of what was stored of it, by the names of the fields."""
    return {name: _reader(hint) for name, hint in get_type_hints(class_).items()}


def _reader(hint: Any) -> Callable[[Any], Any]:
    inner = [argument for argument in get_args(hint) if argument not in (NoneType, ...)]
    if NoneType in get_args(hint):
        return _reader(inner[0])
    class_: Any = get_origin(hint) or hint
    if class_ in (tuple, frozenset):
        read = _reader(inner[0])
        return lambda content: class_([read(item) for item in content])
    if class_ is Ref:
        return lambda content: Ref(*content)
    if class_ is Decimal:
        return Decimal
    if class_ is dt.date:
        return dt.date.fromisoformat
    return (lambda content: load(Line, content)) if class_ is Line else lambda content: content


def folded(*words: Iterable[str] | str) -> str:
    """Search text: case-folded, blanks collapsed, for substring search in our own tables."""
    flat = " ".join(word if isinstance(word, str) else " ".join(word) for word in words)
    return " ".join(flat.casefold().split())
