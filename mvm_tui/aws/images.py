"""Images and their versions, read. Every call may raise Problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from mvm_tui.aws.microvms import PAGE_SIZE
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.aws.wire import listing, moment, read, text, texts, whole
from mvm_tui.model.image import HookSetting, Image, ImageVersion
from mvm_tui.model.image_spec import BUILD_HOOKS, RUNTIME_HOOKS
from mvm_tui.model.launch import Logging


def images(connection: Connection) -> Iterator[list[Image]]:
    """The account's images, page by page."""
    client = connection.client(MICROVMS)

    def call(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_microvm_images(maxResults=PAGE_SIZE, **more)
        return answer

    for page in listing("ListMicrovmImages", call, "items"):
        yield [_image(item) for item in page]


def image(connection: Connection, image_arn: str) -> Image:
    """One image. Raises Gone if the service does not know it."""
    return _image(_answer(connection, image_arn))


def tags(connection: Connection, image_arn: str) -> dict[str, str]:
    """An image's tags."""
    return dict(_pairs(_answer(connection, image_arn).get("tags")))


def versions(connection: Connection, image_arn: str) -> Iterator[list[ImageVersion]]:
    """The versions of an image, page by page, as the service orders them."""
    client = connection.client(MICROVMS)

    def call(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_microvm_image_versions(
            imageIdentifier=image_arn, maxResults=PAGE_SIZE, **more
        )
        return answer

    for page in listing("ListMicrovmImageVersions", call, "items"):
        yield [version_of(item) for item in page]


def version(connection: Connection, image_arn: str, number: str) -> ImageVersion:
    """One version, with its size and configuration."""
    client = connection.client(MICROVMS)
    call = partial(client.get_microvm_image_version, imageIdentifier=image_arn, imageVersion=number)
    return version_of(read("GetMicrovmImageVersion", call))


def raw(connection: Connection, image_arn: str, number: str = "") -> dict[str, Any]:
    """The service's answer for an image or one of its versions as JSON values, times in ISO 8601."""
    if number:
        client = connection.client(MICROVMS)
        call = partial(client.get_microvm_image_version, imageIdentifier=image_arn, imageVersion=number)
        answer = read("GetMicrovmImageVersion", call)
    else:
        answer = _answer(connection, image_arn)
    members = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    for name in ("createdAt", "updatedAt"):
        if (when := moment(members.get(name))) is not None:
            members[name] = when.isoformat().replace("+00:00", "Z")
    return members


def _answer(connection: Connection, image_arn: str) -> Mapping[str, Any]:
    client = connection.client(MICROVMS)
    return read("GetMicrovmImage", partial(client.get_microvm_image, imageIdentifier=image_arn))


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


def version_of(members: Mapping[str, Any]) -> ImageVersion:
    """A version as any operation answers it; what an answer lacks stays empty."""
    hooks = _part(members, "hooks")
    return ImageVersion(
        image_arn=text(members, "imageArn"),
        version=text(members, "imageVersion"),
        state=text(members, "state"),
        status=text(members, "status"),
        memory_mib=next(iter(_memories(members)), None),
        created_at=moment(members.get("createdAt")),
        state_reason=text(members, "stateReason") or None,
        hook_port=whole(hooks, "port"),
        updated_at=moment(members.get("updatedAt")),
        base_arn=text(members, "baseImageArn"),
        base_version=text(members, "baseImageVersion"),
        build_role=text(members, "buildRoleArn"),
        artifact=text(_part(members, "codeArtifact"), "uri"),
        description=text(members, "description"),
        hooks=tuple(_hooks(hooks)),
        environment=_pairs(members.get("environmentVariables")),
        egress=texts(members, "egressNetworkConnectors"),
        capabilities=texts(members, "additionalOsCapabilities"),
        architectures=tuple(text(item, "architecture") for item in _items(members, "cpuConfigurations")),
        tags=_pairs(members.get("tags")),
        logging=_logging(members.get("logging")),
    )


def _logging(members: object) -> Logging | None:
    if not isinstance(members, dict):
        return None
    named = _part(members, "cloudWatch")
    return Logging(members.get("disabled") is not None, text(named, "logGroup"), text(named, "logStream"))


def _memories(members: Mapping[str, Any]) -> Iterator[int | None]:
    return (whole(item, "minimumMemoryInMiB") for item in _items(members, "resources"))


def _hooks(members: Mapping[str, Any]) -> Iterator[HookSetting]:
    for part, names in (("microvmImageHooks", BUILD_HOOKS), ("microvmHooks", RUNTIME_HOOKS)):
        settings = _part(members, part)
        for name in names:
            if settings.get(name) == "ENABLED":
                yield HookSetting(name, whole(settings, f"{name}TimeoutInSeconds"))


def _part(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = members.get(name)
    return value if isinstance(value, dict) else {}


def _items(members: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = members.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    """A map of texts, in the order of its names."""
    if not isinstance(value, dict):
        return ()
    return tuple(sorted((name, text(value, name)) for name in value if isinstance(name, str)))
