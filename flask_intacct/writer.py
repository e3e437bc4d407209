"""Rows of the host made, changed and archived: in the host's own ways where it has them, else by its attributes."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import unwrap
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import StatementError

from . import logs
from .columns import misfits
from .errors import Refused
from .failures import noted, passing
from .local import Local, LocalDocument
from .messages import Message, listed
from .relations import relate

log = logs.logger(__name__)

OWN_TABLES = "intacct_"


def made(local: Local, values: dict[str, Any]) -> Any:
    """A new row, not saved.

    :raises Refused: the host can't have this record; the text says why.
    """
    if local.create is None:
        return _default_row(local, values)
    row = own(local, "create", local.create, values)
    if row is None:
        raise Refused(Message("host.no_row", model=local.model.__name__))
    return row


def listened(local: Local) -> bool:
    """Whether code of the host's runs as each row is saved, and may look at those that were saved before it."""
    mappers = [local.mapper, *([local.lines.mapper] if isinstance(local, LocalDocument) else [])]
    return any(mapper.dispatch.before_insert or mapper.dispatch.after_insert for mapper in mappers)


def own(local: Local, name: str, function: Callable[..., Any], *given: Any) -> Any:
    """Call a function of the host's; what it raises is told as its own.

    :raises Refused: it refuses, or fails.
    """
    try:
        return function(*given)
    except Refused:
        raise
    except Exception as error:
        if passing(error):
            raise
        # The host's own code may raise anything: this record has an issue, its developer the traceback.
        reason = noted(log, error, "%s= for %s failed", name, local.model.__name__)
        failed = {"function": name, "model": local.model.__name__, "reason": reason}
        raise Refused(Message("host.failed", **failed)) from error


@contextmanager
def saving(local: Local | None = None) -> Iterator[None]:
    """What the host's tables or listeners refuse while a row is saved.

    :raises Refused: naming table and column where they can be told.
    """
    try:
        yield
    except Refused:
        raise
    except StatementError as error:
        table = _table_of(error)
        if passing(error) or table.startswith(OWN_TABLES):
            raise
        raise Refused(_refusal(error, table, local)) from error
    except Exception as error:
        if passing(error):
            raise
        # A listener or a default of the host's, which may raise anything.
        name = local.model.__name__ if local is not None else "row"
        reason = noted(log, error, "A %s could not be saved", name)
        raise Refused(Message("host.saving", model=name, reason=reason)) from error


def _default_row(local: Local, values: Mapping[str, Any]) -> Any:
    row = bare(local)
    assign(local, row, {name: value for name, value in values.items() if name != "lines"})
    if isinstance(local, LocalDocument):
        lines = [bare(local.lines) for _ in values["lines"]]
        for line, line_values in zip(lines, values["lines"], strict=True):
            assign(local.lines, line, line_values)
        relate(row, local.mapper.relationships[local.lines.parent], lines)
    return row


def assign(local: Local, row: Any, values: Mapping[str, Any]) -> None:
    """Set the mapped attributes; words are turned into the host's.

    :raises Refused: a column can't hold what it would get.
    """
    found = words(local, values)
    for name, value in found.items():
        local.assign(row, name, value)
    props = [prop for name in found if (prop := local.prop(name)) is not None]
    problems = misfits(local.mapper, inspect(row).dict, [prop.key for prop in props])
    if problems:
        raise Refused(Message("host.misfits", problems=listed(problems)))


def words(local: Local, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the entries that hold them, in the host's words.

    :raises Refused: the host lists no word for one.
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "status" and isinstance(local, LocalDocument):
            found[name] = local.status_word(value)
        elif name == "type" and name in local.entries and value:
            found[name] = local.words.word(value)
        elif name == "active":
            found["archived"] = not value
        elif name == "options" and name not in local.entries and "property" in local.entries:
            found["property"] = value
        else:
            found[name] = value
    return {name: value for name, value in found.items() if isinstance(local.entries.get(name), str)}


def bare(local: Local) -> Any:
    """A new row as the model itself makes it.

    :raises Refused: it wants to be given more, or its own code fails.
    """
    try:
        return local.model()
    except Exception as error:
        if passing(error):
            raise
        # The model's own __init__, which may want what only create= knows, and raise anything.
        name = local.model.__name__
        reason = noted(log, error, "A %s could not be made", name)
        raise Refused(Message("host.bare", model=name, reason=reason)) from error


def _table_of(error: StatementError) -> str:
    """The table that a statement wrote to."""
    told_by = getattr(error.orig, "diag", None)  # PostgreSQL's; a constraint may be checked only by the commit
    name = getattr(told_by, "table_name", None)
    if name:
        return str(name)
    found = re.match(
        r"""\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+([\w."`\[\]]+)""", error.statement or "", re.IGNORECASE
    )
    return re.sub(r'["`\[\]]', "", found[1]).rpartition(".")[2] if found else ""


def _refusal(error: StatementError, table: str, local: Local | None) -> Message:
    """What to say of a database's refusal."""
    metadata = local.mapper.local_table.metadata if local is not None else None  # type: ignore[attr-defined]
    definition = next((one for one in getattr(metadata, "tables", {}).values() if one.name == table), None)
    failed, columns = _failed_defaults(error, definition), _columns_of(error, definition)
    reason = noted(log, error, "The table %s does not take a row", table)  # which hides what the driver says of values
    if failed:
        return Message("table.default", columns=failed, table=table, reason=reason)
    if columns:
        return Message("table.refuses_column", table=table, columns=columns, reason=reason)
    if table:
        return Message("table.refuses", table=table, reason=reason)
    return Message("table.refuses_unnamed", reason=reason)


def _failed_defaults(error: StatementError, table: Any) -> list[str]:
    """The columns whose own default, or default on update, was running when it failed."""
    if table is None or error.orig is None:
        return []
    running = {frame.f_code for frame, _ in traceback.walk_tb(error.orig.__traceback__)}
    return [column.name for column in table.columns if _codes(column) & running]


def _columns_of(error: StatementError, table: Any) -> list[str]:
    """The columns that a database's refusal names, by themselves or by their constraint."""
    if table is None:
        return []
    text = str(error.orig).partition(" REFERENCES ")[0].partition("Failing row contains")[0]
    if "FOREIGN KEY constraint failed" in text:  # SQLite's, which does not say which
        return [column.name for column in table.columns if column.foreign_keys]
    names = [
        column.name
        for column in table.columns
        if re.search(rf"""(?:["'`(]|, |{re.escape(table.name)}\.){re.escape(column.name)}(?:["'`),]|\s|$)""", text)
    ]
    known = {*table.constraints, *table.indexes, *(one for column in table.columns for one in column.constraints)}
    named = [one for one in known if one.name and re.search(rf"\b{re.escape(str(one.name))}\b", text)]
    return names or [column.name for one in named for column in table.columns if _speaks_of(one, column)]


def _speaks_of(constraint: Any, column: Any) -> bool:
    words = str(getattr(constraint, "sqltext", ""))  # of a CHECK
    return constraint.columns.get(column.key) is column or bool(re.search(rf"\b{re.escape(column.name)}\b", words))


def _codes(column: Any) -> set[Any]:
    """The code of a column's own defaults, beneath what SQLAlchemy wraps them in."""
    functions = [getattr(default, "arg", None) for default in (column.default, column.onupdate)]
    return {code for one in functions if callable(one) and (code := getattr(unwrap(one), "__code__", None))}
