"""The terminal emulator beside stock pyte: megabytes of guest output taken in each second.

Four kinds of output for 120 x 40 cells, made here and the same in every run: lines of a log in plain text;
lines in which nearly every word has another colour; the repainting of a screen by cursor addresses; and text
of wide characters. Fed in chunks of 16 KiB, ours with a history of 10,000 lines and stock pyte's `Screen`
without any. The two take turns; time is the process's own, and of several turns the median counts.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator

import pyte

from bench.figures import Figure
from mvm_tui.terminal.facade import Terminal

COLUMNS, ROWS = 120, 40
CHUNK = 16_384
TURNS = 5
# How much each takes in a turn: stock pyte is slow enough to be measured by less.
OURS_BYTES, STOCK_BYTES = 4_000_000, 500_000
_WORDS = (
    "queue",
    "worker",
    "request",
    "reply",
    "cache",
    "token",
    "image",
    "region",
    "probe",
    "retry",
    "agent",
    "bucket",
    "policy",
    "stream",
    "record",
    "status",
    "handle",
    "signal",
    "limit",
    "window",
    "update",
    "volume",
)
_WIDE = [chr(code) for code in range(0x4E00, 0x4E00 + 500)] + list("かなカナ한국어😀🚀")
_NARROW = list("éß─│→x ")
Feed = Callable[[bytes], object]


def plain_log(rng: random.Random) -> Iterator[str]:
    """A time, a level and some words, then a new line."""
    for number in range(10**9):
        clock = (
            f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}.{rng.randrange(1000):03d}"
        )
        words = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(4, 11)))
        level = rng.choice(("INFO ", "WARN ", "DEBUG", "ERROR"))
        source = f"{rng.choice(_WORDS)}.{rng.choice(_WORDS)}"
        yield f"2026-01-01T{clock}Z {level} {source}: {words} {number:08x}\r\n"


def dense_colours(rng: random.Random) -> Iterator[str]:
    """Words, each after an SGR sequence: of eight, sixteen, 256 and 16 million colours."""
    while True:
        line, column = [], 0
        while column < COLUMNS - 10:
            word = rng.choice(_WORDS)[:7]
            red, green, blue = (rng.randrange(256) for _ in range(3))
            line.append(
                rng.choice(
                    (
                        f"\x1b[{rng.randint(30, 37)}m",
                        f"\x1b[1;{rng.randint(90, 97)}m",
                        f"\x1b[38;5;{red}m",
                        f"\x1b[38;2;{red};{green};{blue}m",
                        f"\x1b[{rng.choice((3, 4, 7))};48;5;{red}m",
                        f"\x1b[4;{rng.randint(40, 47)}m",
                    )
                )
            )
            line.append(word + ("\x1b[0m " if rng.random() < 0.6 else " "))
            column += len(word) + 1
        yield "".join(line) + "\x1b[0m\r\n"


def cursor_repaint(rng: random.Random) -> Iterator[str]:
    """Rows of gauges and single cells, by cursor addresses, on the alternate screen."""
    yield "\x1b[?1049h\x1b[H\x1b[2J"
    while True:
        parts = ["\x1b[H"]
        for row in range(1, ROWS + 1):
            if rng.random() < 0.5:
                gauge = "|" * rng.randint(0, 28)
                parts.append(
                    f"\x1b[{row};1H\x1b[1m\x1b[36m{rng.randrange(9999):5d}\x1b[39m\x1b[22m user "
                    f"\x1b[32m{gauge}\x1b[90m{rng.random() * 100:5.1f}%\x1b[39m {rng.choice(_WORDS)}\x1b[K"
                )
                continue
            for _ in range(rng.randint(2, 6)):
                place = f"\x1b[{row};{rng.randint(1, COLUMNS)}H"
                parts.append(f"{place}\x1b[{rng.choice((32, 92))}m{chr(rng.randint(33, 126))}\x1b[0m")
        yield "".join(parts)


def wide_text(rng: random.Random) -> Iterator[str]:
    """Lines of mostly wide characters."""
    while True:
        count = rng.randint(20, 58)
        yield "".join(rng.choice(_WIDE if rng.random() < 0.8 else _NARROW) for _ in range(count)) + "\r\n"


# What is asked for: megabytes a second, and times stock pyte.
STREAMS = (
    (plain_log, 18.0, 15.0),
    (dense_colours, 4.0, 2.5),
    (cursor_repaint, 7.5, 4.5),
    (wide_text, 9.0, 5.0),
)


def stream(kind: Callable[[random.Random], Iterator[str]]) -> bytes:
    """`OURS_BYTES` of one kind, always the same."""
    made = bytearray()
    for part in kind(random.Random(f"mvm-tui {kind.__name__}")):
        made += part.encode()
        if len(made) >= OURS_BYTES:
            break
    return bytes(made[:OURS_BYTES])


def ours() -> Feed:
    """What feeds a new terminal of ours."""
    return Terminal(COLUMNS, ROWS).feed


def stock() -> Feed:
    """What feeds a new screen of stock pyte."""
    feed: Feed = pyte.ByteStream(pyte.Screen(COLUMNS, ROWS)).feed
    return feed


def rate(feed: Feed, data: bytes) -> float:
    """Megabytes a second of processor time."""
    started = time.process_time()
    for at in range(0, len(data), CHUNK):
        feed(data[at : at + CHUNK])
    return len(data) / (time.process_time() - started) / 1e6


def run() -> list[Figure]:
    figures = []
    for kind, asked, asked_times in STREAMS:
        data = stream(kind)
        ours_rates, stock_rates = [], []
        for _ in range(TURNS):
            ours_rates.append(rate(ours(), data))
            stock_rates.append(rate(stock(), data[:STOCK_BYTES]))
        mine, theirs = statistics.median(ours_rates), statistics.median(stock_rates)
        name = kind.__name__.replace("_", " ")
        figures.append(Figure(f"{name}, mvm-tui", mine, "MB/s", least=asked))
        figures.append(Figure(f"{name}, stock pyte", theirs, "MB/s"))
        figures.append(Figure(f"{name}, ratio", mine / theirs, "×", least=asked_times))
    return figures
