"""Rows of the host made, changed and archived: in the host's own ways where it has them, else by its attributes."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from inspect import unwrap
from typing import Any

from sqlalchemy.exc import StatementError
from sqlalchemy.orm import ColumnProperty

from . import logs
from .columns import fitting, misfits, unfilled
from .entries import OTHERS
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


def foreseen(local: Local, values: Mapping[str, Any], given: Iterable[str] = ()) -> list[Message]:
    """Why a row of these values could not be made, as far as its table's definition tells; nothing is changed.

    Of values that are other rows it only matters that there are any.

    :param given: Attributes that are filled otherwise.
    """
    if local.create is not None:
        return []
    filled = set(given)
    try:
        row, found = _bare(local), words(local, values)
    except Refused as refusal:
        return [refusal.said]
    for name, value in found.items():
        prop = local.prop(name)
        if name in OTHERS and value not in (None, []):
            filled.update(attribute for lead in local.leads(name) for attribute in lead.here)
            filled.update([prop.key] if isinstance(prop, ColumnProperty) else ())
    plain = {prop.key: value for prop, value in _plain(local, found)}
    try:
        for attribute, value in plain.items():
            setattr(row, attribute, value)
    except Exception as error:
        # A validator of the host's, which may raise anything.
        return [noted(log, error, "A value for %s is refused", local.model.__name__)]
    lines = _lines_foreseen(local, values) if isinstance(local, LocalDocument) else []
    return [*unfilled(row, filled), *misfits(row, plain), *lines]


def _plain(local: Local, found: Mapping[str, Any]) -> Iterator[tuple[ColumnProperty[Any], Any]]:
    """The columns of a new row that are no other rows, with what they would hold."""
    for name, value in found.items():
        prop = local.prop(name)
        if name not in OTHERS and isinstance(prop, ColumnProperty):
            yield prop, fitting(prop.columns[0], value)


def alone(local: Local, columns: Mapping[str, Any], values: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """The columns of a new row in which no two rows may have the same, with what they would hold.

    :param columns: These columns, by the entries that name them.
    """
    try:
        found = words(local, values)
    except Refused:
        return []  # told by :func:`foreseen`
    given = ((columns[name], value) for name, value in found.items() if name in columns)
    return [(column, fitted) for column, value in given if (fitted := fitting(column, value)) is not None]


def _lines_foreseen(local: LocalDocument, values: Mapping[str, Any]) -> list[Message]:
    """The same for the lines of a document, which the document itself leads them to."""
    prop, mapper = local.mapper.relationships[local.lines.parent], local.lines.mapper
    remote = [] if prop.secondary is not None else [column for _, column in prop.local_remote_pairs or ()]
    given = [mapper.get_property_by_column(column).key for column in remote]
    return [problem for line in values.get("lines", ()) for problem in foreseen(local.lines, line, given)]


def _default_row(local: Local, values: Mapping[str, Any]) -> Any:
    row = _bare(local)
    assign(local, row, {name: value for name, value in values.items() if name != "lines"})
    if isinstance(local, LocalDocument):
        lines = [_bare(local.lines) for _ in values["lines"]]
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
    problems = misfits(row, [prop.key for prop in props])
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


def _bare(local: Local) -> Any:
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
