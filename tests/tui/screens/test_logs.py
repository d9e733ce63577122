"""The screen of logs: what the user does and sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mvm_tui.logs.find import Absence, Missing
from mvm_tui.logs.status import Phase
from mvm_tui.model.errors import Throttled
from mvm_tui.model.log_event import LogEvent
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.dialogs.choose import ChooseDialog
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.save_log import SaveDialog
from mvm_tui.tui.log_subject import Kind
from mvm_tui.tui.screens.logs import LogsScreen
from tests.tui.driving import AppPilot, filled, said, shown, until
from tests.tui.fake_logs import FakeFollowing, FakeLogs, event, lines
from tests.tui.fakes import NOW, FakeAccounts, make_app, microvm


@dataclass
class Reading:
    """The app with the log of one MicroVM open."""

    app: MvmApp
    pilot: AppPilot
    logs: FakeLogs

    @property
    def screen(self) -> LogsScreen:
        screen = self.app.desk.sections.screen("logs")
        assert isinstance(screen, LogsScreen)
        return screen

    @property
    def following(self) -> FakeFollowing:
        return self.logs.last

    @property
    def text(self) -> list[str]:
        """What the view draws, line by line."""
        view = self.screen.view
        return [view.render_line(y).text.rstrip() for y in range(view.size.height)]

    @property
    def status(self) -> str:
        return shown(self.pilot)

    async def put(self, *events: LogEvent, late: tuple[LogEvent, ...] = ()) -> None:
        """Events arrive and are taken in."""
        held = self.screen._counts.held
        self.following.put(*events, late=late)
        await until(self.pilot, lambda: self.screen._counts.held > held)

    async def sees(self, part: str) -> None:
        await until(self.pilot, lambda: any(part in line for line in self.text))

    async def reads(self, part: str) -> None:
        await until(self.pilot, lambda: part in self.status)


@asynccontextmanager
async def reading(tmp_path: Path, size: tuple[int, int] = (120, 30)) -> AsyncIterator[Reading]:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app, size) as pilot:
        await pilot.press("l")
        await until(pilot, lambda: bool(accounts.logs.followed))
        await until(pilot, lambda: app.screen is app.desk.front and app.desk.front.section.id == "logs")
        yield Reading(app, pilot, accounts.logs)


async def test_l_follows_the_microvm_under_the_cursor(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        subject = log.following.reading.subject
        assert (subject.kind, subject.ids) == (Kind.MICROVMS, (microvm(2).id,))
        await log.put(*lines(50))
        await log.sees("line 49")
        await log.reads("● following · up to date")
        assert "batch · worker:2.0" in str(log.screen.query_one("#body").border_title)
        await log.pilot.press("1")
        assert log.app.desk.front is log.app.desk.fleet_screen
        assert not log.following.stopped, "it lives on behind"


async def test_marked_ones_are_read_together_each_with_its_name(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("ctrl+a", "l")
        await until(pilot, lambda: bool(accounts.logs.followed))
        log = Reading(app, pilot, accounts.logs)
        assert len(log.following.reading.subject.ids) == 5
        await log.put(event("from web", 0, 1), event("from batch", 1, 2))
        await log.sees("from batch")
        assert [line.split()[1:3] for line in log.text[1:3]] == [["web-1", "from"], ["batch", "from"]]


async def test_scrolling_up_pauses_and_g_follows(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(100))
        await log.pilot.press("k", "pageup")
        await log.reads("‖ paused · G follows")
        before = log.text
        await log.put(*(event(f"new {number}", number) for number in range(1_204)))
        await log.reads("1,204 new")
        assert log.text == before
        await log.pilot.press("G")
        await log.sees("new 1203")
        await log.reads("● following")


async def test_filter_find_and_their_keys(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(100), event("ERROR it broke", 1), event("/health ok", 2))
        await log.pilot.press("slash", *"level:error", "enter")
        await until(log.pilot, lambda: len(log.screen.view.window.entries) == 1)
        await log.reads("1 of 102 entries")
        await log.pilot.press("escape")
        await until(log.pilot, lambda: len(log.screen.view.window.entries) == 102)
        await log.pilot.press("f", *"line 7", "enter")
        await log.reads("11 found")
        await until(log.pilot, lambda: log.screen.view.window.cursor == 79)
        await log.pilot.press("n")
        assert log.screen.view.window.cursor == 7, "after the last comes the first"
        await log.pilot.press("N", "N")
        assert log.screen.view.window.cursor == 78
        await log.pilot.press("escape", "n")
        assert "Nothing is searched for" in said(log.app.desk)[0]


async def test_what_is_wrong_in_a_filter_is_said_beside_it(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(3))
        await log.pilot.press("slash", *"/(/", "enter")
        await log.reads("no regular expression")
        assert log.screen.typing
        await log.pilot.press("escape")
        assert not log.screen.typing
        assert len(log.screen.view.window.entries) == 3


async def test_ways_of_showing(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(event('{"level":"warn","msg":"slow","ms":1200}'), event("x" * 150 + "end", 1))
        await log.sees("WARN  slow  ms=1200")
        assert log.text[2].endswith("›")
        await log.pilot.press("w")
        await log.sees("xend")
        await log.pilot.press("w", "c")
        await log.sees('{"level":"warn"')
        await log.pilot.press("k", "k", "enter")
        await log.sees('"msg": "slow"')
        await log.pilot.press("enter", "G", "l", "l", "l", "l", "l", "l", "l", "l")
        await log.sees("xend")
        starts = []
        for _ in range(4):
            starts.append(next(line for line in log.text if "x" in line)[:15].strip())
            await log.pilot.press("t")
        assert len(set(starts)) == 4
        assert starts[1].startswith("14:21:08.000Z")


async def test_traces_fold(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        trace = ["Traceback (most recent call last):", "  File 'a.py', line 1", "ValueError: no"]
        await log.put(*(event(text) for text in trace), event("after", 5))
        await log.sees("ValueError: no")
        await log.pilot.press("z")
        await log.sees("▸ 2 more")
        await log.pilot.press("k", "k", "enter")
        await log.sees("ValueError: no")


async def test_marks_are_kept_and_gone_to(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(50))
        await log.pilot.press("k", "k", "m", "g", "apostrophe")
        assert log.screen.view.window.cursor_entry is not None
        assert log.screen.view.window.cursor_entry.event.message == "line 47"
        assert any(line.startswith("▌") for line in log.text)


async def test_late_lines_are_marked_and_counted(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(event("in time", 0))
        await log.put(late=(event("too late", -120),))
        await log.sees("late too late")
        await log.reads("1 late")


async def test_back_off_and_lag_are_seen(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        problem = Throttled("CloudWatch Logs throttles the reading.", "Too many calls.", "Wait.")
        log.following.tell(phase=Phase.BACKING_OFF, problem=problem, retry_at=3.0)
        await log.reads("CloudWatch Logs throttles the reading, next try in 3s")
        log.following.tell(
            phase=Phase.FOLLOWING, problem=None, read_up_to=log.logs.now_ms() - 3_000, blind=False
        )
        await log.reads("following · 3s behind")


@pytest.mark.parametrize("absence", list(Absence))
async def test_why_there_are_no_lines(tmp_path: Path, absence: Absence) -> None:
    async with reading(tmp_path, (80, 24)) as log:
        missing = Missing(absence, f"What: {absence.value}.", "The reason why. " * 8, "What to do.")
        log.following.tell(phase=Phase.LOOKING, missing=missing)
        await log.sees(f"What: {absence.value}.")
        await log.sees("The reason why.")
        await log.sees("What to do.")


async def test_nothing_chosen_offers_the_fleet_and_images(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: isinstance(app.screen, ChooseDialog))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.desk.front)
        log = Reading(app, pilot, accounts.logs)
        await log.sees("No log is open.")
        assert "looking for" not in log.status
        await pilot.press("o", *"all", "enter")
        await until(pilot, lambda: bool(accounts.logs.followed))
        assert log.following.reading.subject.kind is Kind.FLEET
        await pilot.press("o", *"image hello")
        await until(pilot, lambda: isinstance(app.screen, ChooseDialog))
        await pilot.press("enter")
        await until(pilot, lambda: len(accounts.logs.followed) == 2)
        assert (log.following.reading.subject.kind, log.following.reading.subject.image) == (
            Kind.IMAGE,
            "hello-web",
        )
        assert accounts.logs.followed[0].stopped


async def test_build_logs_by_name(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.pilot.press("colon", *"build-logs worker", "enter")
        await until(log.pilot, lambda: len(log.logs.followed) == 2)
        subject = log.following.reading.subject
        assert (subject.kind, subject.image, subject.version) == (Kind.BUILD, "worker", "2.0")


async def test_since_reads_anew(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(5))
        await log.pilot.press("s", *"15m", "enter")
        await until(log.pilot, lambda: len(log.logs.followed) == 2)
        assert log.following.reading.span.seconds == 900
        await until(log.pilot, lambda: not log.screen.view.window.entries)
        await log.pilot.press("colon", *"since 2h", "enter")
        await until(log.pilot, lambda: len(log.logs.followed) == 3)
        assert log.following.reading.span.seconds == 7_200


async def test_older_lines_come_by_scrolling_up_past_the_top(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        log.logs.past = lines(150, "old {}", start=-5_000)
        await log.put(*lines(40))
        await log.pilot.press("g", "k")
        await log.sees("old 149")
        await log.sees("line 0")
        await log.pilot.press("g", "k")
        await until(log.pilot, lambda: len(log.screen.view.window.entries) == 190)
        await log.pilot.press("g")
        await log.sees("the log begins here")


async def test_with_a_filter_older_lines_are_searched_by_the_service(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        log.logs.past = [event("old ERROR", -5_000)]
        await log.put(*lines(40))
        await log.pilot.press("slash", *"error", "enter", "k")
        await log.pilot.press("k")
        await log.sees("old ERROR")
        assert log.logs.patterns == ['?"error" ?"ERROR" ?"Error"']
        await log.pilot.press("escape")
        await until(log.pilot, lambda: len(log.logs.followed) == 2)


async def test_jump_to_a_time(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(900))
        when = (NOW.astimezone()).replace(hour=NOW.astimezone().hour, minute=10, second=7)
        await log.pilot.press("T", *f"{when:%H:%M:%S}", "enter")
        await until(log.pilot, lambda: not log.screen.view.window.following)
        assert log.screen.view.window.cursor_entry is not None
        assert log.screen.view.window.cursor_entry.event.when == when
        await log.pilot.press("T", *"nonsense", "enter")
        await log.reads("is no time")


async def test_a_jump_to_before_what_is_held_reads_anew(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(10))
        log.app.desk.invoke("logs.jump", argument="2026-11-23T12:21:07+00:00")
        await until(log.pilot, lambda: len(log.logs.followed) == 2)
        assert log.following.reading.span.seconds == 7_200
        log.following.put(*lines(100, start=-7_200))
        await until(log.pilot, lambda: log.screen.view.window.cursor == 0)
        assert not log.screen.view.window.following


async def test_a_range_of_lines_is_copied(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(10))
        await log.pilot.press("k", "k", "v", "k", "k")
        assert log.screen.view.selected_text() == "line 5\nline 6\nline 7"
        await log.pilot.press("y")
        assert said(log.app.desk)[0] == "Copied line 5 line 6 line 7"
        assert log.screen.view.selection is None


async def test_the_mouse_selects_characters_and_moves_the_cursor(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(10))
        start = log.screen.view.manner.text_start
        await log.pilot.mouse_down("#log", offset=(start + 2, 3))
        await log.pilot.hover("#log", offset=(start + 4, 4))
        await log.pilot.mouse_up("#log", offset=(start + 4, 4))
        assert log.screen.view.selected_text() == "ne 2\nline"
        assert log.screen.view.window.cursor == 2
        await log.pilot.click("#log", offset=(start, 5), times=2)
        await until(log.pilot, lambda: log.screen.view.window.entries[4].open is True)
        await log.pilot.press("escape")
        assert log.screen.view.selection is None


async def test_save_what_is_shown_and_ask_before_overwriting(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(20), event("\x1b[31mred\x1b[0m", 1))
        target = tmp_path / "out.log"
        await log.pilot.press("e")
        dialog = log.app.screen
        assert isinstance(dialog, SaveDialog)
        dialog.query_one("Input").value = str(target)  # type: ignore[attr-defined]
        await log.pilot.press("enter")
        await until(log.pilot, lambda: "Saved" in "".join(said(log.app.desk)))
        written = target.read_text()
        assert written.count("\n") == 21
        assert "\x1b" not in written
        assert written.endswith("red\n")
        target.write_text("mine")
        log.app.desk.invoke("logs.save", argument=str(target))
        await until(log.pilot, lambda: isinstance(log.app.screen, Confirm))
        await log.pilot.press("enter")
        await until(log.pilot, lambda: log.app.screen is log.screen)
        assert target.read_text() == "mine"


async def test_save_everything_as_ndjson(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(20))
        await log.pilot.press("slash", *"line 1", "enter", "e")
        dialog = log.app.screen
        assert isinstance(dialog, SaveDialog)
        dialog.query_one("Input").value = str(tmp_path / "out.log")  # type: ignore[attr-defined]
        await log.pilot.press("ctrl+t", "ctrl+e")
        await log.reads("everything held, 20 entries")
        await log.pilot.press("enter")
        await until(log.pilot, lambda: (tmp_path / "out.ndjson").exists())
        rows = (tmp_path / "out.ndjson").read_text().splitlines()
        assert len(rows) == 20
        assert '"message":"line 0"' in rows[0]


async def test_without_a_terminal_of_its_own_there_is_no_pager(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.pilot.press("p")
        assert said(log.app.desk)[0] == "There are no lines to read."
        await log.put(*lines(3))
        await log.pilot.press("p")
        assert said(log.app.desk)[0].startswith("The pager needs the terminal itself")


@pytest.mark.parametrize("size", [(20, 6), (40, 12)])
async def test_a_tiny_terminal_still_works(tmp_path: Path, size: tuple[int, int]) -> None:
    async with reading(tmp_path, size) as log:
        await log.put(*lines(30), event("x" * 500, 1))
        await log.pilot.press("w", "k", "enter", "t", "slash", "x", "enter", "G")
        await until(log.pilot, lambda: len(log.screen.view.window.entries) == 1)


async def test_live_tail_is_asked_for_and_told(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.pilot.press("L")
        await until(log.pilot, lambda: isinstance(log.app.screen, Confirm))
        await log.pilot.press("y")
        await until(log.pilot, lambda: log.following.live)
        await log.reads("Live Tail 3 min")
        log.following.tell(sampled=True)
        await log.reads("sampled")
        await log.pilot.press("L")
        await until(log.pilot, lambda: not log.following.live)
        log.following.tell(note="Live Tail ended after 3 hours. Polling goes on.")
        await until(log.pilot, lambda: "Polling goes on" in said(log.app.desk)[0])


async def test_another_account_forgets_the_log(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.put(*lines(5))
        first = log.following
        log.app.desk.open_account(region="eu-west-1")
        await until(log.pilot, lambda: first.stopped and not log.screen.view.window.entries)
        await log.sees("No log is open.")


async def test_refresh_reads_at_once(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        await log.pilot.press("R")
        await until(log.pilot, lambda: log.following.refreshed == 1)


HOSTILE = (
    "\x1b[2J\x1b[H\x1b]52;c;aGVsbG8=\x07 cleared",
    "nul \x00 and bell \x07 and backspace \x08",
    "right \u202eto left\u202c and \ufeff invisible\u200b",
    "lone \ud800 surrogate and \ufffd replaced",
    "[bold]no markup[/bold] [@click=app.quit]link[/]",
    "e" + "\u0301" * 500,
    "\x1b[31m" * 5_000 + "red",
    "x" * 1_000_000,
    '{"a":' * 500,
    "中" * 40_000,
)


@pytest.mark.parametrize("keys", [(), ("w",), ("t", "w", "z")])
async def test_hostile_lines_leave_the_view_usable(tmp_path: Path, keys: tuple[str, ...]) -> None:
    async with reading(tmp_path, (80, 24)) as log:
        await log.pilot.press(*keys)
        await log.put(*(event(text, number) for number, text in enumerate(HOSTILE)))
        await log.pilot.press("g", *("j" * len(HOSTILE)), "enter", "k", "enter", "k", "enter", "l", "G")
        drawn = "".join(segment.text for y in range(24) for segment in log.screen.view.render_line(y))
        assert drawn.isprintable()
        assert not set(drawn) & set("\u202e\u202c\ufeff\u200b\ud800")
        view = log.screen.view
        for y in range(view.size.height):
            assert view.render_line(y).cell_length == view.scrollable_size.width


@pytest.mark.parametrize("theme", ["mvm-light", "nord", "ansi-dark"])
async def test_every_theme_draws_lines_colours_and_selections(tmp_path: Path, theme: str) -> None:
    async with reading(tmp_path) as log:
        log.app.desk.use_theme(theme)
        assert log.app.theme == theme
        await log.put(event("\x1b[31;44mred\x1b[0m plain \x1b[38;5;208morange", 1), event("ERROR two", 2))
        await log.pilot.press("f", *"plain", "enter", "v", "k", "m")
        await until(log.pilot, lambda: log.screen.view.selection is not None)
        await log.sees("red plain orange")
        styles = [segment.style for segment in log.screen.view.render_line(1)]
        assert all(style is not None and style.color is not None for style in styles)


async def test_ten_thousand_lines_in_a_second_leave_keys_working(tmp_path: Path) -> None:
    async with reading(tmp_path) as log:
        for start in range(0, 10_000, 500):
            log.following.put(*(event(f"burst {start + number}", start + number) for number in range(500)))
        await log.pilot.press("k")
        assert not log.screen.view.window.following
        await until(log.pilot, lambda: log.screen._counts.held == 10_000)
        await log.pilot.press("G")
        await log.sees("burst 9999")


async def test_a_narrow_screen_says_the_most_important(tmp_path: Path) -> None:
    async with reading(tmp_path, (60, 20)) as log:
        await log.put(*lines(2_000))
        await log.pilot.press("k")
        await log.reads("‖ paused")
        assert max(len(line) for line in log.text) <= 60


def test_a_subject_knows_whether_lines_mix() -> None:
    from mvm_tui.tui.log_subject import Subject

    one = Subject(Kind.MICROVMS, ("a",))
    assert not one.merged
    assert replace(one, ids=("a", "b")).merged
    assert Subject(Kind.IMAGE, image="web").merged
