"""The ARNs of the service, colon form: how they are made and what the service says to a wrong one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mvm_tui.local.state.errors import invalid
from mvm_tui.local.wire.errors import ServiceError

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Region

PARTITION = "aws"
MANAGED_ACCOUNT = "aws"
BASE_IMAGE_NAME = "al2023-1"

_IMAGE_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:(?:\d{12}|aws):microvm-image:[a-zA-Z0-9-_]+")
_SLASH_IMAGE_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:(?:\d{12}|aws):microvm-image/.+")


def image_arn(region: Region, name: str) -> str:
    return f"arn:{PARTITION}:lambda:{region.name}:{region.account}:microvm-image:{name}"


def base_image_arn(region: Region) -> str:
    return f"arn:{PARTITION}:lambda:{region.name}:{MANAGED_ACCOUNT}:microvm-image:{BASE_IMAGE_NAME}"


def connector_arn(region: Region, connector_id: str) -> str:
    return f"arn:{PARTITION}:lambda:{region.name}:{region.account}:network-connector:{connector_id}"


def checked_image_arn(region: Region, identifier: str, operation: str) -> str:
    """The identifier of a request, if it is an image ARN as the service accepts them.

    Raises:
        ServiceError: `Invalid ARN format` for a bare name; AccessDenied for the form with a slash, which
            no policy matches.
    """
    if _IMAGE_ARN.fullmatch(identifier):
        return identifier
    if _SLASH_IMAGE_ARN.fullmatch(identifier):
        raise ServiceError(
            "AccessDeniedException",
            403,
            f"User: arn:{PARTITION}:iam::{region.account}:user/local is not authorized to perform: "
            f"lambda:{operation} on resource: {identifier}",
        )
    raise invalid("Invalid ARN format")
