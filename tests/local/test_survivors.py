"""Nothing of a whole cloud survives it, and a whole cloud does not survive the one who started it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mvm_tui.local import process_tree
from mvm_tui.local.supervisor_link import PACKAGE_ROOT
from tests.local.guests import PROGRAMS, alive, outside, proc, until

SAMPLES = ("hello_web.py", "worker.py")


@dataclass
class Run:
    """A demo cloud started by a process of the test, and where it keeps its files."""

    starter: int
    cloud: int
    temporary: Path

    def processes(self) -> list[int]:
        levels = process_tree.descendants(self.starter)
        return [row.pid for level in levels for row in level if row.state not in "ZX"]

    def samples(self) -> list[int]:
        return [pid for pid in self.processes() if proc(pid, "cmdline").rstrip("\0").endswith(SAMPLES)]

    async def leaves_nothing(self, pids: list[int]) -> None:
        await until(lambda: not any(alive(pid) for pid in pids), "all processes have ended")
        await until(lambda: not os.listdir(self.temporary), "all files are gone")  # noqa: PTH208


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    env = {
        "PYTHONPATH": PACKAGE_ROOT,
        "TMPDIR": str(tmp_path),
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
    }
    with outside(sys.executable, str(PROGRAMS / "starter.py"), env=env) as starter:
        assert starter.stdout is not None
        cloud = int(await asyncio.to_thread(starter.stdout.readline))
        made = Run(starter.pid, cloud, tmp_path)
        await until(lambda: len(made.samples()) >= 3, "the demo's MicroVMs run")
        yield made


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_the_end_of_the_cloud_is_the_end_of_all(run: Run, number: signal.Signals) -> None:
    pids = run.processes()
    assert run.cloud in pids
    os.kill(run.cloud, number)
    await run.leaves_nothing(pids)


async def test_the_end_of_its_starter_is_the_end_of_the_cloud(run: Run) -> None:
    pids = run.processes()
    os.kill(run.starter, signal.SIGKILL)
    await run.leaves_nothing(pids)


async def test_no_guest_has_anything_of_the_clouds_environment(run: Run) -> None:
    for pid in run.samples():
        names = {entry.partition("=")[0] for entry in proc(pid, "environ").split("\0") if entry}
        assert names >= {"PATH", "HOME", "TMPDIR", "LANG"}
        assert not names & {"PYTHONPATH", "SSH_AUTH_SOCK"}
        assert not [name for name in names if name.startswith("AWS_")]
