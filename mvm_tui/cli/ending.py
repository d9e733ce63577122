"""What would end the process at once ends it in an orderly way: by an exception, so that all is tidied up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ending_by_signal(*numbers: signal.Signals) -> Iterator[None]:
    """While the block runs, each of these signals raises SystemExit with the status that a shell gives it."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
