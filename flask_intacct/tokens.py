"""The words by which links and records are found, in a table of their own: what is sought begins words, each one does.

A word is what stands between blanks, from its beginning and from behind each sign in it: INV-2024/001 is found by
"inv-2024/0", by "2024/001" and by "001", not by "24". That is so on every database, and an index finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, delete, insert, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import FunctionElement

from .ledger import folded
from .models import Link, Record, Token

LONGEST = 40
"""Characters of a word; the column is that wide."""

AT_ONCE = 500
"""Rows whose words are looked at in one statement."""

_BEGINNINGS = re.compile(r"^.|(?<=[\W_])[^\W_]", re.DOTALL)
_LAST = "\U0010ffff"
"""Stands behind every other character."""


class _ByCode(FunctionElement[str]):
    """A text that is compared by code points, in whichever order the database sorts texts."""

    type = String()
    inherit_cache = True


@compiles(_ByCode)
def _as_it_is(element: _ByCode, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_ByCode, "postgresql")
def _postgresql(element: _ByCode, compiler: Any, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)} COLLATE "C")'


def words(text: str) -> set[str]:
    """The words by which a text is found."""
    return {word[found.start() :][:LONGEST] for word in folded(text).split() for found in _BEGINNINGS.finditer(word)}


def having(id_: Any, connection_id: int, kind: str, sought: Iterable[str]) -> list[ColumnElement[bool]]:
    """The conditions that rows have for each sought word one that begins with it.

    :param id_: The column of the rows' ids.
    :param kind: The kind of the links, or the object of the records.
    """
    word, found = _ByCode(Token.word), []
    for text in sought:
        first = folded(text)[:LONGEST]
        of_kind = (Token.connection_id == connection_id, Token.kind == kind)
        found.append(id_.in_(select(Token.row_id).where(*of_kind, word >= first, word < first + _LAST)))
    return found


def write(session: Session, connection_id: int, kind: str, texts: Mapping[int, str]) -> None:
    """Have the words of rows of a kind in the table, within the caller's transaction: three statements for up to
    :data:`AT_ONCE` rows, which write what differs.

    :param texts: What each row is searched by, by its id.
    """
    ids = list(texts)
    for those in (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)):
        wanted = {(id_, word) for id_ in those for word in words(texts[id_])}
        of_rows = (Token.connection_id == connection_id, Token.kind == kind, Token.row_id.in_(those))
        query = select(Token.row_id, Token.word, Token.id).where(*of_rows)
        there = {(row_id, word): id_ for row_id, word, id_ in session.execute(query)}
        odd = [id_ for key, id_ in there.items() if key not in wanted]
        if odd:
            session.execute(delete(Token).where(Token.id.in_(odd)))
        new = [
            {"connection_id": connection_id, "kind": kind, "row_id": row_id, "word": word}
            for row_id, word in sorted(wanted - there.keys())
        ]
        if new:
            session.execute(insert(Token), new)


def write_rows(session: Session, rows: Iterable[Link | Record]) -> None:
    """The same for rows of any connections and kinds, whose texts are what they hold now."""
    session.flush()  # new ones have their ids then
    found: dict[tuple[int, str], dict[int, str]] = {}
    for row in rows:
        kind = row.kind if isinstance(row, Link) else row.object
        found.setdefault((row.connection_id, kind), {})[row.id] = row.search
    for (connection_id, kind), texts in found.items():
        write(session, connection_id, kind, texts)


def forget(session: Session, connection_id: int, *objects: str) -> None:
    """Drop the words of records of these objects that go."""
    session.execute(delete(Token).where(Token.connection_id == connection_id, Token.kind.in_(objects)))
