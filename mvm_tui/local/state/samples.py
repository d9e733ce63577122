"""The apps a local image can hold: what a MicroVM made from it runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Final


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample app: a Python file that needs nothing but the standard library.

    `greeting` is what it says first, if it says anything when it starts.
    """

    name: str
    file: str
    port: int | None = None
    greeting: str = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """The guest's command: isolated from this package's environment and site folders."""
        return (sys.executable, "-I", "-S", str(self.path))

    @property
    def path(self) -> Path:
        return Path(str(resources.files("mvm_tui.local") / "samples" / self.file))


HELLO_WEB: Final = Sample("hello-web", "hello_web.py", 8080, "hello-web listens on 8080")
WORKER: Final = Sample("worker", "worker.py", greeting="worker up, 4 queues")
DEVBOX: Final = Sample("devbox", "devbox.py", greeting="devbox ready")
LOG_STORM: Final = Sample("log-storm", "log_storm.py")

_BY_NAME = {sample.name: sample for sample in (HELLO_WEB, WORKER, DEVBOX, LOG_STORM)}


def sample_of(uri: str) -> Sample:
    """The sample that an artifact's file is named after, `HELLO_WEB` for any other."""
    return _BY_NAME.get(PurePosixPath(uri).stem, HELLO_WEB)
