"""The same cases by `mvm-tui cost estimate`, microvm-ctl's `mvm cost` and `microvms`, to the last digit.

docs/cost.md explains each difference. Where a program cannot express a case it is left out there.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.figures import Figure
from tools import peers

_ROW = re.compile(r"│ total +│ +\$([0-9.]+) │")
# Reads a case on stdin and prints the total; runs in the environment of `microvms`.
_MICROVMS = """
import json, sys, microvms
case = json.load(sys.stdin)
size = microvms.SizeClass.from_baseline_mib(case.pop("memory_mib"))
copies = case.pop("copies", 1)
report = microvms.estimate_run(size, **case)
from decimal import Decimal
print(format((Decimal(report.to_dict()["total"]["priced"]) * copies).normalize(), "f"))
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One case in the words of each program; None where it has none."""

    name: str
    total: str
    ours: Sequence[str]
    mvm: Sequence[str] | None
    microvms: dict[str, Any] | None = field(default=None)


CASES = (
    Case(
        "2 GB for 1 h",
        "0.12610008",
        ("--memory", "2048", "--running", "1h"),
        ("--memory-gb", "2", "--active", "60", "--suspended", "0", "--cycles", "0"),
        {"memory_mib": 2048, "running_seconds": 3600, "launched": False},
    ),
    Case(
        "8 GB for 8 h",
        "4.03520256",
        ("--memory", "8192", "--running", "8h"),
        ("--memory-gb", "8", "--active", "480", "--suspended", "0", "--cycles", "0"),
        {"memory_mib": 8192, "running_seconds": 28800, "launched": False},
    ),
    Case(
        "one cycle of 0.61 GB",
        "0.003260135057",
        ("--suspends", "1", "--resumes", "1", "--snapshot-gb", "0.61"),
        ("--snapshot-gb", "0.61", "--active", "0", "--suspended", "0", "--cycles", "1"),
        {"memory_mib": 2048, "suspend_resume_cycles": 1, "snapshot_gb": 0.61, "launched": False},
    ),
    Case(
        "30 min + 8 h suspended, launch, one cycle, 2 GB",
        "0.0786103248",
        ("--running", "30m", "--suspended", "8h", "--launches", "1", "--suspends", "1", "--resumes", "1"),
        ("--memory-gb", "2", "--active", "30", "--suspended", "480", "--cycles", "1"),
        {
            "memory_mib": 2048,
            "running_seconds": 1800,
            "suspended_seconds": 28800,
            "suspend_resume_cycles": 1,
            "snapshot_gb": 2,
            "launched": True,
        },
    ),
    Case(
        "ten 2 GB image versions for a minute",
        "0.373333296",
        ("--image-gb", "2", "--image-kept", "1m", "--image-versions", "10"),
        None,
        {"memory_mib": 2048, "image_gb": 2, "image_retained_seconds": 60, "launched": False, "copies": 10},
    ),
)


def run() -> list[Figure]:
    """Totals in USD; the exact text in the note. Ours has to be the worked figure, digit by digit."""
    figures = []
    for case in CASES:
        mine = _ours(case.ours)
        off = abs(Decimal(mine) - Decimal(case.total))
        figures.append(Figure(f"{case.name}: mvm-tui", float(mine), "USD", None, mine))
        figures.append(Figure(f"{case.name}: off the worked figure", float(off), "USD", 0))
        if case.mvm is not None:
            theirs = _mvm(case.mvm)
            figures.append(Figure(f"{case.name}: mvm", float(theirs), "USD", None, theirs))
        if case.microvms is not None:
            theirs = _microvms(case.microvms)
            figures.append(Figure(f"{case.name}: microvms", float(theirs), "USD", None, theirs))
    return figures


def _ours(options: Sequence[str]) -> str:
    command = [str(Path(sys.executable).with_name("mvm-tui")), "cost", "estimate", "--region", "us-east-1"]
    return str(json.loads(_output([*command, *options, "-o", "json"]))["total_usd"])


def _mvm(options: Sequence[str]) -> str:
    found = _ROW.search(_output([str(peers.mvm()), "cost", *options]))
    if found is None:
        raise RuntimeError("mvm cost printed no total")
    return found[1]


def _microvms(case: dict[str, Any]) -> str:
    python = peers.environment("microvms", "microvms") / "python"
    return _output([str(python), "-c", _MICROVMS], json.dumps(case)).strip()


def _output(command: list[str], stdin: str = "") -> str:
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", "COLUMNS": "200"}
        done = subprocess.run(
            command, env=environment, input=stdin, capture_output=True, text=True, check=False, timeout=120
        )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr[-800:]}")
    return done.stdout
