"""An HTTP request into the members of an operation's input, by the protocol of its service."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.models import Operation
from mvm_tui.local.wire.shapes import Member, Node, TimestampFormat
from mvm_tui.local.wire.xml import Element, NotXml, read_xml

_ARTICLES = {"integer": "an Integer", "long": "a Long", "float": "a Float", "double": "a Double"}
_JSON_NAMES = {str: "STRING_VALUE", bool: "BOOLEAN_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}
_INTEGER_RANGES = {"integer": 2**31, "long": 2**63}
_WHOLE = re.compile("[+-]?[0-9]{1,20}")


@dataclass(slots=True)
class WireRequest:
    """What the parsers read of a request. Header names are in lower case."""

    labels: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes


def parse(operation: Operation, request: WireRequest) -> dict[str, Any]:
    """The members that were sent, as Python values under the model's names.

    Raises:
        ServiceError: SerializationException, 400, when the request is not what the protocol writes.
    """
    if operation.input is None:
        return {}
    protocol = operation.service.protocol
    if protocol == "json":
        return _json_structure(operation.input, _json_object(request.body))
    if protocol == "query":
        return _form_structure(operation.input, dict(request.query), "")
    params: dict[str, Any] = {}
    for member in operation.input.members.values():
        if member.location != "body":
            value = _located(member, request)
            if value is not None:
                params[member.name] = value
    body = _xml_body if protocol == "rest-xml" else _json_body
    params.update(body(operation.input, request))
    return params


def unreadable(message: str | None = None) -> NoReturn:
    """Refuse a request that cannot be read; the service mostly does so without a message."""
    raise ServiceError("SerializationException", 400, message)


# --- where REST protocols put members ---------------------------------------


def _located(member: Member, request: WireRequest) -> Any:
    match member.location:
        case "uri":
            text = request.labels.get(member.wire)
            return None if text is None else _scalar(member, text, "iso8601")
        case "querystring":
            return _from_query(member, request.query)
        case "header":
            text = request.headers.get(member.wire.lower())
            return None if text is None else _from_header(member, text)
        case "headers":
            prefix = member.wire.lower()
            found = {k[len(prefix) :]: v for k, v in request.headers.items() if k.startswith(prefix)}
            return found or None
    return None


def _from_query(member: Member, query: Sequence[tuple[str, str]]) -> Any:
    node = member.node
    if node.kind == "map":
        return dict(query) or None
    values = [value for name, value in query if name == member.wire]
    if node.kind == "list" and node.element:
        return [_scalar(node.element, value, "iso8601") for value in values] or None
    return _scalar(member, values[0], "iso8601") if values else None


def _from_header(member: Member, text: str) -> Any:
    node = member.node
    if node.kind == "list" and node.element:
        return [_scalar(node.element, item.strip(), "rfc822") for item in text.split(",")]
    return _scalar(member, text, "rfc822")


def _scalar(member: Member, text: str, timestamps: TimestampFormat) -> Any:
    """A value written as text: in a path, a query, a header, a form or an XML element."""
    kind = member.node.kind
    if kind == "string":
        return text
    try:
        if kind in _INTEGER_RANGES:
            return _in_range(kind, int(text if _WHOLE.fullmatch(text) else ""))
        if kind in ("float", "double"):
            return float(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if kind == "blob":
            return base64.b64decode(text, validate=True)
        if kind == "timestamp":
            return _timestamp(text, member.timestamp or timestamps)
    except (ValueError, KeyError, OverflowError):
        unreadable(f"STRING_VALUE can not be converted to {_ARTICLES.get(kind, 'a ' + kind.capitalize())}")
    return unreadable()


def _timestamp(text: str, form: TimestampFormat) -> datetime:
    if form == "unixTimestamp":
        return datetime.fromtimestamp(float(text), UTC)
    if form == "rfc822":
        return parsedate_to_datetime(text).astimezone(UTC)
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_range(kind: str, value: int) -> int:
    limit = _INTEGER_RANGES[kind]
    if not -limit <= value < limit:
        unreadable(f"NUMBER_VALUE can not be converted to {_ARTICLES[kind]}")
    return value


# --- JSON -------------------------------------------------------------------


def _json_body(node: Node, request: WireRequest) -> dict[str, Any]:
    if node.payload:
        member = node.members[node.payload]
        if member.node.kind in ("blob", "string"):
            return _raw_payload(member, request.body)
        return {member.name: _json_structure(member.node, _json_object(request.body))}
    if not node.at("body"):
        return {}
    return _json_structure(node, _json_object(request.body))


def _raw_payload(member: Member, body: bytes) -> dict[str, Any]:
    if member.node.kind == "blob":
        return {member.name: body}
    try:
        return {member.name: body.decode()}
    except UnicodeDecodeError:
        return unreadable()


def _json_object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        document = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return unreadable()
    if not isinstance(document, dict):
        return unreadable()
    return document


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _json_structure(node: Node, document: dict[str, Any]) -> dict[str, Any]:
    params = {}
    for member in node.members.values():
        if member.location == "body":
            raw = document.get(member.wire)
            if raw is not None:
                params[member.name] = _json_value(member, raw)
    if node.union and len(params) != 1:
        return unreadable()
    return params


def _json_value(member: Member, raw: Any) -> Any:
    reader = _JSON_READERS.get(member.node.kind)
    return reader(member, raw) if reader else _json_scalar(member, raw)


def _json_nested(member: Member, raw: Any) -> Any:
    if not isinstance(raw, dict):
        return unreadable("Unexpected value type in payload")
    return _json_structure(member.node, raw)


def _json_list(member: Member, raw: Any) -> Any:
    element = member.node.element
    if not isinstance(raw, list) or element is None or None in raw:
        return unreadable("Unexpected value type in payload")
    return [_json_value(element, item) for item in raw]


def _json_map(member: Member, raw: Any) -> Any:
    element = member.node.element
    if not isinstance(raw, dict) or element is None:
        return unreadable("Unexpected value type in payload")
    return {_clean(key): _json_value(element, item) for key, item in raw.items() if item is not None}


_JSON_READERS: dict[str, Callable[[Member, Any], Any]] = {
    "structure": _json_nested,
    "list": _json_list,
    "map": _json_map,
}


def _json_scalar(member: Member, raw: Any) -> Any:
    kind = member.node.kind
    is_number = isinstance(raw, (int, float)) and not isinstance(raw, bool)
    if kind == "string" and isinstance(raw, str):
        return _clean(raw)
    if kind == "boolean" and isinstance(raw, bool):
        return raw
    if kind in _INTEGER_RANGES and is_number and math.isfinite(raw) and raw == math.trunc(raw):
        return _in_range(kind, int(raw))
    if kind in ("float", "double") and is_number:
        return float(raw)
    if kind == "timestamp" and (is_number or isinstance(raw, str)):
        return _json_timestamp(member, raw)
    if kind == "blob" and isinstance(raw, str):
        try:
            return base64.b64decode(raw, validate=True)
        except binascii.Error:
            return unreadable()
    target = _ARTICLES.get(kind, "a " + kind.capitalize())
    return unreadable(f"{_JSON_NAMES.get(type(raw), 'Unexpected value')} can not be converted to {target}")


def _json_timestamp(member: Member, raw: float | str) -> datetime:
    try:
        if isinstance(raw, str):
            return _timestamp(raw, member.timestamp or "iso8601")
        return datetime.fromtimestamp(raw, UTC)
    except (ValueError, OverflowError, OSError):
        return unreadable()


def _clean(text: str) -> str:
    """Text that can be written as UTF-8; JSON can spell half a surrogate pair, which cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        unreadable()
    return text


