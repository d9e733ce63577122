"""Images and their versions. Every call may raise Problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mvm_tui.aws.microvms import PAGE_SIZE
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.aws.wire import listing, moment, read, text, whole
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.launch import Logging


def images(connection: Connection) -> Iterator[list[Image]]:
    """The account's images, page by page."""
    client = connection.client(MICROVMS)

    def call(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_microvm_images(maxResults=PAGE_SIZE, **more)
        return answer

    for page in listing("ListMicrovmImages", call, "items"):
        yield [_image(item) for item in page]


def versions(connection: Connection, image_arn: str) -> Iterator[list[ImageVersion]]:
    """The versions of an image, page by page, as the service orders them."""
    client = connection.client(MICROVMS)

    def call(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_microvm_image_versions(
            imageIdentifier=image_arn, maxResults=PAGE_SIZE, **more
        )
        return answer

    for page in listing("ListMicrovmImageVersions", call, "items"):
        yield [_version(item) for item in page]


def version(connection: Connection, image_arn: str, number: str) -> ImageVersion:
    """One version, with its size."""
    client = connection.client(MICROVMS)

    def call() -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.get_microvm_image_version(
            imageIdentifier=image_arn, imageVersion=number
        )
        return answer

    return _version(read("GetMicrovmImageVersion", call))


def _image(members: Mapping[str, Any]) -> Image:
    arn = text(members, "imageArn")
    return Image(
        arn=arn,
        name=text(members, "name") or arn.rpartition(":")[2].rpartition("/")[2],
        state=text(members, "state"),
        latest_active_version=text(members, "latestActiveImageVersion") or None,
        latest_failed_version=text(members, "latestFailedImageVersion") or None,
        created_at=moment(members.get("createdAt")),
        updated_at=moment(members.get("updatedAt")),
    )


def _version(members: Mapping[str, Any]) -> ImageVersion:
    resources, hooks = members.get("resources"), members.get("hooks")
    first = resources[0] if isinstance(resources, list) and resources else None
    return ImageVersion(
        image_arn=text(members, "imageArn"),
        version=text(members, "imageVersion"),
        state=text(members, "state"),
        status=text(members, "status"),
        memory_mib=whole(first, "minimumMemoryInMiB") if isinstance(first, dict) else None,
        created_at=moment(members.get("createdAt")),
        state_reason=text(members, "stateReason") or None,
        hook_port=whole(hooks, "port") if isinstance(hooks, dict) else None,
        updated_at=moment(members.get("updatedAt")),
        logging=_logging(members.get("logging")),
    )


def _logging(members: object) -> Logging | None:
    if not isinstance(members, dict):
        return None
    named = members.get("cloudWatch")
    named = named if isinstance(named, dict) else {}
    return Logging(members.get("disabled") is not None, text(named, "logGroup"), text(named, "logStream"))
