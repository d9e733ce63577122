"""Runs the command line as users do: a process of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mvm_tui.local.launch import Facts
from tests.cloud import set_faults

Done = subprocess.CompletedProcess[str]
COMMAND = (sys.executable, "-m", "mvm_tui")
_MANY = 1_000_000


class Cli:
    """One user: a home folder and, with `facts`, the environment that points at a local cloud."""

    def __init__(self, home: Path, facts: Facts | None = None) -> None:
        self.home = home
        self.facts = facts
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            **(facts.environment() if facts else {}),
        }

    @property
    def state(self) -> Path:
        return self.home / ".local" / "state" / "mvm-tui"

    def __call__(self, *arguments: str, stdin: str = "", **extra: str) -> Done:
        """Run a verb to its end; `extra` are more environment variables."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment | extra,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def read(self, *arguments: str) -> Any:
        """What a verb that must succeed prints with ``-o json``."""
        done = self(*arguments, "-o", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def by_image(self, name: str, state: str = "RUNNING") -> str:
        """The id of a MicroVM of this image in this state."""
        return next(str(vm["id"]) for vm in self.read("ls") if vm["image"] == name and vm["state"] == state)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition; an assertion fails if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s"
        time.sleep(0.02)


@contextmanager
def counted(
    facts: Facts, *operations: str, fault: str = "latency=0.001"
) -> Iterator[Callable[[], dict[str, int]]]:
    """Counts the calls that reach the cloud while the block runs: operation → calls. All get the fault."""
    set_faults(facts, *(f"{fault}@{operation}*{_MANY}" for operation in operations))

    def counts() -> dict[str, int]:
        key = b64encode(f"{facts.access_key}:{facts.secret_key}".encode()).decode()
        request = urllib.request.Request(
            f"{facts.endpoint}/_local/faults", headers={"Authorization": f"Basic {key}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            texts = json.load(answer)["faults"]
        left = {text.partition("@")[2].partition("*")[0]: int(text.rpartition("*")[2]) for text in texts}
        return {operation: _MANY - left[operation] for operation in operations if left[operation] < _MANY}

    try:
        yield counts
    finally:
        set_faults(facts)
