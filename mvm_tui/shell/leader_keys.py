"""Finds the leader in what a user types on a terminal of their own, whatever keyboard protocol is on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mvm_tui.model.leader import leader_bytes

# Keys as kitty's protocol and as xterm's modifyOtherKeys send them: code, modifiers, kind of event.
_KITTY = re.compile(rb"\x1b\[(\d{1,7})(?::\d*)*(?:;(\d{0,4})(?::([123]))?)?(?:;[\d:]*)?u")
_OTHER = re.compile(rb"\x1b\[27;(\d{1,4});(\d{1,7})~")
_PASTE_END = b"\x1b[201~"
_PASTE_START = b"\x1b[200~"
_ANY_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|.)?", re.DOTALL)
_CTRL = 4
# Caps lock and num lock are no modifiers that anybody presses for a key.
_LOCKS = 64 | 128
_RELEASE = b"3"


@dataclass(frozen=True, slots=True)
class Typed:
    """Bytes for the MicroVM."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """The key after the leader: one character as typed; empty for a key that is none."""

    key: str


class LeaderKeys:
    """Feed it what the terminal sends; it tells what is for the MicroVM and what follows the leader.

    The leader twice sends it once. What is pasted is never taken for it.

    Args:
        keys: Leaders as the config writes them, such as ``ctrl+]``.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._leaders = tuple(leader_bytes(key) for key in keys)
        self._after_leader = False
        self._pasting = False

    def feed(self, data: bytes) -> Iterator[Typed | Command]:
        """What `data` means, in its order."""
        if self._plain(data):
            yield from _typed(bytearray(data))
            return
        plain = bytearray()
        for key, is_key in self._keys(data):
            leader = is_key and self._leader(key)
            if self._after_leader and is_key:
                if _released(key):
                    continue
                self._after_leader = False
                if leader:
                    plain += leader
                else:
                    yield from _typed(plain)
                    yield Command(_character(key))
            elif leader:
                self._after_leader = True
            else:
                plain += key
        yield from _typed(plain)

    def _plain(self, data: bytes) -> bool:
        """Whether there is nothing to look at key by key, as in most of what is typed and pasted."""
        waiting = self._after_leader or self._pasting
        return not waiting and b"\x1b" not in data and not any(each in data for each in self._leaders)

    def _keys(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        """Key by key; a paste is one piece that is no key."""
        position = 0
        while position < len(data):
            if self._pasting:
                end = data.find(_PASTE_END, position)
                stop = len(data) if end < 0 else end + len(_PASTE_END)
                self._pasting = end < 0
                yield data[position:stop], False
            elif data.startswith(_PASTE_START, position):
                self._pasting = True
                stop = position
            elif data[position] == 0x1B and (found := _ANY_SEQUENCE.match(data, position)):
                stop = found.end()
                yield found[0], True
            else:
                stop = position + _length(data[position])
                yield data[position:stop], True
            position = stop

    def _leader(self, key: bytes) -> bytes:
        """The leader that a key is, as its plain bytes; empty if it is none."""
        if key in self._leaders:
            return key
        code, modifiers = _reported(key)
        if modifiers != _CTRL or code is None or _released(key):
            return b""
        control = bytes([code & 0x1F]) if 64 <= code < 128 else b""
        return control if control in self._leaders else b""


def _typed(plain: bytearray) -> Iterator[Typed]:
    if plain:
        yield Typed(bytes(plain))
        plain.clear()


def _reported(key: bytes) -> tuple[int | None, int]:
    """Code and modifiers of a key that a keyboard protocol reports; None for others."""
    if (kitty := _KITTY.fullmatch(key)) is not None:
        return int(kitty[1]), (int(kitty[2] or b"1") - 1) & ~_LOCKS
    if (other := _OTHER.fullmatch(key)) is not None:
        return int(other[2]), int(other[1]) - 1
    return None, 0


def _released(key: bytes) -> bool:
    kitty = _KITTY.fullmatch(key)
    return kitty is not None and kitty[3] == _RELEASE


def _character(key: bytes) -> str:
    code, modifiers = _reported(key)
    if code is not None and not modifiers & ~1:
        return chr(code) if 32 <= code < 127 else ""
    text = key.decode("utf-8", "ignore")
    return text if len(text) == 1 and text.isprintable() else ""


def _length(first: int) -> int:
    """Bytes of a UTF-8 character that begins so."""
    return 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
