"""Counts, and writes its process id and count to a file: ``ticker.py FILE``."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def main() -> None:
    path = Path(sys.argv[1])
    fresh = path.with_suffix(".new")
    count = 0
    while True:
        count += 1
        fresh.write_text(f"{os.getpid()} {count}")
        fresh.replace(path)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
