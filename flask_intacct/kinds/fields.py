"""Names of fields in Intacct that kinds share, and what is missing without those that a user may not read.

Sources: the vendor's object reference (field names of GLACCOUNT, TAXDETAIL, CUSTOMER, VENDOR, ARINVOICE, APBILL).
"""

from __future__ import annotations

from ..ledger import APPROVED, AWAITING_APPROVAL, DRAFT, PAID, VOID

DIMENSION = "DIMENSION"
"""The object name under which dimensions are cached: Intacct lists them by ``getDimensions``, not as records."""

DIMENSION_OBJECTS: dict[str, tuple[str, str, str]] = {
    "LOCATION": ("LOCATIONID", "NAME", "LOCATIONID"),
    "DEPARTMENT": ("DEPARTMENTID", "TITLE", "DEPARTMENTID"),
    "CLASS": ("CLASSID", "NAME", "CLASSID"),
    "PROJECT": ("PROJECTID", "NAME", "PROJECTID"),
}
"""Per standard dimension: its id field, its name field, and the field of a document line that it is written to."""

STAMP = "WHENMODIFIED"
"""The field that says when a record was changed last."""

OWNER = "MEGAENTITYID"
"""The field that names the entity a record belongs to; "" at the top level."""

TAX = ("DETAILID", "DESCRIPTION", "TAXTYPE", "VALUE", "STATUS", "TAXSOLUTIONID", "REVERSECHARGE", "RECORDNO")
ACCOUNT = (
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
)
CONTACT = (
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
LINE = (
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

TAX_RECORDS = "TAXRECORD"
TAX_RECORD_FIELDS = ("RECORDNO", "SOURCEPRENTRYKEY", "PRRECORDKEY", "TAXCODE", "TRXTAXAMOUNT")
"""The object of the taxes of lines, and what is read of each."""

STATES: dict[str, str] = {
    "Draft": DRAFT,
    "Analyzing": DRAFT,
    "Submitted": AWAITING_APPROVAL,
    "Partially Approved": AWAITING_APPROVAL,
    "Declined": AWAITING_APPROVAL,
    "Posted": APPROVED,
    "Selected": APPROVED,
    "Partially Paid": APPROVED,
    "Paid": PAID,
    "No Value": APPROVED,
    "Reversed": VOID,
    "Reversal": VOID,
}
"""What the states of documents mean. A bill under approval keeps its exact state in `Document.state`."""

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


def without(field: str) -> str:
    """What a person is told is missing without a field; "" for one that can't be done without."""
    if field.startswith("GLDIM"):
        return "the values of this dimension are not brought in"
    return WITHOUT.get(field, "")
