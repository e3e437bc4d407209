"""What a request has to look like before anybody reads what it wants."""

from __future__ import annotations

from . import schema, xmltree
from .errors import ControlRefusal, Error
from .functions import FUNCTIONS, NOT_SIMULATED
from .models import MODELS
from .xmltree import Node


def parse(body: bytes) -> Node:
    """The request's tree, if the schema allows it."""
    try:
        root = xmltree.parse(body)
    except xmltree.NotXML as error:
        text = f"XML Parse schema error: {error.text} Line: {error.line}, column: {error.column}."
        raise ControlRefusal(Error("XL03000003", text)) from None
    errors = _errors(root)
    if errors:
        raise ControlRefusal(*errors)
    return root


def functions_of(root: Node) -> list[Node]:
    """The function elements of a request, of all its operations."""
    return [function for operation in root.children[1:] for function in operation.children[-1]]


def _errors(root: Node) -> list[Error]:
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
            errors += _function_errors(function)
    return errors


def _function_errors(function: Node) -> list[Error]:
    if not 1 <= len(function.attrs.get("controlid", "")) <= 256:
        return [schema.schema_error(function, "Attribute 'controlid' holds 1 to 256 characters.")]
    if len(function.children) != 1:
        return [schema.schema_error(function, "Element 'function' holds exactly one element.")]
    child = function.children[0]
    if child.tag in NOT_SIMULATED:
        return []
    if child.tag not in FUNCTIONS:
        return [schema.schema_error(child, f"Element '{child.tag}' is not a known function.")]
    return schema.check_function(child)
