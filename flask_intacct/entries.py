"""What a description may name, per kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Mapper

from . import kinds
from .errors import MappingError
from .messages import Message
from .vocabulary import near

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


_NO_ATTRIBUTES = ("metadata", "registry")


def check_entries(who: str, model: type[Any], mapper: Mapper[Any], kind: str, entries: Mapping[str, Any]) -> None:
    """Check that a description has what its kind needs, and names nothing that its model does not have.

    :param who: How messages name the description.
    :raises MappingError: naming the entry, the attribute and the nearest ones.
    """
    needed, optional = entries_of(kind)
    for name in needed:
        if name not in entries:
            raise MappingError(f"{who}: {name}= is missing. It says which attribute holds the {name}.")
    for name, entry in entries.items():
        if name not in (*needed, *optional):
            raise MappingError(f"{who}: {name}= is not known. {near(name, (*needed, *optional))}")
        if isinstance(entry, str) and not hasattr(model, entry):
            names = [key for key in dir(model) if not key.startswith("_") and key not in _NO_ATTRIBUTES]
            known = sorted({*mapper.all_orm_descriptors.keys(), *names})
            raise MappingError(f"{who}: {name}={entry!r}, but the model has no such attribute. {near(entry, known)}")


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


class EntryError(Exception):
    """An entry of a description gives what it can't, or fails.

    :param failed: What it raised.
    """

    def __init__(self, said: Message, failed: Exception | None = None) -> None:
        super().__init__(said)
        self.said, self.failed = said, failed
