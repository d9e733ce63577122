"""Words in a border, and how much is drawn for them."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from mvm_tui.tui.widgets.border_box import BorderBox


class Inside(Widget):
    """Counts the lines that it draws."""

    drawn = 0

    def render_line(self, y: int) -> Strip:
        self.drawn += 1
        return Strip.blank(self.size.width)


class BoxApp(App[None]):
    CSS = "BorderBox { border: round white; padding: 1; }"

    def compose(self) -> ComposeResult:
        with BorderBox():
            yield Inside()

    def line(self, y: int) -> Strip:
        return self.screen._compositor.render_strips()[y]


async def test_words_in_the_border_are_drawn_alone() -> None:
    app = BoxApp()
    async with app.run_test(size=(40, 10)) as pilot:
        box, inside = app.query_one(BorderBox), app.query_one(Inside)
        await pilot.pause()
        before = inside.drawn
        assert before
        box.write_border(Content("above"), Content("below"))
        await pilot.pause()
        assert "above" in app.line(0).text
        assert "below" in app.line(9).text
        box.write_border(Content("over"))
        await pilot.pause()
        assert "over" in app.line(0).text
        assert "below" not in app.line(9).text
        assert inside.drawn == before
        box.refresh()
        await pilot.pause()
        assert "over" in app.line(0).text


async def test_the_same_words_in_another_colour_are_drawn() -> None:
    app = BoxApp()
    async with app.run_test(size=(40, 10)) as pilot:
        box = app.query_one(BorderBox)
        for color in ("#ff0000", "#00ff00"):
            box.write_border(Content.styled("state", color))
            await pilot.pause()
            (words,) = (segment for segment in app.line(0) if "state" in segment.text)
            assert words.style is not None
            assert words.style.color is not None
            assert Color.from_rich_color(words.style.color) == Color.parse(color)
