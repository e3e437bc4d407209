"""The values that travel: what a host row and an Intacct object both become before they meet.

They are frozen, hold no database row and no XML, and refer to each other by :class:`Ref`. Money is
:class:`~decimal.Decimal` in units of the currency with two places, dates are :class:`~datetime.date`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

DRAFT, AWAITING_APPROVAL, APPROVED, PAID, VOID = "draft", "awaiting_approval", "approved", "paid", "void"
STATUSES = (DRAFT, AWAITING_APPROVAL, APPROVED, PAID, VOID)


class Ref(NamedTuple):
    """Names one record: on the host's side (source, local id), on Intacct's (object, natural id)."""

    source: str
    id: str


def cents(amount: Any) -> Decimal:
    """`amount` as money: to the cent, halves away from zero.

    :raises ValueError: it is no number.
    """
    try:
        return Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)
    except ArithmeticError as error:
        raise ValueError(f"{amount!r} is not an amount of money.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What all records share: who they are, what people call them, whether they may be chosen."""

    ref: Ref
    name: str = ""
    code: str = ""
    active: bool = True

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
    """`type` is ``balancesheet``, ``incomestatement`` or "" (unknown); `control` names what a control
    account controls."""

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
    """An invoice or a bill. `total` is the gross that its own side states, to be compared with the lines."""

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
    lines: tuple[Line, ...] = ()
    state: str = field(default="", compare=False)

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


def folded(*words: Iterable[str] | str) -> str:
    """Search text: case-folded, blanks collapsed, for substring search in our own tables."""
    flat = " ".join(word if isinstance(word, str) else " ".join(word) for word in words)
    return " ".join(flat.casefold().split())
