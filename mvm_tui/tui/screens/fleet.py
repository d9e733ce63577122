"""The first screen: the table of MicroVMs, and the details of the one under the cursor beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widget import AwaitMount, Widget

from mvm_tui.fleet.actions import ACTIONS, Action, Danger, Refuse, decide, display_name
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.durations import short_duration
from mvm_tui.model.errors import Problem
from mvm_tui.model.microvm import RUNNING, SUSPENDED
from mvm_tui.model.query import parse_query
from mvm_tui.model.text import clean
from mvm_tui.tui.keys import Keys, bindings
from mvm_tui.tui.selection import rows_in_reach
from mvm_tui.tui.tally import Tally
from mvm_tui.tui.widgets.banner import Banner
from mvm_tui.tui.widgets.detail import DetailPane
from mvm_tui.tui.widgets.fleet_columns import BY_ID
from mvm_tui.tui.widgets.fleet_table import FleetTable
from mvm_tui.tui.widgets.footer import Footer, Hint
from mvm_tui.tui.widgets.header import Header, HeaderFacts
from mvm_tui.tui.words import facts

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.start import StartOptions


class FleetScreen(Screen[None]):
    """MicroVMs.

    Attributes:
        problem: What keeps the fleet from being read; None when all is well.
        filter_text: The filter in force, as it was typed.
    """

    CSS_PATH = Path(__file__).with_name("fleet.tcss")
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it an instance variable
        (0, "-narrow"),
        (100, "-wide"),
        (140, "-roomy"),
        (180, "-huge"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("tab", "app.focus_next", "next pane", show=False, id="app.next_pane"),
        Binding("shift+tab", "app.focus_previous", "previous pane", show=False, id="app.previous_pane"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.table = _table(desk.options, desk.keys)
        self._header = Header()
        self._pane = DetailPane()
        self._footer = Footer()
        self.filter_text = ""
        self._status = PollStatus()
        self._tally = Tally()
        self._cursor_placed = False
        self._followed = ""
        self._typing: Sequence[Hint] | None = None
        self._opening: AwaitMount | None = None

    @property
    def problem(self) -> Problem | None:
        return self.desk.accounts.problem or self._status.problem

    def compose(self) -> ComposeResult:
        yield self._header
        with Horizontal(id="body"):
            with Container(id="list"):
                yield self.table
            yield self._pane
        yield self._footer

    def on_mount(self) -> None:
        self.table.focus()
        self.watch(self.table, "summary", self._show_summary)
        self.refresh_facts()
        self.set_interval(1.0, self._tick)

    # What the fleet says

    def apply(self, change: ChangeSet) -> None:
        """Take over what changed."""
        self._status = change.status
        self._tally.apply(change)
        self.table.apply(change)
        self._place_cursor()
        if self._followed:
            self.follow(self._followed)
        self.refresh_facts()

    def clear(self) -> None:
        """Forget all of the account: another one follows."""
        self.table.apply(ChangeSet(self.desk.accounts.generation))
        self._tally.clear()
        self._status = PollStatus()
        self._cursor_placed = False
        self._followed = ""

    def _place_cursor(self) -> None:
        """Start on the first MicroVM that runs, so that one key does what is wanted most."""
        visible, row, fleet = self.table.visible_ids(), self.table.cursor_row, self.desk.fleet
        if self._cursor_placed or not self._status.complete or not visible:
            return
        self._cursor_placed = True
        if row is None or fleet is None or row.id != visible[0] or row.vm.state == RUNNING:
            return
        states = ((microvm_id, fleet.row(microvm_id)) for microvm_id in visible)
        first = next((found for found, held in states if held and held.vm.state == RUNNING), None)
        if first is not None:
            self.table.move_to(first)

    def show_problem(self, problem: Problem) -> None:
        """There is no connection: the table need not promise that it reads."""
        self.table.apply(ChangeSet(self.desk.accounts.generation, status=PollStatus(problem=problem)))
        self.refresh_facts()

    def follow(self, microvm_id: str) -> None:
        """Put the cursor on a MicroVM, now or when it comes."""
        found = self.table.move_to(microvm_id)
        self._followed = "" if found else microvm_id
        self._cursor_placed |= found

    # What the screen shows around the table

    def refresh_facts(self) -> None:
        """Header, footer, banner and details, each drawn again only if it differs."""
        if not self.is_running or not self.is_mounted:
            return
        self._header.show(self._header_facts(), self.desk.now)
        clock = Content.styled(f"{self.desk.now.astimezone():%H:%M:%S}", "$text-muted")
        self._footer.show(self._hints(), self._status_words(), clock)
        self._show_banner()
        self._show_details()

    def _header_facts(self) -> HeaderFacts:
        accounts = self.desk.accounts
        account = accounts.account
        known = account is not None and (self._status.complete or self._status.pages > 0)
        return HeaderFacts(
            demo=self.desk.options.demo,
            read_only=accounts.read_only,
            profile=accounts.profile,
            account=accounts.number,
            region=accounts.region,
            running=self._tally[RUNNING] if known else None,
            suspended=self._tally[SUSPENDED],
            quota=account.fleet.quota() if account else None,
            expires_at=account.expires_at() if account else None,
        )

    def _hints(self) -> Sequence[Hint]:
        """The keys that do something now, for the row under the cursor or the marked ones."""
        desk = self.desk
        if self._typing is not None:
            return self._typing
        hints = []
        for action in ACTIONS:
            key = next(iter(desk.keys.of(action.id)), "")
            if action.footer and key and self._works(action):
                hints.append((action.id, key, action.label))
        return hints

    def _works(self, action: Action) -> bool:
        if action.danger is not Danger.NONE and self.desk.fleet is None:
            return False
        if action.id == "table.mark":
            return self.table.cursor_row is not None
        decision = decide(action, rows_in_reach(self.desk, action), self.desk.context())
        return not isinstance(decision, Refuse)

    def _show_summary(self, summary: str) -> None:
        words = Content.assemble(
            ("MicroVMs", "bold $foreground"), (f"  {summary}" if summary else "", "$text-muted")
        )
        self.query_one("#list").border_title = words

    def _status_words(self) -> Content:
        """What is going on in the background; empty if nothing is."""
        desk, status = self.desk, self._status
        if progress := desk.jobs.progress():
            return Content.styled(progress, "$accent")
        if desk.accounts.account is None:
            words = "not connected" if desk.accounts.problem else "connecting…"
            return Content.styled(words, "$text-muted")
        if status.back_off:
            return Content.styled(f"next try in {short_duration(status.back_off)}", "$text-warning")
        if not status.complete:
            return Content.styled(f"reading… page {status.pages + 1}", "$text-muted")
        done, wanted = desk.accounts.account.fleet.details_progress()
        if done < wanted:
            return Content.styled(f"details {done:,}/{wanted:,}", "$text-muted")
        return Content("")

    def _show_banner(self) -> None:
        problem = self.problem
        banners = self.query(Banner)
        if problem is None:
            banners.remove()
        elif banners:
            banners.first(Banner).show(problem)
        else:
            self.mount(Banner(problem, self.desk.keys.label("app.refresh")), before="#body")

    def _show_details(self) -> None:
        row = self.table.cursor_row
        if row is None:
            self._pane.show("", [])
        else:
            self._pane.show(display_name(row), facts(row, self.desk.now))

    def _tick(self) -> None:
        self.refresh_facts()

    # What the table says

    @on(FleetTable.CursorMoved)
    @on(FleetTable.MarksChanged)
    def _selection_changed(self) -> None:
        self._want_visible(self.table.visible_ids())
        self.refresh_facts()

    @on(FleetTable.Opened)
    def _opened(self) -> None:
        self.desk.invoke("microvm.details")

    @on(FleetTable.VisibleChanged)
    def _visible_changed(self, message: FleetTable.VisibleChanged) -> None:
        self._want_visible(message.ids)

    @on(FleetTable.Sorted)
    def _sorted(self) -> None:
        self._want_all()

    def _want_visible(self, ids: Sequence[str]) -> None:
        if self.desk.fleet is not None:
            row = self.table.cursor_row
            self.desk.fleet.want_details([row.id, *ids] if row else list(ids))

    def _want_all(self) -> None:
        """Ask for the details that order and filter depend on, which may be all."""
        if self.desk.fleet is not None:
            self.desk.fleet.want_details(self.table.wanted_ids(), on_screen=False)

    # Filter and command line

    def open_filter(self) -> None:
        from mvm_tui.tui.widgets.filter_line import FilterLine

        if self._typing is None:
            self._open_line(FilterLine(self.filter_text), FilterLine.HINTS)

    def set_filter(self, text: str) -> str:
        """Show the rows that match; returns why it cannot, empty if it can."""
        try:
            query = parse_query(text) if text.strip() else None
        except ValueError as error:
            return clean(error)
        self.filter_text = text
        self.table.set_query(query)
        self._want_all()
        return ""

    def open_command_line(self) -> None:
        from mvm_tui.tui.widgets.command_line import CommandLine

        if self._typing is None:
            self._open_line(CommandLine(self.desk), CommandLine.HINTS)

    def _open_line(self, line: Widget, hints: Sequence[Hint]) -> None:
        self._typing = hints
        self.add_class("-typing")
        self._opening = self.mount(line, before=self._footer)
        self.refresh_facts()

    async def line_opened(self) -> None:
        """Wait until a line that is being opened has the focus."""
        if self._opening is not None:
            opening, self._opening = self._opening, None
            await opening

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
        self.table.focus()
        line.remove()
        self.refresh_facts()

    @on(Footer.Chosen)
    def _hint_chosen(self, message: Footer.Chosen) -> None:
        self.desk.invoke(message.action_id)


def _table(options: StartOptions, keys: Keys) -> FleetTable:
    settings = options.settings
    hints = {"launch": "microvm.launch", "clear": "app.close", "ended": "table.ended"}
    sort = settings.sort.removeprefix("-")
    columns = [name for name in settings.columns if name in BY_ID]
    return FleetTable(
        clock=options.clock,
        sort=sort if sort in BY_ID else "age",
        reverse=settings.sort.startswith("-"),
        show_ended=settings.show_ended,
        columns=columns or tuple(BY_ID),
        hints={word: keys.label(action_id) for word, action_id in hints.items()},
    )
