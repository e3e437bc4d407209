"""Names of fields in Intacct that kinds share, and what is missing without those that a user may not read.

Sources: the vendor's object reference (field names of GLACCOUNT, TAXDETAIL, CUSTOMER, VENDOR, ARINVOICE, APBILL).
"""

from __future__ import annotations

from ..ledger import APPROVED, AWAITING_APPROVAL, DRAFT, PAID, VOID
from ..messages import NOTHING, Message

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

WITHOUT: dict[str, Message] = {
    "DESCRIPTION": Message("lacking.description"),
    "TAXSOLUTIONID": Message("lacking.tax_solution"),
    "REVERSECHARGE": Message("lacking.reverse_charge"),
    "ACCOUNTTYPE": Message("lacking.account_type"),
    "NORMALBALANCE": Message("lacking.normal_balance"),
    "CLOSINGTYPE": Message("lacking.closing_type"),
    "SUBLEDGERCONTROLON": Message("lacking.control"),
    "ALTERNATIVEACCOUNT": Message("lacking.alternative_account"),
    **dict.fromkeys(
        (f"REQUIRE{name}" for name in ("DEPT", "LOC", "PROJECT", "CUSTOMER", "VENDOR", "EMPLOYEE", "ITEM", "CLASS")),
        Message("lacking.required"),
    ),
    "TAXID": Message("lacking.tax_number"),
    "DISPLAYCONTACT.EMAIL1": Message("lacking.email"),
    "DISPLAYCONTACT.PHONE1": Message("lacking.phone"),
    **dict.fromkeys(
        (f"DISPLAYCONTACT.MAILADDRESS.{name}" for name in ("ADDRESS1", "ADDRESS2", "CITY", "ZIP", "COUNTRY")),
        Message("lacking.address"),
    ),
    "MEGAENTITYID": Message("lacking.owner"),
    "DOCNUMBER": Message("lacking.reference"),
    "WHENDUE": Message("lacking.due"),
    "CURRENCY": Message("lacking.currency"),
    "BASECURR": Message("lacking.base_currency"),
    "MODULEKEY": Message("lacking.module"),
    **dict.fromkeys(("DEPARTMENTID", "CLASSID", "PROJECTID"), Message("lacking.dimension")),
    "LOCATIONTYPE": Message("lacking.location_type"),
    "PARENTID": Message("lacking.parent"),
    "name": Message("lacking.name"),
    "updatedAt": Message("lacking.stamp"),
    "ENTRYDESCRIPTION": Message("lacking.line_description"),
    "SUBTOTAL": Message("lacking.subtotal"),
    "PARENTENTRY": Message("lacking.parent_entry"),
    "LINEITEM": Message("lacking.line_item"),
    "LINE_NO": Message("lacking.line_number"),
}
"""The fields that can be done without where Intacct refuses them, and what a person is told is missing then."""


def without(field: str) -> Message:
    """What a person is told is missing without a field; nothing for one that can't be done without."""
    if field.startswith("GLDIM"):
        return Message("lacking.dimension")
    return WITHOUT.get(field, NOTHING)
