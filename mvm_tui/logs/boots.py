"""Which snapshot a MicroVM came from, where its run hook tells.

The service starts every MicroVM of an image version from one of its snapshots, one for each generation of
processors, and says nowhere from which. What was made at build time, such as the state of a random generator,
is the same in all MicroVMs of one snapshot. Apps that log a ``bootId`` in their run hook make it visible;
where it stands in the line is the app's business (seen in August 2026, documented nowhere).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mvm_tui.model.log_event import LogEvent

NOTE = "A random generator seeded at build time gives the same numbers in all MicroVMs of one snapshot."
_BOOT = re.compile(
    r"""\bboot[_-]?id["']?\s*[:=]\s*["']?(?P<id>[0-9A-Za-z][0-9A-Za-z_.-]{3,63})""", re.IGNORECASE
)
_GENERATION = re.compile(r"\bgraviton[\s_-]?(?P<generation>\d)\b", re.IGNORECASE)
_SEARCHED = 4_096


@dataclass(frozen=True, slots=True)
class Boot:
    """A snapshot: its id, and the generation of processors it is for if the line tells it, e.g. ``4``."""

    id: str
    generation: str = ""

    def __str__(self) -> str:
        return f"{self.id} (Graviton {self.generation})" if self.generation else self.id


def boot_of(message: str) -> Boot | None:
    """The snapshot that a line of a run hook names; None for any other line."""
    head = message[:_SEARCHED]
    found = _BOOT.search(head)
    if found is None:
        return None
    generation = _GENERATION.search(head)
    return Boot(found["id"], generation["generation"] if generation else "")


class Boots:
    """What the lines read so far tell of snapshots. For one thread."""

    def __init__(self) -> None:
        self._of: dict[str, Boot] = {}

    def take(self, events: Iterable[LogEvent]) -> None:
        """Look through new events."""
        for event in events:
            message = event.message
            # Nearly no line has it: an expression for each would take longer.
            if event.vm and ("oot" in message or "OOT" in message) and (boot := boot_of(message)):
                self._of[event.vm] = boot

    def of(self, vm: str) -> Boot | None:
        """The snapshot of a MicroVM; None while no line has told it."""
        return self._of.get(vm)

    def mates(self, vm: str) -> frozenset[str]:
        """The other MicroVMs that are known to come from the same snapshot."""
        boot = self._of.get(vm)
        if boot is None:
            return frozenset()
        return frozenset(other for other, theirs in self._of.items() if theirs.id == boot.id and other != vm)
