"""Copying to the clipboard of the terminal the user sits at, through OSC 52.

The sequence reaches it over SSH too. Inside tmux and screen it is wrapped, so that they hand it on.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

# Terminals drop longer sequences: 100,000 bytes is xterm's limit with its headers, 74,994 characters of
# base64 is the lowest in use (the figure of hterm and of the widely used osc52 scripts).
MAX_BASE64 = 74_992
# GNU screen forwards strings of at most 768 bytes, its own wrapping included.
_SCREEN_CHUNK = 720


@dataclass(frozen=True, slots=True)
class Copy:
    """What to write to the terminal, and whether the text had to be cut to fit."""

    sequence: str
    cut: bool


def osc52(text: str, environment: Mapping[str, str]) -> Copy:
    """The sequence that puts `text` on the clipboard, for the terminal this environment describes."""
    data = text.encode()
    limit = MAX_BASE64 // 4 * 3
    cut = len(data) > limit
    if cut:
        data = data[:limit].decode(errors="ignore").encode()
    plain = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if environment.get("TMUX"):
        # tmux takes the plain form when set-clipboard is on and passes the wrapped one on when
        # allow-passthrough is: which of the two is set cannot be asked.
        return Copy(plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\", cut)
    if environment.get("STY") or environment.get("TERM", "").startswith("screen"):
        return Copy(_for_screen(plain), cut)
    return Copy(plain, cut)


def _for_screen(sequence: str) -> str:
    chunks = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
    return "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)
