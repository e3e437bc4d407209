"""What a simulated Intacct company holds before anybody calls it: plain values, amounts as Decimal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Entity:
    """A company inside a multi-entity Intacct company."""

    id: str
    name: str
    currency: str = "GBP"


@dataclass(frozen=True, slots=True)
class DimensionValue:
    """A location, department, class or user-defined value. `parent` is an id of the same dimension ("" for none);
    a location's parent is its entity. A user-defined value is a custom object: it has neither parent nor state, and
    its `id` here is its field CODE."""

    id: str
    name: str
    parent: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class GLAccount:
    """`type` is balancesheet or incomestatement, `balance` debit or credit, `control` one of
    "" ar ap tax bank retained discount advance exchange."""

    no: str
    title: str
    type: str
    balance: str
    control: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class TaxDetail:
    """`type` is Sale or Purchase, `rate` in per cent."""

    id: str
    description: str
    type: str
    rate: Decimal
    account: str
    solution: str = "United Kingdom - VAT"
    active: bool = True


@dataclass(frozen=True, slots=True)
class Party:
    """A customer or a vendor. `entity` "" = owned by the top level (shared)."""

    id: str
    name: str
    email: str = ""
    phone: str = ""
    tax_id: str = ""
    address1: str = ""
    city: str = ""
    postcode: str = ""
    country: str = "United Kingdom"
    entity: str = ""
    active: bool = True
    address2: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """`amount` before tax; `tax` the tax amount of `tax_detail`."""

    account: str
    amount: Decimal
    tax_detail: str = ""
    tax: Decimal = Decimal("0.00")
    memo: str = ""
    location: str = ""
    department: str = ""
    class_id: str = ""
    udd: str = ""


@dataclass(frozen=True, slots=True)
class LedgerDocument:
    """An AR invoice or AP bill. `state` is a STATE as Intacct reads it back (Draft, Posted, Paid, Partially Paid,
    Reversed, Reversal, Submitted ...); `paid` is the amount paid so far."""

    number: str
    party: str
    date: dt.date
    due: dt.date
    lines: Sequence[DocumentLine]
    entity: str
    reference: str = ""
    description: str = ""
    state: str = "Posted"
    paid: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Dataset:
    """One whole company. `udd_name` is the object name of the user-defined dimension, which may hold blanks, slashes
    and small letters ("" for none)."""

    entities: Sequence[Entity]
    tax_details: Sequence[TaxDetail]
    accounts: Sequence[GLAccount]
    locations: Sequence[DimensionValue]
    departments: Sequence[DimensionValue]
    classes: Sequence[DimensionValue]
    udd_name: str
    udd_label: str
    udd_values: Sequence[DimensionValue]
    customers: Sequence[Party]
    vendors: Sequence[Party]
    invoices: Sequence[LedgerDocument] = field(default_factory=tuple)
    bills: Sequence[LedgerDocument] = field(default_factory=tuple)
