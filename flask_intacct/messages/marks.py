"""Marks for the literals of the catalogue: translators' tools collect what is marked, `render` looks it up."""

from __future__ import annotations

from typing import NamedTuple


def literal(english: str) -> str:
    """The English itself."""
    return english


class Plural(NamedTuple):
    """A literal that goes by a number.

    :param by: The name of the value that is the number.
    """

    by: str
    one: str
    many: str


Literals = dict[str, str | Plural]
"""One shelf of the catalogue: literals by the ids of their messages."""
