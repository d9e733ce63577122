"""What the poller looks up now and then beside the MicroVMs: sizes of image versions, the memory quota."""

from __future__ import annotations

from mvm_tui.aws.budget import Slot
from mvm_tui.aws.quotas import memory_limit
from mvm_tui.aws.session import Connection
from mvm_tui.fleet.memory import Memory
from mvm_tui.fleet.store import Store
from mvm_tui.model.errors import Problem
from mvm_tui.model.quota import MemoryQuota

_QUOTA_SECONDS = 600.0
# A version that could not be read (deleted, denied, throttled) is asked for again after this.
_AGAIN_SECONDS = 60.0


class Errands:
    """Side jobs. A failure only leaves a figure unknown; it is tried again later."""

    def __init__(self, connection: Connection, store: Store, memory: Memory) -> None:
        self.quota: MemoryQuota | None = None
        self._connection = connection
        self._store = store
        self._memory = memory
        self._limit: int | None = None
        # Least memory that a refused launch showed to be all there is; for who may not read the quota.
        self._learned: int | None = None
        self._limit_due = 0.0
        self._wanted: list[tuple[str, str]] = []
        self._not_before: dict[tuple[str, str], float] = {}
        self._slot = Slot(connection.budget, "GetMicrovmImageVersion", background=True)

    def count(self, now: float) -> None:
        """Take stock after the fleet changed."""
        self._wanted = [key for key in self._store.unknown_sizes() if self._not_before.get(key, 0) <= now]
        used, unknown = self._store.allocated()
        if self._limit is not None or self._learned is None:
            self.quota = MemoryQuota(used, self._limit, unknown)
        else:
            self.quota = MemoryQuota(used, max(self._learned, used), unknown, learned=True)

    def refused(self, now: float) -> None:
        """A launch was refused for want of memory: what is allocated now is, nearly, what there is."""
        used, unknown = self._store.allocated()
        if unknown or not used:
            return
        self._learned = used
        self._memory.keep_limit(used)
        self.count(now)

    def due_at(self, now: float) -> float | None:
        """The monotonic second from which `step` may be called; None if nothing is to do."""
        if self.quota is None:
            return None
        if self._wanted:
            return self._slot.at(now)
        return self._limit_due if self._limit_due > now else self._slot.at(now)

    def step(self, now: float) -> None:
        """Look up one thing."""
        self._slot.use()
        try:
            if self._wanted:
                key = self._wanted.pop(0)
                self._not_before[key] = now + _AGAIN_SECONDS
                self._memory.read_size(*key)
            else:
                self._limit_due = now + _QUOTA_SECONDS
                self._read_limit()
        except Problem:
            return
        self.count(now)

    def _read_limit(self) -> None:
        """Who may not read the quota goes by what a refused launch taught, in an earlier run too."""
        try:
            self._limit = memory_limit(self._connection)
        except Problem:
            if self._learned is None:
                self._learned = self._memory.limit()
