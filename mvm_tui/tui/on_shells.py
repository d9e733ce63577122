"""What the actions on shells do: opening one, what follows its leader, and what its guest asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mvm_tui.fleet.action import Action
from mvm_tui.fleet.actions import display_name
from mvm_tui.fleet.sections import SHELLS
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import SUSPENDED, SUSPENDING
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.open_shell import OpenShell

BESIDE = "beside"


# Opening


def _shell(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    """Go to a MicroVM's shell, or open one: in one step with the resumption of one that is suspended."""
    row = desk.fleet.row(ids[0]) if desk.fleet else None
    if row is None:
        return
    found = desk.shells.of(row.id)
    if found is not None and not found.over:
        desk.shells.look_at(found)
        _bring_to_front(desk, argument)
    elif row.vm.shell is False:
        offer_another(desk, row)
    elif row.vm.state in (SUSPENDED, SUSPENDING):
        from mvm_tui.tui.dialogs.confirm import Confirm

        question = f"{display_name(row)} is suspended. Resume it and attach? It is paid for again."
        desk.app.push_screen(
            Confirm(question, "resume and attach"),
            lambda yes: open_on(desk, row, argument, resume=True) if yes else None,
        )
    else:
        open_on(desk, row, argument)


def open_on(desk: Desk, row: FleetRow, where: str = "", *, resume: bool = False) -> None:
    """Open a shell on a MicroVM and bring it to the front; a tab whose session is over makes room."""
    over = desk.shells.of(row.id)
    if desk.shells.open(row.id, display_name(row), resume=resume) is None:
        desk.say("There is no connection to open a shell over.", "warning")
        return
    if over is not None and over.over:
        desk.shells.close(over)
    _bring_to_front(desk, where)


def _bring_to_front(desk: Desk, where: str) -> None:
    if where == BESIDE:
        desk.sections.open("microvms")
        desk.fleet_screen.show_beside()
    elif desk.front is desk.fleet_screen and desk.fleet_screen.beside_shown:
        desk.fleet_screen.show_beside()
    else:
        desk.sections.open("shells")
    desk.front.shells_changed()
    desk.front.focus_shell()


def offer_another(desk: Desk, row: FleetRow) -> None:
    """A MicroVM without a shell: say why, and offer to launch another like it that has one."""
    from mvm_tui.shell.refusals import no_shell
    from mvm_tui.tui.dialogs.confirm import Confirm

    problem = no_shell(row.vm)
    question = f"{problem.what} {problem.why} {problem.fix}"
    desk.app.push_screen(
        Confirm(clean(question), "launch one like it"), lambda yes: launch_like(desk, row) if yes else None
    )


def launch_like(desk: Desk, row: FleetRow) -> None:
    """The launch dialog, filled in for a MicroVM of the same version, lifetime and role, with a shell."""
    if desk.fleet is not None:
        from mvm_tui.tui.dialogs.launch import LaunchDialog
        from mvm_tui.tui.dialogs.launch_form import LaunchForm

        vm = row.vm
        dialog = LaunchDialog(desk.fleet, vm.image_arn, vm.image_version, form=LaunchForm.like(vm))
        desk.app.push_screen(dialog)


def idle_key(desk: Desk, shell: OpenShell, key: str) -> None:
    """A key in a shell whose session is over, or whose connection is being made anew."""
    from mvm_tui.model.errors import NoShell
    from mvm_tui.shell.states import Closed, End

    state = shell.state
    if not shell.over:
        if key == "enter":
            shell.retry_now()
    elif key in ("q", "escape"):
        desk.shells.close(shell)
        leave_if_none(desk)
    elif key == "enter" and isinstance(state, Closed):
        row = desk.fleet.row(shell.vm_id) if desk.fleet else None
        if row is not None and (isinstance(state.problem, NoShell) or state.end is End.ENDED):
            launch_like(desk, row)
        elif not desk.context().read_only:
            desk.shells.attach(shell, resume=state.end is End.SUSPENDED)


