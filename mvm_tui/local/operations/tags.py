"""Tags: images and network connectors have them, MicroVMs do not."""

from __future__ import annotations

from typing import Any

from mvm_tui.local.state.errors import not_found
from mvm_tui.local.wire.operations import Call, operation

_SERVICE = "lambda-microvms"


@operation(_SERVICE, "TagResource")
async def tag_resource(call: Call) -> dict[str, Any]:
    _tags(call).update(call.params["Tags"])
    return {}


@operation(_SERVICE, "UntagResource")
async def untag_resource(call: Call) -> dict[str, Any]:
    tags = _tags(call)
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return {}


@operation(_SERVICE, "ListTags")
async def list_tags(call: Call) -> dict[str, Any]:
    return {"Tags": dict(_tags(call))}


def _tags(call: Call) -> dict[str, str]:
    """The tags of the resource, to read or change. The form of its ARN was checked with the request."""
    arn = call.params["Resource"]
    image = call.region.images.find(arn)
    if image is not None:
        return image.tags
    connector = next((one for one in call.region.connectors if one.arn == arn), None)
    if connector is None:
        raise not_found(f"Resource not found: {arn}")
    return connector.tags
