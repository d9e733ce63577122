"""The fact sheet of the MicroVM under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from mvm_tui.tui.widgets.text_scroll import TextScroll
from mvm_tui.tui.words import Fact

# Of the pane's lines the log may have one in so many, however long the facts are.
_SHARE = 6


class FactSheet(Static):
    """Labels at the left, values beside them, wrapped under themselves."""

    DEFAULT_CSS = """
    FactSheet { width: 1fr; height: auto; }
    """

    LABEL_WIDTH: ClassVar[int] = 10
    LABEL_STYLE: ClassVar[str] = "$text-muted"

    facts: Sequence[Fact] = ()
    _lines = 0
    _laid_out: tuple[Sequence[Fact], int] = ((), 0)

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return self._lines

    def show(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        facts, width = self.facts, self.size.width
        before, width_before = self._laid_out
        if width and not (width == width_before and _alike(facts, before)):
            self._laid_out = facts, width
            sheet = fact_sheet(facts, width, self.LABEL_WIDTH, self.LABEL_STYLE)
            height = sheet.plain.count("\n") + 1
            # Laying the whole screen out anew is only needed when the sheet got longer or shorter.
            self.update(sheet, layout=height != self._lines)
            self._lines = height


def _alike(facts: Sequence[Fact], others: Sequence[Fact]) -> bool:
    """Whether they read and look the same: two contents are equal whatever their styles."""
    pairs = zip(facts, others, strict=False)
    return len(facts) == len(others) and all(
        label == was and value.is_same(before) for (label, value), (was, before) in pairs
    )


def fact_sheet(facts: Sequence[Fact], width: int, label_width: int, label_style: str) -> Content:
    """The facts as text of this width. A fact without a label takes the whole line."""
    lines: list[Content] = []
    for label, value in facts:
        if not label:
            lines += value.wrap(max(width, 1)) if value else [value]
            continue
        wrapped = value.wrap(max(width - label_width, 1)) or [Content("")]
        name = Content.styled(label, label_style) if isinstance(label, str) else label
        lines.append(name + Content(" " * max(label_width - name.cell_length, 0)) + wrapped[0])
        lines += [Content(" " * label_width) + rest for rest in wrapped[1:]]
    return Content("\n").join(lines)


class DetailPane(TextScroll):
    """The fact sheet beside the table; below it, in sight however long the facts are, lines of the log."""

    DEFAULT_CSS = """
    DetailPane { border: round $border-blurred; padding: 0 1; }
    DetailPane:focus { border: round $border; }
    DetailPane .log { dock: bottom; width: 1fr; height: auto; padding-top: 1; text-wrap: nowrap; }
    """

    def __init__(self, sheet: FactSheet | None = None) -> None:
        super().__init__()
        self._sheet = sheet or FactSheet(markup=False)
        self._log = Static("", classes="log", markup=False)
        self._lines = Content("")
        self._title: str | None = None

    def compose(self) -> ComposeResult:
        yield self._sheet
        yield self._log

    def show(self, title: str, facts: Sequence[Fact]) -> None:
        if title != self._title:
            # To set it draws the whole pane again, and the facts come with every page of a listing.
            self._title = title
            self.border_title = Content.styled(title, "bold $foreground") if title else None
        self._sheet.show(facts)

    @property
    def room(self) -> Size:
        """What is there for lines of the log: what the facts leave, and a share of the pane at least."""
        height = self.container_size.height - self.gutter.height
        return Size(
            self.scrollable_content_region.width, max(height - self._sheet.lines - 1, height // _SHARE)
        )

    def show_log(self, lines: Content) -> None:
        """The last lines of its log; empty for none."""
        if lines != self._lines:
            self._lines = lines
            self._log.display = bool(lines)
            height = lines.plain.count("\n") + 1
            self._log.update(lines, layout=self._log.content_size.height != height)
