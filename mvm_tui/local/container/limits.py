"""How much a build may put on the disk."""

from __future__ import annotations

from mvm_tui.local.container.errors import DISK_FULL, BuildError

MAX_BYTES = 1 << 30
MAX_FILES = 20_000


class Budget:
    """Counts files and bytes down from `MAX_FILES` and `MAX_BYTES`."""

    def __init__(self, files: int = MAX_FILES, size: int = MAX_BYTES) -> None:
        self.files = 0
        self.bytes = 0
        self._most_files = files
        self._most_bytes = size

    def add_file(self) -> None:
        """Raises BuildError when it is one too many."""
        self.files += 1
        if self.files > self._most_files:
            raise BuildError(DISK_FULL, f"more than {self._most_files:,} files")

    def add_bytes(self, count: int) -> None:
        """Raises BuildError when they are too many."""
        self.bytes += count
        if self.bytes > self._most_bytes:
            raise BuildError(DISK_FULL, f"more than {self._most_bytes >> 20:,} MiB unpacked")
