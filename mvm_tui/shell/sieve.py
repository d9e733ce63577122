"""What of somebody's output may be shown on the user's terminal when nobody is to answer it.

A recording that is played, and the output of a command run by `exec`, are not a program that talks with the
terminal: they may paint, and nothing else. So this is a list of what is kept: text, colours, the cursor,
erasing, scrolling, the alternate screen. Everything that makes a terminal answer (reports, queries), switches
on what answers later (mouse, focus, paste, keyboard protocols) or reaches out of its window (clipboard,
title, printer, window size, fonts) is left out, as is what is not known.
"""

from __future__ import annotations

import re

_ESC = "\x1b"
# Introducers of sequences, as ESC and as C1 characters.
_START = re.compile("[\x1b\x80-\x9f]")
_CSI = re.compile("(?:\x1b\\[|\x9b)([<-?]?)([0-9;:]*)([ -/]*)([@-~])")
_STRING = re.compile("(?:\x1b([\\]PX^_])|([\x90\x98\x9d\x9e\x9f]))")
_STRING_END = re.compile("[\x07\x18\x1a\x1b\x9c]")
_SHORT = re.compile("\x1b([ -/]*)([0-~])")
# What may still become one of the above when more comes.
_CSI_PART = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*")
_SHORT_PART = re.compile("\x1b[ -/]*")
_LONGEST = 4_096

# Controls that move or paint: BEL, BS, HT, LF, VT, FF, CR, SO, SI.
_KEPT_CONTROLS = frozenset("\x07\x08\t\n\x0b\x0c\r\x0e\x0f")
_NO_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in _KEPT_CONTROLS}
# Without a prefix or intermediates: ICH CUU…CNL CHA CUP CHT ED EL IL DL DCH SU SD ECH CBT HPA HPR REP VPA
# VPR HVP TBC SGR DECSTBM SCOSC SCORC.
_KEPT_CSI = frozenset("@ABCDEFGHIJKLMPSTXZ`abdefgmrsu")
_ANSI_MODES = frozenset({"4", "20"})
# Reverse video, origin, wrapping, blinking and shown cursor, alternate screens, margins, synchronised output.
_PRIVATE_MODES = frozenset({"5", "6", "7", "12", "25", "45", "47", "69", "1047", "1048", "1049", "2026"})
# DECSC DECRC IND NEL HTS RI RIS, charset shifts, keypad modes, and the designation of charsets.
_KEPT_SHORT = frozenset("78DEHMc=>no|}~NO")
_CHARSETS = frozenset("()*+-./")
_SCREEN = re.compile(r"\x1b\[\?(?:[0-9;]*;)?(?:47|1047|1049)(?:;[0-9;]*)?([hl])")
_LINK = re.compile(r"8;[^;\x00-\x1f]{0,200};(?:https?://[!-~]{1,2000})?")


class Sieve:
    """Feed it text in any pieces; it gives what may be shown.

    `alternate` is whether the alternate screen is on after what it gave.
    """

    def __init__(self) -> None:
        self.alternate = False
        self._held = ""
        self._skipping = False

    def feed(self, text: str) -> str:
        """What of `text`, and of what was held back before, is shown."""
        text = self._held + text
        self._held = ""
        shown: list[str] = []
        position = 0
        while position < len(text):
            position = self._skip(text, position) if self._skipping else self._next(text, position, shown)
        return "".join(shown)

    def _next(self, text: str, position: int, shown: list[str]) -> int:
        found = _START.search(text, position)
        end = found.start() if found else len(text)
        shown.append(text[position:end].translate(_NO_CONTROLS))
        return self._sequence(text, end, shown) if found else end

    def _sequence(self, text: str, start: int, shown: list[str]) -> int:
        """One sequence; where it goes on in what has not come yet, it is held back."""
        if (csi := _CSI.match(text, start)) is not None:
            kept = _kept_csi(csi)
            if (screen := _SCREEN.fullmatch(kept)) is not None:
                self.alternate = screen[1] == "h"
            shown.append(kept)
            return csi.end()
        if (string := _STRING.match(text, start)) is not None:
            return self._string(text, start, string, shown)
        if (short := _SHORT.match(text, start)) is not None and text[start + 1] != "[":
            shown.append(_kept_short(short))
            return short.end()
        rest = text[start : start + _LONGEST + 1]
        if len(rest) <= _LONGEST and (_CSI_PART.fullmatch(rest) or _SHORT_PART.fullmatch(rest)):
            self._held = rest
            return len(text)
        # A C1 character of its own, or a sequence that is none: without its introducer it is text.
        return start + 1

    def _string(self, text: str, start: int, string: re.Match[str], shown: list[str]) -> int:
        end = _STRING_END.search(text, string.end())
        cut = end is None or (end[0] == _ESC and end.end() == len(text))
        if cut and len(text) - start <= _LONGEST:
            self._held = text[start:]
            return len(text)
        if end is None:
            self._skipping = True
            return len(text)
        if (string[1] or string[2]) in ("]", "\x9d"):
            body = text[string.end() : end.start()]
            shown.append(f"\x1b]{body}\x1b\\" if _LINK.fullmatch(body) else "")
        return _after(text, end)

    def _skip(self, text: str, position: int) -> int:
        """The rest of a control string that was too long."""
        end = _STRING_END.search(text, position)
        if end is None:
            return len(text)
        if end[0] == _ESC and end.end() == len(text):
            self._held = _ESC
            return len(text)
        self._skipping = False
        return _after(text, end)


def _after(text: str, end: re.Match[str]) -> int:
    """Where text goes on: after ST, BEL, CAN and SUB; at an ESC that begins something else."""
    if end[0] != _ESC:
        return end.end()
    return end.end() + 1 if text[end.end() : end.end() + 1] == "\\" else end.start()


def _kept_csi(csi: re.Match[str]) -> str:
    prefix, parameters, between, final = csi.groups()
    plain = f"\x1b[{prefix}{parameters}{between}{final}"
    if final in "hl" and not between:
        return _kept_modes(prefix, parameters, final)
    if between or prefix:
        # The cursor's shape, and a soft reset.
        return plain if (prefix, between, final) in (("", " ", "q"), ("", "!", "p")) else ""
    return plain if final in _KEPT_CSI else ""


def _kept_modes(prefix: str, parameters: str, final: str) -> str:
    known = _PRIVATE_MODES if prefix == "?" else _ANSI_MODES if not prefix else frozenset[str]()
    modes = [mode for mode in parameters.split(";") if mode.lstrip("0") in known]
    return f"\x1b[{prefix}{';'.join(modes)}{final}" if modes else ""


def _kept_short(short: re.Match[str]) -> str:
    between, final = short.groups()
    if not between:
        return short[0] if final in _KEPT_SHORT else ""
    designates = len(between) == 1 and between in _CHARSETS
    return short[0] if designates or (between, final) == ("#", "8") else ""
