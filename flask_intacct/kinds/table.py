"""All kinds, in the order in which they sync, and what is looked up in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ..ledger import CONTACT_DETAILS, Account, Contact, Document, TaxType, TrackingCategory, TrackingOption
from ..messages import Message
from ..messages.marks import literal
from . import fields
from .forms import Form, generic
from .kind import (
    ACCOUNT,
    BILL,
    CONTACT,
    CUSTOMER,
    INVOICE,
    PAYABLE,
    PURCHASE,
    RECEIVABLE,
    SALE,
    SIDES,
    TAX_TYPE,
    TRACKING_CATEGORY,
    TRACKING_OPTION,
    VENDOR,
    Kind,
    Shape,
    Side,
)

_TAX_TYPE = Kind(
    TAX_TYPE,
    SALE,
    argument="tax_types",
    label=literal("Tax types"),
    theirs=literal("Tax details"),
    menu="Taxes > Tax details",
    value=TaxType,
    needed=("name", "rate"),
    optional=("code", "roles", "archived", "company"),
    object="TAXDETAIL",
    key="DETAILID",
    natural_id="DETAILID",
    changeable=True,
    fields=fields.TAX,
    unlisted=Message("unlisted.roles"),
)
_ACCOUNT = Kind(
    ACCOUNT,
    "",
    argument="accounts",
    label=literal("Accounts"),
    theirs=literal("GL accounts"),
    menu="General Ledger > Accounts",
    value=Account,
    needed=("name",),
    optional=("code", "type", "control", "archived", "company"),
    object="GLACCOUNT",
    key="RECORDNO",
    natural_id="ACCOUNTNO",
    changeable=True,
    fields=fields.ACCOUNT,
    unlisted=Message("unlisted.type"),
)
_CATEGORY = Kind(
    TRACKING_CATEGORY,
    "",
    argument="tracking_categories",
    label=literal("Tracking categories"),
    theirs=literal("Dimensions"),
    menu="",
    value=TrackingCategory,
    needed=("name",),
    optional=("archived", "company"),
    object=fields.DIMENSION,
    key="objectName",
    natural_id="objectName",
    exclusive=False,
    changeable=True,
)
_OPTION = Kind(
    TRACKING_OPTION,
    "",
    argument="tracking_options",
    label=literal("Tracking options"),
    theirs=literal("Values of dimensions"),
    menu="",
    value=TrackingOption,
    needed=("name", "category"),
    optional=("code", "archived", "company"),
    object="",
    key="RECORDNO",
    natural_id="",
    exclusive=False,
    changeable=True,
    of_entity=True,
)
_CUSTOMER = Kind(
    CONTACT,
    CUSTOMER,
    argument="contacts",
    label=literal("Contacts"),
    theirs=literal("Customers and vendors"),
    menu="Accounts Receivable > Customers",
    value=Contact,
    needed=("name",),
    optional=("code", *CONTACT_DETAILS, "archived", "company"),
    object="CUSTOMER",
    key="RECORDNO",
    natural_id="CUSTOMERID",
    creatable=True,
    of_entity=True,
    fields=("RECORDNO", "CUSTOMERID", *fields.CONTACT, fields.OWNER, fields.STAMP),
    unlisted=Message("unlisted.roles"),
)
_INVOICE = Kind(
    INVOICE,
    "",
    argument="invoices",
    label=literal("Invoices"),
    theirs=literal("AR invoices"),
    menu="Accounts Receivable > Invoices",
    value=Document,
    needed=("number", "contact", "date", "status"),
    optional=("due", "reference", "description", "currency", "company", "total"),
    object="ARINVOICE",
    key="RECORDNO",
    natural_id="RECORDID",
    fields=("RECORDNO", fields.OWNER, fields.STAMP),
    longest=45,  # of the number and the reference, in the schema of the old functions
    unlisted=Message("unlisted.status"),
    shape=Shape(
        RECEIVABLE,
        contact="CUSTOMERID",
        items="ARINVOICEITEM",
        form=Form(
            "create_invoice",
            contact="customerid",
            number="invoiceno",
            lines="invoiceitems",
            change="update_invoice",
            changed_lines="updateinvoiceitems",
            reverse="reverse_invoice",
        ),
        posted_to="Accounts receivable",
    ),
)
_ROWS: list[Kind] = [
    _TAX_TYPE,
    replace(_TAX_TYPE, role=PURCHASE),
    _ACCOUNT,
    _CATEGORY,
    _OPTION,
    _CUSTOMER,
    replace(
        _CUSTOMER,
        role=VENDOR,
        menu="Accounts Payable > Vendors",
        object="VENDOR",
        natural_id="VENDORID",
        fields=("RECORDNO", "VENDORID", *fields.CONTACT, fields.OWNER, fields.STAMP),
    ),
    _INVOICE,
    replace(
        _INVOICE,
        name=BILL,
        argument="bills",
        label=literal("Bills"),
        theirs=literal("AP bills"),
        menu="Accounts Payable > Bills",
        object="APBILL",
        shape=Shape(
            PAYABLE, contact="VENDORID", items="APBILLITEM", form=generic("VENDORID", "APBILLITEMS", "reverse_bill")
        ),
    ),
]
_MENUS = {
    fields.TAX_RECORDS: "Taxes > Tax records",
    "LOCATION": "Company > Locations",
    "LOCATIONENTITY": "Company > Entities",
    "DEPARTMENT": "Company > Departments",
    "CLASS": "Company > Classes",
    "PROJECT": "Projects > Projects",
}
"""Where objects that are no kinds are in Intacct's permissions."""

