"""What all main screens share: header, number row, footer, banner, and the lines to type in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import AwaitMount, Widget
from textual.widgets import Static

from mvm_tui.fleet.action import Action, Danger
from mvm_tui.fleet.actions import Decision, Refuse, decide
from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.fleet.sections import Section
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.widgets.banner import Banner
from mvm_tui.tui.widgets.footer import Footer, Hint
from mvm_tui.tui.widgets.header import Header
from mvm_tui.tui.widgets.section_row import SectionRow

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.widgets.shell_pane import ShellPane

# Seconds in which what the fleet's changes mean for the account is said.
_BREATH = 0.05


class MainScreen(Screen[None]):
    """One of the screens that have a number. Subclasses give its body and what is special about it.

    A main screen is made once, when it is first opened, and goes on living while another is in front.

    Attributes:
        section: Which one it is.
    """

    CSS_PATH = Path(__file__).with_name("main.tcss")
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it an instance variable
        (0, "-thin"),
        (36, "-narrow"),
        (100, "-wide"),
        (140, "-roomy"),
        (180, "-huge"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (8, "-low"), (20, "-tall")]  # noqa: RUF012 - as above
    section: ClassVar[Section]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._header = Header()
        self._sections = SectionRow()
        self._footer = Footer()
        self._banner: Banner | None = None
        self._telling: Timer | None = None
        self._typing: Sequence[Hint] | None = None
        self.opening: AwaitMount | None = None

    # What subclasses say

    @abstractmethod
    def compose_body(self) -> ComposeResult:
        """The widgets between number row and footer, all of them inside one with the id ``body``."""

    @abstractmethod
    def focus_body(self) -> None:
        """Put the focus where keys belong; called when it is opened and when a line is done with."""

    def apply(self, change: ChangeSet) -> None:
        """Take over what changed in the fleet. Called for every main screen, in front or not."""

    def clear(self) -> None:
        """Forget all of the account: another one follows."""

    def show_facts(self) -> None:
        """Draw again what depends on time or on the account as a whole. Called each second while in front."""

    def rows_for(self, action: Action) -> Sequence[FleetRow]:
        """The MicroVMs that an action works on when none is named."""
        return ()

    def rows_in_reach(self, action: Action) -> Sequence[FleetRow]:
        """Some of what `rows_for` answers: enough to tell whether the action does anything now."""
        return self.rows_for(action)

    def decision(
        self, action: Action, argument: str = "", *, rows: Sequence[FleetRow] | None = None
    ) -> Decision:
        """Whether the action may run on `rows`, or on what it works on when none are named.

        `argument` is what follows the verb on the ``:`` line. A screen on which it names what is worked on
        may raise Problem or ValueError: there is nothing of that name.
        """
        return decide(action, self.rows_for(action) if rows is None else rows, self.desk.context())

    def names_for(self, action: Action) -> Sequence[str]:
        """The words that may follow the action's verb on the ``:`` line, where the screen knows them."""
        return ()

    def works(self, action: Action) -> bool:
        """Whether the action does something now, so that the footer shows its key."""
        if action.danger is not Danger.NONE and self.desk.fleet is None:
            return False
        return not isinstance(self.decision(action, rows=self.rows_in_reach(action)), Refuse)

    def shells_changed(self) -> None:
        """Shells were opened, closed, or are otherwise than they were."""

    def image_changed(self, image_arn: str) -> None:
        """An image, its versions or its tags were changed from here; an empty ARN means any."""

    @property
    def shell_pane(self) -> ShellPane | None:
        """The shell on it that has the focus, or would be the one to get it."""
        return None

    def focus_shell(self) -> None:
        """Put the focus into the shell, if one is shown."""
        pane = self.shell_pane
        if pane is not None and pane.shell is not None and not self.typing:
            self.set_focus(pane.view)

    def read_again(self) -> None:
        """The user asked to read everything again: read what the screen shows and the fleet does not."""

    def close_something(self) -> bool:
        """esc: undo the nearest of what this screen has open; False if there is nothing."""
        return False

    def note(self) -> str:
        """What its tab shows while another is in front, such as ``●`` for something new; else empty."""
        return ""

    def leaving_costs(self) -> str:
        """What is lost when the app ends, such as ``2 shells``; empty if nothing is."""
        return ""

    def status_words(self) -> Content:
        """What the footer says at its right; empty leaves room for the clock."""
        return self.desk.overview.under_way()

    # What is around the body

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._sections
        yield Static("This terminal is too small: give it 36 by 8 cells or more.", id="too-small")
        yield from self.compose_body()
        yield self._footer

    def on_mount(self) -> None:
        self.focus_body()
        self.refresh_facts()
        self.set_interval(1.0, self._tick)

    def on_screen_resume(self) -> None:
        self.refresh_facts()
        self.desk.app.keep_key_sequences(self.desk.app.keys_are_taken)

    def on_screen_suspend(self) -> None:
        self.desk.app.keep_key_sequences(False)

    def _tick(self) -> None:
        if self.desk.front is self:
            self.refresh_facts()

    def refresh_facts(self) -> None:
        """Header, number row, footer, banner and facts, each drawn again only if it differs."""
        if not self.is_running or not self.is_mounted:
            return
        self._header.show(self.desk.overview.header_facts(), self.desk.now)
        self._sections.show(self.desk.sections.tabs())
        self.show_hints()
        self._show_banner()
        self.show_facts()

    def refresh_facts_soon(self) -> None:
        """`refresh_facts`, once for all that changes within a moment.

        Pages of a listing come many a second, and what draws their rows does not also draw all this.
        """
        if self._telling is None and self.is_running:
            self._telling = self.set_timer(_BREATH, self._tell)

    def _tell(self) -> None:
        self._telling = None
        if self.desk.front is self:
            self.refresh_facts()

    def show_hints(self) -> Footer:
        """Bring the footer alone up to date; it is given back."""
        clock = Content.styled(f"{self.desk.now.astimezone():%H:%M:%S}", "$text-muted")
        self._footer.show(self._hints(), self.status_words(), clock)
        return self._footer

    def _hints(self) -> Sequence[Hint]:
        """The keys that do something now."""
        if self._typing is not None:
            return self._typing
        pane = self.shell_pane
        if pane is not None and self.desk.app.keys_are_taken:
            return pane.hints()
        return list(self._working_hints())

    def _working_hints(self) -> Iterable[Hint]:
        for action in self.section.actions:
            key = next(iter(self.desk.keys.of(action.id)), "")
            if action.footer and key and self.works(action):
                yield action.id, key, action.label

    def _show_banner(self) -> None:
        problem, banner = self.desk.overview.problem, self._banner
        if problem is not None and banner is not None:
            banner.show(problem)
        elif problem is not None:
            self._banner = Banner(problem, self.desk.keys.label("app.refresh"))
            self.mount(self._banner, before="#body")
        elif banner is not None:
            self._banner = None
            banner.remove()

    @on(Footer.Chosen)
    def _hint_chosen(self, message: Footer.Chosen) -> None:
        self.desk.invoke(message.action_id)

    @on(SectionRow.Chosen)
    def _tab_chosen(self, message: SectionRow.Chosen) -> None:
        self.desk.invoke(message.action_id)

    # Lines at the bottom that something is typed in

    def open_command_line(self) -> None:
        from mvm_tui.tui.widgets.command_line import CommandLine

        if self._typing is None:
            self.open_line(CommandLine(self.desk), CommandLine.HINTS)

    @property
    def typing(self) -> bool:
        """Whether a line is open."""
        return self._typing is not None

    def open_line(self, line: Widget, hints: Sequence[Hint]) -> None:
        """Put a line above the footer, which shows its keys meanwhile."""
        self._typing = hints
        self.add_class("-typing")
        self.opening = self.mount(line, before=self._footer)
        self.refresh_facts()

    async def line_opened(self) -> None:
        """Wait until a line that is being opened has the focus."""
        if self.opening is not None:
            waited, self.opening = self.opening, None
            await waited

    def take_typed(self, event: events.Key) -> bool:
        """Put a key that was meant for the line at the bottom into it; False if it was not.

        A line takes what is typed by itself: only what was typed before it had the focus comes here.
        """
        if self._typing is None:
            return False
        from textual.widgets import Input

        box = self.app.focused
        if not isinstance(box, Input) or not event.is_printable:
            return False
        box.insert_text_at_cursor(event.character or "")
        return True

    def close_line(self, line: Widget) -> None:
        """A line at the bottom is done with."""
        self._typing = None
        self.remove_class("-typing")
        self.focus_body()
        line.remove()
        self.refresh_facts()
