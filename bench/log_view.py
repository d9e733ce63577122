"""Logs on the screen: from a put to the drawn line, 10,000 lines a second, filters over all lines, memory.

The real application runs on a terminal of 200x50 in a process of its own, against the local cloud without
ingestion delay. ``python -m bench.log_view PROBE FILE`` is that process. What is put carries the monotonic
time at which it was put; a line counts as seen when the view draws it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import probe
from bench.figures import Figure
from bench.heartbeat import Heartbeat
from mvm_tui.aws.session import Connection, Target
from mvm_tui.local.launch import Facts, start
from mvm_tui.model.clock import SystemClock
from tests.pty_session import PtySession

if TYPE_CHECKING:
    from mvm_tui.tui.app import MvmApp
    from mvm_tui.tui.screens.logs import LogsScreen

IMAGE = "log-bench"
STREAM = "2026/11/25[1.0]microvm-00000000-0000-4000-8000-000000000001"
PUTS = 40
RATE = 10_000
FLOOD_SECONDS = 30.0
# The ring is full, and each new line takes the place of another, in the last third of the flood.
SETTLED_SECONDS = 22.0
KEY_SECONDS = 1.0
PATIENCE_SECONDS = 400.0


def run() -> list[Figure]:
    """Start the cloud and the application, wait for the probe's answer."""
    options = ["--log-delay", "0"]
    with start(seed="demo", rates=True, options=options) as cloud, tempfile.TemporaryDirectory() as folder:
        answer = _probe(cloud.facts, Path(folder))
    return [*_latency(answer), *_flood(answer), *_filters(answer)]


def _latency(answer: dict[str, Any]) -> list[Figure]:
    polling, live, share = answer["polling"], answer["live"], answer["share"]
    return [
        Figure("calls until a MicroVM's first lines are there", answer["calls"], "calls", 2),
        Figure(
            "put to screen, polling, p50", _percentile(polling, 50), "s", 0.7, "`aws logs tail --follow`: 5 s"
        ),
        Figure("put to screen, polling, p95", _percentile(polling, 95), "s", 1.5),
        Figure("put to screen, Live Tail, p50", _percentile(live, 50), "s"),
        Figure("put to screen, Live Tail, p95", _percentile(live, 95), "s", 1.3, "one update a second"),
        Figure("of that our share, update parsed to drawn, p95", _percentile(share, 95), "s", 0.15),
    ]


def _flood(answer: dict[str, Any]) -> list[Figure]:
    flood, keys = answer["flood"], answer["keys"]
    return [
        Figure(f"loop delay p99 at {RATE:,} lines/s", flood["p99"], "ms", 12.0),
        Figure("loop delay max", flood["maximum"], "ms"),
        Figure("of that, our own work, p99", flood["busy_p99"], "ms", None, "thread time on the loop"),
        Figure("of that, our own work, max", flood["busy_maximum"], "ms"),
        Figure("key to drawn at that rate, max", max(keys) * 1e3, "ms", 100.0, f"{len(keys)} keys"),
        Figure("lines held", answer["held"], "lines", 200_000),
        Figure("memory gained once the ring is full", answer["grown_mb"], "MB", 25.0, f"at {RATE:,} lines/s"),
        Figure("resident memory with a full ring", answer["resident_mb"], "MB"),
    ]


def _filters(answer: dict[str, Any]) -> list[Figure]:
    return [
        Figure("regex over the full ring, first hits drawn", answer["first_hits"] * 1e3, "ms", 150.0),
        Figure("regex over the full ring, no hit", answer["no_hit"] * 1e3, "ms", 400.0),
        Figure("loop delay max meanwhile", answer["filter_delay"]["maximum"], "ms"),
    ]


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _probe(facts: Facts, folder: Path) -> dict[str, Any]:
    result = folder / "result.json"
    command = [sys.executable, "-m", "bench.log_view", "PROBE", str(result)]
    variables = {"MVM_PROBE_ENDPOINT": facts.endpoint, **facts.environment()}
    with PtySession(command, home=folder, size=(200, 50), extra=variables) as screen:
        screen.drain_until(result.exists, "the probe's answer", PATIENCE_SECONDS)
    answer: dict[str, Any] = json.loads(result.read_text())
    if "failed" in answer:
        raise RuntimeError(answer["failed"])
    return answer


