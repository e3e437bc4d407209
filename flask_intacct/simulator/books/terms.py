"""Terms: when a document is due, until when there is a discount, and how much of one."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from decimal import Decimal

from ..company import Company
from ..errors import invalid
from ..store.values import Row, money
from .draft import ZERO, Kind

_MONTHS = {"of the month": 0, "of next month": 1, "after end of month": 1}


def find(company: Company, kind: Kind, name: str) -> Row:
    """A term by its name; nothing for no name.

    :raises FunctionRefusal: there is none of that name.
    """
    row = company.store["ARTERM" if kind.receivable else "APTERM"].named(name)
    if name and row is None:
        raise invalid(f"Invalid term '{name}' specified.")
    return row or {}


def due(term: Row, dated: date) -> date:
    """The day on which a document of this date is due."""
    return _day(term.get("DUEFROM") or "", int(term.get("DUEDATE") or 0), dated)


def discount_until(term: Row, dated: date) -> date | None:
    """The last day on which the discount is given, if there is any."""
    if not term.get("DISCAMOUNT"):
        return None
    end = _day(term.get("DISCFROM") or "", int(term.get("DISCDATE") or 0), dated)
    return _plus(end, int(term.get("DISCFUDGEDAYS") or 0))


def discount(company: Company, kind: Kind, row: Row, day: date) -> Decimal:
    """What a document is cheaper by when it is paid on a day.

    :raises FunctionRefusal: its term gives no discount, or no longer.
    """
    term = find(company, kind, row.get("TERMNAME", ""))
    until = row.get("WHENDISCOUNT") or (discount_until(term, row["WHENCREATED"]) if term else None)
    if not term.get("DISCAMOUNT") or until is None:
        raise invalid(f"The terms of {row['RECORDID']} give no discount.")
    if day > until:
        raise invalid(f"The discount of {row['RECORDID']} ended on {until:%m/%d/%Y}.")
    given = Decimal(term["DISCAMOUNT"])
    total: Decimal = row["TRX_TOTALENTERED"]
    found = given if term.get("DISCPERCAMN") == "$" else money(total * given / 100)
    return min(max(found, ZERO), max(total, ZERO))


def _day(rule: str, days: int, dated: date) -> date:
    """A day counted by a rule of the vendor's list; without one from the document's date on."""
    later = re.match(r"of (\d)\w\w month", rule)
    months = int(later[1]) if later else next((n for text, n in _MONTHS.items() if rule.startswith(text)), None)
    if months is None:
        found = _plus(dated, days)
        return _month_end(found.year, found.month) if rule.endswith("extending to eom") else found
    total = dated.year * 12 + dated.month - 1 + months
    year, month = divmod(total, 12)
    if year > date.max.year:
        raise invalid("The date is too late.")
    if rule.startswith("after"):
        return _plus(date(year, month + 1, 1), days - 1)
    return date(year, month + 1, min(max(days, 1), _month_end(year, month + 1).day))


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _plus(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise invalid("The date is too late.") from None
