"""What a document is, as a request asks for it: kind, head, lines, taxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..store.values import Row

ZERO = Decimal("0.00")
TOUCHED = "TOUCHED"
"""What a document carries, unseen, on which something was paid once: its lines can never be changed again."""
UNPOSTED = ("Draft", "Submitted", "Partially Approved", "Declined")
"""States of documents that owe nothing yet."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document: its objects, its party, its side of the ledger."""

    name: str
    item: str
    party: str
    party_id: str
    party_name: str
    module: str
    tax_type: str
    control: str
    record_type: str
    debit: bool

    @property
    def receivable(self) -> bool:
        return self.party == "CUSTOMER"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("ARINVOICE", "ARINVOICEITEM", "CUSTOMER", "CUSTOMERID", "CUSTOMERNAME", "4.AR", "Sale", "ar", "ri", True),
        Kind(
            "ARADJUSTMENT",
            "ARADJUSTMENTITEM",
            "CUSTOMER",
            "CUSTOMERID",
            "CUSTOMERNAME",
            "4.AR",
            "Sale",
            "ar",
            "ra",
            True,
        ),
        Kind("APBILL", "APBILLITEM", "VENDOR", "VENDORID", "VENDORNAME", "3.AP", "Purchase", "ap", "pi", False),
        Kind(
            "APADJUSTMENT",
            "APADJUSTMENTITEM",
            "VENDOR",
            "VENDORID",
            "VENDORNAME",
            "3.AP",
            "Purchase",
            "ap",
            "pa",
            False,
        ),
    )
}


@dataclass(slots=True)
class Tax:
    """A tax entry of a line; without an amount the rate decides."""

    detail: str
    amount: Decimal | None = None


@dataclass(slots=True)
class Line:
    """A line as asked for. `gross` is given in place of `amount` where tax is included."""

    account: str = ""
    label: str = ""
    amount: Decimal | None = None
    gross: Decimal | None = None
    memo: str = ""
    location: str = ""
    department: str = ""
    other: Row = field(default_factory=dict)
    taxes: list[Tax] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """A document as asked for; `head` holds fields that are stored as given, `rate` is what one of its currency is
    worth in the base currency."""

    kind: Kind
    party: str
    dated: date | None = None
    due: date | None = None
    posted: date | None = None
    number: str = ""
    action: str = "Submit"
    currency: str = ""
    term: str = ""
    entity: str = ""
    inclusive: bool = False
    head: Row = field(default_factory=dict)
    lines: Sequence[Line] = ()
    base: str = ""
    rate: Decimal = Decimal(1)
    given_rate: Decimal | None = None

    @property
    def draft(self) -> bool:
        return self.action.lower() == "draft"
