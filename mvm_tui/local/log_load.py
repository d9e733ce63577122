"""A load of log events for benches and trials: so many, over so many streams, at a rate, from a seed.

Which event comes when, where, with what text and how late is decided by the seed alone; a load that is begun
again at the same `start` puts the same events. It goes past PutLogEvents and its ingestion: an event is
readable `delay` seconds after its time, a late one up to `late_seconds` after that. Its group keeps all of
them until the load is dropped.
"""

from __future__ import annotations

import heapq
import random
import uuid
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mvm_tui.local.clock import Timing
from mvm_tui.local.log_events import Position, milliseconds, position_id
from mvm_tui.local.log_store import LogStore

MOST_EVENTS = 2_000_000
MOST_BYTES = 512 << 20
TICK_SECONDS = 0.02
# So many events keep the loop busy for some milliseconds.
_PIECE = 1_000
_BUSY_PAUSE_SECONDS = 0.002
_WORDS = (
    "checkout",
    "invoice",
    "thumbnail",
    "search",
    "session",
    "upload",
    "mail",
    "cache",
    "index",
    "order",
)
_LEVELS = ("DEBUG", "INFO", "INFO", "INFO", "INFO", "INFO", "INFO", "WARN", "WARN", "ERROR")
_VARIANTS = 512


@dataclass(frozen=True, slots=True)
class LoadSpec:
    """What a load puts.

    `rate` is events per second, `burst` how many come at once (each burst at the time of its last event).
    `late` and `same_ms` are shares from 0 to 1: of events that are up to `late_seconds` late, and of those
    with the timestamp of the one before. `size` is the length of a message in characters, at least 24.
    `start`, in milliseconds since 1970, is the time of the first event and moves timestamps only (None: now).
    All seconds are real ones.
    """

    group: str = "/aws/lambda-microvms/log-load"
    streams: int = 1
    events: int = 1_000
    rate: float = 100.0
    burst: int = 1
    late: float = 0.0
    late_seconds: float = 30.0
    same_ms: float = 0.0
    delay: float = 0.0
    size: int = 96
    seed: int = 0
    start: int | None = None


_BOUNDS: dict[str, tuple[float, float]] = {
    "streams": (1, 1_000),
    "events": (1, MOST_EVENTS),
    "rate": (0.01, 1_000_000),
    "burst": (1, MOST_EVENTS),
    "late": (0, 1),
    "late_seconds": (0, 3_600),
    "same_ms": (0, 1),
    "delay": (0, 3_600),
    "size": (24, 10_000),
    "seed": (0, 1 << 62),
    "start": (0, 1 << 45),
}
_WHOLE = frozenset({"streams", "events", "burst", "size", "seed", "start"})


def parse_load(document: dict[str, Any]) -> LoadSpec:
    """The load that a JSON object describes by the fields of LoadSpec.

    Raises:
        ValueError: a member is unknown or out of its bounds, or the load is too big; the text says which.
    """
    for name, value in document.items():
        if name == "group":
            if not isinstance(value, str) or not 1 <= len(value) <= 512:
                raise ValueError("group is a name of 1 to 512 characters")
            continue
        if name not in _BOUNDS:
            raise ValueError(f"{name} is no member; one of {', '.join(one.name for one in fields(LoadSpec))}")
        low, high = _BOUNDS[name]
        kinds = (int,) if name in _WHOLE else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            raise ValueError(f"{name} is a number from {low:g} to {high:g}")
    spec = LoadSpec(**document)
    if spec.events * spec.size > MOST_BYTES:
        raise ValueError(f"a load holds at most {MOST_BYTES >> 20} MB of messages")
    return spec


class PlannedEvent(NamedTuple):
    """An event to come: `due` in seconds from the beginning, `timestamp` in milliseconds from it.

    `turn` is when it would be due if it were not late; turns are in the order of the serial numbers.
    """

    due: float
    serial: int
    turn: float
    stream: int
    timestamp: int
    message: str

    @property
    def late(self) -> bool:
        return self.due > self.turn


