"""The open shells: one in front with the others as tabs, or several in sight while one types into them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from mvm_tui.fleet.sections import SHELLS, Section
from mvm_tui.tui.keys import bindings
from mvm_tui.tui.screens.main import MainScreen
from mvm_tui.tui.widgets.shell_pane import ShellPane
from mvm_tui.tui.widgets.shell_tabs import ShellTabs

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.open_shell import OpenShell

# Panes side by side that still leave each a terminal worth the name.
_TILES = 6


class ShellsScreen(MainScreen):
    """Shells."""

    section: ClassVar[Section] = SHELLS
    # A view that draws nothing would take all keys.
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(SHELLS)]
    DEFAULT_CSS = """
    ShellsScreen #panes { layout: grid; height: 1fr; grid-size: 1; }
    ShellsScreen #panes.-two { grid-size: 2; }
    ShellsScreen #panes.-three { grid-size: 3; }
    ShellsScreen #none { height: 1fr; content-align: center middle; color: $text-muted; display: none; }
    ShellsScreen.-empty #none { display: block; }
    ShellsScreen.-empty #panes { display: none; }
    ShellsScreen.-zoomed Header, ShellsScreen.-zoomed SectionRow, ShellsScreen.-zoomed Footer,
    ShellsScreen.-zoomed ShellTabs { display: none; }
    ShellsScreen.-zoomed ShellPane { border-left: none; border-right: none; border-top: none; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._tabs = ShellTabs()
        self._panes = [ShellPane(desk)]

    def compose_body(self) -> ComposeResult:
        with Vertical(id="body"):
            yield self._tabs
            with Container(id="panes"):
                yield from self._panes
            yield Static(self._nothing(), id="none", markup=False)

    def _nothing(self) -> Content:
        keys = self.desk.keys
        table, shell = keys.label("app.microvms"), keys.label("microvm.shell")
        return Content.assemble(
            ("No shell is open.\n", "$foreground"),
            (table, "bold $accent"),
            " goes to the table, ",
            (shell, "bold $accent"),
            " on a MicroVM opens its shell.",
        )

    def on_mount(self) -> None:
        # Textual calls the handler of every class, the base's too; so below.
        self.shells_changed()

    def focus_body(self) -> None:
        pane = self.shell_pane
        self.set_focus(pane.view if pane is not None and pane.shell is not None else None)

    @property
    def shell_pane(self) -> ShellPane | None:
        current = self.desk.shells.current
        return next((pane for pane in self._panes if pane.shell is current), self._panes[0])

    # What is shown

    def shells_changed(self) -> None:
        if not self._tabs.is_attached:
            return
        shells = self.desk.shells
        shown = self._shown()
        empty = not shown
        self.set_class(empty, "-empty")
        self._arrange(shown)
        titles = self.desk.options.settings.shell.titles
        self._tabs.show(shells, titles)
        for pane in self._panes:
            pane.refresh_words()
        if empty and self.focused is not None and not self.typing:
            self.set_focus(None)
        elif not empty and self.focused is None:
            self.focus_body()

    def _shown(self) -> Sequence[OpenShell]:
        """The current shell; while one types into several, all of them that have room."""
        shells = self.desk.shells
        if shells.current is None:
            return ()
        together = shells.typed_into(shells.current)
        return together if len(together) <= _TILES else (shells.current,)

    def _arrange(self, shown: Sequence[OpenShell]) -> None:
        panes = self.query_one("#panes")
        had_focus = self.focused
        while len(self._panes) > max(len(shown), 1):
            self._panes.pop().remove()
        while len(self._panes) < len(shown):
            self._panes.append(ShellPane(self.desk))
            panes.mount(self._panes[-1])
        for at, pane in enumerate(self._panes):
            pane.show(shown[at] if at < len(shown) else None)
        count = len(self._panes)
        panes.set_class(count in (2, 3, 4) and self._wide, "-two")
        panes.set_class(count > 4, "-three")
        if had_focus is not None and had_focus not in [pane.view for pane in self._panes] and not self.typing:
            self.focus_body()

    @property
    def _wide(self) -> bool:
        return self.size.width >= 100

    def show_facts(self) -> None:
        for pane in self._panes:
            pane.refresh_words()

    def zoom(self) -> None:
        """Show the shell alone, or all around it again."""
        self.toggle_class("-zoomed")

    # Coming and going

    def on_screen_resume(self) -> None:
        for pane in self._panes:
            pane.take_over()

    def on_screen_suspend(self) -> None:
        if self.desk.front is not self:
            for pane in self._panes:
                pane.give_up()

    def note(self) -> str:
        """That there is something new, else how many there are."""
        shells = self.desk.shells
        return "●" if shells.news else str(len(shells.all) or "")

    def leaving_costs(self) -> str:
        count = sum(not shell.over for shell in self.desk.shells.all)
        return f"{count} shell{'s' * (count > 1)}" if count else ""

    @on(ShellTabs.Chosen)
    def _tab_clicked(self, event: ShellTabs.Chosen) -> None:
        self.desk.shells.look_at(event.shell)
        self.shells_changed()
        self.focus_body()
