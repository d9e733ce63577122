"""Whatever bytes arrive, however cut: nothing raises, all is sound, and one feed gives the same as many."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.terminal.facade import Terminal
from tests.terminal.whole_state import assert_sound, whole_state
from tools.fuzz_terminal import one_round

NUMBER = st.sampled_from(["", "0", "1", "2", "3", "5", "7", "25", "38", "48", "1049", "99999", "1000000000"])
PARAMETERS = st.lists(NUMBER, max_size=5).map(";".join)
SEQUENCE = st.builds(
    lambda marker, parameters, between, final: f"\x1b[{marker}{parameters}{between}{final}",
    st.sampled_from(["", "", "?", ">", "="]),
    PARAMETERS,
    st.sampled_from(["", "", " ", "!", "$", '"']),
    st.sampled_from("@ABCDEFGHIJKLMPSTXZ`abcdefghlmnpqrstu"),
)
STRING = st.builds(
    lambda kind, body, end: f"\x1b{kind}{body}{end}",
    st.sampled_from("]PX^_"),
    st.text("0128;?:/abc\n\x1b漢", max_size=12),
    st.sampled_from(["\x07", "\x1b\\", "\x18", "\x9c", ""]),
)
FRAGMENT = st.one_of(
    SEQUENCE,
    SEQUENCE,
    STRING,
    st.text("abc 漢é\u0301\u200d👩", max_size=15),
    st.sampled_from(
        ["\r\n", "\n", "\r", "\b", "\t", "\x0e", "\x0f", "\x1b(0", "\x1b7", "\x1b8", "\x1bM", "\x1bc"]
    ),
    st.characters(max_codepoint=0x9F),
).map(str.encode)
BYTES = st.lists(st.one_of(FRAGMENT, FRAGMENT, st.binary(max_size=6)), max_size=30).map(b"".join)
SIZE = st.tuples(st.integers(1, 12), st.integers(1, 6))


@given(BYTES, SIZE, st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_any_cut_gives_the_same(data: bytes, size: tuple[int, int], lengths: list[int]) -> None:
    whole, cut = Terminal(*size, history_lines=20), Terminal(*size, history_lines=20)
    whole.feed(data)
    assert_sound(whole)
    at = turn = 0
    while at < len(data):
        length = lengths[turn % len(lengths)]
        cut.feed(data[at : at + length])
        at, turn = at + length, turn + 1
    assert whole_state(cut) == whole_state(whole)


@given(BYTES, SIZE, SIZE)
def test_sizes_may_change_at_any_time(data: bytes, size: tuple[int, int], other: tuple[int, int]) -> None:
    terminal = Terminal(*size, history_lines=20)
    half = len(data) // 2
    terminal.feed(data[:half])
    terminal.resize(*other)
    terminal.feed(data[half:])
    assert_sound(terminal)


@given(BYTES, SIZE)
def test_lines_that_are_not_damaged_have_not_changed(data: bytes, size: tuple[int, int]) -> None:
    terminal = Terminal(*size, history_lines=200)
    terminal.take_damage()
    for at in range(0, len(data), 7):
        before = {
            number: terminal.line(number) for number in range(terminal.top, terminal.top + terminal.rows)
        }
        terminal.feed(data[at : at + 7])
        damage = terminal.take_damage()
        if damage.everything:
            continue
        damaged = {terminal.top + y for y in damage.rows}
        for y in range(terminal.rows):
            number = terminal.top + y
            same = before.get(number)
            if number not in damaged and same is not None:
                line = terminal.line(number)
                assert (line.chars, line.styles) == (same.chars, same.styles)
            assert number in damaged or same is not None


@pytest.mark.parametrize("seed", range(12))
def test_rounds_of_the_fuzz_tool(seed: int) -> None:
    assert one_round(seed) > 0


@pytest.mark.parametrize(
    "unit",
    [
        b"\x1b[2J",
        b"\x1b[99S",
        b"\x1b[1000000000b",
        b"x\x1b[65535b",
        b"\x1b[?1049h\x1b[?1049l",
        b"\x1b[\n",
        b"\x1b]x\x1b[m",
        b"\xc2\x84",
        "e\u0301".encode(),
        "\u0301".encode(),
        b"\x1b[65535I",
        b"\x1b]8;;http://x/\x07y",
        b"\x1b[",
        b"\x1b",
        b"\n",
        b"\x1b[38;2;1;2;3m",
        b"\x1b7\x1b8",
        b"\x1b[?2J",
        b'\x1b[1"q\x1b[?2J',
        b"\x1b[999L\x1b[999M",
        b"\x1bM",
        b"\x1b#8",
        b"\x90",
    ],
)
def test_time_is_in_proportion_to_the_bytes(unit: bytes) -> None:
    terminal = Terminal(120, 40)
    count = 24_000 // len(unit) // 4
    terminal.feed(unit * 100)
    started = time.process_time()
    terminal.feed(unit * count)
    once = time.process_time() - started
    started = time.process_time()
    terminal.feed(unit * (3 * count))
    assert time.process_time() - started < 9 * once + 0.2
    assert once < 6_000 * 250e-6
    assert_sound(terminal)