def plan(spec: LoadSpec) -> Iterator[PlannedEvent]:
    """The events of a load in the order of their serial numbers, which count from 1."""
    chance = random.Random(spec.seed)  # noqa: S311 - a load that must come out the same again
    texts = [_text(chance, spec.size) for _ in range(_VARIANTS)]
    draw = chance.random
    timestamp = 0
    for serial in range(1, spec.events + 1):
        happened = (serial - 1) / spec.rate
        if not draw() < spec.same_ms:
            timestamp = int(happened * 1000)
        last_of_burst = -(-serial // spec.burst) * spec.burst
        turn = (min(last_of_burst, spec.events) - 1) / spec.rate + spec.delay
        late = draw() * spec.late_seconds if draw() < spec.late else 0.0
        message = f"#{serial:07d} {texts[int(draw() * _VARIANTS)]}"
        yield PlannedEvent(turn + late, serial, turn, int(draw() * spec.streams), timestamp, message)


def _text(chance: random.Random, size: int) -> str:
    """A text that makes a message of `size` characters beside its number."""
    text = f"{chance.choice(_LEVELS)} {chance.choice(_WORDS)} ms={chance.randrange(1, 999)}"
    while len(text) < size - 9:
        text += f" {chance.choice(_WORDS)}"
    return text[: size - 9]


def stream_names(spec: LoadSpec, day: datetime) -> list[str]:
    """The names of a load's streams, in the form of MicroVMs' ones."""
    chance = random.Random(f"streams {spec.seed}")  # noqa: S311 - names that must come out the same again
    identities = (uuid.UUID(int=chance.getrandbits(128), version=4) for _ in range(spec.streams))
    return [f"{day:%Y/%m/%d}[1.0]microvm-{identity}" for identity in identities]


class _Queue:
    """Hands planned events out in the order in which they are due, however often it is asked."""

    def __init__(self, planned: Iterator[PlannedEvent]) -> None:
        self._planned = planned
        self._following = next(planned, None)
        self._coming: list[PlannedEvent] = []

    @property
    def empty(self) -> bool:
        return self._following is None and not self._coming

    def take(self, elapsed: float, most: int) -> list[PlannedEvent]:
        """The next events that are due at `elapsed` seconds, up to `most`."""
        piece: list[PlannedEvent] = []
        while len(piece) < most:
            following, coming = self._following, self._coming
            # None that is still planned is due before the turn of the following one.
            if following is not None and (not coming or following.turn <= coming[0].due):
                if following.turn > elapsed:
                    break
                heapq.heappush(coming, following)
                self._following = next(self._planned, None)
            elif coming and coming[0].due <= elapsed:
                piece.append(heapq.heappop(coming))
            else:
                break
        return piece


class Load:
    """A load under way or done: runs by `run`, and knows every event it put."""

    def __init__(self, spec: LoadSpec, store: LogStore, timing: Timing) -> None:
        self.spec = spec
        self.stopped = False
        self._store = store
        self._timing = timing
        self._start = milliseconds(timing.now()) if spec.start is None else spec.start
        self.streams = stream_names(spec, datetime.fromtimestamp(self._start / 1000, UTC))
        self._timestamps, self._arrivals, self._numbers = array("q"), array("q"), array("H")
        self._late = 0

    @property
    def put(self) -> int:
        """How many events are in the store."""
        return len(self._arrivals)

    def status(self) -> dict[str, Any]:
        """How far it is."""
        return {
            "group": self.spec.group,
            "start": self._start,
            "events": self.spec.events,
            "put": self.put,
            "late": self._late,
            "done": self.put == self.spec.events or self.stopped,
            "streams": self.streams,
        }

    def ids(self, first: int, count: int) -> str:
        """Lines of ``EVENT_ID STREAM_NUMBER``, in the order in which the events were put."""
        end = min(first + count, self.put)
        return "".join(
            f"{position_id(Position(self._timestamps[n], self._arrivals[n]))} {self._numbers[n]}\n"
            for n in range(first, end)
        )

    async def run(self) -> None:
        """Put everything when its time has come, or until `stopped`."""
        self._store.hold(self.spec.group)
        for name in self.streams:
            self._store.create_stream(self.spec.group, name)
        begun = self._timing.monotonic()
        queue = _Queue(plan(self.spec))
        while not self.stopped and not queue.empty:
            piece = queue.take(self._timing.monotonic() - begun, _PIECE)
            self._put(piece)
            pause = _BUSY_PAUSE_SECONDS if len(piece) == _PIECE else TICK_SECONDS
            await self._timing.sleep(pause * self._timing.speed)

    def _put(self, piece: list[PlannedEvent]) -> None:
        rows = [(self.streams[one.stream], self._start + one.timestamp, one.message) for one in piece]
        self._arrivals.extend(self._store.ingest(self.spec.group, rows))
        self._timestamps.extend(row[1] for row in rows)
        self._numbers.extend(one.stream for one in piece)
        self._late += sum(one.late for one in piece)
