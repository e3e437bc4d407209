"""What the registry says of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..messages import NOTHING, Message
from .fields import LINE, STATES
from .forms import Form

TAX_TYPE, ACCOUNT = "tax_type", "account"
TRACKING_CATEGORY, TRACKING_OPTION = "tracking_category", "tracking_option"
CONTACT, INVOICE, BILL = "contact", "invoice", "bill"

SALE, PURCHASE, CUSTOMER, VENDOR = "sale", "purchase", "customer", "vendor"


@dataclass(frozen=True, slots=True)
class Side:
    """What is owed to the company, or by it.

    :param name: What our tables and addresses call it.
    :param letters: What Intacct calls its ledger.
    :param contact_role: The role of the contacts of its documents; likewise that of the tax types of their lines.
    """

    name: str
    letters: str
    contact_role: str
    tax_role: str


RECEIVABLE, PAYABLE = Side("receivables", "AR", CUSTOMER, SALE), Side("payables", "AP", VENDOR, PURCHASE)
SIDES = (RECEIVABLE, PAYABLE)


@dataclass(frozen=True, slots=True)
class Shape:
    """What documents of a kind look like in Intacct.

    :param contact: The field that names the contact; likewise the other fields. `due` is "" where there is none.
    :param items: The object of its lines, which hold the fields `line`.
    :param form: How the function that creates one names its parts.
    :param states: What its states mean here.
    :param sign: -1 where Intacct writes amounts with the other sign than the host: credits.
    :param posted_to: What the plan says that the gross is posted to; "" for kinds whose postings it does not show.
    """

    side: Side
    contact: str
    items: str
    form: Form
    number: str = "RECORDID"
    reference: str = "DOCNUMBER"
    description: str = "DESCRIPTION"
    state: str = "STATE"
    date: str = "WHENCREATED"
    due: str = "WHENDUE"
    total: str = "TRX_TOTALENTERED"
    open: str = "TRX_TOTALDUE"
    line: tuple[str, ...] = LINE
    states: Mapping[str, str] = field(default_factory=lambda: STATES)
    sign: int = 1
    posted_to: str = ""

    @property
    def contact_role(self) -> str:
        """The role of their contacts."""
        return self.side.contact_role

    @property
    def tax_role(self) -> str:
        """The role of the tax types of their lines."""
        return self.side.tax_role

    @property
    def collection(self) -> str:
        """The field under which a document that is read whole has its lines."""
        return f"{self.items}S"

    @property
    def dates(self) -> tuple[str, ...]:
        """The fields that hold days."""
        return (self.date, self.due) if self.due else (self.date,)

    @property
    def fields(self) -> tuple[str, ...]:
        """What is read of each document, besides its key, owner and stamp."""
        return (
            self.number, self.reference, self.description, self.state, *self.dates, "CURRENCY", "BASECURR", self.total,
            self.open, "MODULEKEY", self.contact,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind in one role.

    :param name: What our tables, phases and addresses call it.
    :param argument: Where `Intacct(...)` takes its descriptions.
    :param label: What screens call them: "Tax types".
    :param theirs: What Intacct calls its records, for people.
    :param menu: Where in Intacct's permissions they are.
    :param value: The ledger value that they become.
    :param needed: What a description of it has to name; `optional` is what it may name besides.
    :param object: The Intacct object; "" where it depends on the record (values of a dimension).
    :param key: The field that identifies a record for ever.
    :param natural_id: The field by which other records refer to it.
    :param exclusive: Each Intacct record is used by at most one local record.
    :param creatable: A person may choose to create it in Intacct.
    :param changeable: A match may still be changed after Confirm, for documents to come.
    :param of_entity: Matches hang on the entity: they do not hold in another one.
    :param fields: What is read of each record, besides the fields of its shape; those that can be done without
        (:func:`~.fields.without`) only if Intacct lets them be read.
    :param longest: So many characters its number may have.
    :param unlisted: What becomes of a record whose word for a state, type or role nobody listed, for people.
    :param shape: What its documents look like; None for kinds that are no documents.
    """

    name: str
    role: str
    argument: str
    label: str
    theirs: str
    menu: str
    value: type[Any]
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    object: str
    key: str
    natural_id: str
    exclusive: bool = True
    creatable: bool = False
    changeable: bool = False
    of_entity: bool = False
    fields: tuple[str, ...] = ()
    longest: int = 0
    unlisted: Message = NOTHING
    shape: Shape | None = None

    @property
    def noun(self) -> str:
        """What messages call one: "tax type"."""
        return self.name.replace("_", " ")

    @property
    def reads(self) -> tuple[str, ...]:
        """All that is read of each record."""
        return (*(self.shape.fields if self.shape else ()), *self.fields)
