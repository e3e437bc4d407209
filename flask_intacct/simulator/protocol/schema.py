"""The order of elements, where the gateway's schema fixes it: a content model per element, checked child by child.

A model is written like a regular expression over element names: blanks are sequence, `|` choice, `? * +` repetition.
Names are from the vendor's XSD 3.0.
"""

from __future__ import annotations

import re
from functools import cache

from ..errors import Error
from .models import ALL, ANY, DATES, MODELS
from .old_objects import NAMES
from .xmltree import Node

_TOKEN = re.compile(r"[\w.]+|[()|?*+]")


class _Automaton:
    """A model as a nondeterministic automaton: numbered states with named and silent moves; 0 is the start."""

    def __init__(self, model: str) -> None:
        self.named: list[list[tuple[str, int]]] = []
        self.silent: list[list[int]] = []
        self._tokens = _TOKEN.findall(model)
        self._at = 0
        start = self._state()
        self.final = self._choice(start)

    def _state(self) -> int:
        self.named.append([])
        self.silent.append([])
        return len(self.named) - 1

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _choice(self, start: int) -> int:
        ends = [self._sequence(start)]
        while self._peek() == "|":
            self._at += 1
            ends.append(self._sequence(start))
        end = self._state()
        for one in ends:
            self.silent[one].append(end)
        return end

    def _sequence(self, start: int) -> int:
        while self._peek() not in ("", "|", ")"):
            start = self._item(start)
        return start

    def _item(self, start: int) -> int:
        name = self._peek()
        self._at += 1
        begin = self._state()
        self.silent[start].append(begin)
        if name == "(":
            end = self._choice(begin)
            self._at += 1
        else:
            end = self._state()
            self.named[begin].append((name, end))
        mark = self._peek()
        if mark in ("?", "*", "+") and mark:
            self._at += 1
            if mark in "*+":
                self.silent[end].append(begin)
            if mark in "*?":
                self.silent[begin].append(end)
        after = self._state()
        self.silent[end].append(after)
        return after

    def closure(self, states: set[int]) -> set[int]:
        todo, seen = list(states), set(states)
        while todo:
            for target in self.silent[todo.pop()]:
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        return seen

    def step(self, states: set[int], name: str) -> set[int]:
        return self.closure({end for s in states for tag, end in self.named[s] if tag == name})

    def expected(self, states: set[int]) -> list[str]:
        return sorted({tag for s in states for tag, _ in self.named[s]})


@cache
def _automaton(model: str) -> _Automaton:
    return _Automaton(model)


def schema_error(node: Node, text: str) -> Error:
    """The gateway's one error for everything that its schema refuses."""
    return Error("XL03000003", f"XML Parse schema error: {text} Line: {node.line}, column: {node.column}.")


def check_children(node: Node, model: str) -> list[Error]:
    """Errors of the direct children of `node` against `model`."""
    if node.text:
        return [schema_error(node, f"Element '{node.tag}' holds text beside elements.")]
    automaton = _automaton(model)
    states = automaton.closure({0})
    for child in node:
        following = automaton.step(states, child.tag)
        if not following:
            names = ", ".join(automaton.expected(states)) or "no further element"
            return [schema_error(child, f"Element '{child.tag}' is not expected here; expected: {names}.")]
        states = following
    if automaton.final not in states:
        names = ", ".join(automaton.expected(states))
        return [schema_error(node, f"Element '{node.tag}' is incomplete; expected: {names}.")]
    return []


def check_tree(node: Node) -> list[Error]:
    """Errors of `node` and everything below that has a fixed model."""
    if node.tag in ANY:
        return []
    model = "year month day" if node.tag in DATES else MODELS.get(node.tag)
    if model is None:
        if node.children:
            return [schema_error(node.children[0], f"Element '{node.tag}' takes no elements.")]
        return []
    return check_children(node, model) or [error for child in node for error in check_tree(child)]


def check_all(node: Node) -> list[Error]:
    """Errors of a function whose children may come in any order, each once."""
    required, optional = ALL[node.tag]
    if node.text:
        return [schema_error(node, f"Element '{node.tag}' holds text beside elements.")]
    seen: set[str] = set()
    for child in node:
        if child.tag not in required and child.tag not in optional:
            return [schema_error(child, f"Element '{child.tag}' is not expected in '{node.tag}'.")]
        if child.tag in seen:
            return [schema_error(child, f"Element '{child.tag}' appears twice in '{node.tag}'.")]
        seen.add(child.tag)
    missing = [tag for tag in required if tag not in seen]
    if missing:
        return [schema_error(node, f"Element '{node.tag}' is incomplete; expected: {', '.join(missing)}.")]
    return []


def check_function(node: Node) -> list[Error]:
    """Errors of one function element."""
    if node.tag in ("get_list", "get") and node.attrs.get("object", "") not in NAMES:
        name = node.attrs.get("object", "")[:40]
        return [schema_error(node, f"Error 502: Value '{name}' is not among the enumerated set.")]
    if node.tag in ALL:
        return check_all(node)
    if node.tag in MODELS:
        return check_tree(node)
    if node.tag in ANY:
        return []
    return [schema_error(node, f"Element '{node.tag}' is not a known function.")]
