"""Which field of a document line holds the value of which dimension.

Standard dimensions have fields of their own and hold the value's id; a user-defined one is a custom object, written to
``GLDIM`` and its name in upper case with ``_`` for blanks, which holds the id of the value (the vendor's reference of
``APBILLITEM`` and of custom dimensions).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..errors import Refused
from ..gateway.errors import RequestError
from ..gateway.formats import element_name, text
from ..kinds import DIMENSION_OBJECTS
from ..ledger import Ref
from ..messages import Message

USER_DEFINED = "GLDIM"
LONGEST = 80
"""Characters of a name that the cache has room for."""


def name(object: str) -> str:
    """The name by which a dimension goes here: that of its field on lines, which does not tell blanks or case apart."""
    return object if object in DIMENSION_OBJECTS else "_".join(object.upper().split(" "))


def check(object: str) -> None:
    """Refuse a dimension whose values can't be written to lines.

    :raises Refused: its name can't be the name of a field; the text says so.
    """
    try:
        element_name(line_field(name(object)))
    except RequestError:
        raise Refused(Message("in.dimension_name", object=repr(object))) from None
    if len(name(object)) > LONGEST:
        raise Refused(Message("in.dimension_long", object=repr(object[:LONGEST]), longest=LONGEST))


def line_field(object: str) -> str:
    """The field of a line that a dimension is written to."""
    known = DIMENSION_OBJECTS.get(object)
    return known[2] if known else f"{USER_DEFINED}{name(object)}"


def fields(objects: Iterable[str]) -> tuple[str, ...]:
    """The line fields of these dimensions, to ask for in a query."""
    return tuple(dict.fromkeys(map(line_field, objects)))


def options(line: Mapping[str, Any]) -> tuple[Ref, ...]:
    """The dimension values that a line carries."""
    return tuple(Ref(object, value) for object, field in _carriers(tuple(line)) if (value := text(line, field)))


@lru_cache(maxsize=256)
def _carriers(fields: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Which of the fields of a line hold values of dimensions, by these; lines of one company have the same fields."""
    own = (field for field in fields if field.startswith(USER_DEFINED) and len(field) > len(USER_DEFINED))
    found = [(object, field) for object, (_, _, field) in DIMENSION_OBJECTS.items() if field in fields]
    return (*found, *((field.removeprefix(USER_DEFINED), field) for field in sorted(own)))
