"""From a pipe to log lines."""

from __future__ import annotations

import asyncio
import itertools
import os
import time

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.output import MAX_LINE_BYTES, READ_BYTES, LineSplitter, OutputReader
from tests.local.guests import until

LIMIT = 10


def split(data: bytes, cuts: list[int], limit: int = LIMIT) -> list[str]:
    splitter = LineSplitter(limit)
    lines = []
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(places):
        lines += splitter.feed(data[start:end])
    return lines + splitter.close()


@given(
    lines=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30), max_size=8),
    cuts=st.lists(st.integers(0, 300), max_size=6),
    limit=st.integers(4, 40),
)
def test_no_character_is_lost_however_it_arrives(lines: list[str], cuts: list[int], limit: int) -> None:
    pieces = split("\n".join(lines).encode(), cuts, limit)
    assert "".join(pieces) == "".join(lines)
    assert all(0 < len(piece.encode()) <= limit for piece in pieces)


@given(data=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=6))
def test_any_bytes_become_bounded_lines(data: bytes, cuts: list[int]) -> None:
    for line in split(data, cuts):
        assert "\n" not in line
        # A byte that is no UTF-8 becomes one replacement character.
        assert 0 < len(line) <= LIMIT


def test_line_ends_are_dropped_and_empty_lines_too() -> None:
    assert split(b"one\r\n\r\n\ntwo\nrest", []) == ["one", "two", "rest"]


def test_an_overlong_line_becomes_several_without_waiting_for_its_end() -> None:
    splitter = LineSplitter()
    lines = splitter.feed(b"x" * (2 * MAX_LINE_BYTES + 5))
    assert [len(line) for line in lines] == [MAX_LINE_BYTES, MAX_LINE_BYTES]
    assert splitter.feed(b"\n") == ["x" * 5]


def test_what_is_no_utf8_is_replaced() -> None:
    assert split(b"a\xffb\n", []) == ["a\N{REPLACEMENT CHARACTER}b"]


async def test_a_flood_is_held_back_and_leaves_the_loop_free() -> None:
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    begun = time.perf_counter()
    spent = 0.0
    shares: list[float] = []

    def costly(_line: str) -> None:
        nonlocal spent
        started = time.perf_counter()
        shares.append(spent / (started - begun))
        while time.perf_counter() - started < 0.00001:
            pass
        spent += time.perf_counter() - started

    reader = OutputReader(read_end, costly)
    refused = 0
    while len(shares) < 2 * READ_BYTES:
        try:
            os.write(write_end, b"y\n" * 2048)
        except BlockingIOError:
            refused += 1
        await asyncio.sleep(0)
    os.close(write_end)
    reader.drain()
    assert refused > 0
    # At the end of each pause the time taken is a small part of all the time there was.
    assert min(shares[READ_BYTES:]) < 0.25


async def test_draining_hands_out_all_that_was_written_and_the_unfinished_line() -> None:
    read_end, write_end = os.pipe()
    lines: list[str] = []
    reader = OutputReader(read_end, lines.append)
    os.write(write_end, b"one\n" * 5000 + b"last")
    os.close(write_end)
    reader.drain()
    reader.drain()
    assert lines == ["one"] * 5000 + ["last"]


async def test_a_pipe_that_ends_is_closed() -> None:
    read_end, write_end = os.pipe()
    lines: list[str] = []
    OutputReader(read_end, lines.append)
    os.write(write_end, b"only")
    os.close(write_end)
    await until(lambda: lines, "the line has come")
    assert lines == ["only"]
