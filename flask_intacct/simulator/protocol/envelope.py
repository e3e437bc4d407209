"""What a request has to look like before anybody reads what it wants."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import ControlRefusal, Error
from . import schema, xmltree
from .models import MODELS
from .xmltree import Node


def parse(body: bytes, known: Collection[str], unchecked: Collection[str]) -> Node:
    """The request's tree, if the schema allows it.

    :param known: the names of the functions that there are.
    :param unchecked: the names of those that may look anyhow, because they are refused later.
    :raises ControlRefusal: where the body is no XML, or breaks the schema.
    """
    try:
        root = xmltree.parse(body)
    except xmltree.NotXML as error:
        text = f"XML Parse schema error: {error.text} Line: {error.line}, column: {error.column}."
        raise ControlRefusal(Error("XL03000003", text)) from None
    errors = _errors(root, known, unchecked)
    if errors:
        raise ControlRefusal(*errors)
    return root


def functions_of(root: Node) -> list[Node]:
    """The function elements of a request, of all its operations."""
    return [function for operation in root.children[1:] for function in operation.children[-1]]


def _errors(root: Node, known: Collection[str], unchecked: Collection[str]) -> list[Error]:
    if root.tag != "request":
        return [schema.schema_error(root, f"Element '{root.tag}' is not expected here; expected: request.")]
    errors = schema.check_children(root, MODELS["request"])
    if errors:
        return errors
    errors = [one for node in root for one in schema.check_children(node, MODELS[node.tag])]
    if errors:
        return errors
    control = root.children[0]
    if not 1 <= len(control.get("controlid")) <= 256:
        errors.append(schema.schema_error(control, "Element 'controlid' holds 1 to 256 characters."))
    for operation in root.children[1:]:
        authentication, content = operation.children[0], operation.children[-1]
        errors += schema.check_children(authentication, MODELS["authentication"])
        errors += [one for node in authentication for one in schema.check_tree(node)]
        errors += schema.check_children(content, MODELS["content"])
        for function in content:
            errors += _function_errors(function, known, unchecked)
    return errors


def _function_errors(function: Node, known: Collection[str], unchecked: Collection[str]) -> list[Error]:
    if not 1 <= len(function.attrs.get("controlid", "")) <= 256:
        return [schema.schema_error(function, "Attribute 'controlid' holds 1 to 256 characters.")]
    if len(function.children) != 1:
        return [schema.schema_error(function, "Element 'function' holds exactly one element.")]
    child = function.children[0]
    if child.tag in unchecked:
        return []
    if child.tag not in known:
        return [schema.schema_error(child, f"Element '{child.tag}' is not a known function.")]
    return schema.check_function(child)
