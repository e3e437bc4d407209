"""The rows of a host's model, chosen by company and day, read in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from .errors import MappingError, Refused
from .failures import passing, roll_back
from .keys import Lead, among, beyond, identity, is_row, join, split
from .messages import Message, noun
from .vocabulary import near

Local = Any
"""A :class:`~flask_intacct.local.Local`, which is built on this module."""

_PRIME = 999_983
"""Ids are summed up modulo this: the sum of large ones would be too large for a column."""

Bad = Callable[[str, Exception], None]
"""Told the id of a row that can't be read, and why."""


Key = tuple[Any, ...]
"""The values of a primary key's columns."""


def batch(
    local: Local,
    session: Session,
    company_id: str,
    *,
    since: Any,
    after: Key,
    size: int,
    bad: Bad | None,
    stamped: datetime | None = None,
) -> tuple[list[Any], Key | None]:
    """The next rows of a company by primary key, with what their entries name, and the key to go on behind.

    :param after: The key that was given last; () at the beginning.
    :param stamped: Only rows with such a stamp, or a later one, or none.
    :return: No key if there are no more.
    """
    keys = local.mapper.primary_key
    query = _behind(_chosen(local, company_id, since), keys, after).limit(size)
    if stamped is not None:
        stamp = getattr(local.model, local.updated)
        query = query.where(or_(stamp >= stamped, stamp.is_(None)))
    found, last, more = _batch(local, session, query, size, bad)
    return [row for row in found if _is_of(local, row, company_id, bad)], last if more else None


def _behind(query: Select[Any], keys: Sequence[Any], after: Key) -> Select[Any]:
    query = query.order_by(*keys)
    return query.where(beyond(keys, after)) if after else query


def keys(
    local: Local, session: Session, company_id: str, *, since: Any, after: Key, size: int
) -> tuple[list[str], Key | None]:
    """The ids of the next rows of a company by primary key, without the rows, and the key to go on behind.

    Only of models of which the database chooses the rows of a company and of a day, see :func:`check_stamp`.
    """
    own = local.mapper.primary_key
    query = _behind(_chosen(local, company_id, since), own, after).limit(size)
    query = query.with_only_columns(*own, maintain_column_froms=True)
    found = [tuple(key) for key in session.execute(query, bind_arguments={"mapper": local.mapper})]
    return [join(key) for key in found], found[-1] if len(found) == size else None


def newest(local: Local, session: Session, company_id: str, since: Any) -> datetime | None:
    """The newest stamp of the rows of a company."""
    query = _chosen(local, company_id, since).with_only_columns(
        func.max(getattr(local.model, local.updated)), maintain_column_froms=True
    )
    found: datetime | None = session.scalar(query, bind_arguments={"mapper": local.mapper})
    return found


def check_stamp(local: Local) -> None:
    """:raises MappingError: the stamp of a description is no time, or its rows can't be chosen without reading them."""
    column = getattr(local.model, local.updated, None)
    type_ = getattr(getattr(column, "expression", None), "type", None)
    if type_ is None or not _is(type_, datetime):
        known = [prop.key for prop in local.mapper.column_attrs if _is(prop.columns[0].type, datetime)]
        hint = near(local.updated, known)
        raise MappingError(f"{local.who}: updated={local.updated!r} is no column of dates with times. {hint}")
    day = local.attribute("date")
    if day is None or not _is(day.expression.type, date):
        raise MappingError(f"{local.who}: updated= needs a date= that is a column, or all rows have to be read.")
    if local.owner is not None and _to_company(local) is None:
        raise MappingError(
            f"{local.who}: updated= needs a company= that is a foreign key, or all rows have to be read."
        )


def by_keys(local: Local, session: Session, wanted: Sequence[Key], bad: Bad | None) -> list[Any]:
    """The rows that have one of these primary keys, with what their entries name."""
    if not wanted:
        return []
    keys = local.mapper.primary_key
    query = select(local.model).where(among(keys, wanted)).order_by(*keys)
    found = _tried(session, query.options(*local.along), bad)
    if found is None and len(wanted) == 1:
        # Without anything else: what is wrong elsewhere is told of the entry that leads there.
        told = None if bad is None else partial(bad, join(wanted[0]))
        found = _tried(session, query, bad, told) or []
    if found is None:
        half = len(wanted) // 2
        found = [row for some in (wanted[:half], wanted[half:]) for row in by_keys(local, session, some, bad)]
    return found


