"""The apps a local image can hold: what a MicroVM made from it runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample app: a Python file that needs nothing but the standard library."""

    name: str
    file: str
    port: int | None = None

    @property
    def argv(self) -> tuple[str, ...]:
        """The guest's command: isolated from this package's environment and site folders."""
        return (sys.executable, "-I", "-S", str(self.path))

    @property
    def path(self) -> Path:
        return Path(str(resources.files("mvm_tui.local") / "samples" / self.file))


HELLO_WEB: Final = Sample("hello-web", "hello_web.py", 8080)
WORKER: Final = Sample("worker", "worker.py")
DEVBOX: Final = Sample("devbox", "devbox.py")
