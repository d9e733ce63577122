"""The control strings: operating system commands (OSC) and requests in device control strings (DCS)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from mvm_tui.terminal.colours import parse_colour, spec_of
from mvm_tui.terminal.events import ClipboardWrite, Notification, PromptMark, WorkingDirectory
from mvm_tui.terminal.modes import BLINKING_CURSOR
from mvm_tui.terminal.rows import CHANGED
from mvm_tui.terminal.screen import Screen
from mvm_tui.terminal.styles import PROTECTED, sgr_of

ADDRESS_LIMIT = 4_096
TEXT_LIMIT = 1_024
_SHAPE_NUMBERS = {"block": 2, "underline": 4, "bar": 6}


def operating_system_command(screen: Screen, body: str, terminator: str) -> None:
    """Do what an OSC says, or nothing. ``terminator`` ends an answer as it ended the question."""
    number, separator, rest = body.partition(";")
    handler = _COMMANDS.get(number)
    if handler and (separator or number in _ALONE):
        handler(screen, rest, terminator)


def _title(screen: Screen, text: str, _: str) -> None:
    screen.set_title(text)


def _icon_name(screen: Screen, text: str, _: str) -> None:
    screen.set_icon_name(text)


def _title_and_icon(screen: Screen, text: str, _: str) -> None:
    screen.set_icon_name(text)
    screen.set_title(text)


def _palette(screen: Screen, text: str, terminator: str) -> None:
    """OSC 4: pairs of an index and a colour, or ``?``."""
    parts = text.split(";")
    for index_text, spec in zip(parts[::2], parts[1::2], strict=False):
        index = _index(index_text)
        if index is None:
            continue
        if spec == "?":
            colour = screen.colours.palette(index)
            screen.write_process_input(f"\x1b]4;{index};{spec_of(colour)}{terminator}")
        elif (new := parse_colour(spec)) is not None:
            screen.colours.changed[index] = new
            screen.redraw = True


def _reset_palette(screen: Screen, text: str, _: str) -> None:
    if not text:
        screen.colours.changed.clear()
    for part in text.split(";"):
        index = _index(part)
        if index is not None:
            screen.colours.changed.pop(index, None)
    screen.redraw = True


def _index(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 256:
        return int(text)
    return None


def _dynamic(first: int) -> Callable[[Screen, str, str], None]:
    """OSC 10, 11, 12: one colour, and those that follow it when more are given."""

    def handle(screen: Screen, text: str, terminator: str) -> None:
        for code, spec in zip(range(first, 13), text.split(";"), strict=False):
            if spec == "?":
                colour = screen.colours.dynamic(code)
                screen.write_process_input(f"\x1b]{code};{spec_of(colour)}{terminator}")
            elif (new := parse_colour(spec)) is not None:
                screen.colours.set_dynamic(code, new)
                screen.redraw = True

    return handle


def _reset_dynamic(code: int) -> Callable[[Screen, str, str], None]:
    def handle(screen: Screen, _: str, __: str) -> None:
        screen.colours.set_dynamic(code, None)
        screen.redraw = True

    return handle


def _link(screen: Screen, text: str, _: str) -> None:
    """OSC 8: parameters, of which only ``id`` counts, and the address."""
    parameters, separator, uri = text.partition(";")
    if separator:
        names = [part[3:] for part in parameters.split(":") if part.startswith("id=")]
        screen.set_link(names[0] if names else "", uri)


def _clipboard(screen: Screen, text: str, _: str) -> None:
    """OSC 52: writing is the caller's to decide; reading is never answered."""
    selection, separator, data = text.partition(";")
    if not separator or data == "?":
        return
    try:
        decoded = base64.b64decode(data.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return
    screen.outbox.emit(ClipboardWrite(selection[:16] or "c", decoded))


def _prompt(screen: Screen, text: str, _: str) -> None:
    """OSC 133: where prompt, command and output begin and end."""
    kind, _separator, rest = text.partition(";")
    if kind not in ("A", "B", "C", "D"):
        return
    y = screen.cursor.y
    if kind == "A" and not screen.alternate:
        screen.rows[y].mark = True
        screen.rows[y].dirty = CHANGED
    status = rest.partition(";")[0]
    number = (
        int(status) if kind == "D" and status.isascii() and status.isdigit() and len(status) < 10 else None
    )
    screen.outbox.emit(PromptMark(kind, screen.history.end + y, number))


def _directory(screen: Screen, text: str, _: str) -> None:
    if len(text) <= ADDRESS_LIMIT:
        screen.outbox.emit(WorkingDirectory(text))


def _notify(screen: Screen, text: str, _: str) -> None:
    """OSC 9: text; ConEmu's numbered commands of that name are not meant for the user."""
    if not text.partition(";")[0].isdigit():
        screen.outbox.emit(Notification(text[:TEXT_LIMIT]))


def _notify_parts(screen: Screen, text: str, _: str) -> None:
    """OSC 777: ``notify;title;body``."""
    kind, _separator, rest = text.partition(";")
    if kind == "notify" and rest:
        screen.outbox.emit(Notification(rest.replace(";", ": ", 1)[:TEXT_LIMIT]))


_COMMANDS: dict[str, Callable[[Screen, str, str], None]] = {
    "0": _title_and_icon,
    "1": _icon_name,
    "2": _title,
    "4": _palette,
    "7": _directory,
    "8": _link,
    "9": _notify,
    "10": _dynamic(10),
    "11": _dynamic(11),
    "12": _dynamic(12),
    "52": _clipboard,
    "104": _reset_palette,
    "110": _reset_dynamic(10),
    "111": _reset_dynamic(11),
    "112": _reset_dynamic(12),
    "133": _prompt,
    "777": _notify_parts,
}
_ALONE = frozenset(("104", "110", "111", "112"))


def device_control_string(screen: Screen, body: str) -> None:
    """Answer DECRQSS, and XTGETTCAP with a no; every other DCS is ignored."""
    if body.startswith("$q"):
        setting = _setting(screen, body[2:])
        known = setting is not None
        screen.write_process_input(f"\x1bP{int(known)}$r{setting or ''}\x1b\\")
    elif body.startswith("+q"):
        screen.write_process_input("\x1bP0+r\x1b\\")


def _setting(screen: Screen, name: str) -> str | None:
    """The sequence that would bring about what is in force, without its introducer."""
    if name == "m":
        return f"{sgr_of(screen.style)}m"
    if name == "r":
        return f"{screen.top + 1};{screen.bottom + 1}r"
    if name == " q":
        blinks = screen.has(BLINKING_CURSOR)
        return f"{_SHAPE_NUMBERS[screen.cursor_shape] - blinks} q"
    if name == '"q':
        return f'{1 if screen.style.flags & PROTECTED else 0}"q'
    if name == '"p':
        return '62;1"p'
    return None
