"""A shell with its border and, while it is not connected, a banner that says why and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mvm_tui.config.schema import split_keys
from mvm_tui.fleet.catalogue.app import APP_ACTIONS
from mvm_tui.fleet.catalogue.shells import SHELL_ACTIONS
from mvm_tui.model.leader import textual_key
from mvm_tui.shell.states import Closed
from mvm_tui.tui.painting import paint_at_once
from mvm_tui.tui.widgets import shell_browse
from mvm_tui.tui.widgets.border_box import BorderBox
from mvm_tui.tui.widgets.footer import Hint
from mvm_tui.tui.widgets.shell_view import ShellView
from mvm_tui.tui.widgets.shell_words import again_words, banner, subtitle, title

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.open_shell import OpenShell

_FLASH_SECONDS = 0.15
# Keys of the app that make no sense after the leader: there are others to leave a shell.
_NOT_LED = frozenset({"app.close", "app.back", "app.help"})


class ShellPane(BorderBox):
    """Draws one of the open shells; see `show`."""

    DEFAULT_CSS = """
    ShellPane { width: 1fr; height: 1fr; border: round $border-blurred; }
    ShellPane:focus-within { border: round $border; }
    ShellPane.-together, ShellPane.-together:focus-within { border: heavy $warning; }
    ShellPane.-bell, ShellPane.-bell:focus-within { border: heavy $accent; }
    ShellPane .banner { height: auto; padding: 0 1; background: $panel; color: $foreground; display: none; }
    ShellPane .banner.-shown { display: block; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        leader = split_keys(desk.options.settings.shell.leader)
        self._leader = leader[0] if leader else ""
        self.view = ShellView(desk.shells, [textual_key(key) for key in leader], self._command)
        self._banner = Static("", classes="banner", markup=False)
        self._said: Content | None = None

    def compose(self) -> ComposeResult:
        yield self._banner
        yield self.view

    def on_mount(self) -> None:
        self.refresh_words()
        # Given the focus before it was there, its border would not know.
        if self._desk.front.shell_pane is self:
            self._desk.front.focus_shell()

    @property
    def shell(self) -> OpenShell | None:
        return self.view.shell

    def show(self, shell: OpenShell | None) -> None:
        """Draw this shell."""
        self.view.show(shell)
        self.refresh_words()

    def take_over(self) -> None:
        """It is in front again: its size is the shell's."""
        if self.shell is not None:
            self.view.take(self.shell)

    def give_up(self) -> None:
        """Another screen is in front: what the shell prints is news again."""
        if self.shell is not None and self.shell.viewer is self.view:
            self.shell.viewer = None

    def refresh_words(self) -> None:
        """Say in border and banner how it is now."""
        shell, shells = self.shell, self._desk.shells
        if shell is None:
            self.write_border(Content(""), Content(""))
            return
        together = len(shells.typed_into(shell))
        self.set_class(together > 1, "-together")
        titles = self._desk.options.settings.shell.titles
        above = title(shell, shells.elsewhere(shell), titles, together)
        self.write_border(self._apart(above), self._apart(self._subtitle(shell)))
        said = banner(shell.state, shell.vm_state)
        if said != self._said:
            self._said = said
            self._banner.set_class(said is not None, "-shown")
            self._banner.update(said or "")

    def _apart(self, words: Content) -> Content:
        """With room around them; Textual gives it only to a border that has corners."""
        return words if self.styles.border_left[0] else Content.assemble(" ", words, " ")

    def _subtitle(self, shell: OpenShell) -> Content:
        browser = self.view.browser
        place = browser.place(shell.terminal) if browser.browsing else ""
        leader = "" if browser.keys else self._leader
        hint = "what now?" if self.view.leading else "is the way out"
        return subtitle(shell, self._desk.now, place, leader, hint)

    def hints(self) -> list[Hint]:
        """For the footer: what keys do while this has the focus."""
        if self.view.browser.keys:
            return [("", key, label) for key, label in shell_browse.KEYS]
        keys = self._desk.keys
        state = self.shell.state if self.shell is not None else None
        if isinstance(state, Closed) and not self.view.leading:
            return [("", "enter", again_words(state)), ("", "q", "closes this tab")]
        listed = [(action, next(iter(keys.of(action.id)), "")) for action in SHELL_ACTIONS]
        if self.view.leading:
            return [(action.id, key, action.label) for action, key in listed if key]
        return [
            (action.id, f"{self._leader} {key}", action.label)
            for action, key in listed
            if key and action.footer
        ]

    # What the view tells

    @on(ShellView.Changed)
    def _changed(self, event: ShellView.Changed) -> None:
        event.stop()
        self.refresh_words()
        paint_at_once(self.screen, self, self._desk.front.show_hints())

    @on(ShellView.Rang)
    def _rang(self, event: ShellView.Rang) -> None:
        event.stop()
        if self._desk.options.settings.shell.bell and not self.has_class("-bell"):
            self.add_class("-bell")
            self.set_timer(_FLASH_SECONDS, lambda: self.remove_class("-bell"))

    def _command(self, key: str) -> None:
        """A key followed the leader."""
        led = [*SHELL_ACTIONS, *(action for action in APP_ACTIONS if action.id not in _NOT_LED)]
        action = self._desk.keys.action_for(key, led)
        if action is None:
            self._desk.say(f"{key} does nothing after {self._leader}: ? shows what does.", "warning")
            return
        if self.shell is not None:
            self._desk.shells.current = self.shell
        self._desk.invoke(action.id)

    @on(ShellView.Idle)
    def _idle(self, event: ShellView.Idle) -> None:
        from mvm_tui.tui.on_shells import idle_key

        event.stop()
        if self.shell is not None:
            idle_key(self._desk, self.shell, event.key)

    @on(ShellView.SearchWanted)
    def _search_wanted(self, event: ShellView.SearchWanted) -> None:
        event.stop()
        self._desk.invoke("shell.search")

    @on(ShellView.Copied)
    def _copied(self, event: ShellView.Copied) -> None:
        event.stop()
        self._desk.copy(event.text)

    @on(ShellView.LinkChosen)
    def _link_chosen(self, event: ShellView.LinkChosen) -> None:
        from mvm_tui.tui.on_shells import follow_link

        event.stop()
        follow_link(self._desk, event.address)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if self.shell is not None:
            self._desk.shells.look_at(self.shell)
