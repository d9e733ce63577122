"""Bytes into events: splits what arrives into text and control sequences, and calls the screen.

One regular expression splits a piece into text and whole sequences, in turn. What a sequence does is worked
out once and kept, so that code is plain and complete: parameters, private markers, controls inside a
sequence. Whatever the first alternatives do not match whole (cut off, too long, odd) the last one takes to
the end of the piece, and slower code looks at it. Where a piece ends makes no difference to the result.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable

from mvm_tui.terminal.base import BaseStream
from mvm_tui.terminal.screen import Screen
from mvm_tui.terminal.sequences import control_call, csi_call, escape_call
from mvm_tui.terminal.strings import device_control_string, operating_system_command
from mvm_tui.terminal.styles import rgb

# Bytes looked at in one go: what the slow code may have to copy again.
PIECE = 4_096
# A sequence longer than this is ignored whole, with all controls in it.
SEQUENCE_LIMIT = 1_024
# So is a string longer than this; up to the second figure one is split off with the rest.
STRING_LIMIT = 1_048_576
_QUICK_STRING = 4_096
_CACHE_LIMIT = 8_192
# A sequence with as many semicolons, most often one of 16 million colours, is not worth remembering; nor is a
# longer one.
_CACHED_PARAMETERS = 4
_CACHED_LENGTH = 64

# It begins with a class of characters, by which the engine skips plain text several times as fast as it would
# by alternatives; what then belongs to a sequence hangs on which of them it was.
_SPLIT = re.compile(
    r"([\x00-\x1f\x7f-\x9f](?:"
    r"(?<=\x1b)(?:"
    r"\[[0-?]*[ -/]*[@-~]"
    rf"|\][^\x07\x18\x1a\x1b\x80-\x9f]{{0,{_QUICK_STRING}}}(?:[\x07\x18\x1a]|\x1b\\)"
    rf"|[PX^_][^\x18\x1a\x1b\x80-\x9f]{{0,{_QUICK_STRING}}}(?:[\x18\x1a]|\x1b\\)"
    r"|[ -/]+[0-~]|[0-OQ-WYZ\\`-~]"
    r"|[\s\S]*)"
    r"|(?<=\r)\n"
    r"|(?<=[\x80-\x9f])[\s\S]*"
    r")?)"
).split
# The sequence that is seldom seen twice, and therefore done at once: one colour of 16 million.
_RGB = re.compile(r"\x1b\[([34])8;2;([0-9]{1,3});([0-9]{1,3});([0-9]{1,3})m\Z")
_C1 = re.compile("[\x80-\x9f]")
_CONTROLS = "\x00-\x17\x19\x1c-\x1f\x7f"
_CONTROL = re.compile(f"[{_CONTROLS}]")
# A sequence with controls inside: they act at once, as on a terminal that reads one byte after the other.
_ODD_CSI = re.compile(rf"\x1b\[([{_CONTROLS} -?]*)([\x18\x1a]|[^{_CONTROLS}\x1b -?]|(?=\x1b)|\Z)")
_ODD_ESCAPE = re.compile(rf"\x1b([{_CONTROLS} -/]*)(\Z|[^\x1b]|(?=\x1b))")
_END_OF_OSC = re.compile("[\x07\x18\x1a\x1b\x80-\x9f]")
_END_OF_OTHER = re.compile("[\x18\x1a\x1b\x80-\x9f]")
Call = Callable[[], object]


class Stream(BaseStream):
    """Feeds a `Screen`."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self._screen = screen
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._calls: dict[str, Call] = {}
        # The beginning of a sequence whose end has not arrived.
        self._rest = ""
        # A string whose end has not arrived: its introducer, and what there is of it.
        self._kind = ""
        self._body = io.StringIO()
        # Whether the last thing that arrived was text, which REP may repeat.
        self._text_last = False

    def feed(self, data: bytes) -> None:
        """Take in any bytes, cut anywhere. Bytes that are not UTF-8 are dropped."""
        for start in range(0, len(data), PIECE):
            piece = self._decoder.decode(data[start : start + PIECE])
            if self._kind:
                piece = self._in_string(piece)
            if self._rest:
                piece = self._rest + piece
                self._rest = ""
            while piece:
                piece = self._run(piece)

    def _run(self, piece: str) -> str:
        """Act on a piece; what is left of it when something odd was met."""
        parts = _SPLIT(piece)
        draw = self._screen.draw
        known = self._calls.get
        pairs = iter(parts)
        left = ""
        for text, control in zip(pairs, pairs, strict=False):
            if text:
                draw(text)
            call = known(control)
            if call is not None:
                call()
            else:
                after_text = bool(text) or (self._text_last and control is parts[1])
                left = self._uncommon(control, after_text)
                if left or self._rest:
                    # Nothing has acted yet where a sequence is only begun, or about to be spelt in 7 bits.
                    self._text_last = after_text and (bool(self._rest) or control[0] >= "\x80")
                    return left
        text = parts[-1]
        if text:
            draw(text)
        self._text_last = bool(text)
        return left

    def _uncommon(self, control: str, after_text: bool) -> str:
        """Act on a sequence that is not known yet or not whole; what is to be looked at again."""
        if control[-1] == "m" and (found := _RGB.match(control)):
            kind, red, green, blue = found.groups()
            self._screen.select_rgb(kind == "4", rgb(int(red), int(green), int(blue)))
            return ""
        if control[0] != "\x1b":
            if control[0] >= "\x80":
                return _C1.sub(_seven_bits, control)
            self._keep(control, control_call(self._screen, control))
            return ""
        kind = control[1:2]
        if kind and kind in "]PX^_":
            return self._string(control)
        return self._sequence(control, after_text)

    def _keep(self, control: str, call: Call | None) -> None:
        """Remember what a sequence does, and do it."""
        call = call or _nothing
        if len(self._calls) >= _CACHE_LIMIT:
            self._calls.clear()
        self._calls[control] = call
        call()

    def _sequence(self, control: str, after_text: bool) -> str:
        """A CSI or an ESC with what may stand between its bytes: done if it is whole, else kept."""
        opener, form = ("\x1b[", _ODD_CSI) if control[1:2] == "[" else ("\x1b", _ODD_ESCAPE)
        found = form.match(control)
        assert found is not None  # each matches whatever begins as it does
        body, final = found.groups()
        left = control[found.end() :]
        if not final and not left:
            self._rest = control[: SEQUENCE_LIMIT + len(opener)]
            return ""
        if len(body) >= SEQUENCE_LIMIT:
            return left
        odd = _CONTROL.search(body) is not None
        if odd:
            body = self._without_controls(body)
        if not final or final in "\x18\x1a" or final > "~":
            return final + left if "\x80" <= final <= "\x9f" else left
        whole = f"{opener}{body}{final}"
        if form is _ODD_CSI:
            self._csi(whole, odd, after_text)
        elif odd:
            return whole + left
        else:
            self._keep(whole, escape_call(self._screen, whole))
        return left

    def _csi(self, whole: str, odd: bool, after_text: bool) -> None:
        call = csi_call(self._screen, whole)
        repeats = whole[-1] == "b"
        if repeats and not after_text:
            return
        if odd or repeats or len(whole) > _CACHED_LENGTH + 3 or whole.count(";") >= _CACHED_PARAMETERS:
            (call or _nothing)()
        else:
            self._keep(whole, call)

    def _without_controls(self, body: str) -> str:
        """Do what the controls inside a sequence say; the sequence without them."""
        for control in _CONTROL.findall(body):
            (control_call(self._screen, control) or _nothing)()
        return _CONTROL.sub("", body)

    # -- strings

    def _string(self, control: str) -> str:
        """A string from its introducer on: acted on if it is whole, else begun."""
        self._kind = control[1]
        end = self._end_of_string(control, 2)
        if end is not None:
            return self._finish(control[2 : end.start()], control, end)
        self._body.write(control[2:])
        return ""

    def _in_string(self, piece: str) -> str:
        """Take in what belongs to the string that was begun; the rest of the piece."""
        end = self._end_of_string(piece, 0)
        if self._body.tell() <= STRING_LIMIT:
            self._body.write(piece[: end.start()] if end else piece)
        if end is None:
            return ""
        body, self._body = self._body.getvalue(), io.StringIO()
        return self._finish(body, piece, end)

    def _end_of_string(self, piece: str, start: int) -> re.Match[str] | None:
        return (_END_OF_OSC if self._kind == "]" else _END_OF_OTHER).search(piece, start)

    def _finish(self, body: str, piece: str, end: re.Match[str]) -> str:
        """Act on a string that ended in a piece, unless it was cancelled or is too long; the rest of it."""
        if end[0] not in "\x18\x1a" and len(body) <= STRING_LIMIT:
            self._act_on_string(body, "\x07" if end[0] == "\x07" else "\x1b\\")
        self._kind = ""
        if end[0] in "\x07\x18\x1a\x9c":
            return piece[end.end() :]
        if piece.startswith("\x1b\\", end.start()):
            return piece[end.start() + 2 :]
        return piece[end.start() :]

    def _act_on_string(self, body: str, terminator: str) -> None:
        if self._kind == "]":
            operating_system_command(self._screen, body, terminator)
        elif self._kind == "P":
            device_control_string(self._screen, body)


def _seven_bits(found: re.Match[str]) -> str:
    """A C1 control as its two characters (ECMA-48)."""
    return "\x1b" + chr(ord(found[0]) - 0x40)


def _nothing() -> None:
    """What an unknown sequence does."""
