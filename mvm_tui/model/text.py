"""Makes text from outside safe to show: no escapes, no controls, no direction overrides, bounded length.

Everything that comes from AWS, a guest, a file or an error message passes here before it reaches a widget
or the terminal.
"""

from __future__ import annotations

import re
import unicodedata

LINE_LIMIT = 2_000
BLOCK_LIMIT = 200_000

# An escape sequence is dropped whole, so that its parameters do not remain as litter. The string forms
# (OSC, DCS, APC, PM, SOS) end at BEL or ST; one that never ends loses only its introducer.
_ESCAPE = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]"
    r"|\x1b[ -/]{0,16}[0-~]"
)
# C0 without tab and newline, DEL, C1, the bidirectional controls (they reorder what the eye reads), the
# zero-width and invisible format characters, line and paragraph separators, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_COMBINING_RUN = 8


def clean(text: object, limit: int = LINE_LIMIT) -> str:
    """One safe line: newlines and tabs become spaces, the rest as in `clean_block`."""
    line = clean_block(text, limit + 1).replace("\n", " ").replace("\t", " ")
    return _shorten(line, limit)


def clean_block(text: object, limit: int = BLOCK_LIMIT) -> str:
    """Safe text that may hold newlines and tabs; at most ``limit`` characters, the cut marked with ``…``."""
    raw = str(text)
    # Four times the limit is enough input to fill it; the rest need not be looked at.
    cut = raw[: limit * 4 + 4096]
    if cut.isascii() and cut.isprintable():
        return _shorten(cut, limit)
    safe = _UNSAFE.sub("", _ESCAPE.sub("", cut.replace("\r\n", "\n")))
    return _shorten(_limit_combining(safe) + "…" * (len(raw) > len(cut)), limit)


def without_controls(text: str) -> str:
    """What a user pastes, of any length, without control characters but tab, newline and return.

    Nothing else is taken from it: it may be data that is to arrive as it is.
    """
    return _CONTROLS.sub("", text)


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _limit_combining(text: str) -> str:
    """Keep at most eight combining marks in a row: more of them paint over neighbouring lines."""
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _COMBINING_RUN:
            kept.append(character)
    return "".join(kept)
