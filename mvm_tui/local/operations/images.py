"""Images: create, update, get, list, delete."""

from __future__ import annotations

from typing import Any

from mvm_tui.local.operations.listing import listed
from mvm_tui.local.operations.replay import replayed
from mvm_tui.local.state.arns import checked_image_arn
from mvm_tui.local.state.images import ImageRecord
from mvm_tui.local.state.versions import VersionRecord
from mvm_tui.local.wire.operations import Call, operation

_SERVICE = "lambda-microvms"


@operation(_SERVICE, "CreateMicrovmImage")
@replayed("clientToken")
async def create_image(call: Call) -> dict[str, Any]:
    version = call.region.images.create(call.params)
    answer = _describe_with_spec(call.region.images.get(version.image_arn), version)
    return answer | {"tags": call.params.get("tags")}


@operation(_SERVICE, "UpdateMicrovmImage")
@replayed("clientToken")
async def update_image(call: Call) -> dict[str, Any]:
    version = call.region.images.update(_arn(call), call.params)
    return _describe_with_spec(call.region.images.get(version.image_arn), version)


@operation(_SERVICE, "GetMicrovmImage")
async def get_image(call: Call) -> dict[str, Any]:
    image = call.region.images.get(_arn(call))
    return _describe(image) | {"tags": dict(image.tags), "updatedAt": image.updated_at}


@operation(_SERVICE, "ListMicrovmImages")
async def list_images(call: Call) -> dict[str, Any]:
    wanted = call.params.get("nameFilter", "")
    entries = ((image.number, image) for image in call.region.images)
    return listed(call, entries, _describe, lambda image: wanted in image.name)


@operation(_SERVICE, "DeleteMicrovmImage")
async def delete_image(call: Call) -> dict[str, Any]:
    image = call.region.images.delete(_arn(call))
    return {"imageIdentifier": image.arn, "state": image.state}


def _arn(call: Call) -> str:
    return checked_image_arn(call.region, call.params["imageIdentifier"], call.operation)


def _describe(image: ImageRecord) -> dict[str, Any]:
    active, failed = image.latest_active, image.latest_failed
    return {
        "id": image.id,
        "imageArn": image.arn,
        "name": image.name,
        "state": image.state,
        "latestActiveImageVersion": active.number if active else None,
        "latestFailedImageVersion": failed.number if failed else None,
        "createdAt": image.created_at,
    }


def _describe_with_spec(image: ImageRecord, version: VersionRecord) -> dict[str, Any]:
    return {
        **_describe(image),
        **version.spec,
        "imageVersion": version.number,
        "updatedAt": image.updated_at,
        "buildPhaseOverrides": None,
        "roleConfiguration": None,
    }
