"""A terminal on screen: a line-API widget that draws what changed, and hands on what is typed.

It draws at most once a frame, keeps the strips of lines that did not change, and draws less often while much
of the output is still to be parsed. Every key but the leader belongs to the MicroVM.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.style import Style
from textual import events
from textual._keyboard_protocol import MODIFIER_FUNCTIONAL_KEYS
from textual.color import Color
from textual.filter import ANSIToTruecolor, DimFilter, LineFilter
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from mvm_tui.terminal.keys import encode_focus
from mvm_tui.tui.painting import paint_at_once
from mvm_tui.tui.widgets.shell_browse import Browser
from mvm_tui.tui.widgets.shell_mouse import Mouse
from mvm_tui.tui.widgets.shell_paint import Overlay, ShellPainter, is_dark, laid_over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mvm_tui.terminal.facade import Terminal
    from mvm_tui.tui.open_shell import OpenShell

# Bytes that wait to be parsed from which on not every slice of them is drawn, and how often it is then.
_FAR_BEHIND = 65_536
_BEHIND_SECONDS = 0.1
_FRAME_SECONDS = 1 / 60
# Of a slice of a search, and between two.
_SEARCH_SECONDS = 0.005
_SEARCH_PAUSE = 0.002
# How long a guest may keep its next frame back (synchronised output).
_SYNC_SECONDS = 0.15


# Keys of the newer keyboard protocols that are pressed to press another.
_MODIFIERS = MODIFIER_FUNCTIONAL_KEYS | {"caps_lock", "num_lock", "scroll_lock"}


class Typist(Protocol):
    """Where what is typed into a shell goes."""

    def type_key(self, shell: OpenShell, event: events.Key) -> None:
        """A key."""

    def paste(self, shell: OpenShell, text: str) -> None:
        """What the user pasted."""


class ShellView(Widget, can_focus=True, inherit_bindings=False):
    """Draws one `OpenShell`; see `show`.

    Attributes:
        takes_all_keys: Tells the app that no key is its own while this has the focus.
        shell: What is drawn.
        browser: Where in the history it is, and what was searched for.
        leading: Whether the leader was pressed, and the next key is a command.
    """

    ALLOW_SELECT = False
    takes_all_keys: ClassVar[bool] = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "shell-view--selected",
        "shell-view--match",
        "shell-view--current",
    }
    DEFAULT_CSS = """
    ShellView { width: 1fr; height: 1fr; background: $background; color: $foreground; }
    ShellView > .shell-view--selected { background: $accent 40%; }
    ShellView > .shell-view--match { background: $warning 35%; }
    ShellView > .shell-view--current { background: $warning; color: $background; }
    """

    class Changed(Message):
        """What is said around it may read differently."""

        def __init__(self, view: ShellView) -> None:
            super().__init__()
            self.view = view

    class Idle(Message):
        """A key was pressed while nothing that is typed arrives."""

        def __init__(self, view: ShellView, key: str) -> None:
            super().__init__()
            self.view = view
            self.key = key

    class LinkChosen(Message):
        """A link was clicked; `address` is as it is opened."""

        def __init__(self, address: str) -> None:
            super().__init__()
            self.address = address

    class Copied(Message):
        """Text was selected."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class SearchWanted(Message):
        """A text to search for is to be asked."""

        def __init__(self, view: ShellView) -> None:
            super().__init__()
            self.view = view

    class Rang(Message):
        """The guest rang the bell."""

    def __init__(self, typist: Typist, leader: Sequence[str], command: Callable[[str], None]) -> None:
        """`command` is called with the key that followed the leader, in Textual's name of it."""
        super().__init__()
        self.shell: OpenShell | None = None
        self.browser = Browser()
        self.leading = False
        self._typist = typist
        self._leader = frozenset(leader)
        # No message: what is typed next may be meant for what the command brings.
        self._command = command
        self._mouse = Mouse(self)
        self._painter: ShellPainter | None = None
        self._strips: dict[int, Strip] = {}
        self._overlays: Mapping[int, list[Overlay]] = {}
        self._drawn_cursor = -1
        self._drawn_at = 0.0
        self._sync_since = 0.0
        self._later: Timer | None = None
        self._later_due = 0.0
        self._searching: Timer | None = None

    # What it draws

    def show(self, shell: OpenShell | None) -> None:
        """Draw another shell, or none."""
        if shell is self.shell:
            return
        if self.shell is not None and self.shell.viewer is self:
            self.shell.viewer = None
        self.shell = shell
        self.leading = False
        self.browser = Browser()
        self._mouse.let_go()
        if shell is not None:
            self.take(shell)
        self._start_over()
        self.refresh()

    def take(self, shell: OpenShell) -> None:
        """Be the one who draws this shell: it has this size, and news of it are seen."""
        shell.viewer = self
        shell.news = False
        if self.size.width and self.size.height:
            shell.resize(self.size.width, self.size.height)
        self._start_over()
        self.refresh()

    def _start_over(self) -> None:
        self._painter = None
        self._strips.clear()
        if self.shell is not None:
            self.shell.terminal.take_damage()

    @property
    def top(self) -> int:
        """The number of the line at the top."""
        return self.browser.top(self.shell.terminal) if self.shell is not None else 0

    # Output

    def output_came(self) -> None:
        """A slice of output was parsed: have what it changed drawn, unless it is too early for that."""
        shell = self.shell
        if shell is None:
            return
        now = time.monotonic()
        if (wait := self._too_early(shell, now)) > 0:
            self._draw_later(now + wait)
            return
        self._drawn_at = now
        self._have_drawn(shell)

    def _too_early(self, shell: OpenShell, now: float) -> float:
        """Seconds until it may be drawn: the guest keeps it back, more comes, or a frame just was."""
        since = now - self._drawn_at
        if shell.terminal.modes.synchronised:
            self._sync_since = self._sync_since or now
            return max(self._sync_since + _SYNC_SECONDS - now, _FRAME_SECONDS - since)
        self._sync_since = 0.0
        frame = _BEHIND_SECONDS if shell.behind >= _FAR_BEHIND else _FRAME_SECONDS
        return frame - since

    def bell_rang(self) -> None:
        self.post_message(self.Rang())

    def _draw_later(self, due: float) -> None:
        """Whatever comes or does not come: the last of the output is drawn."""
        if self._later is not None:
            if due >= self._later_due:
                return
            self._later.stop()
        self._later_due = due
        self._later = self.set_timer(max(due - time.monotonic(), 0.001), self._draw_late)

    def _draw_late(self) -> None:
        self._later = None
        self.output_came()

    def _have_drawn(self, shell: OpenShell) -> None:
        terminal = shell.terminal
        damage = terminal.take_damage()
        top = terminal.top
        if damage.everything:
            self._painter = None
            self._strips.clear()
            self.browser.renumbered(terminal)
            self._search_on()
        if damage.scrolled:
            # What went into the history may have changed before it did: only what is on screen is told of.
            self._strips = {number: strip for number, strip in self._strips.items() if number >= top}
        for y in damage.rows:
            self._strips.pop(top + y, None)
        self._prune()
        before, self._drawn_cursor = self._drawn_cursor, terminal.cursor.y
        if self.browser.browsing:
            self.post_message(self.Changed(self))
            self.refresh()
        elif damage.everything or damage.scrolled:
            self.refresh()
        else:
            size = self.size
            rows = sorted({*damage.rows, before, self._drawn_cursor})
            self.refresh(*(Region(0, y, size.width, 1) for y in rows if 0 <= y < size.height))
        paint_at_once(self.screen, self)

    def _prune(self) -> None:
        height = self.size.height
        if len(self._strips) > 4 * height + 64:
            top = self.top
            self._strips = {
                number: strip for number, strip in self._strips.items() if top <= number < top + height
            }

    # Drawing

    def get_line_filters(self) -> Sequence[LineFilter]:
        # All colours are true ones already, and none is dimmed: to look for such takes time in each frame.
        needless = (ANSIToTruecolor, DimFilter)
        return [one for one in super().get_line_filters() if not isinstance(one, needless)]

    def render_line(self, y: int) -> Strip:
        shell, width = self.shell, self.size.width
        if shell is None:
            return Strip.blank(width, self.rich_style)
        painter = self._paint(shell)
        number = self.top + y
        strip = self._strips.get(number)
        if strip is None:
            try:
                strip = painter.strip(shell.terminal.line(number), width)
            except IndexError:
                return painter.empty(width)
            self._strips[number] = strip
        if overlays := self._overlays_of(number):
            strip = laid_over(strip, overlays)
        cursor = shell.terminal.cursor
        if cursor.visible and number == shell.terminal.top + cursor.y and not self.browser.browsing:
            end = cursor.x + _width_at(shell.terminal, cursor.x, number)
            strip = laid_over(strip, [(cursor.x, end, self._cursor_style(painter, cursor.shape))])
        return strip

    def _paint(self, shell: OpenShell) -> ShellPainter:
        if self._painter is None:
            terminal = shell.terminal
            dark = is_dark(terminal.colours.theme.background)
            self._painter = ShellPainter(terminal.colours, dark=dark, reverse=terminal.modes.reverse_video)
            self._strips.clear()
        return self._painter

    def _cursor_style(self, painter: ShellPainter, shape: str) -> Style:
        """A block; an underline where the guest wants one, or where what is typed goes elsewhere."""
        if self.has_focus and not self.leading and shape != "underline":
            return painter.cursor
        return Style(underline=True, bold=True)

    def _overlays_of(self, number: int) -> list[Overlay]:
        found: list[Overlay] = []
        if self.shell is None:
            return found
        for start, end, current in self.browser.matches_on(self.shell.terminal, number):
            found.append((start, end, self._component("current" if current else "match")))
        if stretch := self._mouse.selected_on(number, self.shell.terminal):
            found.append((*stretch, self._component("selected")))
        return found

    def _component(self, name: str) -> Style:
        styles = self.get_component_styles(f"shell-view--{name}")
        ground: Color = self.background_colors[1] + styles.background
        if name == "current":
            return Style(color=styles.color.rich_color, bgcolor=ground.rich_color)
        return Style(bgcolor=ground.rich_color)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter = None
        self.refresh()

    # Size and focus

    def on_resize(self, event: events.Resize) -> None:
        if self.shell is not None and self.shell.viewer is self:
            self.shell.resize(event.size.width, event.size.height)
        self._start_over()
        self.refresh()

    def on_focus(self) -> None:
        self._focused(True)

    def on_blur(self) -> None:
        self.leading = False
        self._focused(False)

    def _focused(self, focused: bool) -> None:
        if self.shell is not None:
            self.shell.send(encode_focus(focused, self.shell.terminal.modes))
        keep = getattr(self.app, "keep_key_sequences", None)
        if keep is not None:
            keep(focused)
        self.refresh()
        self.post_message(self.Changed(self))

    def on_unmount(self) -> None:
        self.show(None)

    # Keys

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        shell = self.shell
        if event.key in _MODIFIERS:
            return
        if self.app.focused is not self:
            # It was typed after what took the focus away, and is meant for that.
            self.app.post_message(events.Key(event.key, event.character))
            return
        if self.leading:
            self._set_leading(False)
            if event.key in self._leader and shell is not None:
                self._type(shell, event)
            elif event.key != "escape":
                self._command(event.key)
        elif event.key in self._leader:
            self._set_leading(True)
        elif self.browser.keys:
            self._browse(event)
        elif shell is None or shell.cut_off:
            self.post_message(self.Idle(self, event.key))
        else:
            self._type(shell, event)

    def _type(self, shell: OpenShell, event: events.Key) -> None:
        self._mouse.clear()
        if self.browser.browsing:
            self.browser.leave()
            self.refresh()
            self.post_message(self.Changed(self))
        self._typist.type_key(shell, event)

    def _set_leading(self, leading: bool) -> None:
        self.leading = leading
        self.refresh()
        self.post_message(self.Changed(self))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        if self.shell is not None and not self.browser.keys:
            self._typist.paste(self.shell, event.text)

    # History

    def browse(self) -> None:
        """Let keys move through the history until it is left."""
        if self.shell is not None:
            self.browser.enter(self.shell.terminal)
            self._browsed()

    def search(self, wanted: str) -> None:
        """Go to where a text stands last; n and N go on from there."""
        if self.shell is not None:
            self.browser.search(self.shell.terminal, wanted)
            self._search_on()

    def _search_on(self) -> None:
        """Look for a moment, then let others have their turn."""
        if self.shell is None or not self.browser.searching or self._searching is not None:
            return
        self.browser.search_on(self.shell.terminal, _SEARCH_SECONDS)
        self._browsed()
        if self.browser.searching:
            self._searching = self.set_timer(_SEARCH_PAUSE, self._search_more)

    def _search_more(self) -> None:
        self._searching = None
        self._search_on()

    def scroll_lines(self, lines: int) -> None:
        """Move through the history, down if positive; at its end the screen is live again."""
        if self.shell is not None:
            self.browser.move(self.shell.terminal, lines)
            self._browsed()

    def _browse(self, event: events.Key) -> None:
        assert self.shell is not None
        if event.key == "slash":
            self.post_message(self.SearchWanted(self))
        elif self.browser.key(self.shell.terminal, event.key):
            self._browsed()

    def _browsed(self) -> None:
        self.refresh()
        self.post_message(self.Changed(self))

    # Mouse: see `Mouse`

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.stop()
        self._mouse.down(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._mouse.moved(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        event.stop()
        self._mouse.up(event)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._mouse.wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._mouse.wheel(event, 1)


def _width_at(terminal: Terminal, x: int, number: int) -> int:
    """How many cells the character at a cell takes."""
    cells = terminal.line(number).cells()
    return 2 if x + 1 < len(cells) and cells[x] and not cells[x + 1] else 1
