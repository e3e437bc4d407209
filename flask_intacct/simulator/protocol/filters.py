"""Conditions on records: the tree that `query` and `readByQuery` both read into, and its evaluation.

A condition is a tuple: ("and"|"or", conditions), ("not", condition), or (operator, field, values). Values are
typed by the field. An empty field compares false with everything, as in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from ..errors import query_failed
from ..store.objects import Field
from ..store.values import Row, read
from .paths import Getter
from .xmltree import Node

Condition = tuple[Any, ...]
Predicate = Callable[[Row], bool]
Resolver = Callable[[str], tuple[Field, Getter]]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equalto": eq,
    "notequalto": ne,
    "lessthan": lt,
    "lessthanorequalto": le,
    "greaterthan": gt,
    "greaterthanorequalto": ge,
}
LISTS = ("in", "notin")
TEXTS = ("like", "notlike")
NULLS = ("isnull", "isnotnull")
IN_LIMIT = 1000


def from_xml(node: Node) -> Condition:
    """The condition of one operator element of `query`."""
    if node.tag in ("and", "or"):
        if len(node.children) < 2:
            raise query_failed(f"The operator '{node.tag}' needs at least two conditions.")
        return (node.tag, tuple(from_xml(child) for child in node))
    known = node.tag in COMPARISONS or node.tag in LISTS or node.tag in TEXTS or node.tag in NULLS
    if not known and node.tag != "between":
        raise query_failed(f"Unknown filter operator '{node.tag}'.")
    fields = node.all("field")
    values = tuple(child.text for child in node.all("value"))
    if len(fields) != 1 or not fields[0].text or len(node.children) != 1 + len(values):
        raise query_failed(f"The operator '{node.tag}' takes one field and its values.")
    wanted = {"between": 2, "isnull": 0, "isnotnull": 0}.get(node.tag, 1)
    if node.tag in LISTS:
        if not 1 <= len(values) <= IN_LIMIT:
            raise query_failed(f"The operator '{node.tag}' takes 1 to {IN_LIMIT} values.")
    elif len(values) != wanted:
        raise query_failed(f"The operator '{node.tag}' takes exactly {wanted} value(s).")
    return (node.tag, fields[0].text.upper(), values)


def fields_of(condition: Condition) -> set[str]:
    """The names of all fields that a condition looks at."""
    if condition[0] in ("and", "or"):
        return set().union(*(fields_of(one) for one in condition[1]))
    if condition[0] == "not":
        return fields_of(condition[1])
    return {condition[1]}


def typed(condition: Condition, resolve: Resolver) -> Condition:
    """The condition with its texts read as values of their fields."""
    if condition[0] in ("and", "or"):
        return (condition[0], tuple(typed(one, resolve) for one in condition[1]))
    if condition[0] == "not":
        return ("not", typed(condition[1], resolve))
    operator, name, values = condition
    field, _ = resolve(name)
    if operator in TEXTS:
        return condition
    try:
        return (operator, name, tuple(read(v, field.kind) if isinstance(v, str) else v for v in values))
    except ValueError as error:
        raise query_failed(f"Invalid value '{error}' for the field {name}.") from None


def like_pattern(text: str, fold: bool) -> re.Pattern[str]:
    """SQL's LIKE: `%` any text, `_` one character."""
    parts = ["." if part == "_" else ".*" if part == "%" else re.escape(part) for part in re.split("([%_])", text)]
    joined = re.sub(r"(?:\.\*)+", ".*", "".join(parts))
    return re.compile(joined, re.DOTALL | (re.IGNORECASE if fold else 0))


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def predicate(condition: Condition, resolve: Resolver, fold: bool = False) -> Predicate:
    """A function that says whether a record meets a typed condition."""
    operator = condition[0]
    if operator == "and":
        every = [predicate(one, resolve, fold) for one in condition[1]]
        return lambda row: all(test(row) for test in every)
    if operator == "or":
        some = [predicate(one, resolve, fold) for one in condition[1]]
        return lambda row: any(test(row) for test in some)
    if operator == "not":
        inner = predicate(condition[1], resolve, fold)
        return lambda row: not inner(row)
    _, name, values = condition
    field, get = resolve(name)
    if operator == "isnull":
        return lambda row: get(row) in (None, "")
    if operator == "isnotnull":
        return lambda row: get(row) not in (None, "")
    if operator in TEXTS:
        if field.kind not in ("", "E"):
            raise query_failed(f"The operator '{operator}' needs a text field; {name} is none.")
        pattern = like_pattern(values[0], fold)
        wanted = operator == "like"
        return lambda row: (text := get(row)) is not None and (pattern.fullmatch(text) is not None) is wanted
    if fold:
        values = tuple(_fold(value) for value in values)
        plain_get = get

        def get(row: Row) -> Any:
            return _fold(plain_get(row))

    if operator in LISTS:
        listed, wanted = frozenset(values), operator == "in"
        return lambda row: (value := get(row)) is not None and (value in listed) is wanted
    if operator == "between":
        low, high = values
        if low is None or high is None:
            return lambda row: False
        return lambda row: (value := get(row)) is not None and low <= value <= high
    compare, other = COMPARISONS[operator], values[0]
    if other is None:
        wanted = operator == "notequalto"
        return lambda row: (get(row) not in (None, "")) is wanted
    return lambda row: (value := get(row)) is not None and compare(value, other)
