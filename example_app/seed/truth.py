"""What the made-up data knows about itself, for whoever wants to check a matching."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(slots=True)
class Truth:
    """Which row of the host stands for which record of Intacct; a row that is not listed has none.

    :param sync_from: The date from which the branch would usually sync.
    :param tax_rates: (tax rate, "sale" or "purchase") to tax detail.
    :param accounts: Nominal account to GL account.
    :param tags: Tracking tag to location or department.
    :param tenants: Tenant to customer.
    :param landlords: Supplier that is a landlord to customer.
    :param suppliers: Supplier to vendor.
    :param invoices: Invoice to the number of the invoice that exists on both sides.
    :param bills: Bill to the number of the bill that exists on both sides.
    """

    sync_from: date
    tax_rates: dict[tuple[Any, str], str] = field(default_factory=dict)
    accounts: dict[Any, str] = field(default_factory=dict)
    tags: dict[Any, str] = field(default_factory=dict)
    tenants: dict[Any, str] = field(default_factory=dict)
    landlords: dict[Any, str] = field(default_factory=dict)
    suppliers: dict[Any, str] = field(default_factory=dict)
    invoices: dict[Any, str] = field(default_factory=dict)
    bills: dict[Any, str] = field(default_factory=dict)


def usual_sync_from(today: date) -> date:
    """The first of the month, eleven months back: a year of transactions."""
    month = today.month - 11
    return date(today.year - 1, month + 12, 1) if month < 1 else date(today.year, month, 1)
