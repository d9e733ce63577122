"""The desk: all parts of the UI in one place, handed to those who act on them.

Commands, dialogs and widgets hold the desk. It belongs to the UI's own thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from mvm_tui.fleet.actions import Context
from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.launch import Launched
from mvm_tui.model.text import clean
from mvm_tui.tui import commands, messages, on_screen
from mvm_tui.tui.accounts import Accounts
from mvm_tui.tui.background import in_thread, outcome, post_safely
from mvm_tui.tui.build_jobs import BuildJobs
from mvm_tui.tui.clipboard import osc52
from mvm_tui.tui.forwards import Forwards
from mvm_tui.tui.history import Entry, History, Severity
from mvm_tui.tui.jobs import Jobs
from mvm_tui.tui.keys import Keys
from mvm_tui.tui.memory import Memory
from mvm_tui.tui.overview import Overview
from mvm_tui.tui.screens.fleet import FleetScreen
from mvm_tui.tui.screens.main import MainScreen
from mvm_tui.tui.sections import Sections
from mvm_tui.tui.shells import Shells
from mvm_tui.tui.theme import DARK, LIGHT, Palette, is_hex, load_themes, terminal_theme
from mvm_tui.tui.toasts import Toasts

if TYPE_CHECKING:
    from mvm_tui.fleet.spend import VmCost
    from mvm_tui.tui.app import MvmApp
    from mvm_tui.tui.log_reading import LogsLike
    from mvm_tui.tui.seams import FleetLike, Opener
    from mvm_tui.tui.start import StartOptions

Answer = TypeVar("Answer")

# Seconds in which what new rows have changed is drawn.
_BREATH = 0.1
# Of a longer notice the rest is in the messages: it is not to cover the table.
_TOAST_LIMIT = 240


class Desk:
    """What the UI consists of.

    Attributes:
        app: The Textual app.
        options: What the command line handed over.
        accounts: The connection in force.
        jobs: Actions under way.
        history: Everything that was said to the user.
        keys: The keys in force.
        memory: The garbage collector's timetable.
        overview: What is known of the account as a whole.
        fleet_screen: The first screen.
        sections: All main screens.
        shells: The open shells.
        forwards: The forwarded ports.
        builds: The builds that were begun or are followed from here.
    """

    def __init__(self, app: MvmApp, options: StartOptions, opener: Opener) -> None:
        self.app = app
        self.options = options
        self.accounts = Accounts(options, opener, app.post_message)
        self.jobs = Jobs(app.post_message)
        self.history = History()
        self.keys = Keys(options.settings.keymap())
        self.memory = Memory()
        self.overview = Overview(self)
        self._toasts = Toasts(app, options.clock)
        self.fleet_screen = FleetScreen(self)
        self.sections = Sections(self)
        self.shells = Shells(self)
        self.forwards = Forwards(self)
        self.builds = BuildJobs(self)
        self._palettes: dict[str, Palette] = {}

    def begin(self) -> None:
        """The screen stands: load the themes, say what is wrong in the config file, connect."""
        self._palettes, complaints = load_themes(self.options.themes_dir)
        for palette in self._palettes.values():
            self.app.register_theme(palette.theme)
        for complaint in (*self.options.complaints, *complaints):
            self.say(complaint, "warning")
        self.use_theme(self.options.theme or self.options.settings.theme or self.app.theme)
        self.open_account()

    # What the parts ask

    @property
    def fleet(self) -> FleetLike | None:
        return self.accounts.fleet

    def logs(self) -> LogsLike | None:
        """The logs of the account, loaded when they are first asked for; None without a connection."""
        return self.accounts.account.logs() if self.accounts.account else None

    @property
    def front(self) -> MainScreen:
        """The main screen in front, be it under dialogs."""
        return self.sections.front

    @property
    def now(self) -> datetime:
        return self.options.clock.now()

    def cost_of(self, microvm_id: str) -> VmCost | None:
        """What a MicroVM costs now and has cost; None while that is not known."""
        return None if self.fleet is None else self.fleet.spend.of(microvm_id)

    @property
    def budget(self) -> Decimal | None:
        """What MicroVMs may cost in a day, in USD; None if the settings do not say."""
        return self.options.settings.for_profile(self.accounts.profile or None).day_budget

    def context(self) -> Context:
        """What decisions about actions depend on."""
        return Context(self.now, self.accounts.read_only, self.shells.attached)

    def invoke(self, action_id: str, rows: Sequence[FleetRow] | None = None, argument: str = "") -> None:
        """Run an action of the registry on these MicroVMs, or on what is selected."""
        commands.invoke(self, action_id, rows, argument)

    def leave(self) -> None:
        """End the app; if something is lost by it, ask first."""
        on_screen.leave(self)

    def say(
        self, text: str, severity: Severity = "information", *, request_id: str = "", toast: bool = True
    ) -> None:
        """Tell the user something and remember it."""
        safe = clean(text)
        self.history.add(Entry(self.now, severity, safe, request_id=clean(request_id)))
        if toast:
            self._toasts.show(clean(safe, _TOAST_LIMIT), severity)

    def say_from_thread(self, text: str) -> None:
        """`say` for whoever runs in a thread; dropped once another account is on screen."""
        post_safely(self.app.post_message, messages.Answered(self.accounts.generation, self.say, text))

    def report(self, problem: Problem, subject: str = "", *, toast: bool = True) -> None:
        """Tell the user of a failure: what happened, why, and what to do."""
        what = clean(f"{subject}: {problem.what}" if subject else problem.what)
        detail = clean(" ".join(part for part in (problem.why, problem.fix) if part))
        code, request_id = clean(problem.code), clean(problem.request_id)
        self.history.add(Entry(self.now, "error", what, detail, code, request_id))
        if toast:
            text = f"{clean(what, _TOAST_LIMIT)}\n{clean(detail, _TOAST_LIMIT)}".strip()
            self._toasts.show(text, "error")

    def ask(self, call: Callable[[], Answer], deliver: Callable[[Answer | Problem], None]) -> None:
        """Make a blocking call in a thread; `deliver` gets its answer here, unless the account changed."""
        generation = self.accounts.generation
        post = self.app.post_message

        def work() -> None:
            post_safely(post, messages.Answered(generation, deliver, outcome(call)))

        in_thread("ask", work)

    def copy(self, text: str) -> None:
        """Put text on the user's clipboard and say so."""
        copied = osc52(text, os.environ)
        driver = self.app._driver
        if driver is not None:
            driver.write(copied.sequence)
        shown = clean(text, 60)
        self.say(f"Copied, but cut to what a terminal takes: {shown}" if copied.cut else f"Copied {shown}")

    @property
    def command_profile(self) -> str:
        """The profile that a shown command has to name; empty for the default one and in the demo."""
        return "" if self.options.demo else self.accounts.target.profile or ""

    # What changes the whole

    def theme_names(self) -> list[str]:
        """Our themes and the user's first, then Textual's own."""
        return [*self._palettes, *(name for name in self.app.available_themes if name not in self._palettes)]

    def use_theme(self, name: str) -> None:
        """Switch the theme; an unknown one is reported and the one in force stays."""
        if name not in self.app.available_themes:
            self.say(f"There is no theme {name!r}.", "warning")
            return
        self.app.theme = name
        if name in self._palettes:
            colors = terminal_theme(self._palettes[name])
            self.app.ansi_theme_dark = self.app.ansi_theme_light = colors
        self.shells.theme_changed()

    def terminal_colors(self) -> tuple[str, str, tuple[str, ...]]:
        """Text, ground and the 16 ANSI colours of the theme in force, each ``#rrggbb``.

        Textual's own themes have no ANSI colours: ours of the same brightness stand in for them.
        """
        theme = self.app.current_theme
        ours = self._palettes.get(theme.name) or self._palettes[DARK if theme.dark else LIGHT]
        variables = self.app.theme_variables
        found = (variables.get(name, "") for name in ("foreground", "background"))
        text, ground = (color if is_hex(color) else "" for color in found)
        return text or ours.theme.foreground or "", ground or ours.theme.background or "", ours.ansi

    def open_account(self, *, profile: str | None = None, region: str | None = None) -> None:
        """Connect: to where we are, or to another profile or region. The old account leaves the screen."""
        self.jobs.forget()
        self.forwards.forget()
        self.builds.forget()
        self.accounts.switch(profile=profile, region=region)
        self.overview.clear()
        for screen in self.sections:
            screen.clear()
        self.front.refresh_facts()
        self.shells.changed()
        if self.accounts.generation > 1:
            self.memory.deep()

    def set_hidden(self, hidden: bool) -> None:
        """Whether the terminal is out of sight."""
        if hidden:
            self.memory.deep()
        if self.fleet is not None:
            self.fleet.set_hidden(hidden)

    def launched(self, launched: Launched) -> None:
        """A launch was accepted: say so and put the cursor on it."""
        vm = launched.vm
        self.say(f"{clean(vm.image_label)} is starting as {clean(vm.id)}.", request_id=launched.request_id)
        self.fleet_screen.follow(vm.id)

    def images_changed(self, image_arn: str) -> None:
        """An image is otherwise than it was read: whoever shows it reads it again."""
        if self.fleet is not None:
            # What is stored is otherwise too.
            self.fleet.spend.reread_images()
        for screen in self.sections:
            screen.image_changed(image_arn)

    # What threads say

    def take(self, message: messages.FromThread) -> None:
        """Act on what a thread found out; what is of an older account is dropped."""
        if isinstance(message, messages.FleetChanged):
            if message.change.generation == self.accounts.generation:
                self._fleet_changed(message.change)
                if self.memory.grown(len(message.change.added)):
                    self.app.set_timer(_BREATH, self.memory.settle)
        elif isinstance(message, messages.Answered):
            if message.generation == self.accounts.generation:
                message.deliver(message.answer)
        elif isinstance(message, messages.AccountOpened):
            self._account_opened(message)
        elif isinstance(message, messages.OpenFailed):
            self._open_failed(message)
        elif isinstance(message, messages.ActionResult):
            commands.action_result(self, message)
            self.front.refresh_facts()
        elif isinstance(message, messages.ActionEnded):
            commands.action_ended(self, message)
            self.front.refresh_facts()

    def _fleet_changed(self, change: ChangeSet) -> None:
        self.overview.apply(change)
        self.shells.apply(change)
        for screen in self.sections:
            screen.apply(change)
        self.front.refresh_facts_soon()

    def _account_opened(self, message: messages.AccountOpened) -> None:
        self.memory.loaded()
        if self.accounts.opened(message):
            self.shells.changed()
            self.ask(message.account.identify, self._identified)
            self.front.refresh_facts()

    def _identified(self, answer: str | Problem) -> None:
        """Without an answer the number stays unknown: what keeps it back shows at the listing too."""
        if not isinstance(answer, Problem):
            self.accounts.number = answer
            self.front.refresh_facts()

    def _open_failed(self, message: messages.OpenFailed) -> None:
        self.memory.loaded()
        if self.accounts.failed(message):
            self.report(message.problem, toast=False)
            self.fleet_screen.show_problem(message.problem)
