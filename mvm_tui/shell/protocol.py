"""The wire of a MicroVM's shell: where it is, how one signs in, what its frames mean.

The service's documentation, its samples and those who measured it disagree in places; where they do, the
first choice is what was measured by several, and the others are tried when it is refused.

- Path: ``/shell`` (AWS's agent skill; measured by sunaba), then ``/`` (AWS's codex sample; measured by
  microvms-agentd).
- Sign-in: the subprotocols ``lambda-microvms``, ``lambda-microvms.authentication.TOKEN`` and
  ``lambda-microvms.port.8022`` (the skill, sunaba), then without the port (agentd), then headers
  (``X-aws-proxy-auth``, measured with websocat).
- Frames: ``session_init`` as text or nothing at all; afterwards bytes of the terminal both ways. A resize is
  the one JSON text that may be sent: what is not understood is typed into the shell (agentd).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mvm_tui.model.text import clean
from mvm_tui.model.token import AccessToken

PATHS = ("/shell", "/")
SUBPROTOCOL = "lambda-microvms"
AUTH_SUBPROTOCOL = "lambda-microvms.authentication."
# Where the guest's shell listens (AWS's agent skill).
PORT_SUBPROTOCOL = "lambda-microvms.port.8022"
PORT_HEADER = ("X-aws-proxy-port", "8022")
# How long the first frame is waited for before anything is sent (as the browser portal does).
FIRST_FRAME_SECONDS = 1.5
# A control frame is short; a longer text is the terminal's.
LARGEST_CONTROL = 4_096
LARGEST_SIDE = 10_000


@dataclass(frozen=True, slots=True)
class Form:
    """One way to ask for the upgrade. `port` is whether the port is named, `headers` whether by headers."""

    path: str
    port: bool = True
    headers: bool = False

    def subprotocols(self, token: AccessToken) -> list[str] | None:
        """What to offer; None where headers carry the token."""
        if self.headers:
            return None
        offered = [SUBPROTOCOL, AUTH_SUBPROTOCOL + token.secret]
        return [*offered, PORT_SUBPROTOCOL] if self.port else offered

    def extra_headers(self, token: AccessToken) -> list[tuple[str, str]]:
        """What to send besides; empty where subprotocols carry the token."""
        return [*token.headers, PORT_HEADER] if self.headers else []


def forms(path: str = "") -> tuple[Form, ...]:
    """The ways in the order in which they are tried; with `path` none but that is asked for."""
    paths = (path,) if path else PATHS
    first = paths[0]
    return (*map(Form, paths), Form(first, port=False), Form(first, headers=True))


def resize_message(cols: int, rows: int) -> str:
    """The one control text that the service understands. Sides are kept between 1 and 10,000."""
    sides = {"cols": min(max(cols, 1), LARGEST_SIDE), "rows": min(max(rows, 1), LARGEST_SIDE)}
    return json.dumps({"type": "resize", **sides}, separators=(",", ":"))


def control(text: str) -> dict[str, Any] | None:
    """The members of a control frame: a JSON object with a string ``type``. None for terminal data."""
    if len(text) > LARGEST_CONTROL or not text.lstrip().startswith("{"):
        return None
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) and isinstance(members.get("type"), str) else None


def session_id(members: dict[str, Any]) -> str:
    """The id in a ``session_init``, safe to show; empty if it holds none."""
    value = members.get("session_id")
    return clean(value, 100) if members["type"] == "session_init" and isinstance(value, str) else ""


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    """`data` in pieces of at most `size` bytes."""
    return (data[start : start + size] for start in range(0, len(data), size))
