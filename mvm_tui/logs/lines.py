"""Events as lines of text and as records, for pipes, files and pagers. Text is always harmless."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from mvm_tui.model.durations import short_duration
from mvm_tui.model.log_event import LogEvent, moment_of
from mvm_tui.model.text import clean, clean_block

LOCAL, IN_UTC, RELATIVE, OFF = "local", "utc", "relative", "off"
TIMESTAMPS = (LOCAL, IN_UTC, RELATIVE, OFF)
# An event of the service holds at most 1 MB: nothing of it is cut from a file.
_LONGEST = 1 << 21
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class LineForm:
    """How an event is written as text.

    `timestamps` is one of `TIMESTAMPS`; `zone` None is that of the machine. With `source` each line tells
    its stream, or the MicroVM where the stream's name tells it.
    """

    timestamps: str = LOCAL
    zone: tzinfo | None = None
    source: bool = False

    def line(self, event: LogEvent, now: datetime) -> str:
        """The event as one line or more; lines of its own are set in, so that none can pass for another's."""
        message = clean_block(event.message.rstrip("\r\n"), _LONGEST).replace("\n", f"\n{_INDENT}")
        parts = (self.time(event, now), clean(event.vm or event.stream, 200) if self.source else "", message)
        return "  ".join(part for part in parts if part)

    def time(self, event: LogEvent, now: datetime) -> str:
        """The timestamp in this form; empty where it is off. `now` is what relative ones count from."""
        if self.timestamps == OFF:
            return ""
        when = event.when
        if self.timestamps == RELATIVE:
            return f"{short_duration((now - when).total_seconds())} ago"
        if self.timestamps == IN_UTC:
            return iso(event.timestamp)
        return when.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S.") + f"{event.timestamp % 1_000:03d}"


def iso(timestamp: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC: ``2026-11-25T14:21:07.123Z``."""
    when = moment_of(timestamp).astimezone(UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(event: LogEvent) -> dict[str, Any]:
    """The members of an event in JSON: always all, in this order; what is not known is None."""
    return {
        "event_id": event.id or None,
        "timestamp": iso(event.timestamp),
        "group": event.group,
        "stream": event.stream,
        "vm": event.vm or None,
        "message": event.message,
    }
