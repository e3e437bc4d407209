"""What the made-up data knows about itself, for whoever wants to check a matching."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import inspect


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

    def by_id(self) -> dict[tuple[str, str, str], str]:
        """Intacct's natural id for each (table, id, role or direction), of rows that are in the database."""
        found = {(rate.__table__.name, id_of(rate), side): detail for (rate, side), detail in self.tax_rates.items()}
        for role, rows in (
            ("", self.accounts), ("", self.tags), ("customer", self.tenants), ("customer", self.landlords),
            ("vendor", self.suppliers),
        ):  # fmt: skip
            found |= {(row.__table__.name, id_of(row), role): natural_id for row, natural_id in rows.items()}
        return found


def id_of(row: Any) -> str:
    """The primary key of a row that is in the database."""
    return str(inspect(row).identity[0])


def usual_sync_from(today: date) -> date:
    """The first of the month, eleven months back: a year of transactions."""
    month = today.month - 11
    return date(today.year - 1, month + 12, 1) if month < 1 else date(today.year, month, 1)
