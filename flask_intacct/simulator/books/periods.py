"""Closed periods. The real list can't be read over the API; a posting on or before a date is refused."""

from __future__ import annotations

from datetime import date

from ..company import Company
from ..errors import refuse
from ..store.dateforms import USUAL
from ..store.values import plain, read


def check(company: Company, posted: date) -> None:
    """Refuse a posting in a closed period."""
    closed = read(company.switches.closed_until, "d", USUAL)
    if closed is not None and posted <= closed:
        raise refuse(
            company.switches.numbers["period"],
            f"The date {plain(posted)} is within a period that's been closed. Periods are closed.",
            "Use a date in an open period.",
        )
