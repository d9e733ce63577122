"""botocore's service models as the server needs them: operations, protocols, routes' raw material."""

from __future__ import annotations

import gzip
import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mvm_tui.local.wire.shapes import Node, ShapeCompiler, TimestampFormat

# Which models answer for a service name of a credential scope.
SERVICES_BY_SCOPE: dict[str, tuple[str, ...]] = {
    "lambda": ("lambda-microvms", "lambda-core"),
    "logs": ("logs",),
    "sts": ("sts",),
    "servicequotas": ("service-quotas",),
    "pricing": ("pricing",),
    "s3": ("s3",),
}

_BODY_TIMESTAMPS: dict[str, TimestampFormat] = {
    "rest-json": "unixTimestamp",
    "json": "unixTimestamp",
    "query": "iso8601",
    "rest-xml": "iso8601",
}


@dataclass(slots=True)
class Operation:
    """One operation of a model, compiled."""

    service: Service
    name: str
    status: int
    input: Node | None
    output: Node | None
    result_wrapper: str
    timestamps: TimestampFormat


class Service:
    """One service model; operations are compiled when they are first asked for."""

    def __init__(self, name: str, model: dict[str, Any]) -> None:
        metadata = model["metadata"]
        self.name = name
        self.protocol: str = metadata["protocol"]
        self.target_prefix: str = metadata.get("targetPrefix", "")
        self.namespace: str = metadata.get("xmlNamespace", "")
        self.version: str = metadata["apiVersion"]
        self._raw: dict[str, Any] = model["operations"]
        self._shapes = ShapeCompiler(model["shapes"])
        self._operations: dict[str, Operation] = {}

    def http(self) -> dict[str, dict[str, Any]]:
        """The HTTP binding of every operation by its name."""
        return {name: raw["http"] for name, raw in self._raw.items()}

    def required_at(self, name: str, location: str) -> set[str]:
        """Wire names of the members an operation cannot do without at a location of the request."""
        node = self.operation(name).input
        if node is None:
            return set()
        return {
            member.wire for member in node.members.values() if member.required and member.location == location
        }

    def has(self, name: str) -> bool:
        """Whether the model knows the operation."""
        return name in self._raw

    def operation(self, name: str) -> Operation:
        """The compiled operation; KeyError when the model does not know it."""
        if name not in self._operations:
            self._operations[name] = self._compile(name, self._raw[name])
        return self._operations[name]

    def _compile(self, name: str, raw: dict[str, Any]) -> Operation:
        output = self._node(raw.get("output"))
        return Operation(
            self,
            name,
            raw["http"].get("responseCode", 200),
            self._node(raw.get("input")),
            output,
            raw.get("output", {}).get("resultWrapper", ""),
            _only_timestamp_format(output) or _BODY_TIMESTAMPS[self.protocol],
        )

    def _node(self, reference: dict[str, Any] | None) -> Node | None:
        return self._shapes.node(reference["shape"]) if reference else None


def _only_timestamp_format(node: Node | None) -> TimestampFormat | None:
    """The format that a shape's timestamps name for themselves, if they name one and only one."""
    found: set[TimestampFormat] = set()
    seen: set[int] = set()
    waiting = [node] if node else []
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        parts = [*current.members.values(), *filter(None, (current.element, current.key))]
        found.update(part.timestamp for part in parts if part.timestamp)
        waiting.extend(part.node for part in parts)
    return found.pop() if len(found) == 1 else None


@cache
def service(name: str) -> Service:
    """The newest model of a service that botocore ships.

    The files are read as they are: botocore's own loader takes longer to import than they take to
    read, and would look into the user's AWS folder for more.
    """
    package = importlib.util.find_spec("botocore")
    assert package is not None
    assert package.origin is not None
    versions = Path(package.origin).with_name("data") / name
    newest = max(version for version in versions.iterdir() if version.is_dir())
    return Service(name, json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes())))
