"""What the company is set up with: dimensions, modules, preferences, the trail of a record."""

from __future__ import annotations

from ..errors import refuse
from ..protocol.call import Call
from ..protocol.reply import element, record
from .sessions import APPLICATIONS

DIMENSIONS = (
    ("LOCATION", "Location"),
    ("DEPARTMENT", "Department"),
    ("CLASS", "Class"),
    ("CUSTOMER", "Customer"),
    ("VENDOR", "Vendor"),
    ("PROJECT", "Project"),
    ("EMPLOYEE", "Employee"),
    ("ITEM", "Item"),
)


def get_dimensions(call: Call) -> str:
    """Standard dimensions, then the user-defined one."""
    listed = [(name, label, False) for name, label in DIMENSIONS]
    udd = call.company.udd
    if udd is not None:
        listed.append((udd.spec.name, udd.spec.plural, True))
    body = "".join(
        "<dimension>"
        + element("objectName", name)
        + element("objectLabel", label)
        + element("termLabel", label)
        + element("userDefinedDimension", own)
        + element("enabledInGL", True)
        + "</dimension>"
        for name, label, own in listed
    )
    return f"<data><dimensions>{body}</dimensions></data>"


def get_financial_setup(call: Call) -> str:
    """The base currency and how the company is built."""
    company = call.company
    return (
        '<data listtype="All" count="1"><financialsetup>'
        + element("basecurrency", company.base_currency)
        + element("multientity", company.multi_entity)
        + "</financialsetup></data>"
    )


def get_applications(call: Call) -> str:
    """The modules that the company has subscribed to."""
    codes = [code for code in APPLICATIONS if code not in call.company.modules_off]
    return f"<data>{''.join(element('application', code) for code in codes)}</data>"


def get_company_preferences(call: Call) -> str:
    """Preferences of a module, as name and value."""
    company = call.company
    switches = company.switches
    preferences = {
        "BASECURRENCY": company.base_currency,
        "MULTIENTITY": "T" if company.multi_entity else "F",
        "TAXSOLUTIONS": "T" if switches.vat else "F",
        "APPROVALS": "T" if switches.bill_approval else "F",
    }
    body = "".join(
        "<companypref>" + element("preference", name) + element("prefvalue", value) + "</companypref>"
        for name, value in preferences.items()
    )
    return f'<data listtype="All" count="{len(preferences)}">{body}</data>'


def get_audit_trail(call: Call) -> str:
    """The audit history of one record, field by field where fields were changed."""
    node = call.node
    key = node.get("objectKey") or node.get("recordNo")
    table = call.table(node.get("object"))
    if table is None or not key:
        raise refuse("DL02000001", "The object or its key is missing.")
    call.need("READ", "AUDITHISTORY")
    history = call.company.store["AUDITHISTORY"]
    kind = table.spec.name.lower()
    found = [*history.where("OBJECTKEY", key), *history.where("OBJECTKEY", f"{key}--REC")]
    rows = [row for row in found if row["OBJECTTYPE"] == kind]
    names = ("FIELD_NAME", "FIELD_BEFORE", "FIELD_AFTER")
    told = []
    for row in rows:
        changes = row.get("CHANGES") or [("", "", "")]
        told += [row | dict(zip(names, change, strict=True)) for change in changes]
    body = "".join(record("audittrail", row, history.fields) for row in told)
    return f'<data listtype="audittrail" count="{len(told)}">{body}</data>'
