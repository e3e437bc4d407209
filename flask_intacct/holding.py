"""Texts that hold a word somewhere, whichever of its letters are capitals."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

_ESCAPE = "/"


class _Alike(FunctionElement[str]):
    """A text in which LIKE takes capitals for small letters."""

    type = String()
    inherit_cache = True


@compiles(_Alike)
def _lower(element: _Alike, compiler: Any, **options: Any) -> str:
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(_Alike, "sqlite")
def _as_it_is(element: _Alike, compiler: Any, **options: Any) -> str:
    """SQLite's LIKE does so anyway, and `lower()` of each row takes longer than all else."""
    return str(compiler.process(element.clauses, **options))


def holding(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a text holds a word."""
    for sign in (_ESCAPE, "%", "_"):
        word = word.replace(sign, _ESCAPE + sign)
    return _Alike(column).like(_Alike(literal(f"%{word}%")), escape=_ESCAPE)
