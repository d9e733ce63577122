"""What a key press sends to the guest: the bytes that xterm sends, under the modes in force.

Sources: xterm's control sequences (ctlseqs, "PC-Style Function Keys", "VT220-Style Function Keys") and its
terminfo entry, by which F13 to F24 are F1 to F12 with shift.
"""

from __future__ import annotations

from mvm_tui.terminal.modes import Modes

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "end": "F", "home": "H", "begin": "E"}
_NUMBERED = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6}
_FUNCTION_LETTERS = "PQRS"
_FUNCTION_NUMBERS = dict(zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True))
# Name of a keypad key → what it sends in application mode (SS3 and this), and otherwise.
_KEYPAD = {
    **{f"kp_{digit}": ("pqrstuvwxy"[digit], str(digit)) for digit in range(10)},
    "kp_multiply": ("j", "*"),
    "kp_add": ("k", "+"),
    "kp_separator": ("l", ","),
    "kp_subtract": ("m", "-"),
    "kp_decimal": ("n", "."),
    "kp_divide": ("o", "/"),
    "kp_equal": ("X", "="),
    "kp_enter": ("M", "\r"),
}
_CHARACTERS = {"space": " ", "enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f"}
# With control, what is neither a letter nor in @[\]^_ (X11's rules).
_CONTROL = {
    " ": "\x00",
    "2": "\x00",
    "3": "\x1b",
    "4": "\x1c",
    "5": "\x1d",
    "6": "\x1e",
    "7": "\x1f",
    "8": "\x7f",
    "?": "\x7f",
    "/": "\x1f",
    "`": "\x00",
    "~": "\x1e",
    "{": "\x1b",
    "|": "\x1c",
    "}": "\x1d",
}
PASTE_BEGIN, PASTE_END = "\x1b[200~", "\x1b[201~"


def encode_key(
    name: str, modes: Modes, *, shift: bool = False, alt: bool = False, ctrl: bool = False
) -> bytes:
    """The bytes for one press.

    Args:
        name: A character as typed (``A`` is shift and a), or ``up down left right home end begin insert
            delete pageup pagedown f1`` to ``f24``, ``enter tab escape backspace space``, or a keypad key:
            ``kp_0`` to ``kp_9``, ``kp_add kp_subtract kp_multiply kp_divide kp_decimal kp_separator
            kp_equal kp_enter``.
        modes: The terminal's modes.
        shift: Held; for a character it is in the character already and may be left out.
        alt: Held, or meta.
        ctrl: Held.

    Returns:
        Nothing for a name that is not known.
    """
    modifier = 1 + shift + 2 * alt + 4 * ctrl
    if name in _KEYPAD:
        return _keypad(name, modes, modifier)
    function = _function(name, modifier, modes.application_cursor)
    if function:
        return function.encode()
    character = _CHARACTERS.get(name, name)
    if len(character) != 1:
        return b""
    if _is_other(character, modes.modify_other_keys, shift=shift, alt=alt, ctrl=ctrl):
        return f"\x1b[27;{modifier};{ord(character)}~".encode()
    if character == "\t" and shift:
        return b"\x1b\x1b[Z" if alt else b"\x1b[Z"
    if character == "\x7f":
        # Control turns the key's meaning round, whichever the mode gives it.
        character = "\x08" if modes.backarrow_sends_bs != ctrl else "\x7f"
    elif ctrl:
        character = _with_control(character)
    if character == "\r" and modes.newline:
        character = "\r\n"
    return _with_alt(character, modes, alt=alt)


def _keypad(name: str, modes: Modes, modifier: int) -> bytes:
    letter, plain = _KEYPAD[name]
    if not modes.application_keypad:
        if plain == "\r" and modes.newline:
            plain = "\r\n"
        return _with_alt(plain, modes, alt=bool(modifier - 1 & 2))
    return (f"\x1bO{letter}" if modifier == 1 else f"\x1bO{modifier}{letter}").encode()


def _function(name: str, modifier: int, application_cursor: bool) -> str:
    """A key that sends an escape sequence; empty for a name that is none."""
    if name in _CURSOR:
        letter = _CURSOR[name]
        if modifier > 1:
            return f"\x1b[1;{modifier}{letter}"
        return f"\x1bO{letter}" if application_cursor else f"\x1b[{letter}"
    if name in _NUMBERED:
        return _numbered(_NUMBERED[name], modifier)
    if not (name.startswith("f") and name[1:].isascii() and name[1:].isdigit()):
        return ""
    number = int(name[1:])
    if 12 < number <= 24:
        number -= 12
        modifier += 1 if modifier - 1 & 1 == 0 else 0
    if number in _FUNCTION_NUMBERS:
        return _numbered(_FUNCTION_NUMBERS[number], modifier)
    if not 1 <= number <= 4:
        return ""
    letter = _FUNCTION_LETTERS[number - 1]
    return f"\x1bO{letter}" if modifier == 1 else f"\x1b[1;{modifier}{letter}"


def _numbered(number: int, modifier: int) -> str:
    return f"\x1b[{number}~" if modifier == 1 else f"\x1b[{number};{modifier}~"


def _is_other(character: str, level: int, *, shift: bool, alt: bool, ctrl: bool) -> bool:
    """Whether modifyOtherKeys has this press sent as a sequence.

    Level 1 leaves alone what has a meaning of old: control with letters and the like, alt, tab, backspace.
    Level 2 leaves alone what shift makes of a character.
    """
    special = character in "\r\t\x1b\x7f"
    if level == 2:
        return ctrl or alt or (shift and special)
    if level == 1:
        if special:
            return character != "\x7f" and (ctrl or (shift and character != "\t"))
        return ctrl and _with_control(character) == character
    return False


def _with_control(character: str) -> str:
    if character in _CONTROL:
        return _CONTROL[character]
    if character.isascii() and (character.isalpha() or character in "@[\\]^_"):
        return chr(ord(character.upper()) & 0x1F)
    return character


def _with_alt(text: str, modes: Modes, *, alt: bool) -> bytes:
    """Escape before it; or, where the program turned that off (1036), the eighth bit set."""
    if not alt:
        return text.encode()
    if modes.meta_sends_escape or len(text) != 1 or ord(text) >= 128:
        return b"\x1b" + text.encode()
    return chr(ord(text) | 0x80).encode()


def encode_paste(text: str, modes: Modes) -> bytes:
    """Pasted text: line ends as enter sends them; bracketed where asked for, and then unable to end that."""
    text = text.replace("\r\n", "\r").replace("\n", "\r")
    if modes.bracketed_paste:
        text = f"{PASTE_BEGIN}{text.replace(chr(27), '')}{PASTE_END}"
    return text.encode(errors="replace")


def encode_focus(gained: bool, modes: Modes) -> bytes:
    """Focus gained or lost, where the program asked to be told (1004)."""
    if not modes.focus_reports:
        return b""
    return b"\x1b[I" if gained else b"\x1b[O"
