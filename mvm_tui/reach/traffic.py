"""What went through a forwarded port, for whoever watches it. Bodies and headers are not kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mvm_tui.model.errors import Problem

KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    Attributes:
        path: As it was asked for, with its query. From outside: clean it before it is shown.
        status: None for one that was broken off.
        seconds: Until the answer began; for a WebSocket, until it stood.
        waited: Seconds of these that it was held back to keep the MicroVM's rate.
        received, sent: Bytes of the client's body and of the answer's.
        problem: What kept it from the app; None if it got there.
    """

    at: datetime
    method: str
    path: str
    status: int | None
    seconds: float
    waited: float = 0.0
    received: int = 0
    sent: int = 0
    problem: Problem | None = None


class Traffic:
    """The latest exchanges, oldest dropped first, and counts of all.

    Attributes:
        count: All exchanges.
        failed: Those that did not get to the app, or whose answer was 500 or more.
        open: Requests under way, WebSockets among them.
    """

    def __init__(self, on_exchange: Callable[[Exchange], None] = lambda exchange: None) -> None:
        """`on_exchange` is called on the loop when one is over, and may not block."""
        self._kept: deque[Exchange] = deque(maxlen=KEPT)
        self._on_exchange = on_exchange
        self.count = 0
        self.failed = 0
        self.open = 0

    def begin(self) -> None:
        self.open += 1

    def add(self, exchange: Exchange) -> None:
        """One is over."""
        self._kept.append(exchange)
        self.open -= 1
        self.count += 1
        self.failed += exchange.problem is not None or (exchange.status or 500) >= 500
        self._on_exchange(exchange)

    def newest_first(self) -> Iterator[Exchange]:
        return reversed(self._kept)
