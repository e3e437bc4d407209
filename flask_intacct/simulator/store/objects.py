"""The objects of the simulated company: one row per object, their fields and relations.

Fields come from real `lookup` answers; what is written and what a create needs, from the vendor's reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

from . import fields_documents, fields_masters
from .enumerations import ENUMERATIONS

TYPES = {
    "": "TEXT",
    "I": "INTEGER",
    "D": "DECIMAL",
    "C": "CURRENCY",
    "B": "BOOLEAN",
    "E": "ENUM",
    "d": "DATE",
    "S": "TIMESTAMP",
    "P": "PERCENT",
}
"""Letters of the field tables and the names that `lookup` uses."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field as `lookup` tells it; `kind` is a letter of TYPES, `values` is all that it may hold, if listed."""

    id: str
    kind: str = ""
    required: bool = False
    readonly: bool = False
    custom: bool = False
    values: tuple[str, ...] = ()

    def takes(self, text: str) -> bool:
        """Whether the field may hold this, as far as values are listed; several are joined by the vendor's sign."""
        return not self.values or text in self.values or all(one in self.values for one in text.split("#~#"))

    @property
    def label(self) -> str:
        return self.id.replace(".", " ").replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """An object: `id` is the field that readByName and people use, `owned` the collection and object of its lines,
    `header` the object that owns this one, `needs` what a generic create must hold, `group` the module for
    permissions and subscriptions, `custom` says that it is a custom object of the company."""

    name: str
    id: str
    group: str
    plural: str
    needs: tuple[str, ...] = ()
    generic: bool = False
    owned: tuple[str, str] | None = None
    header: str = ""
    transaction: bool = False
    extra: tuple[Field, ...] = field(default=())
    custom: bool = False

    @property
    def key(self) -> str:
        """The field that identifies a record for ever: a custom object has no RECORDNO."""
        return "ID" if self.custom else "RECORDNO"

    @property
    def collection(self) -> str:
        return self.owned[0] if self.owned else ""


def _spec(line: str) -> ObjectSpec:
    name, identity, group, plural, flags, *needs = line.split()
    owned = None
    if "o" in flags:
        item = name + ("DETAIL" if "PYMT" in name else "ITEM")
        owned = (item + "S", item)
    header = name.removesuffix("ITEM").removesuffix("DETAIL") if "l" in flags else ""
    return ObjectSpec(
        name, identity, group, plural, tuple(needs), "g" in flags, owned, header, "t" in flags or "l" in flags
    )


SPECS: dict[str, ObjectSpec] = {
    spec.name: spec
    for spec in map(
        _spec,
        """
        CUSTOMER CUSTOMERID AR customers g NAME
        VENDOR VENDORID AP vendors g NAME
        CONTACT CONTACTNAME CO contacts g CONTACTNAME PRINTAS
        CUSTTYPE NAME AR custtypes -
        VENDTYPE NAME AP vendtypes -
        GLACCOUNT ACCOUNTNO GL glaccounts g ACCOUNTNO TITLE
        STATACCOUNT ACCOUNTNO GL stataccounts g ACCOUNTNO TITLE
        ARACCOUNTLABEL ACCOUNTLABEL AR araccountlabels g ACCOUNTLABEL DESCRIPTION GLACCOUNTNO
        APACCOUNTLABEL ACCOUNTLABEL AP apaccountlabels g ACCOUNTLABEL DESCRIPTION GLACCOUNTNO
        DEPARTMENT DEPARTMENTID CO departments g DEPARTMENTID TITLE
        LOCATION LOCATIONID CO locations g LOCATIONID NAME
        LOCATIONENTITY LOCATIONID CO locationentities -
        CLASS CLASSID CO classes g CLASSID NAME
        PROJECT PROJECTID CO projects g NAME PROJECTCATEGORY
        TASK RECORDNO CO tasks g NAME PROJECTID
        ITEM ITEMID CO items g ITEMID NAME ITEMTYPE
        EMPLOYEE EMPLOYEEID CO employees g EMPLOYEEID
        TAXSOLUTION SOLUTIONID TX taxsolutions -
        TAXDETAIL DETAILID TX taxdetails -
        TAXRECORD RECORDNO TX taxrecords t
        ARTERM NAME AR arterms -
        APTERM NAME AP apterms -
        CHECKINGACCOUNT BANKACCOUNTID CM checkingaccounts -
        SAVINGSACCOUNT BANKACCOUNTID CM savingsaccounts -
        ARINVOICE RECORDID AR arinvoices ot
        ARINVOICEITEM RECORDNO AR arinvoiceitems l
        ARADJUSTMENT RECORDID AR aradjustments ot
        ARADJUSTMENTITEM RECORDNO AR aradjustmentitems l
        ARADVANCE RECORDID AR aradvances gt PAYMENTMETHOD CUSTOMERID CURRENCY
        ARPYMT RECORDID AR arpymts got PAYMENTMETHOD RECEIPTDATE
        ARPYMTDETAIL RECORDNO AR arpymtdetails l
        APBILL RECORDID AP apbills got VENDORID
        APBILLITEM RECORDNO AP apbillitems l
        APADJUSTMENT RECORDID AP apadjustments ot
        APADJUSTMENTITEM RECORDNO AP apadjustmentitems l
        APPYMT RECORDID AP appymts got VENDORID PAYMENTDATE
        APPYMTDETAIL RECORDNO AP appymtdetails l
        AUDITHISTORY ID PT audithistories -
        USERINFO LOGINID CO userinfos -
        ROLES NAME CO roles -
        ROLEASSIGNMENT RECORDNO CO roleassignments -
        REPORTINGPERIOD NAME GL reportingperiods -
        GLBATCH RECORDNO GL glbatches t
        GLENTRY RECORDNO GL glentries t
        """.strip().splitlines(),
    )
}


