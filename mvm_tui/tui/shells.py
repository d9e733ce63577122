"""The shells that are open, whatever screen is in front. Loads nothing of them before the first is opened."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from mvm_tui.fleet.actions import display_name
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual import events

    from mvm_tui.fleet.changes import ChangeSet
    from mvm_tui.shell.states import Closed
    from mvm_tui.terminal.colours import Theme
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.open_shell import OpenShell
    from mvm_tui.tui.parse_turns import ParseTurns

_WHERE_LIMIT = 40


class Shells:
    """The open shells in the order in which they were opened.

    Attributes:
        all: Every one, those whose session is over included.
        current: The one that is looked at, or was last; None if none is open.
        together: Those that are typed into at once; none or at least two.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.all: list[OpenShell] = []
        self.current: OpenShell | None = None
        self.together: tuple[OpenShell, ...] = ()
        self._numbers = itertools.count(1)
        self._turns: ParseTurns | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._telling = False

    # What there is

    @property
    def attached(self) -> frozenset[str]:
        """Ids of the MicroVMs that a shell is attached to, or about to be."""
        return frozenset(shell.vm_id for shell in self.all if not shell.over)

    @property
    def news(self) -> bool:
        """Whether one printed something that nobody saw."""
        return any(shell.news for shell in self.all)

    def of(self, vm_id: str) -> OpenShell | None:
        """The shell of a MicroVM: the one looked at if it is that, else the first attached, else any."""
        found = [shell for shell in self.all if shell.vm_id == vm_id]
        if self.current in found:
            return self.current
        return next((shell for shell in found if not shell.over), found[0] if found else None)

    def typed_into(self, shell: OpenShell) -> Sequence[OpenShell]:
        """The shells that get what is typed into one."""
        return self.together if shell in self.together else (shell,)

    def apply(self, change: ChangeSet) -> None:
        """Take over what the list says of MicroVMs with a shell: it may know before their sessions do."""
        if not self.all:
            return
        rows = {row.id: row for row in (*change.added, *change.changed)}
        for shell in self.all:
            if (row := rows.get(shell.vm_id)) is not None:
                shell.name, shell.vm_state = display_name(row), row.vm.state
                self.changed()

    def elsewhere(self, shell: OpenShell) -> str:
        """Where a shell's MicroVM is, safe to show, if that is not the account on screen; else empty."""
        return "" if shell.where == self._desk.accounts.where else clean(shell.where, _WHERE_LIMIT)

    # Opening and closing

    def open(
        self, vm_id: str, name: str, *, resume: bool = False, like: OpenShell | None = None
    ) -> OpenShell | None:
        """Open a shell on a MicroVM, and look at it; None if there is no connection to open it over.

        `resume` says that the user agreed to the MicroVM's resumption, which costs. With `like` it is over
        the connection of that shell.
        """
        from mvm_tui.tui.open_shell import OpenShell
        from mvm_tui.tui.parse_turns import ParseTurns

        account, where = self._desk.accounts.account, self._desk.accounts.where
        accessor = account.shell_access if account else None
        if like is not None:
            accessor, where = like.accessor, like.where
        if accessor is None:
            return None
        if self._turns is None:
            self._turns = ParseTurns()
        lines = self._desk.options.settings.shell.history_lines
        shell = OpenShell(
            next(self._numbers), vm_id, name, self, self._turns, self.theme(), lines, accessor, where
        )
        self.all.append(shell)
        self.current = shell
        # Its tab says from now on what goes on here, and what is lost when the app is left.
        self._desk.sections.screen("shells")
        self.attach(shell, resume=resume)
        return shell

    def attach(self, shell: OpenShell, *, resume: bool = False) -> None:
        """Begin a session for a shell that has none, or whose last is over."""
        from mvm_tui.shell.session import ShellOptions

        self._part(shell)
        settings = self._desk.options.settings.shell
        options = ShellOptions(
            path=settings.path, on_attach=settings.on_attach, ping_seconds=settings.keepalive_seconds
        )
        access = shell.accessor(resume, self._desk.say_from_thread)
        shell.attach(access, options, self._desk.options.clock)

    def close(self, shell: OpenShell) -> None:
        """End a shell's session and forget it; the next one is looked at."""
        if shell not in self.all:
            return
        at = self.all.index(shell)
        self.all.remove(shell)
        self._part(shell)
        if self.current is shell:
            self.current = self.all[min(at, len(self.all) - 1)] if self.all else None
        task = asyncio.get_running_loop().create_task(shell.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self.changed()

    async def close_all(self) -> None:
        """The app ends."""
        shells, self.all = self.all, []
        self.current, self.together = None, ()
        await asyncio.gather(*(shell.close() for shell in shells), *self._closing, return_exceptions=True)

    # Looking

    def look_at(self, shell: OpenShell) -> None:
        """Make it the current one."""
        if shell in self.all:
            self.current = shell
            self.changed()

    def step(self, by: int) -> None:
        """Look at the next shell, or the one before."""
        if self.current is not None:
            self.look_at(self.all[(self.all.index(self.current) + by) % len(self.all)])

    def theme(self) -> Theme:
        """The theme in force as terminals know it."""
        from mvm_tui.tui.shell_colors import shell_theme

        return shell_theme(*self._desk.terminal_colors())

    def theme_changed(self) -> None:
        """Draw all of them in the theme that is in force now."""
        if self.all:
            theme = self.theme()
            for shell in self.all:
                shell.terminal.colours.theme = theme

    # Typing

    def type_together(self, shells: Collection[OpenShell]) -> None:
        """Type into these at once from now on; fewer than two end it."""
        self.together = tuple(shells) if len(shells) > 1 else ()
        self.changed()

    def _part(self, shell: OpenShell) -> None:
        """It ends, or is to be a new shell, which nobody chose to type into with others."""
        if shell in self.together:
            self.type_together([other for other in self.together if other is not shell])

    def hurry(self) -> None:
        """The user does something: it goes before the output of shells for a while."""
        if self._turns is not None:
            self._turns.hurry()

    def type_key(self, shell: OpenShell, event: events.Key) -> None:
        """A key, for each shell in the form that its guest wants."""
        from mvm_tui.tui.shell_keys import encoded

        for one in self.typed_into(shell):
            one.send(encoded(event, one.terminal.modes))

    def paste(self, shell: OpenShell, text: str) -> None:
        """What the user pasted; several lines and control characters are shown first."""
        from mvm_tui.tui.dialogs.paste import PasteDialog, needs_look

        shells = self.typed_into(shell)
        if not (self._desk.options.settings.shell.paste_guard and needs_look(text)):
            self.send_paste(shells, text)
            return
        lives = [(one, one.life) for one in shells]

        def paste(wanted: str | None) -> None:
            self.send_paste([one for one, life in lives if one.life == life], wanted or "")
            # Another shell than the one it was meant for would run it.
            for one in (one for one, life in lives if wanted and one.life != life):
                self._desk.say(f"Nothing was pasted into {one.name}: its shell is another now.", "warning")

        self._desk.app.push_screen(PasteDialog(text, len(shells)), paste)

    def send_paste(self, shells: Sequence[OpenShell], text: str) -> None:
        """Paste into each that is still open, bracketed where the guest asked for it."""
        from mvm_tui.terminal.keys import encode_paste

        for shell in shells if text else ():
            if not shell.send(encode_paste(text, shell.terminal.modes)):
                self._desk.say(f"Nothing was pasted into {shell.name}: it is not connected.", "warning")

    # What shells tell

    def shell_changed(self, shell: OpenShell) -> None:
        if shell in self.together and not shell.over and shell.cut_off:
            self._part(shell)
            self._desk.say(
                f"{shell.name} lost its connection: what you type into several goes there no more.", "warning"
            )
        self.changed()

    def shell_ended(self, shell: OpenShell, closed: Closed) -> None:
        """One that exited leaves; one that was cut off stays in sight with the reason."""
        from mvm_tui.shell.states import End
        from mvm_tui.tui.on_shells import leave_if_none

        if closed.end is End.EXITED and shell in self.all:
            self._desk.say(f"The shell of {shell.name} has exited.")
            self.close(shell)
            leave_if_none(self._desk)
        elif closed.problem is not None and shell in self.all:
            self._desk.report(closed.problem, f"Shell of {shell.name}", toast=shell.viewer is None)
        self.changed()

    def shell_said(self, shell: OpenShell, text: str) -> None:
        self._desk.say(f"{shell.name}: {text}")

    def shell_copied(self, shell: OpenShell, data: bytes) -> None:
        """A guest writes the clipboard: as the config says."""
        from mvm_tui.tui.on_shells import guest_copied

        guest_copied(self._desk, shell, data)

    def changed(self) -> None:
        """Have the screens say what there is now; several changes at once are said once."""
        if not self._telling:
            self._telling = True
            self._desk.app.call_later(self._tell)

    def _tell(self) -> None:
        self._telling = False
        for screen in self._desk.sections:
            screen.shells_changed()
        self._desk.front.refresh_facts()
