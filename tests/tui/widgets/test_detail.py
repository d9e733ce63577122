"""The fact sheet and the pane beside the table."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App, ComposeResult
from textual.content import Content

from mvm_tui.tui.widgets.detail import DetailPane, FactSheet
from mvm_tui.tui.words import Fact

FACTS: Sequence[Fact] = [
    (f"fact {number}", Content("some words that need two lines where there is little room for them"))
    for number in range(6)
]


class PaneApp(App[None]):
    CSS = "DetailPane { width: 50%; }"

    def compose(self) -> ComposeResult:
        yield DetailPane()


async def test_the_log_follows_the_facts_when_the_pane_gets_wider() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 40)) as pilot:
        pane, sheet = app.query_one(DetailPane), app.query_one(FactSheet)
        pane.show("web-1", FACTS)
        pane.show_log(Content("log\nline"))
        await pilot.pause()
        narrow = sheet.region.height
        await pilot.resize_terminal(200, 40)
        await pilot.pause()
        assert sheet.region.height == sheet.lines < narrow
        assert app.query_one(".log").region.y >= sheet.region.bottom


async def test_the_log_is_in_sight_however_long_the_facts_are() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 24)) as pilot:
        pane = app.query_one(DetailPane)
        pane.show("web-1", [*FACTS] * 4)
        await pilot.pause()
        assert pane.room.height == 3
        assert pane.room.width == app.query_one(".log").size.width == 35, "beside the scroll bar"
        pane.show_log(Content("log\none\ntwo"))
        await pilot.pause()
        assert app.query_one(".log").size.height == 3, "and a line between it and the facts"
        log = app.query_one(".log").region
        assert log.bottom == pane.region.bottom - 1
        pane.focus()
        await pilot.press("G")
        await pilot.wait_for_scheduled_animations()
        assert app.query_one(".log").region == log
        assert pane.scroll_offset.y == pane.max_scroll_y > 0
        assert app.query_one(FactSheet).region.bottom == log.y, "the last fact is in sight"
        await pilot.press("g", "j")
        await pilot.wait_for_scheduled_animations()
        assert pane.scroll_offset.y == 1


async def test_the_log_is_as_high_as_its_lines_are_after_it_was_higher() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 24)) as pilot:
        pane, log = app.query_one(DetailPane), app.query_one(".log")
        pane.show("web-1", FACTS)
        await pilot.pause()
        pane.show_log(Content("log\n" + "many words " * 20))
        await pilot.pause()
        pane.show_log(Content("log\nfew words"))
        await pilot.pause()
        assert log.content_size.height == 2
        assert log.region.bottom == pane.region.bottom - 1


async def test_a_fact_that_only_changes_its_colour_is_drawn_anew() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 24)) as pilot:
        pane, sheet = app.query_one(DetailPane), app.query_one(FactSheet)
        for style in ("green", "red"):
            pane.show("web-1", [("cost", Content.styled("$1.00", style))])
            await pilot.pause()
            assert isinstance(sheet.visual, Content)
            assert sheet.visual.spans[-1].style == style