def _old(line: str) -> ObjectSpec:
    name, group, identity, *others = line.split()
    words = (one.partition("/") for one in ("RECORDNO/I", identity, *others))
    extra = tuple(Field(one, kind) for one, _, kind in words)
    return ObjectSpec(name, identity, group, name + "s", extra=extra)


OLD = tuple(
    map(
        _old,
        """
        supdoc CO SUPDOCID SUPDOCNAME FOLDER DESCRIPTION CREATIONDATE/d CREATEDBY
        supdocfolder CO NAME DESCRIPTION PARENTFOLDER CREATIONDATE/d CREATEDBY LASTMODIFIED/S LASTMODIFIEDBY STATUS
        smarteventlog PT ID
        """.strip().splitlines(),
    )
)
"""Objects of `get_list`; their names are in lower case, under which no other function looks."""

LINES = frozenset(name for name, spec in SPECS.items() if name.endswith("ITEM") and spec.header)
"""Objects that carry dimensions, and so a field for each user-defined one."""

CONTACT_PREFIXES = ("DISPLAYCONTACT", "CONTACTINFO", "BILLTO", "SHIPTO", "PAYTO", "RETURNTO")

_RELATIONS: dict[str, str] = {
    "CUSTOMER": "PARENT=CUSTOMER:PARENTID"
    " ARACCOUNT=GLACCOUNT:ARACCOUNT TERM=ARTERM:TERMNAME CUSTTYPE=CUSTTYPE:CUSTTYPE"
    " PRIMARYCONTACT=CONTACT:CONTACTKEY BILLTOCONTACT=CONTACT:BILLTOKEY SHIPTOCONTACT=CONTACT:SHIPTOKEY",
    "VENDOR": "PARENT=VENDOR:PARENTID APACCOUNT=GLACCOUNT:APACCOUNT TERM=APTERM:TERMNAME VENDTYPE=VENDTYPE:VENDTYPE"
    " PRIMARYCONTACT=CONTACT:PRIMARYCONTACTKEY PAYTOCONTACT=CONTACT:PAYTOKEY RETURNTOCONTACT=CONTACT:RETURNTOKEY",
    "ARACCOUNTLABEL": "GLACCOUNT=GLACCOUNT:GLACCOUNTNO",
    "APACCOUNTLABEL": "GLACCOUNT=GLACCOUNT:GLACCOUNTNO",
    "DEPARTMENT": "PARENT=DEPARTMENT:PARENTID",
    "LOCATION": "PARENT=LOCATION:PARENTID CONTACT=CONTACT:CONTACTINFO.CONTACTNAME",
    "CLASS": "PARENT=CLASS:PARENTID",
    "PROJECT": "PARENT=PROJECT:PARENTID CUSTOMER=CUSTOMER:CUSTOMERID TERM=ARTERM:TERMNAME",
    "TASK": "PROJECT=PROJECT:PROJECTID",
    "ARINVOICE": "CUSTOMER=CUSTOMER:CUSTOMERID TERM=ARTERM:TERMNAME BILLTO=CONTACT:BILLTOPAYTOCONTACTNAME"
    " SHIPTO=CONTACT:SHIPTORETURNTOCONTACTNAME CONTACT=CONTACT:BILLTOPAYTOCONTACTNAME"
    " TAXSOLUTION=TAXSOLUTION:TAXSOLUTIONID",
    "ARADJUSTMENT": "CUSTOMER=CUSTOMER:CUSTOMERID BILLTO=CONTACT:BILLTOPAYTOCONTACTNAME"
    " SHIPTO=CONTACT:SHIPTORETURNTOCONTACTNAME CONTACT=CONTACT:BILLTOPAYTOCONTACTNAME",
    "ARPYMT": "CUSTOMER=CUSTOMER:CUSTOMERID",
    "ARADVANCE": "CUSTOMER=CUSTOMER:CUSTOMERID",
    "APBILL": "VENDOR=VENDOR:VENDORID TERM=APTERM:TERMNAME PAYTO=CONTACT:BILLTOPAYTOCONTACTNAME"
    " RETURNTO=CONTACT:SHIPTORETURNTOCONTACTNAME TAXSOLUTION=TAXSOLUTION:TAXSOLUTIONID",
    "APADJUSTMENT": "VENDOR=VENDOR:VENDORID PAYTO=CONTACT:BILLTOPAYTOCONTACTNAME"
    " RETURNTO=CONTACT:SHIPTORETURNTOCONTACTNAME",
    "APPYMT": "VENDOR=VENDOR:VENDORID",
    "TAXRECORD": "TAXDETAIL=TAXDETAIL:TAXCODE LOCATION=LOCATION:LOCATIONID DEPARTMENT=DEPARTMENT:DEPTID",
    "ROLEASSIGNMENT": "ROLES=ROLES:ROLEKEY",
    "GLENTRY": "GLACCOUNT=GLACCOUNT:ACCOUNTNO",
}
_LINE = "GLACCOUNT=GLACCOUNT:ACCOUNTNO DEPARTMENT=DEPARTMENT:DEPARTMENTID CLASS=CLASS:CLASSID"


