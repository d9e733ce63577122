"""What the mouse sends to the guest, in the protocol and encoding asked for (ctlseqs, "Mouse Tracking")."""

from __future__ import annotations

from mvm_tui.terminal.keys import encode_key
from mvm_tui.terminal.modes import Modes

NONE, LEFT, MIDDLE, RIGHT = 0, 1, 2, 3
WHEEL_UP, WHEEL_DOWN, WHEEL_LEFT, WHEEL_RIGHT = 4, 5, 6, 7
PRESS, RELEASE, MOVE = "press", "release", "move"

_X10_LAST = 223
_UTF8_LAST = 2_015
_MOTION, _WHEEL, _EXTRA = 32, 64, 128


def encode_mouse(
    action: str,
    button: int,
    x: int,
    y: int,
    modes: Modes,
    *,
    shift: bool = False,
    alt: bool = False,
    ctrl: bool = False,
) -> bytes:
    """The bytes for one event; nothing where the program did not ask for it, or cannot be told.

    Args:
        action: `PRESS`, `RELEASE` or `MOVE`. A turn of the wheel is a press.
        button: `LEFT` …, for a move the one held, or `NONE`; 8 to 11 are the further buttons.
        x: Column from 0.
        y: Row from 0.
        modes: The terminal's modes.
        shift: Held.
        alt: Held.
        ctrl: Held.
    """
    if not wants(action, button, modes):
        return b""
    code = _code(action, button)
    if modes.mouse_protocol != 9:
        code += 4 * shift + 8 * alt + 16 * ctrl
    column, row = x + 1, y + 1
    encoding = modes.mouse_encoding
    if encoding == 1006:
        return f"\x1b[<{code};{column};{row}{'m' if action == RELEASE else 'M'}".encode()
    if action == RELEASE:
        code = code & ~(3 | _WHEEL | _EXTRA) | 3  # these encodings do not tell which
    if encoding == 1015:
        return f"\x1b[{code + 32};{column};{row}M".encode()
    if encoding == 1005:
        if max(column, row) > _UTF8_LAST:
            return b""
        return b"\x1b[M" + "".join(chr(32 + value) for value in (code, column, row)).encode()
    if max(column, row) > _X10_LAST:
        return b""
    return b"\x1b[M" + bytes((32 + code, 32 + column, 32 + row))


def wants(action: str, button: int, modes: Modes) -> bool:
    """Whether the program asked for such an event."""
    wheel = WHEEL_UP <= button <= WHEEL_RIGHT
    protocol = modes.mouse_protocol
    if wheel and action != PRESS:
        return False
    if protocol == 9:
        return action == PRESS and LEFT <= button <= RIGHT
    if protocol == 1000:
        return action != MOVE
    if protocol == 1002:
        return action != MOVE or button != NONE
    return protocol == 1003


def _code(action: str, button: int) -> int:
    if button == NONE:
        code = 3
    elif button <= RIGHT:
        code = button - 1
    elif button <= WHEEL_RIGHT:
        code = _WHEEL + button - WHEEL_UP
    else:
        code = _EXTRA + button - 8
    return code + _MOTION * (action == MOVE)


def wheel_as_keys(button: int, lines: int, modes: Modes) -> bytes:
    """A turn of the wheel as so many arrow keys: for a program on the alternate screen without mouse."""
    if modes.mouse_protocol or not (modes.alternate_screen and modes.alternate_scroll):
        return b""
    key = {WHEEL_UP: "up", WHEEL_DOWN: "down"}.get(button)
    return encode_key(key, modes) * lines if key else b""
