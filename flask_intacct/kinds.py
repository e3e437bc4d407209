"""What each kind is in Intacct: one row per (kind, role), read by everything that treats kinds alike.

Sources: the vendor's object reference (field names of GLACCOUNT, TAXDETAIL, CUSTOMER, VENDOR, ARINVOICE, APBILL) and
its schema for the legacy functions (lengths of the document number and reference).
"""

from __future__ import annotations

from dataclasses import dataclass

TAX_TYPE, ACCOUNT = "tax_type", "account"
TRACKING_CATEGORY, TRACKING_OPTION = "tracking_category", "tracking_option"
CONTACT, INVOICE, BILL = "contact", "invoice", "bill"

SALE, PURCHASE, CUSTOMER, VENDOR = "sale", "purchase", "customer", "vendor"

DIMENSION = "DIMENSION"
"""The object name under which dimensions are cached: Intacct lists them by ``getDimensions``, not as records."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind in one role.

    :param object: The Intacct object; "" where it depends on the record (values of a dimension).
    :param key: The field that identifies a record for ever.
    :param natural_id: The field by which other records refer to it.
    :param exclusive: Each Intacct record is used by at most one local record.
    :param creatable: A person may choose to create it in Intacct.
    :param where: Field and value that select the role among the records of the object.
    :param fields: What is read of each record.
    :param business_key: The field of the document that carries our number, and its length.
    """

    name: str
    role: str
    object: str
    key: str
    natural_id: str
    exclusive: bool = True
    creatable: bool = False
    where: tuple[str, str] | None = None
    fields: tuple[str, ...] = ()
    business_key: tuple[str, int] | None = None


_STAMPS = ("WHENMODIFIED",)
_OWNER = ("MEGAENTITYID",)
_TAX = ("DETAILID", "DESCRIPTION", "TAXTYPE", "VALUE", "STATUS", "TAXSOLUTIONID", "REVERSECHARGE", "RECORDNO")
_PARTY = (
    "NAME",
    "STATUS",
    "TAXID",
    "DISPLAYCONTACT.EMAIL1",
    "DISPLAYCONTACT.PHONE1",
    "DISPLAYCONTACT.MAILADDRESS.ADDRESS1",
    "DISPLAYCONTACT.MAILADDRESS.ADDRESS2",
    "DISPLAYCONTACT.MAILADDRESS.CITY",
    "DISPLAYCONTACT.MAILADDRESS.ZIP",
    "DISPLAYCONTACT.MAILADDRESS.COUNTRY",
)
_DOCUMENT = (
    "RECORDNO",
    "RECORDID",
    "DOCNUMBER",
    "DESCRIPTION",
    "STATE",
    "WHENCREATED",
    "WHENDUE",
    "CURRENCY",
    "BASECURR",
    "TRX_TOTALENTERED",
    "TRX_TOTALDUE",
    "MODULEKEY",
    "AUWHENCREATED",
)

KINDS: tuple[Kind, ...] = (
    Kind(TAX_TYPE, SALE, "TAXDETAIL", "DETAILID", "DETAILID", where=("TAXTYPE", "Sale"), fields=_TAX + _STAMPS),
    Kind(
        TAX_TYPE,
        PURCHASE,
        "TAXDETAIL",
        "DETAILID",
        "DETAILID",
        where=("TAXTYPE", "Purchase"),
        fields=_TAX + _STAMPS,
    ),
    Kind(
        ACCOUNT,
        "",
        "GLACCOUNT",
        "RECORDNO",
        "ACCOUNTNO",
        fields=(
            "RECORDNO",
            "ACCOUNTNO",
            "TITLE",
            "ACCOUNTTYPE",
            "NORMALBALANCE",
            "CLOSINGTYPE",
            "SUBLEDGERCONTROLON",
            "ALTERNATIVEACCOUNT",
            "REQUIREDEPT",
            "REQUIRELOC",
            "REQUIREPROJECT",
            "REQUIRECUSTOMER",
            "REQUIREVENDOR",
            "REQUIREEMPLOYEE",
            "REQUIREITEM",
            "REQUIRECLASS",
            "STATUS",
            *_STAMPS,
        ),
    ),
    Kind(TRACKING_CATEGORY, "", DIMENSION, "objectName", "objectName", exclusive=False),
    Kind(TRACKING_OPTION, "", "", "RECORDNO", "", exclusive=False),
    Kind(
        CONTACT,
        CUSTOMER,
        "CUSTOMER",
        "RECORDNO",
        "CUSTOMERID",
        creatable=True,
        fields=("RECORDNO", "CUSTOMERID", *_PARTY, *_OWNER, *_STAMPS),
        business_key=("CUSTOMERID", 20),
    ),
    Kind(
        CONTACT,
        VENDOR,
        "VENDOR",
        "RECORDNO",
        "VENDORID",
        creatable=True,
        fields=("RECORDNO", "VENDORID", *_PARTY, *_OWNER, *_STAMPS),
        business_key=("VENDORID", 20),
    ),
    Kind(
        INVOICE,
        "",
        "ARINVOICE",
        "RECORDNO",
        "RECORDID",
        fields=(*_DOCUMENT, "CUSTOMERID", *_OWNER, *_STAMPS),
        business_key=("RECORDID", 45),
    ),
    Kind(
        BILL,
        "",
        "APBILL",
        "RECORDNO",
        "RECORDID",
        fields=(*_DOCUMENT, "VENDORID", *_OWNER, *_STAMPS),
        business_key=("RECORDID", 45),
    ),
)

MATCHED: tuple[str, ...] = (TAX_TYPE, ACCOUNT, TRACKING_CATEGORY, TRACKING_OPTION, CONTACT)
"""The kinds that a person matches, in the order of the steps."""

DOCUMENTS: tuple[str, ...] = (INVOICE, BILL)

DIMENSION_OBJECTS: dict[str, tuple[str, str, str]] = {
    "LOCATION": ("LOCATIONID", "NAME", "LOCATIONID"),
    "DEPARTMENT": ("DEPARTMENTID", "TITLE", "DEPARTMENTID"),
    "CLASS": ("CLASSID", "NAME", "CLASSID"),
    "PROJECT": ("PROJECTID", "NAME", "PROJECTID"),
}
"""Per standard dimension: its id field, its name field, and the field of a document line that it is written to."""


def kind(name: str, role: str = "") -> Kind:
    """The row of one kind and role.

    :raises KeyError: there is no such kind in this role.
    """
    for row in KINDS:
        if row.name == name and row.role == role:
            return row
    raise KeyError((name, role))


def roles(name: str) -> tuple[str, ...]:
    """The roles a kind has; ``("",)`` where it has just one."""
    return tuple(row.role for row in KINDS if row.name == name)
