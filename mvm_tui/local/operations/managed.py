"""The managed base image and its versions."""

from __future__ import annotations

from typing import Any

from mvm_tui.local.operations.listing import listed
from mvm_tui.local.state.arns import base_image_arn, checked_image_arn
from mvm_tui.local.state.errors import not_found
from mvm_tui.local.state.managed import BASE_CREATED_AT, BASE_VERSIONS
from mvm_tui.local.wire.operations import Call, operation

_SERVICE = "lambda-microvms"
_DATES = {"createdAt": BASE_CREATED_AT, "updatedAt": BASE_CREATED_AT}


@operation(_SERVICE, "ListManagedMicrovmImages")
async def list_managed_images(call: Call) -> dict[str, Any]:
    return listed(call, enumerate([base_image_arn(call.region)]), lambda arn: {"imageArn": arn, **_DATES})


@operation(_SERVICE, "ListManagedMicrovmImageVersions")
async def list_managed_versions(call: Call) -> dict[str, Any]:
    arn = checked_image_arn(call.region, call.params["imageIdentifier"], call.operation)
    if arn != base_image_arn(call.region):
        raise not_found(f"MicroVMImage not found for MicroVMImageID: {arn}")
    return listed(
        call,
        enumerate(BASE_VERSIONS),
        lambda number: {"imageArn": arn, "imageVersion": number, "status": "AVAILABLE", **_DATES},
    )
