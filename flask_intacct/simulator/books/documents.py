"""Receivable and payable documents: what a request says, the checks, and the records that come of it."""

from __future__ import annotations

from decimal import Decimal

from ..company import Company, User
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..store.values import Row, money
from . import numbering, periods, rates, taxes, terms
from .draft import UNPOSTED, ZERO, Document, Kind, Line

REQUIRED = {"DEPT": "DEPARTMENT", "LOC": "LOCATION"} | {
    name: name for name in ("PROJECT", "CUSTOMER", "VENDOR", "EMPLOYEE", "ITEM", "CLASS")
}
"""Dimensions, by the ends of the flags of an account that ask for them."""


def _dimension(company: Company, name: str, value: str, what: str) -> Row:
    row = company.store[name].named(value)
    if row is None:
        raise invalid(f"Invalid {what} '{value}' specified.", "Use one that exists.")
    if company.switches.refuse_inactive and row.get("STATUS") == "inactive":
        raise invalid(f"The {what} '{value}' is inactive.", "Use an active one.")
    return row


def _account(company: Company, line: Line, kind: Kind) -> Row:
    """The ledger account of a line, by its number or its label."""
    number = line.account
    if company.switches.account_labels and not line.label:
        raise invalid("An account label is missing on a line.", "Accounts are given by their labels here.")
    if line.label:
        label = company.store["ARACCOUNTLABEL" if kind.receivable else "APACCOUNTLABEL"].named(line.label)
        if label is None:
            raise invalid(f"Invalid account label '{line.label}' specified.")
        number = label.get("GLACCOUNTNO", "")
    if not number:
        raise invalid("An account is missing on a line.")
    account = _dimension(company, "GLACCOUNT", number, "account number")
    if account.get("SUBLEDGERCONTROLON") and company.switches.protect_control_accounts:
        raise invalid(f"The account '{number}' is a control account of a subledger.", "Use another account.")
    return account


def _place(company: Company, line: Line, entity: str) -> None:
    """The location of a line, where one is needed."""
    if not line.location:
        if entity and company.multi_entity:
            line.location = entity
        elif company.multi_entity:
            raise invalid("The required dimension Location is missing on a line.", "Give a location.")
        return
    _dimension(company, "LOCATION", line.location, "location")
    if entity and line.location not in company.locations_of(entity):
        raise invalid(f"The location '{line.location}' does not belong to the entity '{entity}'.")


def _required(line: Line, account: Row) -> None:
    """Refuse a line without a dimension that its account has to be posted with."""
    given = {"DEPT": line.department, "LOC": line.location}
    for flag, name in REQUIRED.items():
        if account.get("REQUIRE" + flag) and not (given.get(flag) or line.other.get(name + "ID")):
            raise invalid(f"The required dimension {name.capitalize()} is missing on a line.")


def check(company: Company, document: Document, new: bool = True) -> None:
    """Refuse what the gateway would refuse, before anything is written."""
    kind = document.kind
    bare = document.draft and kind.name == "APBILL"  # what is wanting may come until it is submitted
    if document.party or not bare:
        party = _dimension(company, kind.party, document.party, kind.party.lower())
        if party.get("MEGAENTITYID") and document.entity != party["MEGAENTITYID"] and document.entity:
            raise invalid(f"Invalid {kind.party.lower()} '{document.party}' specified.")
    if document.dated is None and not bare:
        raise invalid("The document date is missing.")
    term = terms.find(company, kind, document.term)
    if document.due is None and term and document.dated:
        document.due = terms.due(term, document.dated)
    if term and document.dated:
        document.head["WHENDISCOUNT"] = terms.discount_until(term, document.dated)
    if document.due is None and kind.name in ("ARINVOICE", "APBILL") and not document.draft:
        raise invalid("The due date is missing.", "Give a due date or a term.")
    if document.action.lower() not in ("draft", "submit"):
        raise invalid(f"Invalid action '{document.action}'.", "Use Draft or Submit.")
    if not document.draft and document.dated:
        periods.check(company, document.posted or document.dated)
    if not document.lines and not document.draft:
        raise invalid("The document has no lines.")
    for line in document.lines:
        account = _account(company, line, kind)
        _place(company, line, document.entity)
        if line.department:
            _dimension(company, "DEPARTMENT", line.department, "department")
        _required(line, account)
        for name, field_id in (("CLASS", "CLASSID"), ("CUSTOMER", "CUSTOMERID"), ("VENDOR", "VENDORID")):
            if line.other.get(field_id):
                _dimension(company, name, line.other[field_id], name.lower())
        value = line.other.get(company.udd_field)
        if company.udd is not None and value and company.udd.get(value) is None:
            raise invalid(f"Invalid {company.udd.spec.name} '{value}' specified.", "Give the id of the value.")
        taxes.check(company, line, kind.tax_type, document.inclusive)
    taxes.check_solution(company, document)
    if kind.name == "APADJUSTMENT" and len({line.amount > 0 for line in document.lines if line.amount}) > 1:
        raise invalid("The lines of an adjustment have one sign.")
    convert(company, document)
    if new:
        document.number = numbering.check(company, kind.name, document.number, document.party)


