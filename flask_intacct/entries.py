"""What a description may name, per kind."""

from __future__ import annotations

from . import kinds
from .ledger import CONTACT_DETAILS

ACCOUNT_TYPES = ("balancesheet", "incomestatement")
ENTRIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "company": (("name",), ("currency",)),
    kinds.TAX_TYPE: (("name", "rate"), ("code", "roles", "archived", "company")),
    kinds.ACCOUNT: (("name",), ("code", "type", "control", "archived", "company")),
    kinds.TRACKING_CATEGORY: (("name",), ("archived", "company")),
    kinds.TRACKING_OPTION: (("name", "category"), ("code", "archived", "company")),
    kinds.CONTACT: (("name",), ("code", *CONTACT_DETAILS, "archived", "company")),
    kinds.INVOICE: (
        ("number", "contact", "date", "status"),
        ("due", "reference", "description", "currency", "company", "total"),
    ),
    "line": (("account", "net"), ("tax", "tax_type", "description", "options", "property")),
}
ENTRIES[kinds.BILL] = ENTRIES[kinds.INVOICE]
"""Per kind: the entries that are needed, and those that may be left out."""

OTHERS: dict[str, str] = {
    "company": "company",
    "category": kinds.TRACKING_CATEGORY,
    "contact": kinds.CONTACT,
    "account": kinds.ACCOUNT,
    "tax_type": kinds.TAX_TYPE,
    "options": kinds.TRACKING_OPTION,
    "property": kinds.TRACKING_OPTION,
}
"""The entries that mean another row, and the kind of that row."""
