"""A measured figure and how a set of them is written down."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    `limit` is what the project asks for at most, `least` at least; both None where it is only of interest.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""
    least: float | None = None

    @property
    def met(self) -> bool:
        high = self.limit is not None and self.value > self.limit
        low = self.least is not None and self.value < self.least
        return not (high or low)

    @property
    def asked(self) -> str:
        """What the project asks for, in words."""
        bounds = (("≤", self.limit), ("≥", self.least))
        return ", ".join(f"{sign} {bound:g} {self.unit}" for sign, bound in bounds if bound is not None)


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| figure | measured | asked for | | |", "|---|---:|---:|---|---|"]
    for figure in figures:
        verdict = "" if not figure.asked else ("yes" if figure.met else "**no**")
        measured = f"{figure.value:.3g} {figure.unit}"
        lines.append(f"| {figure.name} | {measured} | {figure.asked} | {verdict} | {figure.note} |")
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
