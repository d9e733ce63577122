"""Logs on a real local cloud: from what a guest prints to what the screen draws."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mvm_tui.aws.session import Target
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.connect import opener
from mvm_tui.tui.log_subject import Kind, Subject
from mvm_tui.tui.on_logs import logs_screen, open_logs
from mvm_tui.tui.start import StartOptions
from tests.cloud import client, cloud_process, set_faults
from tests.tui.driving import AppPilot, filled, shown, until

STREAM = "2026/11/25[1.0]microvm-0000000a-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def running() -> Iterator[Facts]:
    with cloud_process("demo", rates=False, options=["--log-delay", "0"]) as facts:
        yield facts


@pytest.fixture
def facts(running: Facts) -> Iterator[Facts]:
    yield running
    set_faults(running)


@asynccontextmanager
async def opened(facts: Facts, state_dir: Path) -> AsyncIterator[tuple[MvmApp, AppPilot]]:
    target = Target(None, facts.region, facts.endpoint, facts.access_key, facts.secret_key)
    clock = SystemClock()
    options = StartOptions(target, state_dir, clock=clock)
    app = MvmApp(options, opener(state_dir, clock, options.settings))
    async with filled(app, (140, 50)) as pilot:
        yield app, pilot


class Written:
    """A group whose log a test writes."""

    def __init__(self, facts: Facts, image: str) -> None:
        self.image = image
        self._logs: Any = client(facts, "logs")
        self._group = f"/aws/lambda-microvms/{image}"
        self._logs.create_log_group(logGroupName=self._group)
        self._logs.create_log_stream(logGroupName=self._group, logStreamName=STREAM)

    def put(self, *messages: str, age: float = 0.0) -> None:
        """Lines, the last `age` seconds ago and the others a millisecond apart before it."""
        last = round((time.time() - age) * 1_000)
        events = [
            {"timestamp": last - len(messages) + 1 + at, "message": text} for at, text in enumerate(messages)
        ]
        self._logs.put_log_events(logGroupName=self._group, logStreamName=STREAM, logEvents=events)


def drawn(app: MvmApp) -> str:
    view = logs_screen(app.desk).view
    return "\n".join(view.render_line(y).text.rstrip() for y in range(view.size.height))


async def test_what_a_guest_prints_is_seen_beside_the_table_and_on_the_screen(
    facts: Facts, tmp_path: Path
) -> None:
    async with opened(facts, tmp_path) as (app, pilot):
        rows = app.desk.fleet.rows().values() if app.desk.fleet else ()
        web = next(row for row in rows if row.vm.image_label == "hello-web:2.0" and row.vm.state == "RUNNING")
        app.desk.fleet_screen.follow(web.id)
        await until(pilot, lambda: "listens on" in shown(pilot), 30)
        await until(pilot, lambda: "snapshot" in shown(pilot), 30)
        await pilot.press("l")
        await until(pilot, lambda: "listens on" in drawn(app), 30)
        await until(pilot, lambda: "● following" in shown(pilot), 30)


async def test_a_build_shows_what_each_stream_is_of(facts: Facts, tmp_path: Path) -> None:
    async with opened(facts, tmp_path) as (app, pilot):
        await pilot.press("3", "escape")
        app.desk.invoke("logs.build", argument="hello-web 2.0")
        await until(pilot, lambda: "load build definition" in drawn(app), 30)
        await until(pilot, lambda: "build " in drawn(app), 30)


async def test_a_throttle_is_seen_and_waited_out_and_nothing_is_lost(facts: Facts, tmp_path: Path) -> None:
    written = Written(facts, "throttled")
    async with opened(facts, tmp_path) as (app, pilot):
        open_logs(app.desk, Subject(Kind.IMAGE, image=written.image))
        written.put("before")
        await until(pilot, lambda: "before" in drawn(app), 30)
        set_faults(facts, "throttle@FilterLogEvents", "throttle@GetLogEvents")
        await until(pilot, lambda: "next try in" in shown(pilot), 30)
        written.put(*(f"during {number}" for number in range(40)))
        set_faults(facts)
        await until(pilot, lambda: "during 39" in drawn(app), 30)
        entries = logs_screen(app.desk).view.window.entries
        assert [entry.event.message for entry in entries] == [
            "before",
            *(f"during {number}" for number in range(40)),
        ]


async def test_older_lines_are_read_backwards_and_by_the_services_own_filter(
    facts: Facts, tmp_path: Path
) -> None:
    written = Written(facts, "long")
    for hour in (3, 2, 1):
        written.put(*(f"hour {hour} line {number}" for number in range(600)), age=hour * 3_600)
    written.put("hour 3 needle", age=3 * 3_600 + 60)
    async with opened(facts, tmp_path) as (app, pilot):
        open_logs(app.desk, Subject(Kind.IMAGE, image=written.image))
        window = logs_screen(app.desk).view.window
        await until(pilot, lambda: len(window.entries) == 500, 30)
        assert window.entries[-1].event.message == "hour 1 line 599"
        await pilot.press("g", "k")
        await until(pilot, lambda: len(window.entries) == 1_000, 30)
        logs_screen(app.desk).set_filter("needle")
        await until(pilot, lambda: not window.entries)
        await pilot.press("k", "k")
        await until(pilot, lambda: "hour 3 needle" in drawn(app), 30)


async def test_live_tail_brings_lines_and_ends_into_polling(facts: Facts, tmp_path: Path) -> None:
    written = Written(facts, "tailed")
    async with opened(facts, tmp_path) as (app, pilot):
        open_logs(app.desk, Subject(Kind.IMAGE, image=written.image))
        written.put("polled")
        await until(pilot, lambda: "polled" in drawn(app), 30)
        session = logs_screen(app.desk).session
        session.set_live(True)
        await until(pilot, lambda: "Live Tail 1 min" in shown(pilot), 30)
        written.put("tailed")
        await until(pilot, lambda: "tailed" in drawn(app), 30)
        set_faults(facts, "stream-exception@StartLiveTail")
        session.set_live(False)
        session.set_live(True)
        await until(pilot, lambda: not session.live, 30)
        written.put("polled again")
        await until(pilot, lambda: "polled again" in drawn(app), 30)
        assert [entry.event.message for entry in logs_screen(app.desk).view.window.entries] == [
            "polled",
            "tailed",
            "polled again",
        ]