def _tried(
    session: Session, query: Select[Any], bad: Bad | None, told: Callable[[Exception], None] | None = None
) -> list[Any] | None:
    """The rows of a query, None if one of them can't be read: a value that its column's type can make nothing of.

    What was read before it is let go with the exception, or the session would give it again as if it had been read.

    :param bad: Without it that raises.
    :param told: Told why.
    """
    try:
        return list(session.scalars(query).unique())
    except Exception as error:
        if passing(error) or bad is None:
            raise
        roll_back(session, error)
        if told is not None:
            told(error)
    return None


def ids(local: Local, session: Session) -> list[str]:
    """The ids of all rows of a model, in one statement and without the rows."""
    names = [local.mapper.get_property_by_column(key).key for key in local.mapper.primary_key]
    query = select(*(getattr(local.model, name) for name in names))
    return [join(tuple(key)) for key in session.execute(query, bind_arguments={"mapper": local.mapper})]


def stamp(local: Local, session: Session, company_id: str, since: Any) -> tuple[Any, ...]:
    """What changes when a row is added or deleted, and where the model counts versions when one is changed."""
    mapper = local.mapper
    columns = [*mapper.primary_key, *([] if mapper.version_id_col is None else [mapper.version_id_col])]
    numbers = [column for column in columns if _is(column.type, int)]
    counted = [one for column in numbers for one in (func.max(column), func.sum(column % _PRIME))]
    query = _chosen(local, company_id, since).with_only_columns(func.count(), *counted, maintain_column_froms=True)
    return tuple(session.execute(query, bind_arguments={"mapper": mapper}).one())


def _batch(
    local: Local, session: Session, query: Select[Any], size: int, bad: Bad | None
) -> tuple[list[Any], Key | None, bool]:
    """The rows of a query, the key of the last one, and whether more may follow."""
    mapper = local.mapper
    found = _tried(session, query.options(*local.along), bad)
    if found is not None:
        return found, tuple(mapper.primary_key_from_instance(found[-1])) if found else None, len(found) == size
    # One row spoils all of them: look for it in halves.
    keys = query.with_only_columns(*mapper.primary_key, maintain_column_froms=True)
    those = [tuple(key) for key in session.execute(keys)]
    return by_keys(local, session, those, bad), those[-1] if those else None, len(those) == size


def _chosen(local: Local, company_id: str, since: Any) -> Select[Any]:
    query = select(local.model)
    lead = _to_company(local)
    if lead is not None and company_id:
        query = query.where(*_owned(local, lead, company_id))
    day = local.attribute("date")
    if since is not None and day is not None and _is(day.expression.type, date):
        query = query.where(day >= since)
    return query


def _is(type_: Any, python_type: type[Any]) -> bool:
    try:
        return issubclass(type_.python_type, python_type)
    except NotImplementedError:
        return False


def _to_company(local: Local) -> Lead | None:
    """The foreign key by which the database can choose the rows of a company; None where only Python can."""
    found = local.leads("company")
    if local.owner is not None:
        found = [lead for lead in found if lead.table in local.owner.mapper.tables]
    return found[0] if found else None


def _owned(local: Local, lead: Lead, company_id: str) -> list[ColumnElement[bool]]:
    keys = list(lead.table.primary_key)
    values = split(company_id, keys)
    if values is None:
        return [false()]
    here = [getattr(local.model, name) for name in lead.here]
    pairs = list(zip(here, lead.there, strict=True))
    of_key = dict(zip(keys, values, strict=True))
    if set(lead.there) == set(keys):
        return [attribute == of_key[column] for attribute, column in pairs]
    own = and_(*(key == value for key, value in of_key.items()))
    return [attribute == select(column).where(own).scalar_subquery() for attribute, column in pairs]


def _is_of(local: Local, row: Any, company_id: str, bad: Bad | None) -> bool:
    """Whether a row belongs to the company, where the database could not choose."""
    if not company_id or "company" not in local.entries or _to_company(local) is not None:
        return True
    try:
        company = local.get(row, "company")
        if is_row(company) and local.owner is not None and not isinstance(company, local.owner.model):
            given = {"entry": "company", "model": type(company).__name__, "noun": noun("company")}
            raise Refused(Message("entry.other_row", **given))
        return identity(company) == company_id
    except Exception as error:
        if passing(error):
            raise
        # The host's own code may raise anything.
        if bad is None:
            raise
        bad(local.local_id(row), error)
        return False
