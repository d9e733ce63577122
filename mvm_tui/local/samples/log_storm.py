"""A load generator for logs: numbered lines at a rate, now and then many at once, and hostile ones.

``SEED`` (default ``storm``) decides every line, ``RATE`` (default 20) is lines per second, ``BURST`` (default
1) how many come at once, ``LINES`` (default 0, without end) how many come at all, ``SIZE`` (default 80) their
length in characters, ``HOSTILE`` (default 0) the share of lines with escape sequences and control characters.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from itertools import count, islice

LEVELS = ("DEBUG", "INFO", "INFO", "INFO", "INFO", "WARN", "ERROR")
PATHS = ("/items", "/cart", "/login", "/search", "/images/7.png", "/health")
HOSTILE_TEXTS = (
    "\x1b[2J\x1b[H cleared your screen",
    "\x1b]0;another title\x07 renamed your window",
    "\x1b]8;;https://example.com\x07a link\x1b]8;;\x07",
    "\u202egnirts desrever a\u202c",
    "NUL \x00 BEL \x07 BS \x08\x08\x08 DEL \x7f",
    "\x1b[31mred\x1b[0m and \x1b[38;2;1;2;3mnearly black\x1b[0m",
    "\x9b31m eight-bit CSI",
    "\U0001f600 e\u0301\u0301\u0301 \u4e2d\u6587",
)


def lines(seed: str, size: int, hostile: float) -> Iterator[str]:
    """One line after another, numbered from 1; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a sample's chatter
    for number in count(1):
        text = _line(chance, number)
        if chance.random() < hostile:
            text = f"{number:08d} {chance.choice(HOSTILE_TEXTS)}"
        yield text.ljust(size, ".") if not text.startswith("{") else text


def _line(chance: random.Random, number: int) -> str:
    level, path = chance.choice(LEVELS), chance.choice(PATHS)
    took = chance.randrange(1, 2_000)
    if chance.random() < 0.3:
        return json.dumps({"n": number, "level": level.lower(), "path": path, "ms": took})
    return f"{number:08d} {level} GET {path} {chance.choice((200, 200, 200, 304, 404, 500))} {took}ms "


def main() -> None:
    setting = os.environ.get
    rate, burst = float(setting("RATE", "20")), max(int(setting("BURST", "1")), 1)
    endless = lines(setting("SEED", "storm"), int(setting("SIZE", "80")), float(setting("HOSTILE", "0")))
    coming = islice(endless, int(setting("LINES", "0")) or None)
    due = time.monotonic()
    while batch := list(islice(coming, burst)):
        sys.stdout.write("\n".join(batch) + "\n")
        sys.stdout.flush()
        due += len(batch) / rate
        time.sleep(max(0.0, due - time.monotonic()))
    # A MicroVM whose app ends is terminated; this one has only gone quiet.
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
