"""Answers and errors into HTTP, by the protocol of the service."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.event_stream import EVENT_STREAM, messages
from mvm_tui.local.wire.models import Operation
from mvm_tui.local.wire.operations import Answer, EventReply, Reply
from mvm_tui.local.wire.shapes import Member, Node, TimestampFormat
from mvm_tui.local.wire.xml import tag, text_of

_CONTENT_TYPES = {
    "rest-json": "application/json",
    "json": "application/x-amz-json-1.1",
    "query": "text/xml",
    "rest-xml": "application/xml",
}
_XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(slots=True)
class WireAnswer:
    """What goes back: status, headers and the whole body, or the pieces of one that goes on."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    stream: ByteStream | None = None


@dataclass(slots=True)
class ByteStream:
    """The pieces of a body; whoever got them calls `close` in the end."""

    pieces: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]


def serialise(operation: Operation, answer: Answer, request_id: str) -> WireAnswer:
    """An operation's members, exactly as its handler gave them, as the protocol writes them."""
    if isinstance(answer, EventReply):
        headers = _request_id_headers(operation.service.protocol, request_id)
        headers["Content-Type"] = EVENT_STREAM
        return WireAnswer(200, b"", headers, ByteStream(messages(answer.events), answer.close))
    reply = answer if isinstance(answer, Reply) else Reply(answer)
    status = operation.status if reply.status is None else reply.status
    protocol = operation.service.protocol
    headers = {**_request_id_headers(protocol, request_id), **reply.headers}
    if isinstance(reply.body, bytes):
        return WireAnswer(status, reply.body, headers)
    if protocol == "rest-xml":
        body, more = _rest_xml(operation, reply.body)
        headers = {**more, **headers}
    elif protocol == "query":
        body = _query(operation, reply.body, request_id)
    elif status == 204:
        body = b""
    else:
        body = _json(operation, reply.body)
    if body:
        headers.setdefault("Content-Type", _CONTENT_TYPES[protocol])
    return WireAnswer(status, body, headers)


def serialise_error(protocol: str, error: ServiceError, request_id: str) -> WireAnswer:
    """An error as the protocol writes it; the namespace of a query service is left out."""
    headers = {**_request_id_headers(protocol, request_id), **error.headers}
    headers["Content-Type"] = _CONTENT_TYPES[protocol]
    if protocol == "rest-json":
        headers["X-Amzn-Errortype"] = error.code
        return WireAnswer(error.status, _dump(error.body(), "unixTimestamp"), headers)
    if protocol == "json":
        body = {"__type": error.code, **error.body()}
        return WireAnswer(error.status, _dump(body, "unixTimestamp"), headers)
    parts = tag("Code", text_of(error.code)) + tag("Message", text_of(error.message or ""))
    if protocol == "query":
        kind = "Sender" if error.status < 500 else "Receiver"
        inner = tag("Error", tag("Type", kind) + parts) + tag("RequestId", request_id)
        return WireAnswer(error.status, tag("ErrorResponse", inner).encode(), headers)
    parts += "".join(tag(name, text_of(str(value))) for name, value in error.members.items())
    parts += tag("RequestId", request_id)
    return WireAnswer(error.status, (_XML_HEAD + tag("Error", parts)).encode(), headers)


def _request_id_headers(protocol: str, request_id: str) -> dict[str, str]:
    if protocol == "rest-xml":
        return {"x-amz-request-id": request_id, "x-amz-id-2": request_id}
    return {"x-amzn-RequestId": request_id}


# --- JSON -------------------------------------------------------------------


def _json(operation: Operation, members: Mapping[str, Any]) -> bytes:
    return _dump(members, operation.timestamps)


def _dump(members: Mapping[str, Any], timestamps: TimestampFormat) -> bytes:
    return json.dumps(members, separators=(",", ":"), default=_JSON_DEFAULTS[timestamps]).encode()


def _json_default(timestamps: TimestampFormat) -> Callable[[Any], Any]:
    def default(value: Any) -> Any:
        if isinstance(value, datetime):
            return _moment(value, timestamps)
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        raise TypeError(f"{type(value).__name__} does not go on the wire")

    return default


def _moment(value: datetime, form: TimestampFormat) -> float | str:
    if form == "unixTimestamp":
        return round(value.timestamp(), 3)
    if form == "rfc822":
        return format_datetime(value.astimezone(UTC), usegmt=True)
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_JSON_DEFAULTS: dict[TimestampFormat, Callable[[Any], Any]] = {
    "unixTimestamp": _json_default("unixTimestamp"),
    "iso8601": _json_default("iso8601"),
    "rfc822": _json_default("rfc822"),
}


# --- XML --------------------------------------------------------------------


def _query(operation: Operation, members: Mapping[str, Any], request_id: str) -> bytes:
    content = _xml_members(operation.output, members) if operation.output else ""
    if operation.result_wrapper:
        content = tag(operation.result_wrapper, content)
    content += tag("ResponseMetadata", tag("RequestId", request_id))
    namespace = f' xmlns="{operation.service.namespace}"'
    return tag(f"{operation.name}Response", content, namespace).encode()


def _rest_xml(operation: Operation, members: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    node = operation.output
    if node is None:
        return b"", {}
    headers = _xml_headers(node, members)
    if node.payload:
        member = node.members[node.payload]
        content = members.get(member.name)
        if content is None or member.node.kind in ("blob", "string"):
            return content.encode() if isinstance(content, str) else content or b"", headers
        root, inner = member.wire, _xml_members(member.node, content)
    elif node.at("body"):
        root, inner = node.xml_name, _xml_members(node, members)
    else:
        return b"", headers
    namespace = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    return (_XML_HEAD + tag(root, inner, namespace)).encode(), headers


def _xml_headers(node: Node, members: Mapping[str, Any]) -> dict[str, str]:
    headers = {}
    for member in node.members.values():
        value = members.get(member.name)
        if value is None:
            continue
        if member.location == "header":
            headers[member.wire] = _header_text(_xml_scalar(member, value, "rfc822"))
        elif member.location == "headers":
            headers.update({member.wire + name: _header_text(item) for name, item in value.items()})
    return headers


def _header_text(text: str) -> str:
    """Text that can stand in a header: what is not printable ASCII is percent-encoded."""
    return quote(text, safe="".join(chr(code) for code in range(0x20, 0x7F)))


def _xml_members(node: Node, members: Mapping[str, Any]) -> str:
    return "".join(
        _xml_element(member, members[member.name])
        for member in node.members.values()
        if member.location == "body" and members.get(member.name) is not None
    )


def _xml_element(member: Member, value: Any, name: str = "") -> str:
    node, name = member.node, name or member.wire
    if node.kind == "structure":
        return tag(name, _xml_members(node, value))
    if node.kind == "list" and node.element:
        if member.flattened:
            return "".join(_xml_element(node.element, item, name) for item in value)
        return tag(name, "".join(_xml_element(node.element, item) for item in value))
    if node.kind == "map" and node.key and node.element:
        entry = name if member.flattened else "entry"
        entries = "".join(
            tag(entry, tag(node.key.wire, text_of(key)) + _xml_element(node.element, item))
            for key, item in value.items()
        )
        return entries if member.flattened else tag(name, entries)
    return tag(name, text_of(_xml_scalar(member, value, "iso8601")))


def _xml_scalar(member: Member, value: Any, timestamps: TimestampFormat) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(_moment(value, member.timestamp or timestamps))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)
