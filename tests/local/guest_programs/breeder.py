"""Makes a new daemon every few milliseconds: there is always a process younger than the last look."""

from __future__ import annotations

import os
import time

MOST = 400


def main() -> None:
    for _ in range(MOST):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(3600)
            os._exit(0)
        os.wait()
        time.sleep(0.003)
    time.sleep(3600)


if __name__ == "__main__":
    main()
