"""A daemon with a terminal of its own, as tmux's server is: twice forked, own session, a shell inside.

``multiplexer.py COMMAND``: the command is typed into that shell and so becomes its foreground job.
"""

from __future__ import annotations

import os
import pty
import sys


def main() -> None:
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    for descriptor in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["/bin/sh", "-i"])
    os.write(terminal, sys.argv[1].encode() + b"\n")
    while True:
        try:
            os.read(terminal, 65536)
        except OSError:
            return


if __name__ == "__main__":
    main()