MATCHED: tuple[str, ...] = tuple(dict.fromkeys(row.name for row in _ROWS if row.shape is None))
"""The kinds that a person matches, in the order of the steps."""


def each() -> tuple[Kind, ...]:
    """Every kind once, in its first role."""
    return tuple(named(name) for name in dict.fromkeys(row.name for row in _ROWS))


def documents() -> tuple[str, ...]:
    """The kinds of documents."""
    return tuple(row.name for row in _ROWS if row.shape is not None)


def kind(name: str, role: str = "") -> Kind:
    """The row of one kind and role.

    :raises KeyError: there is no such kind in this role.
    """
    for row in _ROWS:
        if row.name == name and row.role == role:
            return row
    raise KeyError((name, role))


def named(name: str) -> Kind:
    """A kind in its first role, for what all its roles share.

    :raises KeyError: there is no such kind.
    """
    return kind(name, *roles(name)[:1])


def shape(name: str) -> Shape:
    """What documents of a kind look like.

    :raises KeyError: there is no such kind of documents.
    """
    found = kind(name).shape
    if found is None:
        raise KeyError(name)
    return found


def roles(name: str) -> tuple[str, ...]:
    """The roles a kind has; ``("",)`` where it has just one."""
    return tuple(row.role for row in _ROWS if row.name == name)


def side(name: str, role: str = "") -> Side | None:
    """The side that contacts in a role, or documents of a kind, are on; None for all else."""
    if name == CONTACT:
        return next((one for one in SIDES if one.contact_role == role), None)
    return next((row.shape.side for row in _ROWS if row.name == name and row.shape is not None), None)


def role_of(name: str, object: str) -> str:
    """The role in which records of an object play a kind; "" where the object alone does not tell."""
    found = [row.role for row in _ROWS if row.name == name and row.object == object]
    return found[0] if len(found) == 1 else ""


def key(kind: Kind, object: str) -> str:
    """The field that identifies a record of a kind for ever; a user-defined dimension's values have an id alone."""
    return "ID" if kind.name == TRACKING_OPTION and object not in fields.DIMENSION_OBJECTS else kind.key


def right(object: str) -> Message:
    """How to give the Web Services user the right to read an object."""
    other = Message("right.custom", object=object) if object else Message("right.object")
    return Message("right", where=_menu(object) or other)


def module(object: str) -> str:
    """The module to which an object belongs; "" where every company has it, or nobody knows."""
    name, _, rest = _menu(object).partition(" > ")
    return name if rest and name != "Company" else ""


def _menu(object: str) -> str:
    """Where an object is in Intacct's permissions; "" where nobody knows."""
    found = [row.menu for row in _ROWS if object and object in (row.object, row.shape.items if row.shape else "")]
    return found[0] if found else _MENUS.get(object, "")


@contextmanager
def added(*rows: Kind) -> Iterator[Sequence[Kind]]:
    """Have more kinds of documents meanwhile, after the others: a test's, or those of a release to come.

    Applications that are made in the block know them; none may live longer than it.

    :raises ValueError: one is no kind of documents, or there is one of its name.
    """
    for row in rows:
        if row.shape is None or row.role or roles(row.name):
            raise ValueError(f"{row.name} can't be added: it must be a kind of documents, of a name of its own.")
    _ROWS.extend(rows)
    try:
        yield rows
    finally:
        for row in rows:
            _ROWS.remove(row)
