"""A key of the user's terminal as the guest's program expects it, under the modes that it set.

Where the bytes are known (`SequenceKey`), what every terminal sends alike goes on as it is; cursor, function
and keypad keys, and the forms of the newer keyboard protocols, are read and written anew. A key that came
with a name only is written from that name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from textual import events
from textual.keys import REPLACED_KEYS, _get_unicode_name_from_key

from mvm_tui.terminal.keys import encode_key
from mvm_tui.terminal.modes import Modes
from mvm_tui.tui.key_sequences import SequenceKey

_LETTERS = {
    "A": "up", "B": "down", "C": "right", "D": "left", "E": "begin", "F": "end", "H": "home",
    "P": "f1", "Q": "f2", "R": "f3", "S": "f4",
}  # fmt: skip
_NUMBERS = {
    1: "home", 2: "insert", 3: "delete", 4: "end", 5: "pageup", 6: "pagedown", 7: "home", 8: "end",
    11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5", 17: "f6", 18: "f7", 19: "f8", 20: "f9", 21: "f10",
    23: "f11", 24: "f12", 25: "f13", 26: "f14", 28: "f15", 29: "f16", 31: "f17", 32: "f18", 33: "f19",
    34: "f20",
}  # fmt: skip
# Private code points of the kitty keyboard protocol that stand for keys; others of that range type nothing.
_KITTY = {
    **{57_399 + digit: f"kp_{digit}" for digit in range(10)},
    57_409: "kp_decimal", 57_410: "kp_divide", 57_411: "kp_multiply", 57_412: "kp_subtract",
    57_413: "kp_add", 57_414: "kp_enter", 57_415: "kp_equal", 57_416: "kp_separator",
    57_417: "left", 57_418: "right", 57_419: "up", 57_420: "down", 57_421: "pageup", 57_422: "pagedown",
    57_423: "home", 57_424: "end", 57_425: "insert", 57_426: "delete", 57_427: "begin",
    **{57_376 + number: f"f{13 + number}" for number in range(12)},
}  # fmt: skip
_PRIVATE = range(57_344, 63_744)
# The forms that terminals send; a number may have parts after a colon, of which the first counts.
_LETTER = re.compile(r"\x1b(?:\[(?:1?;(\d+)[\d:]*)?|O(\d*))([A-HP-S])")
_NUMBER = re.compile(r"\x1b\[(\d+)(?:;(\d+)[\d:]*)?~")
_OTHER_KEY = re.compile(r"\x1b\[27;(\d+);(\d+)~")
_CODE = re.compile(r"\x1b\[(\d*)[\d:]*(?:;(\d*)[\d:]*)?(?:;([\d:]*))?u")
_SHIFT, _ALT, _CTRL = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Press:
    """A key in the encoder's words: see `mvm_tui.terminal.keys.encode_key`."""

    name: str
    shift: bool = False
    alt: bool = False
    ctrl: bool = False

    def encoded(self, modes: Modes) -> bytes:
        """The bytes for it."""
        return encode_key(self.name, modes, shift=self.shift, alt=self.alt, ctrl=self.ctrl)


def encoded(event: events.Key, modes: Modes) -> bytes:
    """The bytes to send for a key; nothing for one that types nothing, such as shift alone."""
    sequence = event.sequence if isinstance(event, SequenceKey) else _single(event)
    if not sequence:
        press = _named(event.key)
        return press.encoded(modes) if press is not None else b""
    if sequence in ("\r", "\x7f"):
        # What these send is the program's to choose.
        return encode_key("enter" if sequence == "\r" else "backspace", modes)
    if len(sequence) <= 2:
        return sequence.encode()
    press = read(sequence)
    return sequence.encode() if press is None else press.encoded(modes)


def _single(event: events.Key) -> str:
    """The character of a key that has no more than that to it."""
    character = event.character or ""
    if len(character) == 1 and not (character.isprintable() and "+" in event.key):
        return character
    return ""


def read(sequence: str) -> Press | None:
    """The key behind an escape sequence; None for a sequence that is not known. Its name may be empty."""
    if sequence.startswith("\x1b\x1b"):
        press = read(sequence[1:])
        return None if press is None else Press(press.name, press.shift, True, press.ctrl)
    if found := _LETTER.fullmatch(sequence):
        return _press(_LETTERS.get(found[3], ""), found[1] or found[2])
    if found := _OTHER_KEY.fullmatch(sequence):
        return _press(chr(min(int(found[2]), 0x10FFFF)), found[1])
    if found := _NUMBER.fullmatch(sequence):
        name = _NUMBERS.get(int(found[1]))
        return None if name is None else _press(name, found[2])
    if found := _CODE.fullmatch(sequence):
        return _from_code(int(found[1] or 1), found[2] or "", found[3] or "")
    return None


def _press(name: str, modifiers: str | None) -> Press:
    """`modifiers` as terminals count them: a sum of bits, and one. Locks and super mean nothing here."""
    bits = max(int(modifiers or 1) - 1, 0)
    return Press(name, bool(bits & _SHIFT), bool(bits & _ALT), bool(bits & _CTRL))


def _from_code(code: int, modifiers: str, text: str) -> Press:
    """The kitty protocol's form: a code point, modifiers, and the text that the key would type."""
    if code in _PRIVATE:
        return _press(_KITTY.get(code, ""), modifiers)
    press = _press(chr(min(code, 0x10FFFF)), modifiers)
    if text and not (press.alt or press.ctrl):
        typed = "".join(chr(min(int(part), 0x10FFFF)) for part in text.split(":") if part)
        return Press(typed[:1])
    if press.shift and press.name.isalpha():
        return Press(press.name.upper(), True, press.alt, press.ctrl)
    return press


def _named(key: str) -> Press | None:
    """A key by Textual's name of it, such as ``ctrl+shift+left`` or ``alt+full_stop``."""
    *modifiers, base = key.split("+")
    held = frozenset(modifiers)
    name = _name_of(base)
    if not name:
        return None
    return Press(name, "shift" in held, bool(held & {"alt", "meta"}), "ctrl" in held)


def _name_of(base: str) -> str:
    if len(base) == 1 or base in _FUNCTIONS:
        return base
    try:
        return unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(base, base)))
    except KeyError:
        return ""


_FUNCTIONS = frozenset(
    {*_LETTERS.values(), *_NUMBERS.values(), "enter", "tab", "escape", "backspace", "space"}
    | {f"f{number}" for number in range(1, 25)}
)
