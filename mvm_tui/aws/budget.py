"""How fast each operation may be called: what runs by itself leaves most of the rate to the user."""

from __future__ import annotations

from mvm_tui.model.clock import Clock


class Budget:
    """Paces calls per operation. Reserving never sleeps: the caller waits, and may be interrupted."""

    def __init__(self, clock: Clock) -> None:
        raise NotImplementedError

    def reserve(self, operation: str, *, background: bool) -> float:
        """Take the next slot of an operation; seconds to wait before the call may be made."""
        raise NotImplementedError

    def learn(self, operation: str, per_second: float) -> None:
        """Set the rate that Service Quotas says is applied to an operation."""
        raise NotImplementedError