def convert(company: Company, document: Document) -> None:
    """Find a document's currencies and the rate between them."""
    entity = document.entity
    if not entity and document.lines:
        entity = company.entity_of(document.lines[0].location)
    base = rates.own(company, entity)
    if document.base not in ("", base):
        raise invalid(f"Invalid base currency '{document.base[:20]}' specified; it is {base}.")
    document.base, document.currency = base, document.currency or base
    document.rate = rates.rate(company, document.currency, base, document.given_rate)


def line_rows(company: Company, document: Document, first: int = 1) -> list[Row]:
    """The records of the lines, without keys."""
    kind, rows = document.kind, []
    for number, line in enumerate(document.lines, first):
        account = _account(company, line, kind)
        amount = money(line.amount or ZERO)
        named = {
            "DEPARTMENTNAME": company.store["DEPARTMENT"].named(line.department),
            "LOCATIONNAME": company.store["LOCATION"].named(line.location),
        }
        row: Row = {
            "ACCOUNTNO": account["ACCOUNTNO"],
            "ACCOUNTTITLE": account.get("TITLE"),
            "ACCOUNTKEY": account["RECORDNO"],
            "ACCOUNTLABEL": line.label,
            "AMOUNT": money(amount * document.rate),
            "TRX_AMOUNT": amount,
            "ENTRYDESCRIPTION": line.memo,
            "LOCATIONID": line.location,
            "DEPARTMENTID": line.department,
            "LOCATIONNAME": (named["LOCATIONNAME"] or {}).get("NAME"),
            "DEPARTMENTNAME": (named["DEPARTMENTNAME"] or {}).get("TITLE"),
            "LINE_NO": str(number - company.switches.lines_from_0),
            "LINEITEM": "T",
            "ENTRY_DATE": document.posted or document.dated,
            "CURRENCY": document.currency,
            "BASECURR": document.base,
            "TOTALPAID": ZERO,
            "TRX_TOTALPAID": ZERO,
            "RECORDTYPE": kind.record_type,
        }
        if line.other.get("CLASSID"):
            found = company.store["CLASS"].named(line.other["CLASSID"]) or {}
            row |= {"CLASSDIMKEY": found.get("RECORDNO"), "CLASSNAME": found.get("NAME")}
        if document.currency != document.base:
            row["EXCHANGE_RATE"] = document.rate
        rows.append(row | line.other)
    return rows


