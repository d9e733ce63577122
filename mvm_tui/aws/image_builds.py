"""The builds of an image version: one for each generation of chips. Every call may raise Problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mvm_tui.aws.microvms import PAGE_SIZE
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.aws.wire import listing, moment, read, text, whole
from mvm_tui.model.image import ImageBuild, SnapshotSizes


def builds(connection: Connection, image_arn: str, version: str) -> list[ImageBuild]:
    """All builds of a version with their sizes: one call, and one for each, for the listing lacks sizes."""
    listed = listed_builds(connection, image_arn, version)
    # An emulator may list one without an id, which cannot be asked for.
    return [_with_sizes(connection, build) if build.id else build for build in listed]


def listed_builds(connection: Connection, image_arn: str, version: str) -> Iterator[ImageBuild]:
    """All builds of a version, without their sizes."""
    client = connection.client(MICROVMS)
    where = {"imageIdentifier": image_arn, "imageVersion": version}

    def call(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_microvm_image_builds(**where, maxResults=PAGE_SIZE, **more)
        return answer

    for page in listing("ListMicrovmImageBuilds", call, "items"):
        for item in page:
            yield replace(_build(item), image_arn=image_arn, version=version)


def _with_sizes(connection: Connection, build: ImageBuild) -> ImageBuild:
    client = connection.client(MICROVMS)
    call = partial(
        client.get_microvm_image_build,
        imageIdentifier=build.image_arn,
        imageVersion=build.version,
        buildId=build.id,
    )
    answer = read("GetMicrovmImageBuild", call)
    return replace(_build(answer), image_arn=build.image_arn, version=build.version)


def _build(members: Mapping[str, Any]) -> ImageBuild:
    return ImageBuild(
        image_arn=text(members, "imageArn"),
        version=text(members, "imageVersion"),
        id=text(members, "buildId"),
        state=text(members, "buildState"),
        architecture=text(members, "architecture"),
        chipset=text(members, "chipset"),
        generation=text(members, "chipsetGeneration"),
        state_reason=text(members, "stateReason") or None,
        created_at=moment(members.get("createdAt")),
        snapshot=_sizes(members.get("snapshotBuild")),
    )


def _sizes(members: object) -> SnapshotSizes | None:
    if not isinstance(members, dict):
        return None
    return SnapshotSizes(
        code_install=whole(members, "codeInstallSizeInBytes"),
        disk=whole(members, "diskSnapshotSizeInBytes"),
        memory=whole(members, "memorySnapshotSizeInBytes"),
    )
