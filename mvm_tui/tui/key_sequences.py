"""Keys as the outer terminal sent them, for what hands them on to another terminal.

Textual names keys and forgets the bytes: alt with punctuation, alt-f beside ctrl-right, and ctrl-f3 come out
alike or not at all. While a shell has the focus, `SequenceParser` splits the input itself, and every key is
a `SequenceKey` that holds its bytes. Mouse, focus and answers of the terminal go to Textual as ever.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from typing import Final

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

# How long the rest of a sequence may be behind its escape character. It costs nothing but this time to be
# wrong: the pieces reach the guest in their order all the same.
ESCAPE_SECONDS: Final = 0.025

# One whole sequence: a control sequence, a function key of the old kind, or escape with one character.
_SEQUENCE = re.compile(
    r"\x1b\x1b?(?:\[\[[A-E]|\[M...|\[[0-?]*[ -/]*[@-Z\\-~]|O[0-9;]*[@-~]|[^\x1b\[O])", re.DOTALL
)
# The beginning of one whose rest may come.
_PARTIAL = re.compile(r"\x1b\x1b?(?:\[\[?|\[M.{0,2}|\[[0-?]*[ -/]*|O[0-9;]*)?", re.DOTALL)
# What is no key: mouse, focus, reports of modes and sizes.
_OTHER = re.compile(r"\x1b\[(?:<[\d;-]+[Mm]|M...|[IO]|\?[\d;]*\$y|48;[\d:;]+t)", re.DOTALL)
_PASTE_BEGIN, _PASTE_END = "\x1b[200~", "\x1b[201~"


class SequenceKey(events.Key):
    """A key with the characters that the terminal sent for it."""

    __slots__ = ["sequence"]

    def __init__(self, key: str, character: str | None, sequence: str) -> None:
        super().__init__(key, character)
        self.sequence = sequence


# Handled wherever keys are: by default the name of the class would say by what.
SequenceKey.handler_name = events.Key.handler_name


class SequenceParser(XTermParser):
    """Textual's parser, and while `whole` is set one that keeps the sequences of keys."""

    def __init__(self, whole: threading.Event, debug: bool = False) -> None:
        super().__init__(debug)
        self._whole = whole
        self._rest = ""
        self._rest_until = 0.0
        self._pasted: str | None = None

    def feed(self, data: str) -> Iterable[Message]:
        """What was typed; empty at the end of the input, as Textual has it."""
        if not data or not (self._whole.is_set() or self._rest or self._pasted is not None):
            yield from super().feed(data)
            return
        text, self._rest = self._rest + data, ""
        at = 0
        while at < len(text):
            if self._pasted is not None:
                at = yield from self._paste(text, at)
            elif text[at] != "\x1b":
                yield self._named(text[at])
                at += 1
            elif (found := _SEQUENCE.match(text, at)) is not None:
                yield from self._sequence(found.group())
                at = found.end()
            else:
                at = yield from self._unfinished(text, at)

    def tick(self) -> Iterable[Message]:
        """What is not going to be a sequence any more; to be called after `ESCAPE_SECONDS`."""
        yield from super().tick()
        if self._rest and time.monotonic() >= self._rest_until:
            rest, self._rest = self._rest, ""
            yield from map(self._named, rest)

    @property
    def waiting(self) -> bool:
        """Whether a sequence has begun whose rest may come."""
        return bool(self._rest)

    def _unfinished(self, text: str, at: int) -> Generator[Message, None, int]:
        """An escape character that begins no whole sequence; where to go on."""
        if _PARTIAL.fullmatch(text, at):
            self._rest, self._rest_until = text[at:], time.monotonic() + ESCAPE_SECONDS
            return len(text)
        yield self._named(text[at])
        return at + 1

    def _sequence(self, sequence: str) -> Iterator[Message]:
        if sequence == _PASTE_BEGIN:
            self._pasted = ""
        elif _OTHER.fullmatch(sequence):
            yield from super().feed(sequence)
        else:
            yield self._named(sequence)

    def _paste(self, text: str, at: int) -> Generator[Message, None, int]:
        """What is pasted, up to where it ends or the text does; where to go on."""
        pasted = (self._pasted or "") + text[at:]
        end = pasted.find(_PASTE_END)
        if end < 0:
            self._pasted = pasted
            return len(text)
        self._pasted = None
        yield events.Paste(pasted[:end])
        return len(text) - (len(pasted) - end - len(_PASTE_END))

    def _named(self, sequence: str) -> SequenceKey:
        """The key under the name that bindings know it by, as far as it has one."""
        if len(sequence) == 2 and sequence[0] == "\x1b":
            return SequenceKey(f"alt+{self._named(sequence[1]).key}", None, sequence)
        try:
            keys = list(self._sequence_to_key_events(sequence))
        except (ValueError, OverflowError):
            # Numbers that Textual does not expect.
            keys = []
        if not keys:
            return SequenceKey("unknown", None, sequence)
        if len(keys) == 2 and keys[0].key == "escape":
            return SequenceKey(f"alt+{keys[1].key}", None, sequence)
        return SequenceKey(keys[0].key, keys[0].character, sequence)