class Drawn:
    """When each line was drawn first, by its text; fed by the view."""

    def __init__(self) -> None:
        from mvm_tui.tui.widgets.log_view import LogView

        self.at: dict[str, float] = {}
        self.lines = 0
        original = LogView.render_line

        def render_line(view: LogView, y: int) -> Any:
            window = view.window
            if y < len(window.screen) and window.screen[y][0] >= 0:
                self.lines += 1
                self.at.setdefault(window.entries[window.screen[y][0]].event.message, time.monotonic())
            return original(view, y)

        setattr(LogView, "render_line", render_line)  # noqa: B010 - assigned, its type would have to be said

    def delays(self, word: str) -> list[float]:
        """Seconds from the put to the drawing of each line that is the word and the moment of its put."""
        put = {text: at for text, at in self.at.items() if text.startswith(f"{word} ")}
        return [at - float(text.split()[1]) for text, at in put.items()]


class Measuring:
    """What the probe does, one figure after the other."""

    def __init__(self, app: MvmApp, target: Target) -> None:
        self._app = app
        self._connection = Connection.open(target, SystemClock())
        self._drawn = Drawn()
        self._calls: list[str] = []
        self._count_calls()

    async def all(self) -> dict[str, Any]:
        figures: dict[str, Any] = {"calls": await self._opening()}
        figures["polling"] = await self._polling()
        figures["live"], figures["share"] = await self._live()
        figures |= await self._flooded()
        figures |= await self._filtered()
        return figures

    @property
    def _screen(self) -> LogsScreen:
        from mvm_tui.tui.on_logs import logs_screen

        return logs_screen(self._app.desk)

    def _count_calls(self) -> None:
        from mvm_tui.aws.logs import LogReader

        original = LogReader._call

        def call(reader: LogReader, *arguments: Any) -> Any:
            self._calls.append(str(arguments))
            return original(reader, *arguments)

        setattr(LogReader, "_call", call)  # noqa: B010 - assigned, its type would have to be said

    async def _opening(self) -> int:
        from mvm_tui.tui.log_subject import Kind, Subject
        from mvm_tui.tui.on_logs import open_logs

        desk = self._app.desk
        await _until("the fleet", lambda: bool(desk.fleet and len(desk.fleet.rows()) >= 5))
        # Not the one under the cursor, whose log the pane beside the table may have found already.
        under = desk.fleet_screen.table.cursor_row
        rows = desk.fleet.rows().values() if desk.fleet else ()
        web = [row for row in rows if row.vm.image_name == "hello-web" and row.vm.state == "RUNNING"]
        wanted = next(row for row in web if row is not under)
        pipeline = self._screen.session.pipeline
        original, calls = pipeline.add, list[int]()

        def add(batch: Any) -> None:
            # The pane beside the table reads another log meanwhile.
            calls.append(sum(wanted.id in call for call in self._calls))
            original(batch)

        pipeline.add = add  # type: ignore[method-assign]
        open_logs(desk, Subject(Kind.MICROVMS, (wanted.id,)))
        await _until("first lines", lambda: bool(calls))
        pipeline.add = original  # type: ignore[method-assign]
        return calls[0]

    async def _polling(self) -> list[float]:
        from mvm_tui.tui.log_subject import Kind, Subject
        from mvm_tui.tui.on_logs import open_logs

        client = self._connection.client("logs")
        group = f"/aws/lambda-microvms/{IMAGE}"
        await asyncio.to_thread(client.create_log_group, logGroupName=group)
        await asyncio.to_thread(client.create_log_stream, logGroupName=group, logStreamName=STREAM)
        open_logs(self._app.desk, Subject(Kind.IMAGE, image=IMAGE))
        return await self._put_and_see("polling")

    async def _live(self) -> tuple[list[float], list[float]]:
        session = self._screen.session
        came: dict[str, float] = {}
        original = session.pipeline.add

        def add(batch: Any) -> None:
            for event in batch.events:
                came.setdefault(event.message, time.monotonic())
            original(batch)

        session.pipeline.add = add  # type: ignore[method-assign]
        session.set_live(True)
        await _until("Live Tail", lambda: session.status.live)
        live = await self._put_and_see("live")
        session.set_live(False)
        session.pipeline.add = original  # type: ignore[method-assign]
        return live, [self._drawn.at[text] - came[text] for text in came if text in self._drawn.at]

    async def _put_and_see(self, word: str) -> list[float]:
        """Put single lines at odd moments; how long each took to the screen."""
        await asyncio.to_thread(self._put_some, word)
        await _until(f"all puts, {word}", lambda: len(self._drawn.delays(word)) >= PUTS)
        return self._drawn.delays(word)

    def _put_some(self, word: str) -> None:
        client = self._connection.client("logs")
        odd = random.Random(7)
        for _ in range(PUTS):
            time.sleep(odd.uniform(0.2, 1.6))
            event = {"timestamp": round(time.time() * 1_000), "message": f"{word} {time.monotonic()}"}
            client.put_log_events(
                logGroupName=f"/aws/lambda-microvms/{IMAGE}", logStreamName=STREAM, logEvents=[event]
            )

    async def _flooded(self) -> dict[str, Any]:
        stop = threading.Event()
        feeder = threading.Thread(target=self._feed, args=(stop,), daemon=True)
        begun = time.perf_counter()
        feeder.start()
        keys: list[float] = []
        full_mb = 0.0
        async with Heartbeat() as beat:
            while (elapsed := time.perf_counter() - begun) < FLOOD_SECONDS:
                keys.append(await self._key("k", following=False))
                keys.append(await self._key("G", following=True))
                await asyncio.sleep(KEY_SECONDS)
                if elapsed > SETTLED_SECONDS and not full_mb:
                    full_mb = probe.resident_mb()
            flood = probe.delays(beat)
        stop.set()
        await asyncio.to_thread(feeder.join)
        await _until("all taken", lambda: not self._screen.session.pipeline._changes)
        return {
            "flood": flood,
            "keys": keys,
            "held": self._screen.count_held(),
            "resident_mb": probe.resident_mb(),
            "grown_mb": max(probe.resident_mb() - full_mb, 0.0),
        }

    def _feed(self, stop: threading.Event) -> None:
        from mvm_tui.logs.order import Batch
        from mvm_tui.model.log_event import LogEvent, LogSource

        sources = [LogSource.of("/g", f"2026/11/25[1.0]microvm-{number:08x}-0") for number in range(40)]
        begun, first, put = time.perf_counter(), round(time.time() * 1_000) + 1_000, 0
        while not stop.is_set():
            wanted = int((time.perf_counter() - begun) * RATE)
            events = tuple(
                LogEvent(first + at // 10, first + at // 10, _line(at), sources[at % 40], at)
                for at in range(put, wanted)
            )
            put = wanted
            self._screen.session.pipeline.add(Batch(events))
            time.sleep(0.1)

    async def _key(self, key: str, *, following: bool) -> float:
        """Seconds from a key until it has taken effect and lines were drawn since."""
        from textual import events

        window = self._screen.view.window
        lines, begun = self._drawn.lines, time.perf_counter()
        self._app.post_message(events.Key(key, key))
        await _until(
            "the key", lambda: window.following is following and self._drawn.lines > lines, pause=0.001
        )
        return time.perf_counter() - begun

    async def _filtered(self) -> dict[str, Any]:
        screen = self._screen
        pipeline = screen.session.pipeline
        async with Heartbeat() as beat:
            begun, lines = time.perf_counter(), self._drawn.lines
            screen.set_filter(r"/items.\d*(17|93)77 /")
            await _until(
                "first hits",
                lambda: 0 < len(screen.view.window.entries) < 100_000 and self._drawn.lines > lines,
                pause=0.001,
            )
            first = time.perf_counter() - begun
            await _until("the filter", lambda: not pipeline.counts.busy)
            begun = time.perf_counter()
            screen.set_filter(r"/nothing of (this|that) kind/")
            # Begun: the new filter has been taken; over: it has gone through everything.
            await _until("the filter taken", lambda: pipeline.counts.busy, pause=0.001)
            await _until(
                "the filter shown", lambda: not pipeline.counts.busy and not screen._counts.busy, pause=0.001
            )
            none = time.perf_counter() - begun
            return {"first_hits": first, "no_hit": none, "filter_delay": probe.delays(beat)}


def _line(number: int) -> str:
    level = ("INFO", "INFO", "INFO", "WARN", "ERROR")[number % 5]
    return (
        f"{level} GET /items/{number} 200 {number % 97}ms agent=curl/8.5 request={number * 7919 % 1_000_003}"
    )


async def _until(what: str, condition: Callable[[], bool], pause: float = 0.01) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS / 4
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it never came true: {what}")
        await asyncio.sleep(pause)


def _child(result: Path) -> None:
    """The application; writes what it measured and leaves."""
    from mvm_tui.tui.app import MvmApp
    from mvm_tui.tui.connect import opener
    from mvm_tui.tui.start import StartOptions

    target = probe.target()

    class Probe(MvmApp):
        def on_mount(self) -> None:
            # Textual calls the handler of every class, the application's own too.
            self.run_worker(self._measure())

        async def _measure(self) -> None:
            await _until("the application", lambda: self.ready)
            try:
                figures = await Measuring(self, target).all()
            except Exception as error:  # noqa: BLE001 - told to who waits for the answer
                figures = {"failed": repr(error)}
            partial = result.with_suffix(".part")
            partial.write_text(json.dumps(figures))
            partial.rename(result)
            self.exit(0)

    # As `mvm_tui.tui.start.run` has it.
    gc.disable()
    folder = result.parent
    options = StartOptions(target=target, state_dir=folder)
    Probe(options, opener(folder, SystemClock(), options.settings)).run()


if __name__ == "__main__":
    _child(Path(sys.argv[2]))
