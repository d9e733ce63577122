"""How large the snapshots of an image version are, from its builds. Every call may raise Problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from mvm_tui.aws.microvms import PAGE_SIZE
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.aws.wire import listing, read, text, whole


@dataclass(frozen=True, slots=True)
class BuildSnapshot:
    """What one build stored, in bytes, and the service's word for its architecture (``ARM_64``)."""

    build_id: str
    architecture: str
    memory_bytes: int
    disk_bytes: int


def build_snapshots(connection: Connection, image_arn: str, version: str) -> list[BuildSnapshot]:
    """The snapshots of a version: one call, and one for each build. Builds without a snapshot are left out.

    A version has a build for each processor generation, and `ListMicrovmImageBuilds` does not tell sizes.
    """
    client = connection.client(MICROVMS)
    where = {"imageIdentifier": image_arn, "imageVersion": version}

    def page(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_microvm_image_builds(**where, maxResults=PAGE_SIZE, **more)
        return answer

    def get(build_id: str) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.get_microvm_image_build(**where, buildId=build_id)
        return answer

    found = []
    for items in listing("ListMicrovmImageBuilds", page, "items"):
        for item in items:
            key = text(item, "buildId")
            snapshot = _snapshot(key, read("GetMicrovmImageBuild", partial(get, key))) if key else None
            if snapshot is not None:
                found.append(snapshot)
    return found


def _snapshot(build_id: str, members: Mapping[str, Any]) -> BuildSnapshot | None:
    sizes = members.get("snapshotBuild")
    if not isinstance(sizes, dict):
        return None
    memory, disk = whole(sizes, "memorySnapshotSizeInBytes"), whole(sizes, "diskSnapshotSizeInBytes")
    if memory is None or memory < 0:
        return None
    return BuildSnapshot(build_id, text(members, "architecture"), memory, max(disk or 0, 0))
