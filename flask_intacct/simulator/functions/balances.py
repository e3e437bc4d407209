"""`get_trialbalance` and `get_accountbalances`: what accounts held and moved, from the ledger; debit is positive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..books.draft import ZERO
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.reply import flat_record
from ..protocol.wire import legacy_date
from ..protocol.xmltree import Node
from ..store.values import Row

FIELDS = ("glaccountno", "startbalance", "debits", "credits", "adjdebits", "adjcredits", "endbalance", "reportingbook")
SIMULATED = frozenset(
    ("startdate", "enddate", "reportingperiodname", "showzerobalances", "locationid", "departmentid", "glaccountno")
) | {
    "startaccountno",
    "endaccountno",
    "showdeptdetail",
    "showlocdetail",
    "debitcreditbalance",
    "reportingbook",
    "loc_subs",
}
OFF = frozenset(("", "false"))


@dataclass(slots=True)
class Balance:
    """What one account held before the first day, and got and gave until the last."""

    start: Decimal = ZERO
    debits: Decimal = ZERO
    credits: Decimal = ZERO

    @property
    def end(self) -> Decimal:
        return self.start + self.debits - self.credits


def get_trialbalance(call: Call) -> str:
    """All accounts."""
    return _told(call, "trialbalance", {})


def get_accountbalances(call: Call) -> str:
    """One account, or all from one to another."""
    node = call.node
    one = node.get("glaccountno")
    first, last = one or node.get("startaccountno"), one or node.get("endaccountno")
    if not first or not last:
        raise invalid("Give glaccountno, or startaccountno and endaccountno.")
    return _told(call, "accountbalance", {"first": first, "last": last})


def _told(call: Call, tag: str, bounds: dict[str, str]) -> str:
    call.need("READ_BY_QUERY", "GLENTRY")
    _check(call.node)
    first, last = _days(call)
    found: dict[str, Balance] = {account["ACCOUNTNO"]: Balance() for account in call.company.store["GLACCOUNT"]}
    for entry in _entries(call):
        balance = found.setdefault(entry["ACCOUNTNO"], Balance())
        amount = entry["TR_TYPE"] * entry["AMOUNT"]
        if entry["ENTRY_DATE"] < first:
            balance.start += amount
        elif entry["ENTRY_DATE"] <= last:
            balance.debits += max(amount, ZERO)
            balance.credits += max(-amount, ZERO)
    empty = call.node.get("showzerobalances") == "true"
    rows = [
        _row(call, number, balance)
        for number, balance in sorted(found.items())
        if (empty or balance != Balance()) and bounds.get("first", "") <= number <= bounds.get("last", number)
    ]
    return f"<data>{''.join(flat_record(tag, row, row) for row in rows)}</data>"


def _row(call: Call, number: str, balance: Balance) -> Row:
    values = (number, balance.start, balance.debits, balance.credits, ZERO, ZERO, balance.end, "ACCRUAL")
    return dict(zip(FIELDS, values, strict=True)) | {"currency": call.company.base_currency}


def _check(node: Node) -> None:
    """Refuse what would have to be answered in a form that is not public, or needs books that are not kept."""
    for child in node:
        wanted = child.tag in ("showdeptdetail", "showlocdetail", "debitcreditbalance") and child.text not in OFF
        if wanted or child.tag not in SIMULATED or (child.tag == "reportingbook" and child.text not in ("", "ACCRUAL")):
            raise refuse("DL02000001", f"The function {node.tag} with {child.tag[:40]} is not simulated.")


def _days(call: Call) -> tuple[date, date]:
    """The first and the last day, given as dates or by the name of a reporting period."""
    name = call.node.get("reportingperiodname")
    if name:
        period = call.company.store["REPORTINGPERIOD"].named(name)
        if period is None:
            raise invalid(f"Invalid reporting period '{name[:60]}' specified.")
        return period["START_DATE"], period["END_DATE"]
    first, last = legacy_date(call.node, "startdate"), legacy_date(call.node, "enddate")
    if first is None or last is None:
        raise invalid("Give reportingperiodname, or startdate and enddate.")
    return first, last


def _entries(call: Call) -> Iterator[Row]:
    """The entries in sight, of a location and all below it or of a department, if one is given."""
    company, table = call.company, call.company.store["GLENTRY"]
    place, department = call.node.get("locationid"), call.node.get("departmentid")
    places = company.locations_of(place) if place else frozenset[str]()
    for entry in table:
        if place and entry.get("LOCATION") not in places:
            continue
        if department and entry.get("DEPARTMENT") != department:
            continue
        if call.sees(table, entry):
            yield entry
