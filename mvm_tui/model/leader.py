"""The leader: the key that does not belong to the MicroVM while a shell has the keyboard."""

from __future__ import annotations

import re

_CTRL = re.compile(r"ctrl\+([a-z@\[\\\]^_])")
# What xterm and those who follow it send for function keys without modifiers (ctlseqs, PC-style keys).
_FUNCTION = {
    "f1": b"\x1bOP",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    "f5": b"\x1b[15~",
    "f6": b"\x1b[17~",
    "f7": b"\x1b[18~",
    "f8": b"\x1b[19~",
    "f9": b"\x1b[20~",
    "f10": b"\x1b[21~",
    "f11": b"\x1b[23~",
    "f12": b"\x1b[24~",
}
_TEXTUAL = {
    "@": "at",
    "[": "left_square_bracket",
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
}


def leader_bytes(key: str) -> bytes:
    """What a terminal sends for a leader as the config writes it: ``ctrl+]`` → 0x1d, ``f12`` → ESC [24~.

    Raises:
        ValueError: It is no key that can be a leader; the message says which can.
    """
    word = key.strip().lower()
    if (control := _CTRL.fullmatch(word)) is not None:
        return bytes([ord(control[1].upper()) & 0x1F])
    if word in _FUNCTION:
        return _FUNCTION[word]
    raise ValueError("Write ctrl+ and a letter or one of @ [ \\ ] ^ _, or f1 to f12")


def textual_key(key: str) -> str:
    """The same key in Textual's words: ``ctrl+]`` → ``ctrl+right_square_bracket``. ValueError as above."""
    leader_bytes(key)
    word = key.strip().lower()
    before, plus, last = word.rpartition("+")
    return f"{before}{plus}{_TEXTUAL.get(last, last)}"
