"""Undoes what a program may have switched on in the user's own terminal.

The sequences are xterm's (ctlseqs), kitty's for the keyboard protocol, and those that others took over.
A terminal ignores what it does not know.
"""

from __future__ import annotations

# Mouse in every form, focus and paste reports, colour-scheme and size reports, synchronised output, reverse
# video, keys of the cursor; then wrapping and the cursor on.
_PRIVATE_OFF = (9, 1000, 1001, 1002, 1003, 1005, 1006, 1015, 1016, 1004, 2004, 2031, 2048, 2026, 5, 1)
_PRIVATE_ON = (7, 25)
# Insert mode and newline mode.
_ANSI_OFF = (4, 20)
# Keypad, keyboard protocols (kitty's stack and flags, modifyOtherKeys), charset, cursor shape, colours.
_REST = "\x1b>\x1b[<99u\x1b[=0u\x1b[>4m\x1b(B\x0f\x1b[ q\x1b[0m"
# Setting margins and scroll region homes the cursor: it is put back.
_REGION = "\x1b7\x1b[?69l\x1b[r\x1b8"
# This homes it, too, and saving the cursor saves this mode with it: the cursor goes to the last row.
_LEAVE_ORIGIN = "\x1b[?6l\x1b[9999;1H"
_LEAVE_ALTERNATE = "\x1b[?1049l"
# The palette, and the colours of text, background and cursor.
_PALETTE = "\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07"
PUSH_TITLE = "\x1b[22;0t"
POP_TITLE = "\x1b[23;0t"


def modes_off(*, alternate: bool = True, origin: bool = False, palette: bool = False) -> str:
    """What makes a terminal plain again.

    Args:
        alternate: Whether the alternate screen may be shown. Leaving it where it is not moves the cursor.
        origin: Whether rows may be counted from the scroll region's first. Leaving that moves the cursor.
        palette: Whether colours may have been redefined.
    """
    return "".join(
        (
            *(f"\x1b[?{mode}l" for mode in _PRIVATE_OFF),
            *(f"\x1b[{mode}l" for mode in _ANSI_OFF),
            _REST,
            _LEAVE_ALTERNATE if alternate else "",
            _REGION,
            _LEAVE_ORIGIN if origin else "",
            *(f"\x1b[?{mode}h" for mode in _PRIVATE_ON),
            _PALETTE if palette else "",
        )
    )
