"""The frames of the shell's WebSocket, as users of the service saw them.

The server starts with a text frame ``{"type":"session_init","session_id":"<uuid>"}`` and goes on with binary
frames, the terminal's bytes. The client's frames are keystrokes, binary or text, but for one: the text frame
``{"type":"resize","cols":C,"rows":R}``. Any other text, JSON or not, is typed into the shell as it is.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

# Both cost nothing to refuse early, and no resize is longer.
_LONGEST_RESIZE = 256
# A terminal's size is two unsigned 16-bit numbers.
_LARGEST = 65_535


@dataclass(frozen=True, slots=True)
class Resize:
    """The size a client asks for, in cells."""

    columns: int
    rows: int


def session_init() -> str:
    """The first frame of a new session."""
    return json.dumps({"type": "session_init", "session_id": str(uuid.uuid4())}, separators=(",", ":"))


def parse_text(text: str) -> Resize | bytes:
    """A text frame of the client: a resize, or what is typed."""
    if len(text) <= _LONGEST_RESIZE and text.startswith("{"):
        resize = _resize(text)
        if resize is not None:
            return resize
    return text.encode()


def _resize(text: str) -> Resize | None:
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict) or members.keys() != {"type", "cols", "rows"}:
        return None
    columns, rows = members["cols"], members["rows"]
    if members["type"] != "resize" or not _is_size(columns) or not _is_size(rows):
        return None
    return Resize(columns, rows)


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST
