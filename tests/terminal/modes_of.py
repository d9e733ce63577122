"""The modes that a program brings about, for tests of what keys and mouse send."""

from __future__ import annotations

from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.modes import Modes


def modes_after(output: bytes) -> Modes:
    """The modes after a program printed this."""
    terminal = Terminal(80, 24)
    terminal.feed(output)
    return terminal.modes