# --- form (the query protocol) ----------------------------------------------


def _form_structure(node: Node, form: Mapping[str, str], prefix: str) -> dict[str, Any]:
    params = {}
    for member in node.members.values():
        value = _form_value(member, form, prefix + member.wire)
        if value is not None:
            params[member.name] = value
    return params


def _form_value(member: Member, form: Mapping[str, str], path: str) -> Any:
    node = member.node
    if node.kind == "structure":
        return _form_structure(node, form, path + ".") or None
    if node.kind == "list" and node.element:
        stem = path if member.flattened else f"{path}.{node.element.wire}"
        return _form_items(node.element, form, stem) or None
    if node.kind == "map" and node.key and node.element:
        stem = path if member.flattened else f"{path}.entry"
        return _form_entries(node.key, node.element, form, stem) or None
    return None if path not in form else _scalar(member, form[path], "iso8601")


def _form_items(element: Member, form: Mapping[str, str], stem: str) -> list[Any]:
    items: list[Any] = []
    while (value := _form_value(element, form, f"{stem}.{len(items) + 1}")) is not None:
        items.append(value)
    return items


def _form_entries(key: Member, element: Member, form: Mapping[str, str], stem: str) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    while True:
        here = f"{stem}.{len(entries) + 1}."
        name = form.get(here + key.wire)
        if name is None or name in entries:
            return entries
        entries[name] = _form_value(element, form, here + element.wire)


# --- XML --------------------------------------------------------------------


def _xml_body(node: Node, request: WireRequest) -> dict[str, Any]:
    payload = node.members[node.payload] if node.payload else None
    if payload and payload.node.kind in ("blob", "string"):
        return _raw_payload(payload, request.body)
    if not request.body or not (payload or node.at("body")):
        return {}
    try:
        root = read_xml(request.body)
    except NotXml:
        raise ServiceError(
            "MalformedXML",
            400,
            "The XML you provided was not well-formed or did not validate against our published schema",
        ) from None
    if payload:
        return {payload.name: _xml_structure(payload.node, root)}
    return _xml_structure(node, root)


def _xml_structure(node: Node, element: Element) -> dict[str, Any]:
    params = {}
    for member in node.members.values():
        if member.location != "body":
            continue
        found = [child for child in element.children if child.name == member.wire]
        if found:
            params[member.name] = _xml_value(member, found)
    return params


def _xml_value(member: Member, found: list[Element]) -> Any:
    node = member.node
    if node.kind == "structure":
        return _xml_structure(node, found[0])
    if node.kind == "list" and node.element:
        items = found if member.flattened else found[0].children
        return [_xml_value(node.element, [item]) for item in items]
    if node.kind == "map" and node.key and node.element:
        return _xml_map(node.key, node.element, found if member.flattened else found[0].children)
    return _scalar(member, found[0].text, "iso8601")


def _xml_map(key: Member, element: Member, found: list[Element]) -> dict[str, Any]:
    entries = {}
    for entry in found:
        parts = {child.name: child for child in entry.children}
        if key.wire in parts and element.wire in parts:
            entries[parts[key.wire].text] = _xml_value(element, [parts[element.wire]])
    return entries
