"""What changes images: create, new version, activate, deactivate, delete, tag. Every call may raise Problem.

None of these is retried by botocore: a caller repeats a creation with the same client token only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.aws.images import version_of
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.aws.wire import text
from mvm_tui.model.image import ImageVersion
from mvm_tui.model.image_spec import ImageSpec


@dataclass(frozen=True, slots=True)
class Begun:
    """A build that was begun: of which image and version, and the service's id of the request."""

    image_arn: str
    version: str
    request_id: str = ""


def create(connection: Connection, spec: ImageSpec, client_token: str) -> Begun:
    """Create an image with its first version. The same token makes a repeated call harmless.

    A token must be fresh for every other build: a reused one answers with the old request (measured by
    agentd), which looks like an image that is stuck in CREATING.
    """
    with explained("CreateMicrovmImage"):
        return _begun(
            _client(connection).create_microvm_image(**spec.parameters(new=True), clientToken=client_token)
        )


def update(connection: Connection, image_arn: str, spec: ImageSpec, client_token: str) -> Begun:
    """Build a new version of an image. What the specification leaves out is not taken from the last one."""
    with explained("UpdateMicrovmImage"):
        return _begun(
            _client(connection).update_microvm_image(
                imageIdentifier=image_arn, **spec.parameters(new=False), clientToken=client_token
            )
        )


def set_status(connection: Connection, image_arn: str, version: str, status: str) -> ImageVersion:
    """Make a version ``ACTIVE`` or ``INACTIVE``; the version as it is now."""
    with explained("UpdateMicrovmImageVersion"):
        answer = _client(connection).update_microvm_image_version(
            imageIdentifier=image_arn, imageVersion=version, status=status
        )
        return version_of(answer)


def delete_version(connection: Connection, image_arn: str, version: str) -> str:
    """Delete one version; the request id. The last one cannot be: delete the image."""
    with explained("DeleteMicrovmImageVersion"):
        return _request_id(
            _client(connection).delete_microvm_image_version(imageIdentifier=image_arn, imageVersion=version)
        )


def delete_image(connection: Connection, image_arn: str) -> str:
    """Delete an image with all its versions; the request id. Running MicroVMs forbid it."""
    with explained("DeleteMicrovmImage"):
        return _request_id(_client(connection).delete_microvm_image(imageIdentifier=image_arn))


def set_tags(
    connection: Connection, image_arn: str, tags: Mapping[str, str], removed: Sequence[str] = ()
) -> None:
    """Add or change tags, and take others away."""
    client = _client(connection)
    if tags:
        with explained("TagResource"):
            client.tag_resource(Resource=image_arn, Tags=dict(tags))
    if removed:
        with explained("UntagResource"):
            client.untag_resource(Resource=image_arn, TagKeys=list(removed))


def _client(connection: Connection) -> Any:
    return connection.client(MICROVMS, retries=False)


def _begun(answer: Mapping[str, Any]) -> Begun:
    return Begun(text(answer, "imageArn"), text(answer, "imageVersion"), _request_id(answer))


def _request_id(answer: Mapping[str, Any]) -> str:
    metadata = answer.get("ResponseMetadata")
    return text(metadata, "RequestId") if isinstance(metadata, dict) else ""
