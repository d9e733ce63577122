"""Answers that go on: AWS's binary event stream, message by message.

A message is total length, length of its headers, their CRC-32, the headers, the payload, and a CRC-32 of all
before (AWS event stream encoding). JSON services open with an ``initial-response``: botocore insists on it.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from mvm_tui.local.wire.errors import ServiceError

EVENT_STREAM = "application/vnd.amazon.eventstream"
_STRING = 7
_FRAME_BYTES = 16


async def messages(events: AsyncIterator[tuple[str, dict[str, Any]]]) -> AsyncIterator[bytes]:
    """Each event as a message, after the initial response; a ServiceError ends the stream as an exception."""
    yield event_message("initial-response", {})
    try:
        async for kind, members in events:
            yield event_message(kind, members)
    except ServiceError as error:
        yield exception_message(error)


def event_message(kind: str, members: Mapping[str, Any]) -> bytes:
    """One event of the stream; `members` hold what JSON can say."""
    return _message({":event-type": kind, ":message-type": "event"}, members)


def exception_message(error: ServiceError) -> bytes:
    """The message that ends a stream with an error."""
    return _message({":exception-type": error.code, ":message-type": "exception"}, error.body())


def _message(headers: Mapping[str, str], members: Mapping[str, Any]) -> bytes:
    payload = json.dumps(members, separators=(",", ":")).encode()
    head = b"".join(
        _header(name, value) for name, value in {**headers, ":content-type": "application/json"}.items()
    )
    prelude = struct.pack("!II", _FRAME_BYTES + len(head) + len(payload), len(head))
    body = prelude + struct.pack("!I", zlib.crc32(prelude)) + head + payload
    return body + struct.pack("!I", zlib.crc32(body))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return bytes([len(key)]) + key + struct.pack("!BH", _STRING, len(text)) + text
