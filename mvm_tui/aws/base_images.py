"""Managed base images and their versions. Every call may raise Problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mvm_tui.aws.microvms import PAGE_SIZE
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.aws.wire import listing, moment, text
from mvm_tui.model.image import BaseImage, BaseImageVersion


def base_images(connection: Connection) -> Iterator[BaseImage]:
    """The base images that AWS manages in the region."""
    client = connection.client(MICROVMS)

    def call(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_managed_microvm_images(maxResults=PAGE_SIZE, **more)
        return answer

    for page in listing("ListManagedMicrovmImages", call, "items"):
        for item in page:
            arn = text(item, "imageArn")
            yield BaseImage(arn, arn.rpartition(":")[2].rpartition("/")[2], moment(item.get("updatedAt")))


def base_versions(connection: Connection, base_arn: str) -> Iterator[BaseImageVersion]:
    """The versions of a base image, as the service orders them: newest first."""
    client = connection.client(MICROVMS)

    def call(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_managed_microvm_image_versions(
            imageIdentifier=base_arn, maxResults=PAGE_SIZE, **more
        )
        return answer

    for page in listing("ListManagedMicrovmImageVersions", call, "items"):
        for item in page:
            yield BaseImageVersion(
                text(item, "imageArn") or base_arn,
                text(item, "imageVersion"),
                text(item, "status"),
                moment(item.get("createdAt")),
            )
