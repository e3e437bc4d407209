"""What the gateway says about objects and rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .formats import Row, text


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field of an object; `type` is the gateway's word (TEXT, ENUM, CURRENCY …)."""

    id: str
    label: str
    type: str
    required: bool
    read_only: bool
    custom: bool
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relationship:
    """A way to another object; `path` is what goes before the dot of a field."""

    path: str
    object: str
    label: str
    type: str
    related_by: str


@dataclass(frozen=True, slots=True)
class Definition:
    """An object's fields by id, and its relationships by path."""

    name: str
    document_type: str
    fields: dict[str, FieldInfo]
    relationships: dict[str, Relationship]

    def custom_fields(self) -> list[FieldInfo]:
        """The fields that the company added."""
        return [info for info in self.fields.values() if info.custom]


def definition(row: Row) -> Definition:
    """Read the answer to `lookup`."""
    infos = [
        FieldInfo(
            id=text(item, "ID"),
            label=text(item, "LABEL"),
            type=text(item, "DATATYPE"),
            required=_yes(item, "REQUIRED"),
            read_only=_yes(item, "READONLY"),
            custom=_yes(item, "ISCUSTOM"),
            values=tuple(value for value in _list(item.get("VALIDVALUES"), "VALIDVALUE") if isinstance(value, str)),
        )
        for item in _rows(row.get("FIELDS"), "FIELD")
    ]
    relations = [
        Relationship(
            path=text(item, "OBJECTPATH"),
            object=text(item, "OBJECTNAME"),
            label=text(item, "LABEL"),
            type=text(item, "RELATIONSHIPTYPE"),
            related_by=text(item, "RELATEDBY"),
        )
        for item in _rows(row.get("RELATIONSHIPS"), "RELATIONSHIP")
    ]
    return Definition(
        name=text(row, "NAME"),
        document_type=text(row, "DOCUMENTTYPE"),
        fields={info.id: info for info in infos if info.id},
        relationships={relation.path: relation for relation in relations if relation.path},
    )


def permissions(rows: Iterable[Row]) -> dict[str, dict[str, frozenset[str]]]:
    """Read the answer to `getUserPermissions`: application, policy, rights."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for item in (item for row in rows for item in holders(row, "APPSUBSCRIPTION")):
        policies = found.setdefault(text(item, "APPLICATIONNAME"), {})
        for policy in _rows(item.get("POLICIES"), "POLICY"):
            rights = (right.strip() for right in text(policy, "RIGHTS").split("|"))
            policies[text(policy, "POLICYNAME")] = frozenset(filter(None, rights))
    return found


def holders(row: Row, name: str) -> list[Row]:
    """The elements of this name in a row, or the row itself if it is such an element already."""
    return _rows(row.get(name), name) if name in row else [row]


def _rows(value: Any, name: str) -> list[Row]:
    return [item for item in _list(value, name) if isinstance(item, dict)]


def _list(value: Any, name: str) -> list[Any]:
    """The items, whether they came as a list, as one, or inside a holder of another name."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return _list(value[name], name) if name in value else [value]
    return [] if value is None else [value]


def _yes(row: Row, name: str) -> bool:
    return text(row, name).lower() in ("true", "t", "1")
