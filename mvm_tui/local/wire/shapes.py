"""Shapes of a service model, compiled once into light nodes that requests are checked against.

botocore's own shape objects compute their traits on every access; a server that walks them per
request spends more time there than on the request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Location = Literal["body", "uri", "querystring", "header", "headers", "statusCode"]
TimestampFormat = Literal["unixTimestamp", "iso8601", "rfc822"]

# Java character classes of the models, as near as Python's `re` can say them inside a class.
_JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{C}": r"\x00-\x1f\x7f-\x9f",
    r"\w-_": r"\w\-_",
}


@dataclass(slots=True)
class Member:
    """A member of a structure: its name in the model, its name on the wire, and where it travels."""

    name: str
    wire: str
    node: Node
    location: Location
    required: bool
    flattened: bool = False
    timestamp: TimestampFormat | None = None


@dataclass(slots=True)
class Node:
    """One shape with all that parsing, checking and writing need to know of it."""

    name: str
    kind: str
    members: dict[str, Member] = field(default_factory=dict)
    payload: str | None = None
    element: Member | None = None
    key: Member | None = None
    union: bool = False
    flattened: bool = False
    sensitive: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern_text: str = ""
    pattern: re.Pattern[str] | None = None
    enum: tuple[str, ...] = ()
    timestamp: TimestampFormat | None = None
    xml_name: str = ""
    order: tuple[Member, ...] = ()
    unchecked: bool = False

    def at(self, location: Location) -> list[Member]:
        """The members that travel at a location."""
        return [member for member in self.members.values() if member.location == location]


class ShapeCompiler:
    """Compiles the shapes of one service model on demand and remembers them."""

    def __init__(self, shapes: Mapping[str, Any]) -> None:
        self._shapes = shapes
        self._nodes: dict[str, Node] = {}

    def node(self, name: str) -> Node:
        """The node of a shape; a shape that contains itself gives a node that contains itself."""
        if name in self._nodes:
            return self._nodes[name]
        shape = self._shapes[name]
        node = Node(
            name,
            shape["type"],
            payload=shape.get("payload"),
            union=bool(shape.get("union")),
            flattened=bool(shape.get("flattened")),
            sensitive=bool(shape.get("sensitive")),
            minimum=shape.get("min"),
            maximum=shape.get("max"),
            pattern_text=shape.get("pattern", ""),
            pattern=_java_pattern(shape.get("pattern", "")),
            enum=tuple(shape.get("enum", ())),
            timestamp=shape.get("timestampFormat"),
            xml_name=shape.get("locationName") or name,
        )
        self._nodes[name] = node
        self._fill(node, shape)
        return node

    def _fill(self, node: Node, shape: Mapping[str, Any]) -> None:
        if node.kind == "structure":
            required = set(shape.get("required", ()))
            for name, reference in shape.get("members", {}).items():
                node.members[name] = self._member(name, reference, name in required)
            node.order = tuple(node.members[name] for name in java_order(node.members))
        elif node.kind == "list":
            node.element = self._member("member", shape["member"], False)
        elif node.kind == "map":
            node.key = self._member("key", shape["key"], False)
            node.element = self._member("value", shape["value"], False)
        else:
            limits = (node.minimum, node.maximum)
            node.unchecked = limits == (None, None) and node.pattern is None and not node.enum

    def _member(self, name: str, reference: Mapping[str, Any], required: bool) -> Member:
        node = self.node(reference["shape"])
        return Member(
            name,
            reference.get("locationName", name),
            node,
            reference.get("location", "body"),
            required,
            bool(reference.get("flattened")) or node.flattened,
            reference.get("timestampFormat") or node.timestamp,
        )


def java_order(names: Mapping[str, object]) -> list[str]:
    """Names in the order in which a Java HashMap that holds all of them yields them.

    The service reports several missing members of CreateMicrovmImage in exactly this order, which
    is neither that of its model nor that of the alphabet (recorded answer, July 2026).
    """
    capacity = 16
    while len(names) > capacity * 3 // 4:
        capacity *= 2
    return sorted(names, key=lambda name: _java_hash(name) & (capacity - 1))


def _java_hash(text: str) -> int:
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value ^ (value >> 16)


def _java_pattern(text: str) -> re.Pattern[str] | None:
    """A model's pattern for Python; None where there is none or Python cannot say it."""
    if not text:
        return None
    for java, python in _JAVA_CLASSES.items():
        text = text.replace(java, python)
    try:
        return re.compile(text)
    except re.error:
        return None