@cache
def fields(name: str) -> dict[str, Field]:
    """The fields of a standard object, in the order of `lookup`."""
    table = fields_masters.FIELDS.get(name) or fields_documents.FIELDS[name]
    found: dict[str, Field] = {}
    for word in table.split():
        identity, _, flags = word.partition("/")
        if identity.endswith(".*"):
            prefix = identity[:-1]
            for part in fields("CONTACT").values():
                if part.id not in ("RECORDNO", "WHENCREATED", "WHENMODIFIED") and "BY" not in part.id:
                    found[prefix + part.id] = replace(part, id=prefix + part.id, required=False)
        else:
            kind = flags.rstrip("!~")
            values = ENUMERATIONS.get(f"{name}.{identity}", ())
            found[identity] = Field(identity, kind, "!" in flags, "~" in flags, values=values)
    return found


@cache
def relations(name: str) -> dict[str, tuple[str, str]]:
    """Relation path -> (object, field of ours that names it). Keys end in KEY or BY and hold a RECORDNO."""
    text = _RELATIONS.get(name, "")
    header = SPECS[name].header if name in SPECS else ""
    if name in LINES:
        text += f" {_LINE} {header}={header}:RECORDKEY"
    found = {}
    for word in text.split():
        path, _, target = word.partition("=")
        other, _, by = target.partition(":")
        found[path] = (other, by)
    if name in SPECS:
        known = fields(name)
        for prefix in CONTACT_PREFIXES:
            if prefix + ".CONTACTNAME" in known and prefix not in found:
                found[prefix] = ("CONTACT", prefix + ".CONTACTNAME")
        if "CREATEDBY" in known:
            found["USERINFOCREATEDBY"] = ("USERINFO", "CREATEDBY")
            found["USERINFOMODIFIEDBY"] = ("USERINFO", "MODIFIEDBY")
        if "MEGAENTITYID" in known:
            found["MELOCATION"] = ("LOCATION", "MEGAENTITYID")
    return found


def user_defined(name: str, label: str) -> ObjectSpec:
    """The object of a user-defined dimension: a custom object, which lacks what standard ones have in common."""
    words = (
        Field("id", "I", readonly=True),
        Field("name", required=True),
        Field("createdBy", "I", readonly=True),
        Field("createdAt", "S", readonly=True),
        Field("updatedBy", "I", readonly=True),
        Field("updatedAt", "S", readonly=True),
        Field("CODE", custom=True),
        Field("RECORD_URL", readonly=True),
    )
    return ObjectSpec(name, "NAME", "PT", label, ("NAME",), True, extra=words, custom=True)
