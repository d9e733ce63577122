"""Feeds the terminal emulator hostile bytes for a while: python -m tools.fuzz_terminal [SECONDS] [SEED].

Each round makes a stream out of fragments (sequences whole, cut, nested and mutated; floods; noise; resizes
in between), feeds it at once and in pieces, and compares all that can be seen; it checks that nothing raises,
that the time stays in proportion to the bytes, and that memory stays bounded.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable, Iterator

from mvm_tui.terminal.facade import Terminal
from tests.terminal.whole_state import assert_sound, whole_state

# A round may take so long: a fixed part, and so much for each byte and cell of the screen.
_SECONDS_FIXED = 3.0
_SECONDS_PER_BYTE = 150e-6
_MEMORY_LIMIT_KIB = 300 * 1024

_FINALS = b"@ABCDEFGHIJKLMNPQRSTUVWXYZ`abcdefghijklmnopqrstuvwxyz{|}~^_]["
_NUMBERS = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    22,
    25,
    38,
    47,
    48,
    58,
    80,
    999,
    1000,
    1006,
    1047,
    1049,
    2026,
    65535,
    10**9,
)
_TEXT = (
    "plain text ",
    "x" * 200,
    "漢字",
    "e\u0301",
    "👨\u200d👩",
    "\u0301",
    "\ufe0f",
    "é",
    "\u200b",
    "नी",
    "🇯🇵",
)
_OSC = (
    "0;title",
    "2;" + "t" * 5_000,
    "4;1;?",
    "4;1;#123456;2;rgb:1/2/3",
    "8;;http://example.com/",
    "8;id=a;http://example.com/" + "y" * 3_000,
    "8;;",
    "10;?;?;?",
    "52;c;aGVsbG8=",
    "52;c;?",
    "104",
    "133;A",
    "133;D;0",
    "7;file:///tmp",
    "",
    ";",
    "999999999999999999999999;x",
)


def fragment(rng: random.Random) -> bytes:
    """One piece of a stream."""
    return rng.choice(_KINDS)(rng)


def _csi(rng: random.Random) -> bytes:
    marker = rng.choice((b"", b"", b"", b"?", b">", b"=", b"<"))
    separator = rng.choice((b";", b";", b":"))
    numbers = separator.join(b"%d" % rng.choice(_NUMBERS) for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 40))))
    between = rng.choice((b"", b"", b"", b" ", b"!", b"$", b'"', b"'", b"##"))
    return b"\x1b[" + marker + numbers + between + bytes([rng.choice(_FINALS)])


def _mode(rng: random.Random) -> bytes:
    numbers = (1, 3, 5, 6, 7, 25, 45, 47, 66, 69, 1000, 1047, 1048, 1049, 2004, 2026)
    return b"\x1b[?%d%c" % (rng.choice(numbers), rng.choice(b"hl"))


def _text(rng: random.Random) -> bytes:
    return rng.choice(_TEXT).encode() * rng.choice((1, 1, 2, 30))


def _escape(rng: random.Random) -> bytes:
    between = rng.choice((b"", b"", b"(", b")", b"*", b"#", b"%", b" "))
    return b"\x1b" + between + bytes([rng.randrange(0x30, 0x7F)])


def _control(rng: random.Random) -> bytes:
    return bytes([rng.randrange(32)]) * rng.choice((1, 1, 3, 60))


def _string(rng: random.Random) -> bytes:
    kind = rng.choice((b"]", b"]", b"]", b"P", b"X", b"^", b"_"))
    body = rng.choice((*_OSC, "$qm", "+q436f", "q" * 9_000)).encode()
    return b"\x1b" + kind + body + rng.choice((b"\x07", b"\x1b\\", b"\x18", b"\x1b", b"", b"\xc2\x9c"))


def _c1(rng: random.Random) -> bytes:
    return chr(rng.randrange(0x80, 0xA0)).encode()


def _noise(rng: random.Random) -> bytes:
    return rng.randbytes(rng.choice((1, 5, 300)))


def _odd(rng: random.Random) -> bytes:
    """A sequence with controls or other sequences inside."""
    whole = bytearray(rng.choice((_csi, _string, _escape))(rng))
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(whole) + 1)
        whole[at:at] = rng.choice(
            (b"\n", b"\x1b", b"\x18", b"\x7f", b"\xff", "漢".encode(), b"\x1b[", b"1" * 1_100)
        )
    return bytes(whole)


def _flood(rng: random.Random) -> bytes:
    count = rng.choice((10, 200, 1_000))
    many: tuple[Iterator[bytes], ...] = (
        (b"\x1b[38;2;%d;%d;%dmx" % (n & 255, n >> 3 & 255, n >> 5 & 255) for n in range(count)),
        (b"\x1b]8;;http://h/%d\x07l" % n for n in range(count)),
        ("\u0301".encode() for _ in range(count)),
        (b"\x1b[%dbz" % 10**9 for _ in range(count)),
        (b"\x1b[2J\x1b[?1049h\x1b[?1049l" for _ in range(min(count, 50))),
        (b"\x1b[%d;%dHq" % (n % 60, n) for n in range(count)),
        (b"\x1b[6n\x1b[c" for _ in range(count)),
        (b"line %d\r\n" % n for n in range(count)),
    )
    return b"".join(rng.choice(many))


_KINDS: tuple[Callable[[random.Random], bytes], ...] = (
    *(_csi,) * 6,
    *(_text,) * 5,
    *(_mode,) * 2,
    _escape,
    _control,
    _string,
    _c1,
    _noise,
    _odd,
    _flood,
)
Step = bytes | tuple[int, int]


def steps_of(rng: random.Random) -> list[Step]:
    """A stream, and sizes in between."""
    steps: list[Step] = []
    for _ in range(rng.randint(1, 4)):
        steps.append(b"".join(fragment(rng) for _ in range(rng.choice((3, 20, 100)))))
        if rng.random() < 0.5:
            steps.append(rng.choice(((1, 1), (2, 1), (500, 500), (80, 24), (7, 3), (120, 40), (1, 50))))
    return steps


def fed(steps: list[Step], size: tuple[int, int], pieces: Callable[[bytes], Iterator[bytes]]) -> Terminal:
    """A terminal after all steps, the bytes cut by ``pieces``."""
    terminal = Terminal(*size, history_lines=200, history_bytes=1_000_000)
    for step in steps:
        if isinstance(step, tuple):
            terminal.resize(*step)
            continue
        for piece in pieces(step):
            terminal.feed(piece)
    return terminal


def one_round(seed: int) -> int:
    """Feed one stream whole and cut, and compare; how many bytes it had.

    Raises:
        AssertionError: They differ, something is unsound, or it took out of proportion.
    """
    rng = random.Random(seed)
    size = rng.choice(((80, 24), (120, 40), (5, 3), (1, 1), (2, 7), (300, 100)))
    steps = steps_of(rng)
    count = sum(len(step) for step in steps if isinstance(step, bytes))
    started = time.process_time()
    whole = fed(steps, size, lambda data: iter((data,)))
    took = time.process_time() - started
    assert took < _SECONDS_FIXED + count * _SECONDS_PER_BYTE, f"{took:.1f} s for {count} bytes"
    assert_sound(whole)

    def cut(data: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(data):
            length = rng.choice((1, 1, 2, 3, 17, 1_000))
            yield data[at : at + length]
            at += length

    assert whole_state(whole) == whole_state(fed(steps, size, cut)), "cutting made a difference"
    return count


def main() -> int:
    """Exit status 1 at the first round that fails, with its seed."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**9)
    started = time.monotonic()
    rounds = count = 0
    while time.monotonic() - started < seconds:
        try:
            count += one_round(seed + rounds)
        except Exception as error:  # noqa: BLE001 — whatever it is, it is told with its seed
            print(f"seed {seed + rounds}: {type(error).__name__}: {error}")
            return 1
        rounds += 1
        if _peak() > _MEMORY_LIMIT_KIB:
            print(f"seed {seed + rounds - 1}: {_peak():,} KiB of memory at the peak")
            return 1
    print(
        f"{rounds:,} rounds from seed {seed}, {count:,} bytes, {seconds:.0f} s, peak {_peak():,} KiB: sound"
    )
    return 0


def _peak() -> int:
    """The most memory the process has had, in KiB (of Linux's measure)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
