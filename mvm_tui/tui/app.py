"""The Textual app: the first frame, then everything else, and a clean end.

What is imported here is what the first frame needs; the rest is loaded once that frame is on screen.
"""

from __future__ import annotations

import asyncio
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.app import App
from textual.driver import Driver

from mvm_tui.model.text import without_controls
from mvm_tui.tui.key_sequences import SequenceKey
from mvm_tui.tui.messages import FromThread
from mvm_tui.tui.screens.first import FirstScreen
from mvm_tui.tui.theme import DARK, first_palette, state_defaults

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.seams import Opener
    from mvm_tui.tui.start import StartOptions


class MvmApp(App[int]):
    """mvm-tui.

    Attributes:
        desk: All parts of the UI; there once the first frame is on screen.
        ready: Whether it is.
        failure: The exception that ended the app; None as long as all is well.
    """

    TITLE = "mvm-tui"
    ENABLE_COMMAND_PALETTE = False

    desk: Desk

    def __init__(self, options: StartOptions, opener: Opener) -> None:
        super().__init__()
        self.options = options
        self.ready = False
        self.failure: Exception | None = None
        self._opener = opener
        palette = first_palette(options.theme or options.settings.theme or DARK)
        self.register_theme(palette.theme)
        self.theme = palette.name

    def get_default_screen(self) -> FirstScreen:
        return FirstScreen(self.options.demo)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return state_defaults(self.current_theme)

    def on_mount(self) -> None:
        self.call_after_refresh(self._build)

    async def _build(self) -> None:
        """The first frame stands: load and compose the rest, then connect."""
        # In a thread, so that the loop goes on turning meanwhile.
        await asyncio.to_thread(import_module, "mvm_tui.tui.desk")
        from mvm_tui.tui.desk import Desk

        self.desk = Desk(self, self.options, self._opener)
        self.set_keymap(self.desk.keys.keymap)
        await self.push_screen(self.desk.fleet_screen)
        self.ready = True
        self.desk.begin()
        self.call_after_refresh(self._settle_memory)

    def _settle_memory(self) -> None:
        from mvm_tui.tui.memory import DEEP_SECONDS, SETTLE_SECONDS

        self.desk.memory.begin()
        self.set_interval(SETTLE_SECONDS, self._tidy)
        self.set_interval(DEEP_SECONDS, self.desk.memory.deep)

    def _tidy(self) -> None:
        # What a dialog consists of is not to stay: it goes when the dialog does.
        if self.screen is self.desk.front:
            self.desk.memory.settle()

    @property
    def keys_are_taken(self) -> bool:
        """Whether what has the focus takes every key: none is the app's own then."""
        return bool(self._screen_stacks) and getattr(self.focused, "takes_all_keys", False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Bindings of the app that go before those of any widget are off while a shell has the focus."""
        return not (action == "quit" and self.keys_are_taken)

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        from mvm_tui.tui.driver import ShellDriver

        return ShellDriver

    def keep_key_sequences(self, whole: bool) -> None:
        """Whether keys are to hold the bytes that the terminal sent for them; not every driver can."""
        keys: threading.Event | None = getattr(self._driver, "whole_keys", None)
        if keys is not None:
            (keys.set if whole else keys.clear)()

    async def on_event(self, event: events.Event) -> None:
        if self.ready and isinstance(event, events.InputEvent):
            self.desk.shells.hurry()
        if isinstance(event, SequenceKey) and not event.is_forwarded and self.keys_are_taken:
            # There is nothing to look for: no binding is in force.
            if self.focused is not None:
                self.focused._forward_event(event)
            return
        if isinstance(event, events.Paste) and not self.keys_are_taken:
            # Fields draw what they hold: a pasted escape sequence would reach the terminal.
            event.text = without_controls(event.text)
        await super().on_event(event)

    async def action_invoke(self, action_id: str) -> None:
        """Run an action of the registry; what every key is bound to."""
        self.desk.invoke(action_id)
        await self.desk.front.line_opened()

    def on_key(self, event: events.Key) -> None:
        # What was typed before a line was there to take it is text, not the keys of actions.
        if self.ready and self.desk.front.take_typed(event):
            event.prevent_default()

    async def action_quit(self) -> None:
        """ctrl+q: from wherever one is."""
        if self.ready:
            self.desk.leave()
        else:
            self.exit(0)

    def action_help_quit(self) -> None:
        """ctrl+c: not a way out, but the place to say which one there is."""
        if self.ready:
            self.desk.say(f"{self.desk.keys.label('app.back')} on the first screen leaves, ctrl+q anywhere.")

    def copy_to_clipboard(self, text: str) -> None:
        self.desk.copy(text)

    @on(FromThread)
    def _from_thread(self, message: FromThread) -> None:
        self.desk.take(message)

    def on_app_focus(self) -> None:
        if self.ready:
            self.desk.set_hidden(False)

    def on_app_blur(self) -> None:
        if self.ready:
            self.desk.set_hidden(True)

    async def on_unmount(self) -> None:
        if self.ready:
            self.desk.accounts.close()
            self.desk.builds.forget()
            await self.desk.shells.close_all()
            await self.desk.forwards.close_all()

    def _fatal_error(self) -> None:
        # Textual would print a traceback with the values of local variables, which may be secret.
        self.failure = self._exception
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        self._fatal_error()
