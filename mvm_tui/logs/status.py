"""How following goes, in a form that a screen or a sentence can be made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mvm_tui.logs.find import Missing
from mvm_tui.model.errors import Problem


class Phase(Enum):
    """What a follower is doing."""

    LOOKING = "looking for the logs"
    CATCHING_UP = "catching up"
    FOLLOWING = "following"
    BACKING_OFF = "waiting after an error"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """A moment of a follower's life.

    Attributes:
        phase: What it does.
        read_up_to: Everything that could be read at this moment (milliseconds since 1970) has been; None
            before the first reading. How far the service's now is from it is the lag.
        settled: Before this moment (milliseconds since 1970) nothing more comes that is not late.
        interval: Seconds between two readings, as they are now.
        events: How many were handed over.
        late: How many of them came too late to be put in order.
        missing: Why there is nothing to read, while that is so.
        problem: The last failure, while it lasts; `retry_at` is the monotonic second of the next try.
        blind: Whether late events of a stream go unseen, for want of the permission to search it.
        live: Whether Live Tail runs.
        sampled: Whether Live Tail left out lines in the last minute; polling brings them a little later.
        note: A sentence about something the user should know, such as that Live Tail ended; else empty.
    """

    phase: Phase = Phase.LOOKING
    read_up_to: int | None = None
    settled: int | None = None
    interval: float = 0.0
    events: int = 0
    late: int = 0
    missing: Missing | None = None
    problem: Problem | None = None
    retry_at: float = 0.0
    blind: bool = False
    live: bool = False
    sampled: bool = False
    note: str = ""

    def lag(self, now_ms: int) -> float | None:
        """Seconds between a moment of the service's time and what has been read; None before the first."""
        return None if self.read_up_to is None else max(now_ms - self.read_up_to, 0) / 1_000
