"""Which field of a document line holds the value of which dimension.

Standard dimensions have fields of their own and hold the value's id; a user-defined one is written to
``GLDIM<NAME>`` and holds the record number of the value (the vendor's reference of ``APBILLITEM``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..gateway.formats import text
from ..kinds import DIMENSION_OBJECTS
from ..ledger import Ref

USER_DEFINED = "GLDIM"


def line_field(object: str) -> str:
    """The field of a line that a dimension is written to."""
    known = DIMENSION_OBJECTS.get(object)
    return known[2] if known else f"{USER_DEFINED}{object.upper()}"


def fields(objects: Iterable[str] = ()) -> tuple[str, ...]:
    """The line fields of the standard dimensions and of these user-defined ones, to ask for in a query."""
    return tuple(dict.fromkeys(line_field(name) for name in (*DIMENSION_OBJECTS, *objects)))


def options(line: Mapping[str, Any], names: Mapping[str, str] | None = None) -> tuple[Ref, ...]:
    """The dimension values that a line carries.

    :param names: Object by line field for user-defined dimensions whose object name is not in upper case.
    """
    found = [Ref(object, text(line, field)) for object, (_, _, field) in DIMENSION_OBJECTS.items() if text(line, field)]
    for field in sorted(line):
        value = text(line, field)
        if field.startswith(USER_DEFINED) and len(field) > len(USER_DEFINED) and value:
            found.append(Ref((names or {}).get(field, field.removeprefix(USER_DEFINED)), value))
    return tuple(found)
