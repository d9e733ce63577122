"""What of a shell's output does not reach the user's own terminal in raw pass-through.

Everything does, but for sequences that reach out of the terminal's window: its clipboard and its title where
the config does not allow them, and what would carry them past us (tmux's pass-through). The rest is between
the program and the terminal, as with any remote shell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_INTRODUCER = re.compile(rb"\x1b[\]PX^_]|\xc2[\x90\x98\x9d\x9e\x9f]")
# Where a control string ends: BEL, CAN, SUB, ESC (of ST, or of whatever cuts it short), C1's ST in UTF-8.
_END = re.compile(rb"[\x07\x18\x1a\x1b]|\xc2\x9c")
_IGNORED = re.compile(rb"[\x00-\x06\x08-\x17\x19\x1c-\x1f\x7f]")
_MODES = re.compile(rb"\x1b\[\?([0-9;]{1,60})([hl])")
_ALTERNATE = frozenset({b"47", b"1047", b"1049"})
_ORIGIN = b"6"
# As much of the end as the beginning of a sequence of modes may take.
_LAST_MODES = 64
# Bytes after which it is known what a control string is; longer beginnings are of none that we pass.
_LONGEST_HEAD = 128

_TITLES = frozenset({0, 1, 2})
# 52 and kitty's 5522 are the clipboard, 1337 holds iTerm2's (and its downloads), 3 sets properties of the
# window for other programs to read.
_CLIPBOARD = frozenset({52, 5522})
_NEVER = frozenset({3, 1337})
_PALETTE = frozenset({4, 5, *range(10, 20), 21})


class _Verdict(Enum):
    UNDECIDED = 0
    PASS = 1
    DROP = 2


@dataclass(slots=True)
class Seen:
    """What the output did so far, as far as it matters for tidying up and for what the user is told."""

    alternate: bool = False
    origin: bool = False
    palette: bool = False
    clipboard_refused: int = 0


class Guard:
    """Feed it output in any pieces; it gives what may reach the terminal.

    Args:
        clipboard: Whether the clipboard may be written. Reading it is never let through.
        titles: Whether the title may be set.
    """

    def __init__(self, *, clipboard: bool = False, titles: bool = True) -> None:
        self.seen = Seen()
        self._clipboard = clipboard
        self._titles = titles
        self._held = b""
        self._within = _Verdict.UNDECIDED
        self._recent = b""

    def feed(self, data: bytes) -> bytes:
        """What of `data`, and of what was held back of the data before, is let through."""
        data = self._held + data
        self._held = b""
        passed: list[bytes] = []
        position = 0
        while position < len(data):
            if self._within is _Verdict.UNDECIDED:
                position = self._plain(data, position, passed)
            else:
                position = self._string(data, position, passed)
        output = b"".join(passed)
        self._note_modes(output)
        return output

    def flush(self) -> bytes:
        """What is still held back when no more comes, unless it is the beginning of something refused."""
        held, self._held = self._held, b""
        return held if _INTRODUCER.match(held) is None else b""

    def _plain(self, data: bytes, position: int, passed: list[bytes]) -> int:
        """Text and short sequences, up to the next control string."""
        found = _INTRODUCER.search(data, position)
        if found is None:
            # An introducer may be cut in two.
            end = len(data) - (data[-1:] in (b"\x1b", b"\xc2"))
            passed.append(data[position:end])
            self._held = data[end:]
            return len(data)
        passed.append(data[position : found.start()])
        head = data[found.end() : found.end() + _LONGEST_HEAD]
        end_of_head = _END.search(head)
        # A terminator that may itself be cut in two decides nothing yet.
        complete = end_of_head is not None or len(head) == _LONGEST_HEAD
        verdict = self._judge(found[0][-1:], head[: end_of_head.start()] if end_of_head else head, complete)
        if verdict is _Verdict.UNDECIDED:
            self._held = data[found.start() :]
            return len(data)
        if verdict is _Verdict.PASS:
            passed.append(found[0])
        self._within = verdict
        return found.end()

    def _string(self, data: bytes, position: int, passed: list[bytes]) -> int:
        """Inside a control string whose fate is known."""
        found = _END.search(data, position)
        keep = self._within is _Verdict.PASS
        if found is None:
            end = len(data) - (data[-1:] == b"\xc2")
            passed.append(data[position:end] if keep else b"")
            self._held = data[end:]
            # Only the first half of a terminator may be held: it is looked at again with what follows.
            return len(data)
        if found[0] == b"\x1b" and found.end() == len(data):
            passed.append(data[position : found.start()] if keep else b"")
            self._held = b"\x1b"
            return len(data)
        self._within = _Verdict.UNDECIDED
        end = found.end()
        if found[0] == b"\x1b":
            # ST ends the string; any other sequence cuts it short and counts by itself.
            end = found.end() + 1 if data[found.end() : found.end() + 1] == b"\\" else found.start()
        passed.append(data[position:end] if keep else b"")
        return end

    def _judge(self, kind: bytes, head: bytes, complete: bool) -> _Verdict:
        head = _IGNORED.sub(b"", head)
        if kind in (b"P", b"\x90"):
            return self._judge_dcs(head, complete)
        if kind not in (b"]", b"\x9d"):
            return _Verdict.PASS
        digits = re.match(rb"[0-9]*", head)
        assert digits is not None
        if digits.end() == len(head) and not complete:
            return _Verdict.UNDECIDED
        if not digits[0] and head[:1] in b"lLI;" and head:
            return self._allowed(self._titles)
        number = int(digits[0] or b"0") if digits.end() <= 9 else -1
        if number in _CLIPBOARD:
            return self._judge_clipboard(number, head, complete)
        if number in _TITLES:
            return self._allowed(self._titles)
        self.seen.palette |= number in _PALETTE
        return self._allowed(number >= 0 and number not in _NEVER)

    def _judge_dcs(self, head: bytes, complete: bool) -> _Verdict:
        wrapped = b"tmux;"
        if not complete and wrapped.startswith(head):
            return _Verdict.UNDECIDED
        return self._allowed(not head.startswith(wrapped))

    def _judge_clipboard(self, number: int, head: bytes, complete: bool) -> _Verdict:
        """``52;SELECTION;DATA``; a ``?`` for data asks for what the clipboard holds."""
        fields = head.split(b";", 2)
        if not complete and (len(fields) < 3 or not fields[2]):
            return _Verdict.UNDECIDED
        asks = len(fields) < 3 or fields[2].startswith(b"?") or number != 52
        if not self._clipboard and not asks:
            self.seen.clipboard_refused += 1
        return self._allowed(self._clipboard and not asks)

    def _allowed(self, allowed: bool) -> _Verdict:
        return _Verdict.PASS if allowed else _Verdict.DROP

    def _note_modes(self, output: bytes) -> None:
        """Which modes that matter are on; a sequence may be cut in two."""
        text = self._recent + output
        for found in _MODES.finditer(text):
            modes, on = found[1].split(b";"), found[2] == b"h"
            if not _ALTERNATE.isdisjoint(modes):
                self.seen.alternate = on
            if _ORIGIN in modes:
                self.seen.origin = on
        self._recent = text[-_LAST_MODES:]
