"""The words by which links and records are found, in a table of their own: what is sought begins words, each one does.

A word is what stands between blanks, from its beginning and from behind each sign in it: INV-2024/001 is found by
"inv-2024/0", by "2024/001" and by "001", not by "24". That is so on every database, and an index finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, literal, select, union_all
from sqlalchemy.orm import Session

from .keys import unindexed
from .ledger import folded
from .models import Link, Record, Token

LONGEST = 40
"""Characters of a word; the column is that wide."""

AT_ONCE = 500
"""Rows whose words are looked at in one statement."""

_BEGINNINGS = re.compile(r"^.|(?<=[\W_])[^\W_]", re.DOTALL)
_LAST = "\U0010ffff"
"""Stands behind every other character."""

FEW = 200
"""Up to so many rows that a word finds are asked for by their ids."""


def words(text: str) -> set[str]:
    """The words by which a text is found."""
    return {word[found.start() :][:LONGEST] for word in folded(text).split() for found in _BEGINNINGS.finditer(word)}


def having(
    session: Session, table: type[Link] | type[Record], connection_id: int, kind: str, sought: Sequence[str]
) -> list[ColumnElement[bool]]:
    """The conditions that rows are of a connection, and have for each sought word one that begins with it.

    :param kind: The kind of the links, or the object of the records; it is no condition itself.
    """
    found = [_beginning(connection_id, kind, folded(text)[:LONGEST]) for text in sought]
    few = _few(session, found)
    if few is None:
        return [table.connection_id == connection_id, *(table.id.in_(query) for query in found)]
    those = (query.where(Token.row_id == table.id).exists() for query in found)
    return [unindexed(table.connection_id) == connection_id, table.id.in_(few), *those]


def _beginning(connection_id: int, kind: str, first: str) -> Select[Any]:
    """The rows of a kind that have a word which begins with these characters."""
    of_kind = (Token.connection_id == connection_id, Token.kind == kind)
    return select(Token.row_id).where(*of_kind, Token.word >= first, Token.word < first + _LAST)


def _few(session: Session, found: Sequence[Select[Any]]) -> set[int] | None:
    """The rows of the query that gives the fewest; None where each gives many, or there is none.

    No database knows beforehand how many it will be, and the best way to all else depends on it.
    """
    if not found:
        return None
    limited = [query.limit(FEW + 1).subquery() for query in found]
    rows = session.execute(union_all(*(select(literal(at), each.c.row_id) for at, each in enumerate(limited)))).all()
    ids = [[row_id for at, row_id in rows if at == place] for place in range(len(found))]
    fewest = min(ids, key=len)
    return set(fewest) if len(fewest) <= FEW else None


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
