"""How a MicroVM's app is reached: forwarded to a port of this machine, copied as a command, or probed."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, Static

from mvm_tui.fleet.actions import display_name
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import SUSPENDED, SUSPENDING
from mvm_tui.tui.dialogs.base import Dialog
from mvm_tui.tui.endpoint_commands import curl_command, wscat_command

if TYPE_CHECKING:
    from mvm_tui.tui.forwards import OpenForward


class ReachDialog(Dialog[None]):
    """One MicroVM's endpoint."""

    DEFAULT_CSS = """
    ReachDialog .box { width: 80; }
    ReachDialog .row { height: 1; margin-top: 1; }
    ReachDialog .label { width: 10; color: $text-muted; }
    ReachDialog Input { width: 10; }
    ReachDialog .hint { width: 1fr; color: $text-muted; padding-left: 1; }
    ReachDialog Checkbox { background: $surface; padding: 0; }
    ReachDialog .note { height: auto; color: $text-muted; margin-top: 1; }
    ReachDialog .note.-problem { color: $text-error; }
    ReachDialog .buttons Button.-textual-compact { min-width: 11; margin-left: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "forward", "forward", show=False, id="reach.forward"),
        Binding("ctrl+o", "open", "forward and open", show=False, priority=True, id="reach.open"),
        Binding("ctrl+r", "probe", "probe", show=False, priority=True, id="reach.probe"),
    ]

    def __init__(self, row: FleetRow) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content(f"Reach {display_name(self._row)}")
            with Horizontal(classes="row"):
                yield Static("port", classes="label", markup=False)
                yield Input(id="port", compact=True, type="integer", max_length=5, placeholder="8080")
                yield Static("the guest's; empty is the app's own", classes="hint", markup=False)
            with Horizontal(classes="row"):
                yield Static("suspended", classes="label", markup=False)
                resume = "requests resume it, which costs"
                yield Checkbox(resume, id="resume", compact=True)
            yield Static(self._words(), classes="note", id="note", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("curl", id="curl", compact=True)
                yield Button("wscat", id="wscat", compact=True)
                yield Button("Probe", id="probe", compact=True)
                yield Button("Open", id="open", compact=True)
                yield Button("Forward", id="forward", compact=True)

    def on_mount(self) -> None:
        self.query_one("#resume", Checkbox).disabled = self._read_only
        self.query_one("#port", Input).focus()

    @property
    def _read_only(self) -> bool:
        return self.desk.context().read_only

    def _words(self) -> str:
        """What will happen, and what is open already."""
        open_ones = self.desk.forwards.of(self._row.id)
        already = "".join(f"\nForwarded already: {one.url}" for one in open_ones if one.url)
        suspended = self._row.vm.state in (SUSPENDED, SUSPENDING) and not self._read_only
        ask = "It is suspended: tick the box, or its requests are refused.\n" if suspended else ""
        return f"{ask}enter forwards · ctrl+o also opens it · ctrl+r probes · esc leaves{already}"

    def _port(self) -> int | None:
        """The port that was typed; None for none. Raises ValueError if it is none."""
        text = self.query_one("#port", Input).value.strip()
        if not text:
            return None
        port = int(text)
        if not 0 < port < 1 << 16:
            raise ValueError
        return port

    def _checked_port(self) -> tuple[bool, int | None]:
        try:
            return True, self._port()
        except ValueError:
            note = self.query_one("#note", Static)
            note.update("A port is a number from 1 to 65535.")
            note.add_class("-problem")
            return False, None

    @on(Input.Submitted)
    def action_forward(self) -> None:
        self._forward(browse=False)

    def action_open(self) -> None:
        self._forward(browse=True)

    def _forward(self, *, browse: bool) -> None:
        good, port = self._checked_port()
        if not good:
            return
        desk = self.desk

        def opened(forward: OpenForward) -> None:
            desk.say(f"{forward.label} is forwarded: {forward.url}  {desk.keys.label('app.forwards')} lists.")
            if browse:
                webbrowser.open(forward.url)
            desk.front.refresh_facts()

        resume = self.query_one("#resume", Checkbox).value
        name = display_name(self._row)
        if desk.forwards.open(self._row, name, port, resume=resume, opened=opened) is None:
            desk.say("There is no connection to forward over.", "warning")
        self.dismiss(None)

    def action_probe(self) -> None:
        from mvm_tui.tui.dialogs.probe import ProbeDialog

        good, port = self._checked_port()
        if good:
            resume = self.query_one("#resume", Checkbox).value
            self.app.push_screen(ProbeDialog(self._row, port, resume=resume))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id in ("curl", "wscat"):
            self._copy(event.button.id)
        elif event.button.id == "probe":
            self.action_probe()
        else:
            self._forward(browse=event.button.id == "open")

    def _copy(self, program: str) -> None:
        good, port = self._checked_port()
        details = self._row.vm.details
        if not good:
            return
        if details is None or not details.endpoint:
            self.desk.say("The endpoint is not known yet: try again in a moment.", "warning")
            return
        make = curl_command if program == "curl" else wscat_command
        desk = self.desk
        region = desk.accounts.region
        desk.copy(make(self._row.id, details.endpoint, port, desk.command_profile, region))
