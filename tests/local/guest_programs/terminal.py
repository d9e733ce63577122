"""A shell on a terminal of its own: what is written to the FIFO ``keys`` is typed, the screen goes to a file.

``terminal.py KEYS SCREEN``. It is what a MicroVM's shell session is to the processes in it.
"""

from __future__ import annotations

import os
import pty
import select
import sys
from pathlib import Path


def main() -> None:
    keys, screen = Path(sys.argv[1]), Path(sys.argv[2])
    hidden = keys.with_suffix(".new")
    os.mkfifo(hidden)
    # Opened for both, so that the FIFO never ends when a typist goes; seen only when it can be typed into.
    typed = os.open(hidden, os.O_RDWR)
    hidden.rename(keys)
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["PS1"] = "$ "
        os.execv("/bin/sh", ["/bin/sh", "-i"])
    with screen.open("ab", buffering=0) as seen:
        while True:
            readable, _, _ = select.select([terminal, typed], [], [])
            if typed in readable:
                os.write(terminal, os.read(typed, 1024))
            if terminal in readable:
                try:
                    seen.write(os.read(terminal, 65536))
                except OSError:
                    return


if __name__ == "__main__":
    main()