def _beside(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    screen = desk.fleet_screen
    if screen.beside_shown:
        screen.hide_beside()
    elif desk.shells.current is not None:
        screen.show_beside()
    else:
        desk.invoke("microvm.shell", argument=BESIDE)


# After the leader


def _detach(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    shell = desk.shells.current
    desk.sections.open("microvms")
    desk.fleet_screen.focus_body()
    if shell is not None:
        desk.fleet_screen.follow(shell.vm_id)


def _next(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    _step(desk, 1)


def _previous(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    _step(desk, -1)


def _step(desk: Desk, by: int) -> None:
    if len(desk.shells.all) < 2:
        desk.say("There is no other shell: c opens another on this MicroVM.")
    desk.shells.step(by)
    desk.front.shells_changed()
    desk.front.focus_shell()


def _again(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    shell = desk.shells.current
    if shell is not None:
        desk.shells.open(shell.vm_id, shell.name, like=shell)
        desk.front.shells_changed()
        desk.front.focus_shell()


def _scroll(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if (pane := desk.front.shell_pane) is not None:
        pane.view.browse()


def _search(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.widgets.search_line import SearchLine

    pane = desk.front.shell_pane
    if pane is not None and not desk.front.typing:
        desk.front.open_line(SearchLine(pane.view.search, pane.view.browser.wanted), SearchLine.HINTS)


def _record(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.model.errors import Problem

    shell = desk.shells.current
    if shell is None:
        return
    if shell.recording is not None:
        desk.say(f"Recorded to {shell.stop_recording()}.")
        return
    path = (
        desk.options.recordings_dir / f"{_file_name(shell.name)}-{desk.now.astimezone():%Y%m%d-%H%M%S}.cast"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shell.start_recording(path)
    except Problem as problem:
        desk.report(problem)
    except OSError as error:
        desk.say(f"The recording was not started: {path.parent} cannot be made: {error.strerror}.", "error")
    else:
        desk.say(f"Recording to {path}. It holds all that the guest prints, secrets too.", "warning")


def _file_name(name: str) -> str:
    return "".join(character if character.isalnum() or character in "-_." else "_" for character in name)


def _suspend(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    shell = desk.shells.current
    row = desk.fleet.row(shell.vm_id) if desk.fleet and shell is not None else None
    if row is None:
        desk.say("The MicroVM is not in the list of this account.", "warning")
    else:
        desk.invoke("microvm.suspend", [row])


def _whole(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.shell_whole import hand_over

    if (shell := desk.shells.current) is not None:
        desk.app.run_worker(hand_over(desk, shell), name="whole terminal", exclusive=True)


def _sync(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.together import TogetherDialog

    shells = desk.shells
    if shells.together:
        shells.type_together(())
        desk.say("What you type goes to one shell again.")
    elif len(shells.all) < 2:
        desk.say("There is only one shell: c opens another on this MicroVM.")
    elif shells.current is not None:
        dialog = TogetherDialog(shells.all, shells.current)
        desk.app.push_screen(dialog, lambda chosen: shells.type_together(chosen or ()))


def _zoom(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    desk.front.toggle_class("-zoomed")


def _close(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.confirm import Confirm

    shell = desk.shells.current
    if shell is None:
        return

    def close() -> None:
        desk.shells.close(shell)
        leave_if_none(desk)

    if shell.over:
        close()
    else:
        question = f"Close the shell of {shell.name}? What runs in it is cut off."
        desk.app.push_screen(Confirm(question, "close"), lambda yes: close() if yes else None)


def leave_if_none(desk: Desk) -> None:
    """Where the last shell is gone there is nothing to look at: back to the table."""
    if not desk.shells.all:
        desk.fleet_screen.hide_beside()
        if desk.app.screen is desk.front and desk.front.section is SHELLS:
            desk.sections.open("microvms")
            desk.fleet_screen.focus_body()


def _help(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    desk.invoke("app.help")


# What guests ask


def guest_copied(desk: Desk, shell: OpenShell, data: bytes) -> None:
    """A guest writes the clipboard (OSC 52): as the config says, and never without a word."""
    policy = desk.options.settings.shell.clipboard
    text = data.decode("utf-8", "replace")
    if policy == "deny" or shell.clipboard_refused or not text:
        return
    if policy == "allow":
        desk.copy(text)
        return
    from mvm_tui.tui.dialogs.guest_asks import GuestAsks

    if shell.viewer is None or desk.app.screen is not desk.front:
        # Only what is looked at may ask, one question at a time, and not over another dialog.
        return
    lines = f" in {count} lines" if (count := len(text.splitlines())) > 1 else ""
    size = f"{len(text):,} characters{lines}"
    question = f"{shell.name} wants to write your clipboard, {size}: {clean(text, 200)}"

    def answered(yes: bool | None) -> None:
        if yes:
            desk.copy(text)
        else:
            shell.clipboard_refused = True
            desk.say(f"{shell.name} will not be asked about again: its shell may not write the clipboard.")

    desk.app.push_screen(GuestAsks(question, "copy"), answered)


def follow_link(desk: Desk, address: str) -> None:
    """Ask before a link is opened; what is shown is what is opened."""
    from mvm_tui.tui.dialogs.confirm import Confirm

    desk.app.push_screen(
        Confirm(f"Open {address} in your browser?", "open"),
        lambda yes: desk.app.open_url(address) if yes else None,
    )


HANDLERS: dict[str, Callable[[Desk, Action, tuple[str, ...], str], None]] = {
    "microvm.shell": _shell,
    "table.beside": _beside,
    "shell.detach": _detach,
    "shell.next": _next,
    "shell.previous": _previous,
    "shell.again": _again,
    "shell.scroll": _scroll,
    "shell.search": _search,
    "shell.record": _record,
    "shell.suspend": _suspend,
    "shell.whole": _whole,
    "shell.sync": _sync,
    "shell.zoom": _zoom,
    "shell.close": _close,
    "shell.help": _help,
}
