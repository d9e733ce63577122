"""The screen a stream of events acts on: pyte's, with what it lacks or draws wrongly set right."""

from __future__ import annotations

from mvm_tui.terminal.base import DECOM
from mvm_tui.terminal.colours import Colours
from mvm_tui.terminal.events import Bell, IconNameChanged, ScreenCleared, TitleChanged
from mvm_tui.terminal.grid import Saved
from mvm_tui.terminal.history import History
from mvm_tui.terminal.links import Links
from mvm_tui.terminal.modes import BLINKING_CURSOR, Moding
from mvm_tui.terminal.outbox import Outbox
from mvm_tui.terminal.reflow import resize
from mvm_tui.terminal.styles import PLAIN, PROTECTED, RESET, Attribute, Change

TITLE_LIMIT = 1_024
_TITLE_STACK = 10
_SHAPES = {1: "block", 2: "block", 3: "underline", 4: "underline", 5: "bar", 6: "bar"}


class Screen(Moding):
    """All events; each method is one, named as pyte names it where pyte has it."""

    def __init__(self, columns: int, lines: int, history: History, outbox: Outbox, name: str) -> None:
        super().__init__(columns, lines, history, outbox)
        self.name = name
        self.colours = Colours()
        self.links = Links()
        self.title = ""
        self.icon_name = ""
        self.titles: list[str] = []
        self.icon_names: list[str] = []
        self.cursor_shape = "block"
        self.start_modes()

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Change the size, as `reflow.resize` does it."""
        resize(self, columns or self.columns, lines or self.lines)

    # -- resets

    def reset(self) -> None:
        """RIS: everything but the history and the caller's theme."""
        self.use_main()
        self.style = PLAIN
        for row in self.rows:
            row.clear(PLAIN)
        self.set_region(0, self.lines - 1)
        self.cursor.x = self.cursor.y = 0
        self.saved = Saved()
        self.charsets = [None] * 4
        self.charset = 0
        self._single = None
        self.tabstops = set(range(0, self.columns, 8))
        self.cursor_shape = "block"
        self.colours.reset()
        self.titles.clear()
        self.icon_names.clear()
        self.start_modes()
        self.redraw = True
        self.outbox.emit(ScreenCleared(history=False))

    def soft_reset(self) -> None:
        """DECSTR: modes, margins, style, charsets and the saved cursor; the text stays."""
        self.soft_reset_modes()
        self.set_region(0, self.lines - 1)
        self.style = PLAIN
        self.charsets = [None] * 4
        self.charset = 0
        self._single = None
        self.saved = Saved()
        self._look()

    # -- style

    def select_graphic_rendition(self, *attributes: Attribute) -> None:
        """SGR; a parameter with sub-parameters is a tuple."""
        self.change_style(self.table.change(attributes))

    def change_style(self, change: Change) -> None:
        """SGR, worked out beforehand."""
        fg, bg, keep, add, line = change
        old_fg, old_bg, flags, old_line, link = self.style
        wanted = (
            old_fg if fg is None else fg,
            old_bg if bg is None else bg,
            flags & keep | add,
            old_line if line is None else line,
            link,
        )
        self.style = self.table.known(wanted) or self.table.intern(wanted)

    def reset_style(self) -> None:
        """SGR 0, the commonest of all."""
        _, _, flags, _, link = self.style
        if flags & PROTECTED or link:
            self.change_style(RESET)
        else:
            self.style = PLAIN

    def select_rgb(self, background: bool, colour: int) -> None:
        """SGR with one colour of 16 million and nothing else."""
        fg, bg, flags, line, link = self.style
        wanted = (fg, colour, flags, line, link) if background else (colour, bg, flags, line, link)
        self.style = self.table.known(wanted) or self.table.intern(wanted)

    def set_link(self, name: str, uri: str) -> None:
        """OSC 8: what is written from now on leads to ``uri``; nowhere when that is empty."""
        self.restyle(self.style._replace(link=self.links.add(name, uri)))

    def set_cursor_shape(self, shape: int = 0) -> None:
        """DECSCUSR: 0 as configured, odd blinks, even does not."""
        if shape <= 6:
            self.cursor_shape = _SHAPES.get(shape, "block")
            (self.set_mode if shape % 2 else self.reset_mode)(BLINKING_CURSOR, private=True)

    # -- margins

    def set_margins(self, top: int = 0, bottom: int = 0) -> None:
        """DECSTBM, rows from 1; the cursor goes home. A region of less than two rows is ignored."""
        top = top or 1
        bottom = self.lines if not bottom or bottom > self.lines else bottom
        if bottom > top:
            self.set_region(top - 1, bottom - 1)
            self.cursor_position()

    # -- titles

    def bell(self) -> None:
        """BEL."""
        self.outbox.emit(Bell())

    def set_title(self, title: str) -> None:
        """OSC 2."""
        self.title = title[:TITLE_LIMIT]
        self.outbox.emit(TitleChanged(self.title))

    def set_icon_name(self, name: str) -> None:
        """OSC 1."""
        self.icon_name = name[:TITLE_LIMIT]
        self.outbox.emit(IconNameChanged(self.icon_name))

    def window_operation(self, operation: int = 0, second: int = 0) -> None:
        """XTWINOPS: sizes in cells are told, titles kept and brought back; windows are not moved."""
        if operation == 18:
            self.outbox.reply(f"\x1b[8;{self.lines};{self.columns}t")
        elif operation == 19:
            self.outbox.reply(f"\x1b[9;{self.lines};{self.columns}t")
        elif operation == 11:
            self.outbox.reply("\x1b[1t")
        elif operation == 22:
            self._keep_titles(second)
        elif operation == 23:
            self._bring_back_titles(second)

    def _keep_titles(self, which: int) -> None:
        if which in (0, 2):
            self.titles = [*self.titles, self.title][-_TITLE_STACK:]
        if which in (0, 1):
            self.icon_names = [*self.icon_names, self.icon_name][-_TITLE_STACK:]

    def _bring_back_titles(self, which: int) -> None:
        if which in (0, 2) and self.titles:
            self.set_title(self.titles.pop())
        if which in (0, 1) and self.icon_names:
            self.set_icon_name(self.icon_names.pop())

    # -- reports

    def write_process_input(self, data: str) -> None:
        """Answer the guest."""
        self.outbox.reply(data)

    def report_device_attributes(self, mode: int = 0) -> None:
        """DA1: a VT220 with selective erase and colour."""
        if mode == 0:
            self.outbox.reply("\x1b[?62;6;22c")

    def report_secondary_attributes(self, mode: int = 0) -> None:
        """DA2: xterm of a version that programs take for able."""
        if mode == 0:
            self.outbox.reply("\x1b[>1;354;0c")

    def report_tertiary_attributes(self, mode: int = 0) -> None:
        """DA3."""
        if mode == 0:
            self.outbox.reply("\x1bP!|00000000\x1b\\")

    def report_version(self, mode: int = 0) -> None:
        """XTVERSION."""
        if mode == 0:
            self.outbox.reply(f"\x1bP>|{self.name}\x1b\\")

    def report_parameters(self, mode: int = 0) -> None:
        """DECREQTPARM, as xterm answers it."""
        if mode in (0, 1):
            self.outbox.reply(f"\x1b[{mode + 2};1;1;128;128;1;0x")

    def report_device_status(self, mode: int = 0, private: bool = False) -> None:
        """DSR: well, and where the cursor is; private: also printer, keys, keyboard and locator."""
        if mode == 6:
            y = self.cursor.y - (self.top if DECOM in self.mode else 0)
            x = min(self.cursor.x, self.columns - 1)
            tail = ";1" if private else ""
            self.outbox.reply(f"\x1b[{'?' if private else ''}{y + 1};{x + 1}{tail}R")
        elif mode == 5 and not private:
            self.outbox.reply("\x1b[0n")
        elif private and mode in _STATUS:
            self.outbox.reply(f"\x1b[?{_STATUS[mode]}n")

    def debug(self, *_: object) -> None:
        """A sequence that is not known: nothing happens."""


# No printer, user keys locked, a North American keyboard, no locator.
_STATUS = {15: "13", 25: "21", 26: "27;1;0;0", 53: "53", 55: "53", 56: "57;0"}
