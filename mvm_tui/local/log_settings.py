"""How the logs of a running cloud behave, as its options and `/_local/logs` say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Of successive batches, in seconds of service time: they vary, and a test can rely on the bounds. The first
# event of a new stream takes the longest (stream about 3 s after a launch, its first event about 2 s after
# that: measured by rayito, September 2026).
NEW_STREAM_SECONDS = 3.0
FIRST_EVENT_SECONDS = 5.0
DELAYS = (2.0, 3.5, 2.5, 5.0, 3.0)

_BOUNDS: dict[str, tuple[float, float]] = {
    "delay": (0, 3600),
    "live_tail_sessions": (0, 1000),
    "live_tail_seconds": (0, 86_400),
    "memory_mb": (1, 4096),
}


@dataclass(slots=True)
class LogSettings:
    """What can be changed while the cloud runs.

    `delay` is the seconds of service time from a line to the answer that holds it; None varies as the service
    does. `live_tail_sessions` may be open at once in a region (quota L-D6990B80), each for
    `live_tail_seconds` of service time. `memory_mb` is what the events of a region may take, in megabytes as
    the service counts them; the oldest of the largest stream go first.
    """

    delay: float | None = None
    live_tail_sessions: int = 15
    live_tail_seconds: float = 3 * 3600.0
    memory_mb: int = 64

    def first_delay(self) -> float:
        """Seconds of service time until the first event of a new stream is readable."""
        return FIRST_EVENT_SECONDS if self.delay is None else self.delay

    def stream_delay(self) -> float:
        """Seconds of service time from a launch until its stream is there."""
        return NEW_STREAM_SECONDS if self.delay is None else min(self.delay, NEW_STREAM_SECONDS)

    def change(self, document: dict[str, Any]) -> None:
        """Take over the members of a document, all or none.

        Raises:
            ValueError: a member is unknown or out of its bounds; the text says which.
        """
        checked = {name: _checked(name, value) for name, value in document.items()}
        for name, value in checked.items():
            setattr(self, name, value)


def _checked(name: str, value: object) -> float | int | None:
    if name not in _BOUNDS:
        raise ValueError(f"{name} is no setting; one of {', '.join(_BOUNDS)}")
    if name == "delay" and value is None:
        return None
    low, high = _BOUNDS[name]
    kinds = (int,) if name in ("live_tail_sessions", "memory_mb") else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        raise ValueError(f"{name} is a number from {low:g} to {high:g}")
    return value
