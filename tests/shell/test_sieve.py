"""What may be shown of a recording or of a command's output: painting, and nothing that answers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.shell.sieve import Sieve

KEPT = [
    "plain λ text\r\n\t\x08",
    "\x1b[1;38;5;196mred\x1b[0m",
    "\x1b[38:2::1:2:3m",
    "\x1b[2J\x1b[10;20H\x1b[K\x1b[3A\x1b[5X\x1b[2@\x1b[4P\x1b[L\x1b[M\x1b[S\x1b[T",
    "\x1b[?1049h\x1b[?25l\x1b[?7h\x1b[?2026h\x1b[4h",
    "\x1b7\x1b8\x1bM\x1bD\x1bE\x1bc\x1b=\x1b>\x1b(0\x0e\x0f\x1b)B\x1b#8",
    "\x1b[2;10r\x1b[ q\x1b[4 q\x1b[!p",
    "\x1b]8;id=1;https://example.com/x\x1b\\link\x1b]8;;\x1b\\",
]
# What makes a terminal answer, listens, or reaches out of it.
DROPPED = [
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b]52;c;?\x1b\\",
    "\x1b]0;title\x07",
    "\x1b]2;title\x9c",
    "\x9d52;c;aGVsbG8=\x9c",
    "\x1b]8;;file:///etc/passwd\x07",
    "\x1b]8;;https://example.com/\u202egpj.exe\x07",
    "\x1b]10;?\x07",
    "\x1b]4;1;?\x07",
    "\x1b]4;1;red\x07",
    "\x1b]1337;File=name=x:AAAA\x07",
    "\x1b]9;notify\x07",
    "\x1b[c",
    "\x1b[>c",
    "\x1b[=c",
    "\x9bc",
    "\x1b[5n",
    "\x1b[6n",
    "\x1b[?6n",
    "\x1b[?1$p",
    "\x1b[4$p",
    "\x1b[>q",
    "\x1b[>0q",
    "\x1b[x",
    "\x1b[18t",
    "\x1b[21t",
    "\x1b[8;1;1t",
    "\x1b[1;1;1;1;1;1*y",
    "\x1b[?u",
    "\x1b[>1u",
    "\x1b[=1u",
    "\x1b[>4;2m",
    "\x1b[?4m",
    "\x1b[5i",
    "\x1b[?5i",
    "\x1b[#R",
    "\x1b[?1;1;0S",
    "\x1bZ",
    "\x05",
    "\x00",
    "\x7f",
    "\x1b%@",
    "\x1bP$qm\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1bPq#0;2;0;0;0\x1b\\",
    "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
    "\x1b_Gi=31,s=1,v=1,a=q;AAAA\x1b\\",
    "\x1b^private\x1b\\",
    "\x1bXstring\x1b\\",
    *(f"\x1b[?{mode}h" for mode in (1, 9, 1000, 1002, 1003, 1004, 1006, 1015, 1016, 2004, 2031, 2048)),
    "\x1b[?01000h",
    "\x85",
]
# Whatever still holds one of these could be answered.
_ANSWERED = re.compile(
    "\x1b\\[[0-?]*[ -/]*[cnxtyuiR]|\x1b\\[\\?[0-9;]*\\$?p|\x1bZ|\x05|[\x80-\x9f]|\x1b[PX^_]|\x1b\\]5"
)


@pytest.mark.parametrize("text", KEPT)
def test_painting_is_kept(text: str) -> None:
    assert Sieve().feed(text) == text


@pytest.mark.parametrize("text", DROPPED)
def test_what_answers_or_reaches_out_is_left_out_whole(text: str) -> None:
    assert Sieve().feed(f"a{text}b") == "ab"


@pytest.mark.parametrize("text", [*KEPT, *DROPPED])
def test_a_cut_changes_nothing(text: str) -> None:
    whole = Sieve().feed(f"a{text}b")
    for cut in range(len(text) + 2):
        sieve = Sieve()
        assert sieve.feed(f"a{text}b"[:cut]) + sieve.feed(f"a{text}b"[cut:]) == whole


def test_of_several_modes_those_that_paint_are_kept() -> None:
    assert Sieve().feed("\x1b[?1000;25;2004;7l") == "\x1b[?25;7l"


def test_a_string_that_does_not_end_holds_little_and_shows_nothing() -> None:
    sieve = Sieve()
    assert sieve.feed("a\x1b]52;c;") == "a"
    for _ in range(1_000):
        assert sieve.feed("A" * 1_000) == ""
        assert len(sieve._held) <= 5_100
    assert sieve.feed("\x1b") + sieve.feed("\\b") == "b"


def test_a_string_that_is_cut_short_does_not_swallow_what_follows() -> None:
    assert Sieve().feed("\x1b]0;title\x1b[31mred\x18x") == "\x1b[31mredx"
    assert Sieve().feed("\x1b]0;title\x18x") == "x"


_known = [*KEPT, *DROPPED, "\x1b", "\x1b[", "\x1b]", "\x9b", "\x1bP", "\x07", "\x1b\\", ";", "?"]
_pieces = st.lists(st.one_of(st.sampled_from(_known), st.text(max_size=5)), max_size=12)


@given(_pieces, st.integers(1, 7))
def test_nothing_gets_through_however_it_is_put_together(pieces: list[str], size: int) -> None:
    text = "".join(pieces)
    sieve = Sieve()
    shown = "".join(sieve.feed(text[start : start + size]) for start in range(0, len(text), size))
    assert shown == Sieve().feed(text)
    assert not _ANSWERED.search(re.sub("\x1b\\[\\d*(?:;\\d*)*u", "", shown))
