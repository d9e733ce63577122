"""Lines that are JSON objects: what to show of them in one line, and all of them when asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

# A longer line is shown as text: parsing it would take longer than a frame.
LONGEST = 256 * 1024
# Deeper ones are text: writing what was read takes more of the stack than reading it.
DEEPEST = 100
_MESSAGES = ("message", "msg", "event", "text", "error")
_LEVELS = ("level", "severity", "lvl", "levelname")
_TIMES = ("timestamp", "time", "ts", "@timestamp", "datetime", "date")


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A parsed line. All values are text from outside: clean them before they are shown.

    `fields` are the members that are neither time nor level nor message, as name and text, in their order.
    """

    members: dict[str, Any]
    message: str
    level: str
    time: str
    fields: tuple[tuple[str, str], ...]

    def pretty(self) -> str:
        """The whole object over several lines, everything but ASCII escaped."""
        return json.dumps(self.members, indent=2)


def parse_json_line(message: str) -> JsonLine | None:
    """The object that a line holds; None for any other line."""
    text = message.strip()
    if not (text.startswith("{") and text.endswith("}")) or len(text) > LONGEST:
        return None
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict) or _is_deep(members):
        return None
    taken = {name: _first(members, names) for name, names in _KNOWN.items()}
    others = tuple((name, _text(value)) for name, value in members.items() if name not in set(taken.values()))
    return JsonLine(
        members,
        **{name: _text(members[found]) if found else "" for name, found in taken.items()},
        fields=others,
    )


_KNOWN = {"message": _MESSAGES, "level": _LEVELS, "time": _TIMES}


def _first(members: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((name for name in names if name in members), "")


def _is_deep(members: dict[str, Any]) -> bool:
    """Whether something stands more than `DEEPEST` levels below the members."""
    level: list[Any] = [members]
    for _ in range(DEEPEST + 2):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        level = [value for value in inner if isinstance(value, dict | list)]
        if not level:
            return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
