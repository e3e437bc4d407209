"""What is loaded along with the rows of a description: whatever its entries name, in a few statements for many rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.ext.associationproxy import AssociationProxyInstance
from sqlalchemy.orm import (
    ColumnProperty,
    RelationshipDirection,
    RelationshipProperty,
    joinedload,
    selectinload,
    undefer,
)
from sqlalchemy.orm.interfaces import LoaderOption

from .columns import lone
from .errors import MappingError
from .keys import prop_of
from .relations import SELECTED

Local = Any
"""A :class:`~flask_intacct.local.Local`, which is built on this module."""


def options(local: Local) -> tuple[LoaderOption, ...]:
    """The loader options for rows of a description: the host's own, and one for each thing that its entries name.

    Where the host's own load a relationship in another way, that way is taken.
    """
    own = _given(local)
    found = list(own)
    for option in _named(local, local.model):
        if not own or _fits(local, [*found, option]):
            found.append(option)
    return tuple(found)


def check(local: Local) -> None:
    """Check ``load=`` of a description; that of a document's lines is to be checked before.

    :raises MappingError: something in it is no loader option, or none for rows of this model.
    """
    if isinstance(local.load, str) or not isinstance(local.load, Sequence):
        raise MappingError(f"{local.who}: load= takes a list of SQLAlchemy's loader options, not {local.load!r}.")
    for option in local.load:
        if not isinstance(option, LoaderOption):
            raise MappingError(
                f"{local.who}: load= takes SQLAlchemy's loader options, such as"
                f" selectinload({local.model.__name__}.relationship), and {option!r} is none."
            )
        for prop in _ways(option):
            if prop.lazy in ("dynamic", "write_only"):
                raise MappingError(
                    f"{local.who}: load= names {prop}, which is lazy={prop.lazy!r} and can't be loaded along. Leave it"
                    " out; what an entry names is selected for many rows at once."
                )
    try:
        own = _given(local)
        if own:
            str(select(local.model).options(*own))
    except SQLAlchemyError as error:
        raise MappingError(f"{local.who}: load= can't be used for rows of {local.model.__name__}: {error}") from error


def _ways(option: Any) -> Iterator[RelationshipProperty[Any]]:
    """The relationships that a loader option names."""
    for element in getattr(option, "context", ()):
        yield from (part for part in element.path.path if isinstance(part, RelationshipProperty))


def _given(local: Local) -> list[LoaderOption]:
    """The host's own options, those of lines under the relationship that holds them."""
    lines = _lines(local)
    return [*local.load, *([] if lines is None else [lines.options(option) for option in local.lines.load])]


def _fits(local: Local, those: Sequence[LoaderOption]) -> bool:
    """Whether SQLAlchemy takes these together: it refuses two ways of loading one relationship."""
    try:
        str(select(local.model).options(*those))
    except InvalidRequestError:
        return False
    return True


def _named(local: Local, model: type[Any]) -> Iterator[LoaderOption]:
    """What the entries name; each by itself, so that one can be left out.

    :param model: Whose attributes they are: the described one, or what the relationship to the lines holds.
    """
    mapper = local.mapper
    for entry in local.entries.values():
        attribute = getattr(model, entry, None) if isinstance(entry, str) else None
        prop = prop_of(mapper, entry) if attribute is not None else None
        if isinstance(attribute, AssociationProxyInstance):
            yield from _proxied(attribute)
        elif isinstance(prop, RelationshipProperty) and prop.lazy not in SELECTED:
            yield _along(getattr(model, prop.key))
        elif isinstance(prop, ColumnProperty) and prop.deferred:
            yield undefer(getattr(model, prop.key))
    lines = _lines(local)
    if lines is not None:
        yield lines
        held = local.mapper.relationships[local.lines.parent].mapper.class_
        yield from (lines.options(option) for option in _named(local.lines, held))


def _lines(local: Local) -> Any:
    """How the lines of a document are loaded; None where there are none, or none that can be loaded along."""
    lines = getattr(local, "lines", None)
    if lines is None or local.mapper.relationships[lines.parent].lazy in SELECTED:
        return None
    return selectinload(getattr(local.model, lines.parent))


def _along(attribute: Any) -> Any:
    """To one row by a join, else by a statement for 500 rows."""
    return joinedload(attribute) if _adds_no_rows(attribute.property) else selectinload(attribute)


def _adds_no_rows(prop: RelationshipProperty[Any]) -> bool:
    """Whether a join with what is behind it leaves as many rows as there were, which a LIMIT counts."""
    there = {remote for _, remote in prop.local_remote_pairs or ()}
    one = there == set(prop.mapper.primary_key) or (len(there) == 1 and lone(next(iter(there))))
    return (
        prop.direction is RelationshipDirection.MANYTOONE
        and not prop.uselist
        and one
        and not any(other.lazy in ("joined", False) for other in prop.mapper.relationships)
    )


def _proxied(proxy: AssociationProxyInstance[Any]) -> Iterator[LoaderOption]:
    """The two relationships behind an association proxy."""
    try:
        ways: list[Any] = [proxy.local_attr, proxy.remote_attr]
    except AttributeError:
        return  # it leads to what is not mapped
    load: Any = None
    for way in ways:
        prop = getattr(way, "property", None)
        if not isinstance(prop, RelationshipProperty) or prop.lazy in SELECTED:
            return
        load = _along(way) if load is None else load.options(_along(way))
        yield load
