"""What puts a user's own terminal into the state of an emulated one: text, modes, cursor.

A shell that is handed the whole terminal goes on where it was, in vim as at a prompt.
"""

from __future__ import annotations

from collections.abc import Iterator

from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.modes import Modes
from mvm_tui.terminal.styles import PLAIN, sgr_of

_SHAPES = {"block": 1, "underline": 3, "bar": 5}
# A link of the guest's is left out: only what was looked at is to be followed.


def repaint(terminal: Terminal) -> bytes:
    """Bytes for a terminal of the same size that is in its first state."""
    return "".join(_pieces(terminal)).encode("utf-8", "replace")


def _pieces(terminal: Terminal) -> Iterator[str]:
    modes = terminal.modes
    yield "\x1b[?1049h" if modes.alternate_screen else ""
    yield "\x1b[H\x1b[2J"
    for y in range(terminal.rows):
        line = terminal.line(terminal.top + y)
        yield f"\x1b[{y + 1};1H"
        for run in line.runs():
            yield f"\x1b[{sgr_of(run.style)}m{run.text}"
    yield f"\x1b[{sgr_of(PLAIN)}m"
    yield from _modes(modes)
    cursor = terminal.cursor
    yield f"\x1b[{_SHAPES.get(cursor.shape, 1) + (not cursor.blink)} q"
    yield f"\x1b[{cursor.y + 1};{cursor.x + 1}H"
    yield "\x1b[?25h" if cursor.visible else "\x1b[?25l"


def _modes(modes: Modes) -> Iterator[str]:
    private = {
        1: modes.application_cursor,
        5: modes.reverse_video,
        67: modes.backarrow_sends_bs,
        1004: modes.focus_reports,
        2004: modes.bracketed_paste,
    }
    yield from (f"\x1b[?{mode}h" for mode, on in private.items() if on)
    yield from (f"\x1b[?{mode}h" for mode in (modes.mouse_protocol, modes.mouse_encoding) if mode)
    yield "\x1b=" if modes.application_keypad else ""
    yield f"\x1b[>4;{modes.modify_other_keys}m" if modes.modify_other_keys else ""
