"""Every key that works and what it does, from the registry and the bindings in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mvm_tui.config.schema import split_keys
from mvm_tui.fleet.action import Action, Danger, Scope
from mvm_tui.fleet.actions import BY_ID
from mvm_tui.fleet.catalogue.shells import SHELL_ACTIONS
from mvm_tui.fleet.sections import SHELLS
from mvm_tui.tui.dialogs.base import BACK, Dialog
from mvm_tui.tui.keys import shown_key
from mvm_tui.tui.widgets import log_keys
from mvm_tui.tui.widgets.detail import FactSheet
from mvm_tui.tui.widgets.fleet_table import FleetTable
from mvm_tui.tui.widgets.text_scroll import TextScroll
from mvm_tui.tui.words import Fact

_PARTS = (
    ("MicroVMs", (Scope.MICROVM, Scope.MICROVMS)),
    ("Table", (Scope.TABLE,)),
    ("Log", (Scope.LOGS,)),
    ("Cost", (Scope.COST,)),
    ("Images", (Scope.IMAGES, Scope.IMAGE, Scope.IMAGE_VERSION)),
    ("App", (Scope.APP,)),
)
_KEYS = 15
_LABEL = 13
_FILTER = (
    ("web", "text in name, id, image or state"),
    ("state:run,susp", "one of several, the beginning is enough; also image: name: id: version:"),
    ("size>=1g", "memory; also size:2g"),
    ("age>2h left<1h", "time since the start, time until the end"),
    ("shell:yes", "whether a shell can be opened; idle:no, whether there is an idle policy"),
    ("!state:ended", "not"),
)
_LOG_FILTER = (
    ("timed out", 'both words, whatever their case; "timed out" as one'),
    ("/5\\d\\d/i", "a regular expression; i: whatever its case"),
    ("level>=warn", "the level, as far as a line tells one; also level:error"),
    ("stream:x vm:9c1f", "text in the stream's name, in the MicroVM's id"),
    ("last:5m", "not older; also after:14:20 before:14:30"),
    ("!health", "not"),
)


class KeySheet(FactSheet):
    """Keys at the left, what they do beside them."""

    LABEL_WIDTH = 2 + _KEYS + _LABEL
    LABEL_STYLE = "$accent"


class HelpScreen(Dialog[None]):
    """The keys."""

    DEFAULT_CSS = """
    HelpScreen .box { width: 104; height: 94%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [BACK]

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Help"
            with TextScroll():
                yield KeySheet(markup=False)
            yield Static("↑ ↓ scroll · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextScroll).focus()
        self.query_one(KeySheet).show(list(self._lines()))

    def _lines(self) -> Iterator[Fact]:
        """What works on the screen in front; what is special about it follows."""
        section = self.desk.front.section
        if section is SHELLS:
            yield from self._shell_lines()
        for title, scopes in _PARTS:
            if actions := [action for action in section.actions if action.scope in scopes]:
                yield "", Content.styled(title, "bold")
                yield from map(self._action, actions)
                yield "", Content("")
        if section.in_shell and section is not SHELLS:
            yield from self._shell_lines()
        if Scope.TABLE in section.scopes:
            yield from self._moving_lines("Moving in the table", FleetTable.BINDINGS, _FILTER)
        if Scope.LOGS in section.scopes:
            yield from self._moving_lines("Moving in the log", log_keys.MOVES, _LOG_FILTER)

    def _shell_lines(self) -> Iterator[Fact]:
        keys = split_keys(self.desk.options.settings.shell.leader)
        leader = " ".join(keys)
        yield "", Content.styled(f"In a shell, after {' or '.join(keys)}", "bold")
        yield from map(self._action, SHELL_ACTIONS)
        twice = Content.styled(
            "Every other key goes to the MicroVM; pressed twice, this one too.", "$text-muted"
        )
        yield f"  {leader}", twice
        yield "", Content("")

    def _moving_lines(
        self, title: str, bindings: Sequence[BindingType], terms: Sequence[tuple[str, str]]
    ) -> Iterator[Fact]:
        yield "", Content.styled(title, "bold")
        for keys, label in self._moves(bindings):
            yield f"  {keys}", Content.styled(label, "$text-muted")
        yield "", Content("")
        yield "", Content.styled("Filter", "bold")
        for term, text in terms:
            yield f"  {term}", Content.styled(text, "$text-muted")

    def _action(self, action: Action) -> Fact:
        forbidden = self.desk.context().read_only and action.danger is not Danger.NONE
        help_text = f"{action.help} Off: read-only." if forbidden else action.help
        verb = f":{action.verb}" if action.verb and not self.desk.keys.of(action.id) else ""
        keys = self.desk.keys.label(action.id) or verb
        head = Content.assemble((f"  {keys:<{_KEYS}}", "$accent"), f"{action.label:<{_LABEL}}")
        return head, Content.styled(help_text, "$text-muted")

    def _moves(self, bindings: Sequence[BindingType]) -> Iterator[tuple[str, str]]:
        """Those of the bindings that are no actions of the registry, by what they do."""
        keys: dict[str, list[str]] = {}
        for binding in cast("Sequence[Binding]", bindings):
            if binding.id not in BY_ID:
                wanted = self.desk.keys.keymap.get(binding.id or "", binding.key)
                keys.setdefault(binding.description, []).extend(shown_key(key) for key in wanted.split(","))
        for label, names in keys.items():
            yield " ".join(names), label
