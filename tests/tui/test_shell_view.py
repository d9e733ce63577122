"""What a shell looks like, and how little is drawn anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.style import Style
from textual.geometry import Region

from mvm_tui.config.schema import Settings, Shell
from mvm_tui.shell.states import Open
from mvm_tui.tui.open_shell import OpenShell
from mvm_tui.tui.widgets.shell_view import ShellView
from tests.tui.driving import said, shown
from tests.tui.fakes import NOW
from tests.tui.shells import ShellApp, shell_app


def style_at(shells: ShellApp, x: int, y: int) -> Style:
    for text, style, _ in shells.view.render_line(y).crop(x, x + 1):
        if text:
            assert style is not None
            return style
    raise AssertionError("no cell there")


def colour(shells: ShellApp, x: int, y: int) -> str:
    color = style_at(shells, x, y).color
    assert color is not None
    return color.get_truecolor().hex


async def test_colours_are_the_themes_and_attributes_are_kept(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say(
            "\x1b[31mred\x1b[0m \x1b[1;4mbold\x1b[0m \x1b[38;2;1;200;3mown\x1b[0m \x1b[7minverse"
        )
        assert colour(shells, 0, 0) == "#e06c6c"
        assert style_at(shells, 4, 0).bold
        assert style_at(shells, 4, 0).underline
        assert colour(shells, 9, 0) == "#01c803"
        assert colour(shells, 13, 0) == "#13161b"
        shells.app.desk.use_theme("mvm-light")
        await shells.until(lambda: colour(shells, 0, 0) == "#b8262b")


async def test_only_rows_that_changed_are_drawn_anew(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("one\r\ntwo\r\nthree\r\n")
        view = shells.view
        regions: list[Region] = []
        original = view.refresh

        def refresh(*given: Region, **options: Any) -> ShellView:
            regions.extend(given)
            return original(*given, **options)

        view.refresh = refresh  # type: ignore[method-assign]
        await shells.say("\x1b[2;1HTWO")
        assert {region.y for region in regions} == {1, 3}, "the row and where the cursor was"
        assert shells.drawn()[:3] == ["one", "TWO", "three"]


async def test_wide_characters_take_two_cells_and_the_cursor_covers_them(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("日本x\x1b[1;1H")
        strip = shells.view.render_line(0)
        assert strip.cell_length == shells.view.size.width
        assert strip.text.startswith("日本x")
        first = next(segment for segment in strip if segment.text)
        assert first.text == "日"
        assert first.style is not None
        assert first.style.bgcolor != style_at(shells, 4, 0).bgcolor


async def test_a_frame_that_the_guest_keeps_back_is_not_drawn_before_its_end(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        view = shells.view
        drawn: list[object] = []
        original = view._have_drawn

        def have_drawn(shell: OpenShell) -> None:
            drawn.append(shell)
            original(shell)

        view._have_drawn = have_drawn  # type: ignore[method-assign]
        await shells.say("\x1b[?2026hhalf")
        assert not drawn
        await shells.say("whole\x1b[?2026l")
        assert len(drawn) == 1
        await shells.say("\x1b[?2026hnever ended")
        await shells.until(lambda: len(drawn) == 2)


async def test_the_screen_is_right_after_a_flood(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        lines = [f"line {number}" for number in range(20_000)]
        await shells.say("\r\n".join(lines))
        await shells.until(lambda: shells.drawn()[-1] == "line 19999")
        height = shells.view.size.height
        assert shells.drawn() == lines[-height:]


async def test_a_change_of_size_lays_the_lines_out_anew(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        width = shells.view.size.width
        await shells.say("x" * (width + 10))
        assert shells.drawn()[1] == "x" * 10
        await shells.pilot.resize_terminal(60, 20)
        await shells.until(lambda: shells.view.size.width < width)
        await shells.until(lambda: len(shells.drawn()[0]) == shells.view.size.width)


async def test_titles_are_in_tab_and_border_and_can_be_switched_off(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("\x1b]2;vim \u202e notes\x07")
        await shells.until(lambda: "notes" in str(shells.pane.border_title))
        assert "\u202e" not in str(shells.pane.border_title)
    settings = Settings(shell=Shell(titles=False))
    async with shell_app(tmp_path, settings=settings) as shells:
        await shells.attach()
        await shells.say("\x1b]2;secret title\x07")
        assert shells.shell.title == "secret title"
        assert "secret title" not in str(shells.pane.border_title)


async def test_the_bell_is_a_flash_that_goes_away(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("\x07")
        await shells.until(lambda: shells.pane.has_class("-bell"))
        await shells.until(lambda: not shells.pane.has_class("-bell"))


async def test_what_the_guest_asks_of_the_terminal_is_answered(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("\x1b[6n\x1b]11;?\x07")
        await shells.until(lambda: b"\x1b[1;1R" in shells.server.typed)
        # The theme's own ground.
        await shells.until(lambda: b"rgb:1313/1616/1b1b" in shells.server.typed)


async def test_the_hard_end_and_the_microvms_state_are_in_the_border(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        started = NOW - timedelta(seconds=28_800) + timedelta(minutes=4.5)
        shells.service.vm = replace(shells.service.vm, started_at=started)
        shell = await shells.attach()
        await shells.until(lambda: shell.ends_at is not None)
        assert any("The MicroVM ends in 4 min" in line for line in said(shells.app.desk))
        shells.pane.refresh_words()
        assert "ends in" in str(shells.pane.border_subtitle)
        row = shells.accounts.rows[0]
        shells.accounts.fleet.put(replace(row, vm=row.vm.with_state("SUSPENDING"), name="renamed"))
        await shells.until(lambda: "renamed" in str(shells.pane.border_title))
        await shells.until(lambda: "suspending" in str(shells.pane.border_title))
        await shells.until(lambda: "What runs in it stands still" in shown(shells.pilot))
        assert isinstance(shell.state, Open)
