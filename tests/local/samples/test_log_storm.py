"""The load generator."""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path

from mvm_tui.local.samples import log_storm
from tests.local.guests import Heard, until


def first(count: int, seed: str = "a", size: int = 80, hostile: float = 0.0) -> list[str]:
    return list(islice(log_storm.lines(seed, size, hostile), count))


def test_the_same_seed_says_the_same_and_every_line_has_its_number() -> None:
    said = first(500)
    assert said == first(500)
    assert said != first(500, "b")
    numbers = [json.loads(line)["n"] if line.startswith("{") else int(line[:8]) for line in said]
    assert numbers == list(range(1, 501))
    assert {len(line) for line in said if not line.startswith("{")} == {80}


def test_hostile_lines_come_in_their_share_and_are_one_line_each() -> None:
    said = first(2_000, hostile=0.25)
    hostile = [line for line in said if any(text in line for text in log_storm.HOSTILE_TEXTS)]
    assert 400 < len(hostile) < 600
    assert all(any(text in line for line in hostile) for text in log_storm.HOSTILE_TEXTS)
    assert not any("\n" in line for line in said)


async def test_bursts_come_as_a_guest_and_it_stays_when_all_is_said(tmp_path: Path) -> None:
    heard = Heard()
    settings = {"RATE": "100000", "BURST": "500", "LINES": "10000", "SEED": "a"}
    command = (sys.executable, "-I", "-S", log_storm.__file__)
    guest = await heard.start(command, tmp_path / "vm", env=settings)
    await until(lambda: len(heard.lines) == 10_000, "it has said everything")
    assert heard.lines == first(10_000)
    await guest.terminate()
