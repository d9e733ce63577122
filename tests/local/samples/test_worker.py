"""The chatty sample and the silent one."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

from mvm_tui.local.samples import devbox, worker
from tests.local.guests import Heard, tree, until


def first_jobs(seed: str, count: int = 300) -> list[list[str]]:
    return list(itertools.islice(worker.jobs(seed), count))


def test_the_same_seed_says_the_same() -> None:
    assert first_jobs("a") == first_jobs("a")
    assert first_jobs("a") != first_jobs("b")


def test_it_says_something_of_every_kind() -> None:
    jobs = first_jobs("worker")
    singles = [lines[0] for lines in jobs if len(lines) == 1]
    coloured = [line for line in singles if line.startswith("\x1b[")]
    structured = [json.loads(line) for line in singles if line.startswith("{")]
    traces = [lines for lines in jobs if len(lines) > 1]
    assert {"INFO", "WARN"} == {line.split("m", 1)[1].split("\x1b")[0] for line in coloured}
    assert {entry["level"] for entry in structured} == {"info", "error"}
    assert all(lines[1] == "Traceback (most recent call last):" for lines in traces)
    assert min(len(coloured), len(structured), len(traces)) >= 5


async def test_the_worker_talks_as_a_guest(tmp_path: Path) -> None:
    heard = Heard()
    guest = await heard.start(
        (sys.executable, "-I", "-S", worker.__file__), tmp_path / "vm", env={"SEED": "x", "INTERVAL": "0.01"}
    )
    await until(lambda: len(heard.lines) > 30, "it talks")
    await guest.terminate()
    expected = ["worker up, 4 queues", *itertools.chain.from_iterable(first_jobs("x"))]
    assert heard.lines == expected[: len(heard.lines)]


async def test_the_devbox_sleeps(tmp_path: Path) -> None:
    heard = Heard()
    guest = await heard.start((sys.executable, "-I", "-S", devbox.__file__), tmp_path / "vm")
    await until(lambda: heard.lines, "it is up")
    assert heard.lines == ["devbox ready"]
    (pid,) = tree(guest)
    await until(lambda: tree(guest)[pid].state == "S", "it sleeps")
    await guest.terminate()
