"""Notices over the screen: each stays for a while, and none is put up twice at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mvm_tui.model.clock import Clock
from mvm_tui.tui.history import Severity

if TYPE_CHECKING:
    from mvm_tui.tui.app import MvmApp

# Seconds that a notice can be read.
_SECONDS: dict[Severity, float] = {"information": 5, "warning": 5, "error": 8}


class Toasts:
    """Shows notices by Textual's own means and knows which are still up."""

    def __init__(self, app: MvmApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._up: dict[tuple[str, Severity], float] = {}

    def show(self, text: str, severity: Severity) -> None:
        """Put up a notice, unless the same one is still to be read. `text` is safe to show."""
        now, seconds = self._clock.monotonic(), _SECONDS[severity]
        self._up = {shown: until for shown, until in self._up.items() if until > now}
        if (text, severity) not in self._up:
            self._up[text, severity] = now + seconds
            self._app.notify(text, severity=severity, timeout=seconds, markup=False)
