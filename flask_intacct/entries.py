"""What a description may name, per kind."""

from __future__ import annotations

from . import kinds

ACCOUNT_TYPES = ("balancesheet", "incomestatement")
COMPANY, LINE = "company", "line"
"""What is described and is no kind: companies, and the lines of documents."""

Entries = tuple[tuple[str, ...], tuple[str, ...]]

_OTHER: dict[str, Entries] = {
    COMPANY: (("name",), ("currency",)),
    LINE: (("account", "net"), ("tax", "tax_type", "description", "options", "property")),
}


def entries_of(kind: str) -> Entries:
    """The entries that a description of this kind needs, and those that may be left out.

    :param kind: A kind, :data:`COMPANY` or :data:`LINE`.
    """
    if kind in _OTHER:
        return _OTHER[kind]
    return kinds.named(kind).needed, kinds.named(kind).optional


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
