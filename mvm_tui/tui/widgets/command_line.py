"""The ``:`` line: verbs and their arguments, completed with tab, with a history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from mvm_tui.aws.places import REGIONS, profile_names
from mvm_tui.fleet.action import Action, Scope
from mvm_tui.fleet.image_decisions import IMAGE_SCOPES
from mvm_tui.model.errors import Problem
from mvm_tui.model.sorting import SORTABLE
from mvm_tui.model.text import clean
from mvm_tui.tui.command_text import completions, parse_command
from mvm_tui.tui.selection import find_rows
from mvm_tui.tui.widgets.fleet_columns import BY_ID
from mvm_tui.tui.widgets.footer import Hint

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk

# Choices that stand before the chosen one.
_BEFORE = 6
_SINCE = ("1m", "5m", "15m", "1h", "6h", "1d", "7d", "all")
_TIMES = ("local", "utc", "relative", "off")
_LOG_FILTERS = ("level>=warn", "level:error", "last:", "after:", "before:", "stream:", "vm:")
_FILTERS = ("state:", "image:", "name:", "id:", "size:", "shell:yes", "shell:no", "age>", "left<")


class CommandLine(Vertical):
    """enter runs, esc closes, tab completes, up and down go through what was typed before."""

    DEFAULT_CSS = """
    CommandLine { height: auto; background: $surface; }
    CommandLine .choices { height: 1; padding: 0 1; color: $text-muted; }
    CommandLine Horizontal { height: 1; }
    CommandLine .prompt { width: 3; color: $accent; text-style: bold; padding-left: 1; }
    CommandLine Input { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close", show=False, id="app.close"),
        Binding("tab", "complete(1)", "complete", show=False, priority=True, id="line.complete"),
        Binding(
            "shift+tab", "complete(-1)", "complete back", show=False, priority=True, id="line.complete_back"
        ),
        Binding("up", "recall(-1)", "earlier", show=False, id="line.earlier"),
        Binding("down", "recall(1)", "later", show=False, id="line.later"),
    ]

    HINTS: ClassVar[list[Hint]] = [
        ("", "enter", "run"),
        ("", "tab", "complete"),
        ("", "↑", "earlier"),
        ("", "esc", "close"),
    ]
    _past: ClassVar[list[str]] = []

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._verbs = desk.front.section.verbs()
        self._words = _words(desk, self._verbs)
        self._choices: list[str] = []
        self._chosen = -1
        self._completed = ""
        # What was typed last may be told after the line was left.
        self._left = False
        self._recalled = len(self._past)

    def compose(self) -> ComposeResult:
        yield Static("", classes="choices", markup=False)
        with Horizontal():
            yield Static(":", classes="prompt", markup=False)
            yield Input(compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        self.screen.set_focus(self.query_one(Input))
        self._offer("")
        if not self._desk.options.demo:
            self._desk.ask(profile_names, self._take_profiles)

    def _take_profiles(self, names: list[str] | Problem) -> None:
        if not isinstance(names, Problem):
            self._words["app.profile"] = lambda: names

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if event.value != self._completed and not self._left:
            self._offer(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        line = event.value.strip()
        self.action_leave()
        if line:
            self._past.append(line)
            # Not from here: a dialog it opens would answer to this line, which is about to go.
            self._desk.app.call_later(run_line, self._desk, line)

    def action_leave(self) -> None:
        self._left = True
        self._desk.front.close_line(self)

    def action_complete(self, step: int) -> None:
        if not self._choices:
            return
        self._chosen = (self._chosen + step) % len(self._choices) if self._chosen >= 0 else 0
        self._completed = self._choices[self._chosen]
        self._put(self._completed)
        self._show_choices()

    def action_recall(self, step: int) -> None:
        self._recalled = min(max(self._recalled + step, 0), len(self._past))
        self._put(self._past[self._recalled] if self._recalled < len(self._past) else "")

    def _put(self, line: str) -> None:
        box = self.query_one(Input)
        box.value = line
        box.cursor_position = len(line)

    def _offer(self, line: str) -> None:
        self._choices = completions(line, self._words, self._verbs)
        self._chosen = -1
        self._show_choices()

    def _show_choices(self) -> None:
        box = self.query_one(".choices", Static)
        words = [clean(choice.rpartition(" ")[2], 40) for choice in self._choices]
        box.update(choice_line(words, self._chosen, box.content_size.width or self.app.size.width - 2))


def choice_line(words: Sequence[str], chosen: int, width: int) -> Content:
    """The words from a little before the chosen one on; ``…`` where more of them are."""
    start = max(chosen - _BEFORE, 0)
    line = Content.styled("…  " if start else "", "$text-muted")
    for at, word in enumerate(words[start:], start):
        label = Content.styled(word, "bold $accent" if at == chosen else "$text-muted")
        last = at == len(words) - 1
        if line.cell_length + label.cell_length + (0 if last else 3) > width and at > chosen:
            return line + Content.styled("…", "$text-muted")
        line += label + Content("  ")
    return line


def run_line(desk: Desk, line: str) -> None:
    """Run what was typed after the colon."""
    try:
        action, argument = parse_command(line, desk.front.section.verbs())
        named = argument.split() if _names_microvms(action) else []
        rows = find_rows(desk.fleet.rows(), named) if named and desk.fleet else None
    except ValueError as error:
        desk.say(clean(error), "warning")
        return
    desk.invoke(action.id, rows, argument)


def _names_microvms(action: Action) -> bool:
    """Whether the words after the verb name MicroVMs; a rename is of the row under the cursor."""
    return action.scope in (Scope.MICROVM, Scope.MICROVMS) and action.id != "microvm.rename"


def _words(desk: Desk, verbs: Mapping[str, Action]) -> dict[str, Callable[[], Sequence[str]]]:
    """What can follow each verb, by action id."""

    def microvms() -> list[str]:
        rows = desk.fleet.rows().values() if desk.fleet else ()
        return sorted(row.name or row.id for row in rows)

    words: dict[str, Callable[[], Sequence[str]]] = {
        action.id: microvms for action in verbs.values() if _names_microvms(action)
    }
    words |= {
        action.id: partial(desk.front.names_for, action)
        for action in verbs.values()
        if action.scope in IMAGE_SCOPES
    }
    return words | {
        "table.sort": lambda: [*SORTABLE, *(f"-{name}" for name in SORTABLE)],
        "table.columns": lambda: list(BY_ID),
        "table.filter": lambda: _FILTERS,
        "app.theme": desk.theme_names,
        "app.region": lambda: REGIONS,
        "logs.choose": lambda: ["all", *microvms()],
        "logs.since": lambda: _SINCE,
        "logs.times": lambda: _TIMES,
        "logs.filter": lambda: _LOG_FILTERS,
    }
