"""A full-screen program as the kernel sees one: raw terminal, foreground job. Writes what is typed to a file.

``editor.py FILE``; the key ``q`` ends it. Like `ticker`, it keeps ``<pid> <count>`` in ``FILE.ticks``.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from pathlib import Path


def main() -> None:
    path = Path(sys.argv[1])
    before = termios.tcgetattr(0)
    tty.setraw(0)
    count, text = 0, ""
    try:
        while not text.endswith("q"):
            count += 1
            Path(f"{path}.new").write_text(f"{os.getpid()} {count}")
            Path(f"{path}.new").replace(f"{path}.ticks")
            if select.select([0], [], [], 0.02)[0]:
                text += os.read(0, 64).decode()
                path.write_text(text)
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


if __name__ == "__main__":
    main()
