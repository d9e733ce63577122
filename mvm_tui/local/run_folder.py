"""The folder of one run of the cloud, which is gone when the run is, however it ends."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

# Waits for its input to close, which the kernel does even for a killed cloud. Supervisors may still be at
# work in the folder, so it tries again for a while.
REAPER = """
trap '' HUP INT TERM
read -r _
tries=0
while [ -e "$1" ] && [ $tries -lt 30 ]; do
  rm -rf -- "$1" 2>/dev/null || { chmod -R u+rwx -- "$1" 2>/dev/null; sleep 1; }
  tries=$((tries + 1))
done
"""


class RunFolder:
    """A new 0700 folder below the system's temporary one, watched by a tiny shell process.

    :raises OSError: it cannot be made.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="mvm-tui-"))
        self._reaper = subprocess.Popen(  # noqa: S603 - our own script
            ["/bin/sh", "-c", REAPER, "mvm-tui-reaper", str(self.path)],
            env={"PATH": "/usr/bin:/bin"},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def reaper_pid(self) -> int:
        """The process that removes the folder."""
        return self._reaper.pid

    def close(self) -> None:
        """Remove the folder with all that is in it, and wait until it is gone."""
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        self._reaper.wait()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
