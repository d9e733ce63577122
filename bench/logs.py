"""Logs: whether a load comes whole, how soon a line is there, how fast and how large the ring is."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import pairwise

from bench.figures import Figure
from mvm_tui.local.launch import Facts, start
from mvm_tui.logs.follow import Follower
from mvm_tui.logs.order import Batch
from mvm_tui.logs.places import Place
from mvm_tui.logs.query import parse_filter
from mvm_tui.logs.ring import MAX_BYTES, Ring
from mvm_tui.logs.search import Search
from mvm_tui.logs.status import Status
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.log_event import LogEvent, LogSource
from tests.cloud import load_ids, load_status, set_faults, set_logs, start_load, tell
from tests.logs.feeding import Feed, reader_for

EVENTS = 1_000_000
RATE = 5_000.0
STREAMS = 40
# The slowest regions allow five searches a second.
REGION, CALLS = "eu-central-1", 5.0
GROUP = "/aws/lambda-microvms/hello-web"
LATE_SECONDS = 28.0
PUTS = 60
LINES = 200_000
_COUNTED = 100_000_000


def run() -> list[Figure]:
    """All figures; the load alone takes five minutes."""
    return [*_completeness(), *_latency(), *_search(), *_memory()]


def _completeness() -> list[Figure]:
    """`mvm-tui logs --follow --ordered` reads a load through throttles and faults; its ids are compared."""
    options = ["--region", REGION, "--log-delay", "0"]
    with start(seed="demo", options=options) as cloud, tempfile.TemporaryDirectory() as home:
        facts = cloud.facts
        set_logs(facts, memory_mb=1_024)
        set_faults(
            facts,
            f"latency=0.001@FilterLogEvents*{_COUNTED}",
            "throttle@FilterLogEvents/17",
            "error=503@FilterLogEvents/23",
            "half-body@FilterLogEvents/41",
        )
        load = start_load(
            facts,
            group=GROUP,
            streams=STREAMS,
            events=EVENTS,
            rate=RATE,
            burst=5,
            late=0.1,
            late_seconds=LATE_SECONDS,
            same_ms=0.3,
            delay=0.5,
            seed=1,
        )
        began = time.monotonic()
        rows = _follow(facts, home, set(load["streams"]))
        seconds = time.monotonic() - began
        calls = _calls(facts)
        expected = {event_id for event_id, _ in load_ids(facts, load["id"])}
        late = load_status(facts, load["id"])["late"]
    ids = [event_id for event_id, _ in rows]
    disorder = sum(before > after for (_, before), (_, after) in pairwise(rows))
    note = f"{len(ids):,} events of {STREAMS} streams, {late:,} late by up to {LATE_SECONDS:g} s"
    return [
        Figure("events of a load that are missing", len(expected - set(ids)), "", 0, note),
        Figure("events that came twice, or are none of it", len(ids) - len(expected & set(ids)), "", 0),
        Figure("events out of order", disorder, "", 0, "with --ordered"),
        Figure("calls", calls / seconds, "/s", CALLS, "throttles, 5xx and broken answers among them"),
    ]


def _follow(facts: Facts, home: str, streams: set[str]) -> list[tuple[str, str]]:
    """(id, timestamp) of every event of the streams that the command line prints, until all are there."""
    command = [sys.executable, "-m", "mvm_tui", "logs", "hello-web", "-f", "--ordered", "--since", "10s"]
    environment = {"PATH": os.environ["PATH"], "HOME": home, **facts.environment()}
    process = subprocess.Popen(
        [*command, "-o", "ndjson"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    # Whatever is lost must not keep the bench waiting for ever.
    guard = threading.Timer(EVENTS / RATE + 240, process.kill)
    guard.start()
    rows: list[tuple[str, str]] = []
    try:
        for line in process.stdout:
            row = json.loads(line)
            if row["stream"] in streams:
                rows.append((row["event_id"], row["timestamp"]))
            if len(rows) >= EVENTS:
                break
    finally:
        guard.cancel()
        process.kill()
        process.wait()
    return rows


def _calls(facts: Facts) -> int:
    """How many searches reached the cloud: what is left of a fault that hits each of them tells."""
    texts: list[str] = json.loads(tell(facts, "GET", "faults"))["faults"]
    left = next(int(text.rpartition("*")[2]) for text in texts if text.startswith("latency"))
    return _COUNTED - left


class _Arrivals:
    """When each message was handed over by a follower of one place."""

    def __init__(self, facts: Facts, place: Place) -> None:
        self.at: dict[str, float] = {}
        self.status = Status()
        self.follower = Follower(
            reader_for(facts), lambda: [place], SystemClock(), self.on_batch, self.on_status, first=10
        )
        self.follower.start()

    def follows(self) -> bool:
        return self.status.read_up_to is not None

    def is_live(self) -> bool:
        return self.status.live

    def on_batch(self, batch: Batch) -> None:
        now = time.monotonic()
        for event in (*batch.events, *batch.late):
            self.at.setdefault(event.message, now)

    def on_status(self, status: Status) -> None:
        self.status = status


def _latency() -> list[Figure]:
    """Seconds from a put to its hand-over, ingestion delay 0: by stream, by group, by Live Tail."""
    chance = random.Random(7)
    put: dict[str, float] = {}
    with start(seed="empty", options=["--log-delay", "0"]) as cloud, ExitStack() as ending:
        feed = Feed(cloud.facts, "/aws/lambda-microvms/latency")
        feed.stream("s")
        stream, group = Place(feed.group, ("s",)), Place(feed.group)
        places = {"one stream": stream, "a group": group, "Live Tail": group}
        ways = {name: _Arrivals(cloud.facts, place) for name, place in places.items()}
        for arrivals in ways.values():
            ending.callback(arrivals.follower.stop)
            _wait(arrivals.follows)
        ways["Live Tail"].follower.set_live(True)
        _wait(ways["Live Tail"].is_live)
        for n in range(PUTS):
            time.sleep(chance.uniform(0.3, 1.5))
            message = f"line {n}"
            put[message] = time.monotonic()
            feed.put("s", message)
        _wait(lambda: all(len(arrivals.at) == PUTS for arrivals in ways.values()))
    figures = []
    for name, arrivals in ways.items():
        seconds = [arrivals.at[message] - moment for message, moment in put.items()]
        live = name == "Live Tail"
        median, high = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
        note = "one update a second" if live else "beside the 5 s of `aws logs tail --follow`"
        figures.append(Figure(f"put to hand-over, {name}, p50", median, "s", None if live else 0.7, note))
        figures.append(Figure(f"put to hand-over, {name}, p95", high, "s", 1.3 if live else 1.5))
    return figures


def _wait(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds:g} s in vain")
        time.sleep(0.01)


def _lines(count: int, size: int = 100) -> list[LogEvent]:
    """Lines of a web server, a millisecond apart."""
    sources = [LogSource.of("/g", f"2026/11/25[1.0]microvm-{n}") for n in range(STREAMS)]
    start_ms = 1_795_646_901_000
    return [
        LogEvent(
            start_ms + n,
            start_ms + n + 2_000,
            f"INFO request {n} GET /items/{n % 977} status=200 took {n % 313}ms user=u{n % 50}".ljust(size),
            sources[n % STREAMS],
            ((start_ms + n) << 144) | n,
        )
        for n in range(count)
    ]


def _search() -> list[Figure]:
    """Seconds to the first hits and to the end of a search of a full ring by a regular expression."""
    ring = Ring(max_bytes=1 << 30)
    ring.add(Batch(tuple(_lines(LINES))))
    first = statistics.median(_searched(ring, r"/took 31[0-9]ms/")[0] for _ in range(5))
    none = statistics.median(_searched(ring, r"/status=5\d\d/")[1] for _ in range(5))
    spaces = statistics.median(_searched(ring, r"/status=[^2]\S*\s+took/")[1] for _ in range(5))
    alone = statistics.median(_searched(ring, r"/(?<![a-z])status=5\d\d/")[1] for _ in range(5))
    return [
        Figure(f"regex over {len(ring):,} events, first hits", first, "s", 0.15),
        Figure(f"regex over {len(ring):,} events, no hit", none, "s", 0.4),
        Figure("the same, an expression that could reach over lines", spaces, "s", 0.4),
        Figure("the same, one that looks for what must not be there, line by line", alone, "s"),
    ]


def _searched(ring: Ring, text: str) -> tuple[float, float]:
    """Seconds to the first hits, and to the end."""
    done = threading.Event()
    began = time.perf_counter()
    first: list[float] = []

    def on_hits(_: Sequence[int]) -> None:
        first.append(time.perf_counter() - began)

    search = Search(ring, parse_filter(text, datetime.now(UTC)), on_hits, on_done=done.set)
    search.start()
    done.wait(60)
    seconds = time.perf_counter() - began
    search.stop()
    return (first[0] if first else seconds), seconds


def _memory() -> list[Figure]:
    """What a full ring really takes, beside its bound."""
    tracemalloc.start()
    ring = Ring()
    for _ in range(3):
        ring.add(Batch(tuple(_lines(150_000))))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    note = f"{len(ring):,} events of 100 characters"
    return [Figure("memory of a full ring, by its bound", taken / MAX_BYTES, "×", 1.1, note)]
