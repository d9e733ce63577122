"""Removes a run's folder when the run has ended in whatever way, SIGKILL included."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Self

_SHELL = "/bin/sh"
# Waits for the end of its input, which comes when the last holder of the pipe's other end is gone.
# The processes of the run may still be writing while they are being killed, hence the few attempts.
_SCRIPT = """
trap '' HUP INT QUIT TERM
cat >/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf -- "$1" 2>/dev/null && exit 0
  sleep 0.3
done
"""
_PATIENCE = 10.0


class Reaper:
    """A shell in a session of its own that outlives this process by just long enough to tidy up."""

    def __init__(self, folder: Path) -> None:
        self._shell = subprocess.Popen(  # noqa: S603 - a fixed script, the folder is its argument
            [_SHELL, "-c", _SCRIPT, "reaper", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin"},
            cwd="/",
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._shell.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Have the folder removed now, and wait for it."""
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        self._shell.wait(_PATIENCE)
