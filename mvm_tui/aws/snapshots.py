"""How large the snapshots of an image version are, from its builds. Every call may raise Problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mvm_tui.aws.image_builds import builds
from mvm_tui.aws.session import Connection


@dataclass(frozen=True, slots=True)
class BuildSnapshot:
    """What one build stored, in bytes, and the service's word for its architecture (``ARM_64``)."""

    build_id: str
    architecture: str
    memory_bytes: int
    disk_bytes: int


def build_snapshots(connection: Connection, image_arn: str, version: str) -> list[BuildSnapshot]:
    """The snapshots of a version: one call, and one for each build; one without a snapshot is left out."""
    return list(_snapshots(connection, image_arn, version))


def _snapshots(connection: Connection, image_arn: str, version: str) -> Iterator[BuildSnapshot]:
    for build in builds(connection, image_arn, version):
        sizes = build.snapshot
        if sizes is not None and sizes.memory is not None and sizes.memory >= 0:
            yield BuildSnapshot(build.id, build.architecture, sizes.memory, max(sizes.disk or 0, 0))
