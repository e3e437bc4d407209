"""The objects of `get_list` and `get`: their old names, and those of their fields."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OldObject:
    """`table` is where its records are, `key` the field that `get` finds them by, `fields` old names and ours;
    `dates` are told as year, month and day."""

    table: str
    key: str
    fields: dict[str, str]
    dates: frozenset[str] = frozenset()


def _words(text: str) -> list[str]:
    return text.split()


def _object(table: str, key: str, fields: str, dates: str = "") -> OldObject:
    pairs = (word.partition("=") for word in _words(fields))
    return OldObject(table, key, {old: ours or old.upper() for old, _, ours in pairs}, frozenset(_words(dates)))


_PARTY = "name parentid termname taxid creditlimit totaldue onhold currency supdocid comments whenmodified status"
OLD_OBJECTS: dict[str, OldObject] = {
    "supdoc": _object("supdoc", "SUPDOCID", "recordno supdocid supdocname folder description creationdate createdby"),
    "supdocfolder": _object(
        "supdocfolder",
        "NAME",
        "name description parentfolder creationdate createdby lastmodified lastmodifiedby status",
    ),
    "smarteventlog": _object("smarteventlog", "ID", "recordno id"),
    "class": _object("CLASS", "CLASSID", "key=RECORDNO classid name description parentid whenmodified status"),
    "customer": _object("CUSTOMER", "CUSTOMERID", f"recordno customerid {_PARTY} custtype"),
    "vendor": _object("VENDOR", "VENDORID", f"recordno vendorid {_PARTY} vendtype"),
    "glaccount": _object(
        "GLACCOUNT",
        "ACCOUNTNO",
        "glaccountno=ACCOUNTNO title normalbalance accounttype closingtype requiredept requireloc taxable whenmodified"
        " status",
    ),
    "invoice": _object(
        "ARINVOICE",
        "RECORDNO",
        "key=RECORDNO customerid datecreated=WHENCREATED dateposted=WHENPOSTED datedue=WHENDUE datepaid=WHENPAID"
        " termname invoiceno=RECORDID ponumber=DOCNUMBER totalamount=TRX_TOTALENTERED totalpaid=TRX_TOTALPAID"
        " totaldue=TRX_TOTALDUE description basecurr currency supdocid whenmodified state",
        "datecreated dateposted datedue datepaid",
    ),
    "lineitem": _object(
        "ARINVOICEITEM",
        "RECORDNO",
        "line_num=LINE_NO glaccountno=ACCOUNTNO amount=TRX_AMOUNT memo=ENTRYDESCRIPTION locationid departmentid"
        " classid",
    ),
}
"""Those that are simulated; `lineitem` comes inside an invoice only."""

OTHERS = frozenset(
    _words("""
        accountgroup adjjournal allocation apaccountlabel apadjustment apadjustmentbatch appayment
        appaymentrequest apterm araccountlabel aradjustment aradjustmentbatch arpayment arpaymentbatch arterm
        artransactiondef bankaccount bill billbatch company_info contact contacttaxgroup csnhistory
        custglgroup customerachinfo customerbankaccount customerchargecard customerppackage department
        earningtype employee employeepref employeerate expenseadjustmentreport expensereport
        expensereportbatch expensetypes glbudget glentry gltransaction icitem icitemtotals ictotal
        ictransaction ictransactiondef invoicebatch itemglgroup itemtaxgroup journal location locationentity
        locationgroup popricelist potransaction potransactiondef pricelistitem productline project
        projectstatus projecttype reportingperiod revrecschedule revrectemplate sopricelist sotransaction
        sotransactiondef statglaccount statjournal subscription task taxdetail taxschedule territory timesheet
        timetype trxcurrencies uom vendglgroup vendorentityaccount vendorpref vendtype vsoepricelist warehouse
    """)
)
"""Other objects of `get_list`, which are not simulated."""
NAMES = (frozenset(OLD_OBJECTS) - {"lineitem"}) | OTHERS
