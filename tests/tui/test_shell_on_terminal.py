"""The UI on a terminal of its own, a real bash behind the local cloud's websocket: bytes in, screens out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mvm_tui.terminal.facade import Terminal
from tests.pty_session import PtySession

SIZE = (110, 32)
LEADER = "\x1d"


class Watched(PtySession):
    """A terminal session whose screen is known, not just what was drawn."""

    def __enter__(self) -> Watched:
        super().__enter__()
        self.terminal = Terminal(*SIZE)
        self._fed = 0
        return self

    @property
    def lines(self) -> list[str]:
        self.terminal.feed(self.raw[self._fed :].encode())
        self._fed = len(self.raw)
        return [self.terminal.text(self.terminal.top + y).rstrip() for y in range(SIZE[1])]

    def until(self, condition: Callable[[list[str]], bool], what: str) -> None:
        self.wait_until(lambda _: condition(self.lines), what, 30)

    def shows(self, wanted: str) -> None:
        self.until(lambda lines: any(wanted in line for line in lines), wanted)


@pytest.fixture
def screen(tmp_path: Path) -> Watched:
    return Watched([sys.executable, "-m", "mvm_tui", "demo"], home=tmp_path, size=SIZE)


def inside(lines: list[str]) -> str:
    """What is in the border, without the ends of lines."""
    return "".join(line[1:-1].rstrip() for line in lines if line.startswith("│"))


def test_every_byte_the_whole_terminal_and_back(screen: Watched) -> None:
    plain = [code for code in range(0x80) if code not in (0x1B, 0x1D)]
    hexadecimal = "".join(f"{code:02x}" for code in [*plain, 0x1D, 0x1B, 0x2E])
    with screen:
        screen.shows("? help")
        screen.until(lambda lines: any("› ●" in line for line in lines), "a row that runs under the cursor")
        screen.send("s")
        screen.shows("λ $")
        count = len(hexadecimal) // 2
        read = f"head -c {count} | od -An -v -tx1 | tr -d ' \\n'"
        screen.send(f"stty raw -echo; echo raw-$((40 + 2)); {read}; stty sane; echo :end\r")
        screen.until(lambda lines: "raw-42" in inside(lines), "the terminal raw")
        # The leader is pressed twice to get through; alt and a full stop are one key.
        screen.send("".join(map(chr, plain)) + LEADER * 2 + "\x1b.")
        screen.until(lambda lines: ":end" in inside(lines).replace("echo :end", ""), "the bytes")
        assert hexadecimal in inside(screen.lines)

        screen.send(LEADER + "S")
        screen.until(lambda lines: not any("attached" in line for line in lines), "the terminal for itself")
        whole = f"{SIZE[1]} {SIZE[0]}"
        screen.send(f'until [ "$(stty size)" = "{whole}" ]; do :; done; echo "whole $((40 + 2))"\r')
        screen.until(lambda lines: "whole 42" in lines, "the whole size")
        screen.send(LEADER + "d")
        screen.shows("attached")
        screen.shows("whole 42")
        screen.send("exit\r")
        screen.until(lambda lines: any("LEFT" in line for line in lines), "the table")
        screen.send("q")
        assert screen.wait_exit() == 0
        screen.until(lambda _: not screen.terminal.modes.mouse_protocol, "the terminal as it was")
