"""What is remembered between runs: names, observed states, sizes of image versions. SQLite, shared safely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mvm_tui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Transition:
    """A state in which a MicroVM was seen, and when it was first seen in it."""

    microvm_id: str
    state: str
    seen_at: datetime


class Ledger:
    """Every method blocks on a file for a moment: not for the UI's own thread."""

    # A sentence for the user if a broken file had to be set aside, else empty.
    complaint: str

    def __init__(self, path: Path) -> None:
        """Open or create. A file that is no ledger of ours is renamed and replaced, see `complaint`."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def names(self, scope: Scope) -> dict[str, str]:
        """MicroVM id → local name."""
        raise NotImplementedError

    def set_name(self, scope: Scope, microvm_id: str, name: str) -> None:
        """Name a MicroVM; an empty name removes it."""
        raise NotImplementedError

    def sizes(self, scope: Scope) -> dict[tuple[str, str], int]:
        """(image ARN, version) → baseline memory in MiB."""
        raise NotImplementedError

    def set_size(self, scope: Scope, image_arn: str, version: str, memory_mib: int) -> None:
        raise NotImplementedError

    def observe(self, scope: Scope, seen: Iterable[Transition]) -> None:
        """Record states; one that repeats a MicroVM's last recorded state is left out."""
        raise NotImplementedError

    def transitions(self, scope: Scope, microvm_id: str) -> list[Transition]:
        """All observed states of a MicroVM, oldest first."""
        raise NotImplementedError
