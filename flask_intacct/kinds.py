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
    :param fields: What is read of each record; those of :data:`WITHOUT` only if Intacct lets them be read.
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


WITHOUT: dict[str, str] = {
    "DESCRIPTION": "descriptions stay empty",
    "TAXSOLUTIONID": "tax details of several tax solutions look alike",
    "REVERSECHARGE": "reverse charges look like other tax details",
    "ACCOUNTTYPE": "an account's type is not compared",
    "NORMALBALANCE": "an account's normal balance is not compared",
    "CLOSINGTYPE": "which account is that of retained earnings is not known",
    "SUBLEDGERCONTROLON": "control accounts are known only when Sage Intacct refuses a line",
    "ALTERNATIVEACCOUNT": "which control account is which is not known",
    **dict.fromkeys(
        (f"REQUIRE{name}" for name in ("DEPT", "LOC", "PROJECT", "CUSTOMER", "VENDOR", "EMPLOYEE", "ITEM", "CLASS")),
        "which dimensions an account asks for is known only when Sage Intacct refuses a line",
    ),
    "TAXID": "tax numbers are not compared and stay empty",
    "DISPLAYCONTACT.EMAIL1": "e-mail addresses are not compared and stay empty",
    "DISPLAYCONTACT.PHONE1": "telephone numbers are not compared and stay empty",
    **dict.fromkeys(
        (f"DISPLAYCONTACT.MAILADDRESS.{name}" for name in ("ADDRESS1", "ADDRESS2", "CITY", "ZIP", "COUNTRY")),
        "postal addresses are not compared and stay empty",
    ),
    "MEGAENTITYID": "whose record it is is told by the locations of its lines alone",
    "DOCNUMBER": "references stay empty",
    "WHENDUE": "due dates stay empty",
    "CURRENCY": "documents in a currency of their own are not recognised",
    "BASECURR": "the company's own currency is not compared",
    "MODULEKEY": "documents of order entry and purchasing look like others",
    **dict.fromkeys(("DEPARTMENTID", "CLASSID", "PROJECTID"), "the values of this dimension are not brought in"),
    "LOCATIONTYPE": "entities are told from other locations by their place alone",
    "PARENTID": "the entity above a location is not known",
    "name": "its values go by their ids",
    "updatedAt": "when a value was changed is not known",
    "ENTRYDESCRIPTION": "descriptions of lines stay empty",
    "SUBTOTAL": "lines of subtotals look like others",
    "PARENTENTRY": "lines that Sage Intacct added for tax look like others",
    "LINEITEM": "lines that Sage Intacct added look like others",
    "LINE_NO": "lines stand in the order in which they were entered",
}
"""The fields that can be done without where Intacct refuses them, and what a person is told is missing then."""

_RIGHTS = {
    "TAXDETAIL": "Taxes > Tax details",
    "TAXRECORD": "Taxes > Tax records",
    "GLACCOUNT": "General Ledger > Accounts",
    "CUSTOMER": "Accounts Receivable > Customers",
    "VENDOR": "Accounts Payable > Vendors",
    "ARINVOICE": "Accounts Receivable > Invoices",
    "ARINVOICEITEM": "Accounts Receivable > Invoices",
    "APBILL": "Accounts Payable > Bills",
    "APBILLITEM": "Accounts Payable > Bills",
    "LOCATION": "Company > Locations",
    "LOCATIONENTITY": "Company > Entities",
    "DEPARTMENT": "Company > Departments",
    "CLASS": "Company > Classes",
    "PROJECT": "Projects > Projects",
}

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
)
LINE_FIELDS = (
    "RECORDNO",
    "RECORDKEY",
    "LINE_NO",
    "ACCOUNTNO",
    "TRX_AMOUNT",
    "ENTRYDESCRIPTION",
    "SUBTOTAL",
    "PARENTENTRY",
    "LINEITEM",
)
"""What is read of each line of a document, besides the values of its dimensions."""

KINDS: tuple[Kind, ...] = (
    Kind(TAX_TYPE, SALE, "TAXDETAIL", "DETAILID", "DETAILID", where=("TAXTYPE", "Sale"), fields=_TAX),
    Kind(
        TAX_TYPE,
        PURCHASE,
        "TAXDETAIL",
        "DETAILID",
        "DETAILID",
        where=("TAXTYPE", "Purchase"),
        fields=_TAX,
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


def key(kind: Kind, object: str) -> str:
    """The field that identifies a record of a kind for ever; a user-defined dimension's values have an id alone."""
    return "ID" if kind.name == TRACKING_OPTION and object not in DIMENSION_OBJECTS else kind.key


def without(field: str) -> str:
    """What a person is told is missing without a field; "" for one that can't be done without."""
    if field.startswith("GLDIM"):
        return "the values of this dimension are not brought in"
    return WITHOUT.get(field, "")


def right(object: str) -> str:
    """How to give the Web Services user the right to read an object."""
    where = _RIGHTS.get(object, f"the custom object {object}" if object else "the object")
    return f"Give the role of the Web Services user List and View for {where} (Company > Admin > Roles > Permissions)."


def module(object: str) -> str:
    """The module to which an object belongs; "" where every company has it, or nobody knows."""
    name, _, rest = _RIGHTS.get(object, "").partition(" > ")
    return name if rest and name != "Company" else ""


def roles(name: str) -> tuple[str, ...]:
    """The roles a kind has; ``("",)`` where it has just one."""
    return tuple(row.role for row in KINDS if row.name == name)
