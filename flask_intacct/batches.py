"""The rows of a host's model, chosen by company and day, read in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, select, tuple_
from sqlalchemy.orm import Session

from .errors import Refused
from .failures import passing, roll_back
from .keys import Lead, identity, is_row, join, split
from .messages import Message, noun

Local = Any
"""A :class:`~flask_intacct.local.Local`, which is built on this module."""

Key = tuple[Any, ...]
"""A primary key."""

_PRIME = 999_983
"""Ids are summed up modulo this: the sum of large ones would be too large for a column."""

Bad = Callable[[str, Exception], None]
"""Told the id of a row that can't be read, and why."""


def rows(local: Local, session: Session, company_id: str, *, since: Any, batch: int, bad: Bad | None) -> Iterator[Any]:
    """See :meth:`~flask_intacct.local.Local.rows`."""
    last: Key | None = None
    more = True
    while more:
        found, last, more = page(local, session, company_id, since=since, after=last, batch=batch, bad=bad)
        yield from found


def page(
    local: Local, session: Session, company_id: str, *, since: Any, after: Key | None, batch: int, bad: Bad | None
) -> tuple[Iterator[Any], Key | None, bool]:
    """One batch of :func:`rows`: its rows, the key of its last one, and whether more may follow.

    :param after: The key to go on behind; None for the first batch.
    """
    keys = local.mapper.primary_key
    query = _chosen(local, company_id, since).order_by(*keys).limit(batch)
    if after is not None:
        query = query.where(tuple_(*keys) > after if len(keys) > 1 else keys[0] > after[0])
    found, last, more = _batch(local, session, query, batch, bad)
    return (row for row in found if _is_of(local, row, company_id, bad)), last, more


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
    local: Local, session: Session, query: Select[Any], batch: int, bad: Bad | None
) -> tuple[list[Any], Key | None, bool]:
    """The rows of a query, the key of the last one, and whether more may follow."""
    keys = local.mapper.primary_key
    try:
        found = list(session.scalars(query).unique())
    except Exception as error:
        if passing(error):
            raise
        # One value that its column's type can make nothing of spoils the whole batch: take the rows one by one.
        if bad is None:
            raise
        roll_back(session, error)
    else:
        return found, tuple(local.mapper.primary_key_from_instance(found[-1])) if found else None, len(found) == batch
    found, those = [], session.execute(query.with_only_columns(*keys)).all()
    for key in those:
        wanted = [column == part for column, part in zip(keys, key, strict=True)]
        try:
            found += session.scalars(select(local.model).where(*wanted)).unique()
        except Exception as error:
            if passing(error):
                raise
            roll_back(session, error)
            bad(join(tuple(key)), error)
    return found, tuple(those[-1]) if those else None, len(those) == batch


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
