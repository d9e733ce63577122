"""`mvm-tui ls -o json` beside `aws lambda-microvms list-microvms` and `mvm ls`, at growing fleets."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from bench.figures import Figure, interleaved
from mvm_tui.local.launch import start
from tools import peers

# MicroVMs → rounds; fewer where a round takes long.
FLEETS = {10: 9, 1_000: 7, 10_000: 5}
AWS_LIMIT, MVM_LIMIT = 0.85, 0.3


def run() -> list[Figure]:
    """Median wall times and ratios; every program reads the whole listing in pages of 50."""
    figures: list[Figure] = []
    mine = [str(Path(sys.executable).with_name("mvm-tui")), "ls", "-o", "json"]
    aws = [str(peers.aws()), "lambda-microvms", "list-microvms", "--output", "json", "--page-size", "50"]
    mvm = [str(peers.mvm()), "ls"]
    for count, rounds in FLEETS.items():
        with start(seed=str(count), rates=False) as cloud, tempfile.TemporaryDirectory() as home:
            environment = {"PATH": os.environ["PATH"], "HOME": home, **cloud.facts.environment()}
            times = interleaved({"mvm-tui": mine, "aws": aws, "mvm": mvm}, rounds, environment)
        figures += [Figure(f"{name}, {count:,} MicroVMs", seconds, "s") for name, seconds in times.items()]
        figures.append(Figure(f"ratio to aws, {count:,}", times["mvm-tui"] / times["aws"], "×", AWS_LIMIT))
        limit = MVM_LIMIT if count == max(FLEETS) else None
        figures.append(Figure(f"ratio to mvm, {count:,}", times["mvm-tui"] / times["mvm"], "×", limit))
    return figures
