"""XML bytes to a small tree that remembers lines and columns. Document types and entities are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_DEPTH = 100
"""Deeper trees are refused, so that no reader of the tree can run out of stack."""


class NotXML(Exception):
    """The bytes are no acceptable XML. Line and column count from 1."""

    def __init__(self, text: str, line: int, column: int) -> None:
        super().__init__(text)
        self.text, self.line, self.column = text, line, column


@dataclass(slots=True)
class Node:
    """One element; `text` is what stands directly inside it, stripped."""

    tag: str
    attrs: dict[str, str]
    line: int
    column: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.children)

    def find(self, tag: str) -> Node | None:
        for child in self.children:
            if child.tag == tag:
                return child
        return None

    def all(self, tag: str) -> list[Node]:
        return [child for child in self.children if child.tag == tag]

    def get(self, tag: str, default: str = "") -> str:
        """The text of the first child with this tag."""
        child = self.find(tag)
        return default if child is None else child.text


def upper(node: Node) -> Node:
    """The node with its tag and those of its children in upper case."""
    children = [Node(c.tag.upper(), c.attrs, c.line, c.column, c.text, c.children) for c in node]
    return Node(node.tag.upper(), node.attrs, node.line, node.column, node.text, children)


def parse(data: bytes) -> Node:
    """The root element of `data`."""
    parser = expat.ParserCreate(namespace_separator=" ")  # prefixes have to be declared; no schema of ours has any
    parser.buffer_text = True
    roots: list[Node] = []
    stack: list[Node] = []
    texts: list[list[str]] = []

    def here() -> tuple[int, int]:
        return parser.CurrentLineNumber, parser.CurrentColumnNumber + 1

    def start(tag: str, attrs: dict[str, str]) -> None:
        if len(stack) >= MAX_DEPTH:
            raise NotXML("nested too deeply", *here())
        node = Node(tag, attrs, *here())
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)
        texts.append([])

    def end(_tag: str) -> None:
        stack.pop().text = "".join(texts.pop()).strip()

    def characters(text: str) -> None:
        if texts:
            texts[-1].append(text)

    def refuse(*_: object) -> None:
        raise NotXML("document types and entities are not allowed", *here())

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotXML(expat.ErrorString(error.code), error.lineno, error.offset + 1) from None
    except (ValueError, LookupError) as error:  # an encoding that expat or Python does not know
        raise NotXML(str(error), *here()) from None
    return roots[0]
