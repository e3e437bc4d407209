"""One function of a request, checked when it is made."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import RequestError
from .formats import clean, element_name, to_text
from .rows import OWNED

_READS = ("query", "read", "get", "lookup", "inspect", "retrievepdf")


def is_write(name: str) -> bool:
    """True for every function that may change something."""
    return not name.lower().startswith(_READS)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a request. Its values are checked and written out at once, so a bad one fails alone.

    :param name: The element, `create`, `query`, `create_invoice`.
    :param body: Its children; values of any type that :func:`formats.to_text` takes, mappings, and lists.
    :param attributes: Of the element itself: `key` of the old functions.
    :raises RequestError: for a name or a value that can't be sent.
    """

    name: str
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    control_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        control_id = clean(self.control_id).strip() or uuid.uuid4().hex
        if len(control_id) > 256:
            raise RequestError("a control id has at most 256 characters")
        object.__setattr__(self, "control_id", control_id)
        object.__setattr__(self, "body", _encode(self.body))
        object.__setattr__(self, "name", element_name(self.name))

    @property
    def writes(self) -> bool:
        """May it change something?"""
        return is_write(self.name)

    def element(self) -> dict[str, Any]:
        """What stands under `function`."""
        attributes = {f"@{element_name(name)}": to_text(value) for name, value in self.attributes.items()}
        return {"@controlid": self.control_id, self.name: {**attributes, **self.body} or None}


def _encode(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {(key if key == "@line_num" else element_name(key)): _encode(inner, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        items = [_encode(item) for item in value]
        return {OWNED[name]: items} if name in OWNED else items
    return to_text(value)


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by a field, ascending unless told otherwise."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`count`, `avg`, `min`, `max` or `sum` of a field; it comes back as `SUM.TRX_TOTALDUE`."""

    kind: str
    field: str

    def __post_init__(self) -> None:
        if self.kind not in ("count", "avg", "min", "max", "sum"):
            raise RequestError(f"{self.kind!r} is not an aggregate")
