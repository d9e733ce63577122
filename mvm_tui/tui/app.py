"""The Textual app: it composes the parts and hands messages from one to the other. It knows no details."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.app import App
from textual.binding import BindingType

from mvm_tui.fleet.actions import Context, Scope
from mvm_tui.model.errors import Problem
from mvm_tui.model.text import clean
from mvm_tui.tui import commands, messages
from mvm_tui.tui.accounts import Accounts
from mvm_tui.tui.background import in_thread, outcome, post_safely
from mvm_tui.tui.clipboard import osc52
from mvm_tui.tui.history import Entry, History, Severity
from mvm_tui.tui.jobs import Jobs
from mvm_tui.tui.keys import Keys, bindings
from mvm_tui.tui.screens.fleet import FleetScreen
from mvm_tui.tui.theme import DARK, STATE_DEFAULTS, load_themes

if TYPE_CHECKING:
    from mvm_tui.model.microvm import Microvm
    from mvm_tui.tui.seams import FleetLike, Opener
    from mvm_tui.tui.start import StartOptions

Answer = TypeVar("Answer")


class MvmApp(App[int]):
    """mvm-tui.

    Attributes:
        accounts: The connection in force.
        jobs: Actions under way.
        history: Everything that was said to the user.
        keys: The keys in force.
        failure: The exception that ended the app; None as long as all is well.
    """

    TITLE = "mvm-tui"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = list(bindings([Scope.APP]))

    def __init__(self, options: StartOptions, opener: Opener) -> None:
        super().__init__()
        self.options = options
        self.accounts = Accounts(options, opener, self.post_message)
        self.jobs = Jobs(self.post_message)
        self.history = History()
        self.keys = Keys(options.settings.keymap())
        self.failure: Exception | None = None
        self.fleet_screen = FleetScreen(options, self.keys)
        self._palettes, self._theme_complaints = load_themes(options.themes_dir)
        for palette in self._palettes.values():
            self.register_theme(palette.theme)
        self.set_keymap(self.keys.keymap)
        self.use_theme(options.theme or options.settings.theme or DARK)

    def get_default_screen(self) -> FleetScreen:
        return self.fleet_screen

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return STATE_DEFAULTS

    # What the parts ask of the app

    @property
    def fleet(self) -> FleetLike | None:
        return self.accounts.fleet

    @property
    def now(self) -> datetime:
        return self.options.clock.now()

    def context(self) -> Context:
        """What decisions about actions depend on."""
        return Context(self.now, self.accounts.read_only)

    def action_invoke(self, action_id: str) -> None:
        commands.invoke(self, action_id)

    def say(
        self, text: str, severity: Severity = "information", *, request_id: str = "", toast: bool = True
    ) -> None:
        """Tell the user something and remember it."""
        self.history.add(Entry(self.now, severity, clean(text), request_id=clean(request_id)))
        if toast:
            self.notify(clean(text), severity=severity, markup=False)

    def report(self, problem: Problem, subject: str = "", *, toast: bool = True) -> None:
        """Tell the user of a failure: what happened, why, and what to do."""
        what = clean(f"{subject}: {problem.what}" if subject else problem.what)
        detail = clean(" ".join(part for part in (problem.why, problem.fix) if part))
        self.history.add(
            Entry(self.now, "error", what, detail, clean(problem.code), clean(problem.request_id))
        )
        if toast:
            self.notify(f"{what}\n{detail}".strip(), severity="error", timeout=8, markup=False)

    def ask(self, call: Callable[[], Answer], deliver: Callable[[Answer | Problem], None]) -> None:
        """Make a blocking call in a thread; `deliver` gets its answer here, unless the account changed."""
        generation = self.accounts.generation

        def work() -> None:
            post_safely(self.post_message, messages.Answered(generation, deliver, outcome(call)))

        in_thread("ask", work)

    def copy_to_clipboard(self, text: str) -> None:
        """Put text on the user's clipboard and say so."""
        copy = osc52(text, os.environ)
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(copy.sequence)
        self.say("Copied, cut to what a terminal takes." if copy.cut else f"Copied {clean(text, 60)}")

    def launched(self, vm: Microvm) -> None:
        """A launch was accepted: say so and go to it."""
        self.say(f"{clean(vm.image_label)} is starting as {clean(vm.id)}.")
        self.fleet_screen.follow(vm.id)

    @property
    def command_profile(self) -> str:
        """The profile that a shown command has to name; empty for the default one and in the demo."""
        return "" if self.options.demo else self.accounts.target.profile or ""

    def theme_names(self) -> list[str]:
        """Our themes and the user's first, then Textual's own."""
        return [*self._palettes, *(name for name in self.available_themes if name not in self._palettes)]

    def use_theme(self, name: str) -> None:
        """Switch the theme; an unknown one is reported and the one in force stays."""
        if name not in self.available_themes:
            self._theme_complaints.append(f"There is no theme {clean(name, 60)!r}.")
            name = DARK
        self.theme = name

    def open_account(self, *, profile: str | None = None, region: str | None = None) -> None:
        """Connect: to where we are, or to another profile or region. The old account leaves the screen."""
        self.jobs.forget()
        self.accounts.switch(profile=profile, region=region)
        self.fleet_screen.clear()
        self.fleet_screen.refresh_facts()

    # What happens

    def on_mount(self) -> None:
        for complaint in (*self.options.complaints, *self._theme_complaints):
            self.say(complaint, "warning")
        self.call_after_refresh(self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.open_account()
        gc.collect()
        gc.freeze()

    def on_unmount(self) -> None:
        self.accounts.close()

    @on(messages.AccountOpened)
    def _account_opened(self, message: messages.AccountOpened) -> None:
        if self.accounts.opened(message):
            self.ask(message.account.identify, self._identified)
            self.fleet_screen.refresh_facts()

    def _identified(self, answer: str | Problem) -> None:
        """Without an answer the number stays unknown: what keeps it back shows at the listing too."""
        if not isinstance(answer, Problem):
            self.accounts.number = answer
            self.fleet_screen.refresh_facts()

    @on(messages.OpenFailed)
    def _open_failed(self, message: messages.OpenFailed) -> None:
        if self.accounts.failed(message):
            self.report(message.problem, toast=False)
            self.fleet_screen.show_problem(message.problem)

    @on(messages.FleetChanged)
    def _fleet_changed(self, message: messages.FleetChanged) -> None:
        if message.change.generation == self.accounts.generation:
            self.fleet_screen.apply(message.change)

    @on(messages.Answered)
    def _answered(self, message: messages.Answered) -> None:
        if message.generation == self.accounts.generation:
            message.deliver(message.answer)

    @on(messages.ActionResult)
    def _action_result(self, message: messages.ActionResult) -> None:
        commands.action_result(self, message)
        self.fleet_screen.refresh_facts()

    @on(messages.ActionEnded)
    def _action_ended(self, message: messages.ActionEnded) -> None:
        commands.action_ended(self, message)
        self.fleet_screen.refresh_facts()

    def on_app_focus(self) -> None:
        if self.fleet:
            self.fleet.set_hidden(False)

    def on_app_blur(self) -> None:
        if self.fleet:
            self.fleet.set_hidden(True)

    # How it ends

    def action_help_quit(self) -> None:
        self.say(f"{self.keys.label('app.back')} on the first screen leaves, and so does ctrl+q.")

    def _fatal_error(self) -> None:
        # Textual would print a traceback with the values of local variables, which may be secret.
        self.failure = self._exception
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        self._fatal_error()
