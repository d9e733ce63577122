"""The memory quota: how much of the account's MicroVM memory is allocated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemoryQuota:
    """Allocated memory against the limit, in MiB.

    Attributes:
        used_mib: Baselines of all MicroVMs that count, suspended ones too. A lower bound: builds under way
            count as well and are not seen here.
        limit_mib: The applied quota; None while it is not known.
        unknown: How many MicroVMs count but have a size not known yet.
    """

    used_mib: int
    limit_mib: int | None
    unknown: int = 0

    @property
    def share(self) -> float | None:
        """Used part of the limit, 0 to 1 (or more); None while the limit is not known."""
        return self.used_mib / self.limit_mib if self.limit_mib else None
