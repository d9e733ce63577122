"""The first screen: the table of MicroVMs, and the details of the one under the cursor beside it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content

from mvm_tui.fleet.action import Action, Scope
from mvm_tui.fleet.actions import display_name
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.fleet.sections import MICROVMS, Section
from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import RUNNING
from mvm_tui.model.query import parse_query
from mvm_tui.model.sorting import SORTABLE
from mvm_tui.model.text import clean
from mvm_tui.tui.costs import cost_facts
from mvm_tui.tui.keys import Keys, bindings
from mvm_tui.tui.log_peek import Peek
from mvm_tui.tui.screens.main import MainScreen
from mvm_tui.tui.widgets.border_box import BorderBox
from mvm_tui.tui.widgets.detail import DetailPane
from mvm_tui.tui.widgets.fleet_columns import BY_ID, CostOf
from mvm_tui.tui.widgets.fleet_table import FleetTable
from mvm_tui.tui.words import Fact, facts, snapshot_facts

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.start import StartOptions
    from mvm_tui.tui.widgets.shell_pane import ShellPane

# Of many marked rows, so many tell whether an action does anything.
_ENOUGH = 50


class FleetScreen(MainScreen):
    """MicroVMs.

    Attributes:
        table: The MicroVMs.
        filter_text: The filter in force, as it was typed.
    """

    section: ClassVar[Section] = MICROVMS
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(MICROVMS),
        Binding("tab", "app.focus_next", "next pane", show=False, id="app.next_pane"),
        Binding("shift+tab", "app.focus_previous", "previous pane", show=False, id="app.previous_pane"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.table = _table(desk.options, desk.keys, desk.cost_of)
        self._pane = DetailPane()
        self._box = BorderBox(id="list")
        self._peek = Peek(desk, self.show_facts)
        self.filter_text = ""
        self._cursor_placed = False
        self._followed = ""
        self._beside: ShellPane | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="body"):
            with self._box:
                yield self.table
            yield self._pane

    def on_mount(self) -> None:
        # Textual calls the handlers of the base class by itself.
        self.watch(self.table, "summary", self._show_summary)

    def focus_body(self) -> None:
        self.table.focus()

    # A shell beside the table

    @property
    def shell_pane(self) -> ShellPane | None:
        return self._beside if self.beside_shown else None

    @property
    def beside_shown(self) -> bool:
        """Whether a shell is beside the table."""
        return self._beside is not None and self.has_class("-beside")

    def show_beside(self) -> None:
        """Put the current shell beside the table, in the place of the details, and the focus into it."""
        from mvm_tui.tui.widgets.shell_pane import ShellPane

        if self._beside is None:
            self._beside = ShellPane(self.desk)
            self.opening = self.query_one("#body").mount(self._beside)
        self.add_class("-beside")
        self._beside.show(self.desk.shells.current)
        self._beside.take_over()
        if self._beside.is_mounted:
            self.focus_shell()

    def hide_beside(self) -> None:
        """The details have their place again."""
        if self._beside is not None:
            self._beside.show(None)
            self.remove_class("-beside")
            self.focus_body()

    def shells_changed(self) -> None:
        if self._beside is None or not self.beside_shown:
            return
        if self.desk.shells.current is None:
            self.hide_beside()
        else:
            self._beside.show(self.desk.shells.current)
            self._beside.refresh_words()

    def on_screen_resume(self) -> None:
        if self._beside is not None and self.beside_shown:
            self._beside.show(self.desk.shells.current)
            self._beside.take_over()

    def on_screen_suspend(self) -> None:
        if self.desk.front is self:
            return
        self._peek.watch(None)
        if self._beside is not None:
            self._beside.give_up()

    # What actions work on

    def rows_for(self, action: Action) -> Sequence[FleetRow]:
        """Marked rows or the cursor's, as the action's scope says."""
        if action.scope is Scope.MICROVMS:
            return self.table.selected_rows()
        row = self.table.cursor_row
        return (row,) if action.scope is Scope.MICROVM and row is not None else ()

    def rows_in_reach(self, action: Action) -> Sequence[FleetRow]:
        fleet = self.desk.fleet
        if action.scope is Scope.MICROVMS and self.table.marks and fleet is not None:
            rows = (fleet.row(microvm_id) for microvm_id in islice(self.table.marks, _ENOUGH))
            return [row for row in rows if row is not None]
        return (self.table.cursor_row,) if self.table.cursor_row is not None else ()

    def works(self, action: Action) -> bool:
        if action.id == "table.mark":
            return self.table.cursor_row is not None
        return super().works(action)

    def close_something(self) -> bool:
        """One thing at a time: the filter, then the marks."""
        if self.filter_text:
            self.set_filter("")
        elif self.table.marks:
            self.table.clear_marks()
        else:
            return False
        return True

    # What the fleet says

    def apply(self, change: ChangeSet) -> None:
        self.table.apply(change)
        self._place_cursor()
        if self._followed:
            self.follow(self._followed)

    def clear(self) -> None:
        self._peek.forget()
        self.table.apply(ChangeSet(self.desk.accounts.generation))
        self._cursor_placed = False
        self._followed = ""

    def _place_cursor(self) -> None:
        """Start on the first MicroVM that runs, so that one key does what is wanted most."""
        visible, row, fleet = self.table.visible_ids(), self.table.cursor_row, self.desk.fleet
        if self._cursor_placed or not self.desk.overview.status.complete or not visible:
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

    def show_facts(self) -> None:
        row = self.table.cursor_row
        looked_at = self._pane.display and self.desk.front is self
        self._peek.watch(row if looked_at else None)
        if row is None:
            self._pane.show("", [])
        else:
            cost, forwards = cost_facts(self.desk, row), self.desk.forwards.urls_of(row.id)
            sheet = facts(row, self.desk.now, cost=cost, forwards=forwards)
            self._pane.show(display_name(row), [*sheet, *self._snapshot_facts(row)])
        self._pane.show_log(self._peek.words(*self._pane.room))
        if self._beside is not None:
            self._beside.refresh_words()

    def _snapshot_facts(self, row: FleetRow) -> list[Fact]:
        """Which snapshot it came from, as far as its log told, and who else did."""
        snapshot, mates = self._peek.snapshot(row.id)
        self.table.mates = mates
        fleet = self.desk.fleet
        rows = (fleet.row(microvm_id) for microvm_id in mates) if fleet else ()
        return snapshot_facts(snapshot, [display_name(mate) for mate in rows if mate is not None])

    def _show_summary(self, summary: str) -> None:
        words = Content.assemble(
            ("MicroVMs", "bold $foreground"), (f"  {summary}" if summary else "", "$text-muted")
        )
        self._box.write_border(words)

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

    # The filter

    def open_filter(self) -> None:
        from mvm_tui.tui.widgets.filter_line import FilterLine

        if not self.typing:
            self.open_line(FilterLine(self.filter_text), FilterLine.HINTS)

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


def _table(options: StartOptions, keys: Keys, cost_of: CostOf) -> FleetTable:
    settings = options.settings
    hints = {"launch": "microvm.launch", "clear": "app.close", "ended": "table.ended"}
    sort = settings.sort.removeprefix("-")
    columns = [name for name in settings.columns if name in BY_ID]
    return FleetTable(
        clock=options.clock,
        sort=sort if sort in SORTABLE else "age",
        reverse=settings.sort.startswith("-"),
        show_ended=settings.show_ended,
        columns=columns or tuple(BY_ID),
        cost_of=cost_of,
        hints={word: keys.label(action_id) for word, action_id in hints.items()},
    )
