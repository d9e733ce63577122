"""A measured figure and how a set of them is written down."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement. `limit` is what the project asks for, None where it is only of interest."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""

    @property
    def met(self) -> bool:
        return self.limit is None or self.value <= self.limit


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| figure | measured | asked for | | |", "|---|---:|---:|---|---|"]
    for figure in figures:
        asked = "" if figure.limit is None else f"≤ {figure.limit:g} {figure.unit}"
        verdict = "" if figure.limit is None else ("yes" if figure.met else "**no**")
        lines.append(
            f"| {figure.name} | {figure.value:.3g} {figure.unit} | {asked} | {verdict} | {figure.note} |"
        )
    return "\n".join(lines)


def interleaved(
    commands: Mapping[str, Sequence[str]], rounds: int, environment: Mapping[str, str]
) -> dict[str, float]:
    """Median wall seconds of each command, run in turn so that a noisy moment hits all alike.

    Raises:
        RuntimeError: A command failed; the message holds what it said.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            done = subprocess.run(command, env=dict(environment), capture_output=True, check=False)
            elapsed = time.perf_counter() - started
            if done.returncode != 0:
                raise RuntimeError(f"{name}: {done.stderr.decode(errors='replace')[-800:]}")
            if turn:  # the first round warms the caches of files and byte code
                times[name].append(elapsed)
    return {name: statistics.median(measured) for name, measured in times.items()}
