"""The SQL-like conditions of `readByQuery`, read into the same tree as the filters of `query`."""

from __future__ import annotations

import re

from ..errors import query_failed
from ..store.tables import Table
from .filters import COMPARISONS, Condition

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<bare>[\w.@-]*%[^\s(),']*)|(?P<number>[+-]?\d+(?:\.\d+)?)"""
    r"""|(?P<word>[A-Za-z_][\w.#-]*)|(?P<sign><=|>=|<>|!=|[<>=(),]))""",
    re.DOTALL,
)
_SIGNS = {
    "=": "equalto",
    "<>": "notequalto",
    "!=": "notequalto",
    "<": "lessthan",
    "<=": "lessthanorequalto",
    ">": "greaterthan",
    ">=": "greaterthanorequalto",
}
_DEPTH = 50

CODES: dict[tuple[str, str], dict[str, str]] = {
    ("APBILL", "STATE"): {
        "D": "Draft",
        "PA": "Partially Approved",
        "S": "Submitted",
        "U": "Declined",
        "A": "Posted",
    },
    ("APPYMT", "STATE"): {"C": "Posted", "D": "Draft", "A": "Approved", "V": "Voided", "S": "Submitted"},
    ("TAXDETAIL", "TAXTYPE"): {"S": "Sale", "P": "Purchase"},
}
"""Stored codes that are written here in place of the labels of `query`."""
_STATUS = {"T": "active", "F": "inactive"}


class _Reader:
    def __init__(self, text: str, table: Table) -> None:
        self.table = table
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise query_failed(f"The query can't be read near: {text[at : at + 30]}")
            kind = str(found.lastgroup)
            self.tokens.append((kind, found.group(kind)))
            at = found.end()
        self.at = 0

    def word(self) -> str:
        """The next token in upper case, if it is a word or a sign."""
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return text.upper() if kind in ("word", "sign") else ""

    def take(self, *expected: str) -> bool:
        for step, word in enumerate(expected):
            at = self.at + step
            if at >= len(self.tokens) or self.tokens[at][1].upper() != word or self.tokens[at][0] == "text":
                return False
        self.at += len(expected)
        return True

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise query_failed(f"The query misses a '{sign}'.")

    def either(self, depth: int = 0) -> Condition:
        parts = [self.both(depth)]
        while self.take("OR"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else ("or", tuple(parts))

    def both(self, depth: int) -> Condition:
        parts = [self.one(depth)]
        while self.take("AND"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else ("and", tuple(parts))

    def one(self, depth: int) -> Condition:
        if depth > _DEPTH:
            raise query_failed("The query is nested too deeply.")
        if self.take("NOT"):
            return ("not", self.one(depth + 1))
        if self.take("("):
            inner = self.either(depth + 1)
            self.need(")")
            return inner
        return self.comparison()

    def comparison(self) -> Condition:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "word":
            raise query_failed("The query misses a field.")
        name = self.tokens[self.at][1].upper()
        self.at += 1
        if self.take("IS", "NOT", "NULL"):
            return ("isnotnull", name, ())
        if self.take("IS", "NULL"):
            return ("isnull", name, ())
        negative = self.take("NOT")
        if self.take("LIKE"):
            return ("notlike" if negative else "like", name, (self.pattern(name),))
        if self.take("IN"):
            self.need("(")
            values = [self.value(name)]
            while self.take(","):
                values.append(self.value(name))
            self.need(")")
            return ("notin" if negative else "in", name, tuple(values))
        operator = _SIGNS.get(self.word())
        if operator is None or negative or operator not in COMPARISONS:
            raise query_failed(f"The query has no operator after {name}.")
        self.at += 1
        return (operator, name, (self.value(name),))

    def pattern(self, name: str) -> str:
        """What a text is like; that may stand without quotes, up to the next blank or bracket."""
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        if kind not in ("word", "bare"):
            return self.value(name)
        self.at += 1
        return text

    def value(self, name: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] not in ("text", "number"):
            raise query_failed(f"The query misses a value for {name}.")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        codes = CODES.get((self.table.spec.name, name))
        if codes is None and name == "STATUS":
            codes = _STATUS
        return codes.get(text, text) if codes else text


def condition(text: str, table: Table) -> Condition | None:
    """The condition that `text` states about records of `table`; None if it states nothing."""
    reader = _Reader(text, table)
    if not reader.tokens:
        return None
    found = reader.either()
    if reader.at < len(reader.tokens):
        raise query_failed(f"The query can't be read near: {reader.tokens[reader.at][1][:30]}")
    return found
