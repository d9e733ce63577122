"""What a MicroVM's size gives: baseline, peak, disk and limits.

The five sizes and their figures: Lambda Developer Guide, MicroVM limits and networking pages (November
2026). A size belongs to the image version (`resources[0].minimumMemoryInMiB`), not to the launch.
"""

from __future__ import annotations

from dataclasses import dataclass

PEAK_FACTOR = 4
MIB_PER_GB = 1024
DEFAULT_MEMORY_MIB = 2048


@dataclass(frozen=True, slots=True)
class Size:
    """A MicroVM's resources. Memory in MiB, disk in GB; `None` where nothing is published."""

    memory_mib: int
    disk_gb: int | None = None
    connections: int | None = None
    requests_per_second: int | None = None

    @property
    def baseline_vcpu(self) -> float:
        """vCPUs billed while running: half a vCPU per GB."""
        return self.memory_mib / MIB_PER_GB / 2

    @property
    def peak_memory_mib(self) -> int:
        return self.memory_mib * PEAK_FACTOR

    @property
    def peak_vcpu(self) -> float:
        return self.baseline_vcpu * PEAK_FACTOR

    @property
    def label(self) -> str:
        """``2 GB``, ``½ GB``, or MiB for an amount that is no round number of GB."""
        return memory_label(self.memory_mib)


SIZES: tuple[Size, ...] = (
    Size(512, 8, 8),
    Size(1024, 8, 16),
    Size(2048, 8, 32, 40),
    Size(4096, 16, 64),
    Size(8192, 32, 128, 160),
)
_BY_MEMORY = {size.memory_mib: size for size in SIZES}


def size_of(memory_mib: int) -> Size:
    """The published size with this baseline, or one with only the derived figures."""
    return _BY_MEMORY.get(memory_mib) or Size(memory_mib)


def memory_label(memory_mib: int) -> str:
    """Memory in the unit people use for it: ``½ GB``, ``2 GB``, ``700 MiB``."""
    if memory_mib == MIB_PER_GB // 2:
        return "½ GB"
    if memory_mib % MIB_PER_GB == 0:
        return f"{memory_mib // MIB_PER_GB} GB"
    return f"{memory_mib} MiB"