def write(company: Company, document: Document, user: User, state: str = "") -> Row:
    """Write a checked document: header, lines, tax records. What it posts to the ledger is another matter."""
    kind, store = document.kind, company.store
    if not document.base:
        convert(company, document)
    party = store[kind.party].named(document.party) or {}
    rows = line_rows(company, document)
    computed = [taxes.entries(company, line, row) for line, row in zip(document.lines, rows, strict=True)]
    total, base = sums(rows, computed)
    if not state:
        state = "Draft" if document.draft else "Posted"
        if state == "Posted" and kind.name == "APBILL" and company.switches.bill_approval:
            state = "Submitted"
        if state == "Posted" and not total and company.switches.no_value:
            state = "No Value"
    contact = party.get("DISPLAYCONTACT.CONTACTNAME")
    head: Row = {
        "RECORDID": document.number or numbering.issue(company, kind.name),
        "RECORDTYPE": kind.record_type,
        kind.party_id: document.party,
        kind.party_name: party.get("NAME"),
        "WHENCREATED": document.dated,
        "WHENPOSTED": document.posted or document.dated,
        "WHENDUE": document.due,
        "TERMNAME": document.term,
        "BASECURR": document.base,
        "CURRENCY": document.currency,
        "EXCHANGE_RATE": document.rate if document.currency != document.base else None,
        "MODULEKEY": kind.module,
        "SYSTEMGENERATED": "F",
        "BILLTOPAYTOCONTACTNAME": contact,
        "SHIPTORETURNTOCONTACTNAME": contact,
        "PRBATCH": f"{'Invoices' if kind.receivable else 'Bills'}: {document.dated or ''}",
    }
    head |= totals(total, ZERO, base, ZERO) | state_fields(state) | document.head
    known = store[kind.name].fields
    head = {name: value for name, value in head.items() if name in known or name == "EXTERNALID"}
    header = company.insert(store[kind.name], head, user, document.entity)
    add_lines(company, document, header, rows, computed, user)
    if state not in UNPOSTED:
        company.adjust_due(kind.party, document.party, base)
    return header


def add_lines(
    company: Company, document: Document, header: Row, rows: list[Row], computed: list[list[Row]], user: User
) -> None:
    """Write lines and their tax records below a header."""
    kind, store = document.kind, company.store
    owner = {"MEGAENTITYID": header["MEGAENTITYID"]} if header.get("MEGAENTITYID") else {}
    above = owner | {"RECORDKEY": header["RECORDNO"], "STATE": header["STATE"], "RECORDID": header["RECORDID"]}
    for row, entry in zip(rows, computed, strict=True):
        item = company.insert(store[kind.item], row | above, user)
        for tax in entry:
            company.insert(store["TAXRECORD"], taxes.record(company, document, header, item, tax) | owner, user)


def sums(rows: list[Row], computed: list[list[Row]]) -> tuple[Decimal, Decimal]:
    """What lines and their taxes come to, in the document's currency and in the base currency."""
    entries = [tax for entry in computed for tax in entry]
    total = sum((row["TRX_AMOUNT"] for row in rows), ZERO) + sum((tax["TRXTAXAMOUNT"] for tax in entries), ZERO)
    base = sum((row["AMOUNT"] for row in rows), ZERO) + sum((tax["TAXAMOUNT"] for tax in entries), ZERO)
    return total, base


def totals(total: Decimal, paid: Decimal, base: Decimal, base_paid: Decimal) -> Row:
    """The amounts of a header, in the document's currency and in the base currency."""
    own = {"TOTALENTERED": base, "TOTALPAID": base_paid, "TOTALDUE": base - base_paid, "TOTALSELECTED": ZERO}
    other = {"TOTALENTERED": total, "TOTALPAID": paid, "TOTALDUE": total - paid, "TOTALSELECTED": ZERO}
    return own | {f"TRX_{name}": value for name, value in other.items()}


def state_fields(state: str) -> Row:
    codes = {"Draft": "D", "Submitted": "S", "Partially Approved": "PA", "Declined": "U"}
    return {"STATE": state, "RAWSTATE": codes.get(state, "A")}


def find(call: Call, name: str, key: str, external: bool = False) -> Row:
    """A document in sight by RECORDNO, or by the id that it has outside."""
    table = call.company.store[name]
    if external:
        outside = [row for row in table if key and row.get("EXTERNALID") == key]
        key = str(outside[0]["RECORDNO"]) if outside else ""
    row = table.keyed(key)
    if row is None or not call.sees(table, row):
        raise refuse("BL01001973", f"Cannot find {name.lower()} with key '{key}'.")
    return row
