"""A machine to work in: says that it is up, then sleeps until it is ended."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    sys.stdout.write("devbox ready\n")
    sys.stdout.flush()
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
