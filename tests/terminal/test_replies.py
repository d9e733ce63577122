"""What the terminal answers, and that it does so within bounds."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.colours import Theme
from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.outbox import Outbox
from tests.terminal.screens import after, answer


@pytest.mark.parametrize(
    ("data", "answered"),
    [
        ("\x1b[c", "\x1b[?62;6;22c"),
        ("\x1b[0c", "\x1b[?62;6;22c"),
        ("\x1b[1c", ""),
        ("\x1b[?c", ""),
        ("\x1b[>c", "\x1b[>1;354;0c"),
        ("\x1b[=c", "\x1bP!|00000000\x1b\\"),
        ("\x1b[>q", "\x1bP>|mvm-tui\x1b\\"),
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[2;3H\x1b[6n", "\x1b[2;3R"),
        ("\x1b[2;3H\x1b[?6n", "\x1b[?2;3;1R"),
        ("\x1b[2;3r\x1b[?6h\x1b[2;2H\x1b[6n", "\x1b[2;2R"),
        ("0123456789\x1b[6n", "\x1b[1;10R"),
        ("\x1b[?15n", "\x1b[?13n"),
        ("\x1b[?25n", "\x1b[?21n"),
        ("\x1b[?26n", "\x1b[?27;1;0;0n"),
        ("\x1b[?55n", "\x1b[?53n"),
        ("\x1b[?99n", ""),
        ("\x1b[x", "\x1b[2;1;1;128;128;1;0x"),
        ("\x1b[1x", "\x1b[3;1;1;128;128;1;0x"),
        ("\x1b[18t", "\x1b[8;4;10t"),
        ("\x1b[19t", "\x1b[9;4;10t"),
        ("\x1b[11t", "\x1b[1t"),
        ("\x1b[21t", ""),
        ("\x1b[8;50;50t\x1b[18t", "\x1b[8;4;10t"),
        ("\x1bP$qr\x1b\\", "\x1bP1$r1;4r\x1b\\"),
        ("\x1b[2;3r\x1bP$qr\x1b\\", "\x1bP1$r2;3r\x1b\\"),
        ("\x1bP$qm\x1b\\", "\x1bP1$r0m\x1b\\"),
        ("\x1b[1;4:3;31;48;5;99m\x1bP$qm\x1b\\", "\x1bP1$r0;1;4:3;31;48:5:99m\x1b\\"),
        ("\x1b[5 q\x1bP$q q\x1b\\", "\x1bP1$r5 q\x1b\\"),
        ('\x1b[1"q\x1bP$q"q\x1b\\', '\x1bP1$r1"q\x1b\\'),
        ('\x1bP$q"p\x1b\\', '\x1bP1$r62;1"p\x1b\\'),
        ("\x1bP$qz\x1b\\", "\x1bP0$r\x1b\\"),
        ("\x1bP+q436f\x1b\\", "\x1bP0+r\x1b\\"),
        ("\x1b]4;1;?\x07", "\x1b]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]4;1;?;231;?\x1b\\", "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\\x1b]4;231;rgb:ffff/ffff/ffff\x1b\\"),
        ("\x1b]4;232;?\x07", "\x1b]4;232;rgb:0808/0808/0808\x07"),
        ("\x1b]4;256;?\x07", ""),
        ("\x1b]10;?\x07", "\x1b]10;rgb:e5e5/e5e5/e5e5\x07"),
        ("\x1b]10;?;?\x07", "\x1b]10;rgb:e5e5/e5e5/e5e5\x07\x1b]11;rgb:0000/0000/0000\x07"),
        ("\x1b]12;?\x1b\\", "\x1b]12;rgb:e5e5/e5e5/e5e5\x1b\\"),
        ("\x1b]11;#fff\x07\x1b]11;?\x07", "\x1b]11;rgb:f0f0/f0f0/f0f0\x07"),
        ("\x1b]11;#fff\x07\x1b]111\x07\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x07"),
        ("\x1b]4;1;rgb:1/22/333\x07\x1b]4;1;?\x07", "\x1b]4;1;rgb:1111/2222/3333\x07"),
        ("\x1b]52;c;?\x07", ""),
        ("\x1b[?u", ""),
        ("\x05", ""),
    ],
)
def test_answers(data: str, answered: str) -> None:
    assert answer(data) == answered


def test_colours_answered_are_the_theme_s() -> None:
    terminal = Terminal(10, 2)
    terminal.colours.theme = Theme(foreground=0x010203, background=0xFFFFFF, cursor=0, ansi=(0x112233,) * 16)
    terminal.feed(b"\x1b]10;?\x07\x1b]11;?\x07\x1b]4;5;?\x07")
    answers = terminal.take_replies()
    assert answers == (
        b"\x1b]10;rgb:0101/0202/0303\x07\x1b]11;rgb:ffff/ffff/ffff\x07\x1b]4;5;rgb:1111/2222/3333\x07"
    )


def test_answers_nobody_takes_are_bounded() -> None:
    waiting = len(after("\x1b[6n" * 100_000).take_replies())
    assert Outbox.REPLY_LIMIT <= waiting < Outbox.REPLY_LIMIT + 100
