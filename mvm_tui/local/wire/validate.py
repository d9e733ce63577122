"""An operation's input against the constraints of its model, in the service's words.

The sentences were recorded from the live service (July 2026) for missing members, patterns and
list lengths; the others follow the same framework's known wording.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.models import Operation
from mvm_tui.local.wire.shapes import Node

# The type under which a service reports a broken constraint, where it is not ValidationException.
_ERROR_TYPES = {
    "logs": "InvalidParameterException",
    "pricing": "InvalidParameterException",
    "sts": "ValidationError",
}

# S3 checks its requests by hand and reports them in words of its own.
_UNCHECKED = frozenset({"s3"})


def validate(operation: Operation, params: dict[str, Any]) -> None:
    """Check parsed members.

    Raises:
        ServiceError: 400, naming every broken constraint at once.
    """
    service = operation.service.name
    if operation.input is None or service in _UNCHECKED:
        return
    problems = list(_structure(operation.input, params, ""))
    if not problems:
        return
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
    raise ServiceError(_ERROR_TYPES.get(service, "ValidationException"), 400, count + "; ".join(problems))


def _structure(node: Node, params: dict[str, Any], path: str) -> Iterator[str]:
    for member in node.order:
        here = path + member.name[0].lower() + member.name[1:]
        if member.name in params:
            if not member.node.unchecked:
                yield from _value(member.node, params[member.name], here)
        elif member.required:
            yield f"Value null at '{here}' failed to satisfy constraint: Member must not be null"


def _value(node: Node, value: Any, path: str) -> Iterator[str]:
    for broken in _broken(node, value):
        yield _sentence(node, value, path, broken)
    if node.kind == "structure":
        yield from _structure(node, value, path + ".")
    elif node.kind == "list" and node.element:
        yield from _items(node.element.node, value, path)
    elif node.kind == "map":
        yield from _entries(node, value, path)


def _items(element: Node, items: list[Any], path: str) -> Iterator[str]:
    if element.kind in ("structure", "list", "map"):
        for index, item in enumerate(items, 1):
            yield from _value(element, item, f"{path}.{index}.member")
    elif any(_broken(element, item) for item in items):
        rules = ", ".join(_rules(element))
        yield _sentence(element, items, path, f"Member must satisfy constraint: [{rules}]")


def _entries(node: Node, entries: dict[str, Any], path: str) -> Iterator[str]:
    key, element = node.key, node.element
    if key and any(_broken(key.node, name) for name in entries):
        rules = ", ".join(_rules(key.node))
        yield _sentence(node, entries, path, f"Map keys must satisfy constraint: [{rules}]")
    if element is None:
        return
    if element.node.kind in ("structure", "list", "map"):
        for name, item in entries.items():
            yield from _value(element.node, item, f"{path}.{name}.member")
    elif any(_broken(element.node, item) for item in entries.values()):
        rules = ", ".join(_rules(element.node))
        yield _sentence(element.node, entries, path, f"Map value must satisfy constraint: [{rules}]")


def _sentence(node: Node, value: Any, path: str, broken: str) -> str:
    # The framework leaves the value out where the model calls it sensitive.
    shown = "Value" if node.sensitive else f"Value '{_java_text(value)}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {broken}"


def _broken(node: Node, value: Any) -> list[str]:
    """The rules of a node that a value breaks."""
    rules = []
    if node.enum and value not in node.enum:
        rules.append(_enum_rule(node))
    if node.pattern and isinstance(value, str) and not node.pattern.fullmatch(value):
        rules.append(_pattern_rule(node))
    size = _size(node, value)
    if size is not None:
        if node.maximum is not None and size > node.maximum:
            rules.append(_limit_rule(node, "less", node.maximum))
        if node.minimum is not None and size < node.minimum:
            rules.append(_limit_rule(node, "greater", node.minimum))
    return rules


def _rules(node: Node) -> list[str]:
    """Every rule of a node, as the framework lists them for the items of a list or map."""
    rules = []
    if node.maximum is not None:
        rules.append(_limit_rule(node, "less", node.maximum))
    if node.minimum is not None:
        rules.append(_limit_rule(node, "greater", node.minimum))
    if node.pattern_text:
        rules.append(_pattern_rule(node))
    if node.enum:
        rules.append(_enum_rule(node))
    return rules


def _enum_rule(node: Node) -> str:
    return f"Member must satisfy enum value set: [{', '.join(node.enum)}]"


def _pattern_rule(node: Node) -> str:
    return f"Member must satisfy regular expression pattern: {node.pattern_text}"


def _limit_rule(node: Node, word: str, limit: float) -> str:
    what = "value" if node.kind in ("integer", "long", "float", "double") else "length"
    return f"Member must have {what} {word} than or equal to {limit}"


def _size(node: Node, value: Any) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return len(value) if isinstance(value, (str, bytes, list, dict)) and node.kind != "structure" else None


def _java_text(value: Any) -> str:
    """A value as Java's toString writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_java_text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java_text(item)}" for key, item in value.items()) + "}"
    return str(value)
