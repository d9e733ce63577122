"""Image versions and their builds: get, list, activate, retire, delete."""

from __future__ import annotations

from typing import Any

from mvm_tui.local.operations.listing import listed
from mvm_tui.local.state.arns import checked_image_arn
from mvm_tui.local.state.errors import not_found
from mvm_tui.local.state.versions import BuildRecord, VersionRecord
from mvm_tui.local.wire.operations import Call, operation

_SERVICE = "lambda-microvms"
_ARCHITECTURE = "ARM_64"
_CHIPSET = "GRAVITON"


@operation(_SERVICE, "GetMicrovmImageVersion")
async def get_version(call: Call) -> dict[str, Any]:
    return _describe(_version(call))


@operation(_SERVICE, "ListMicrovmImageVersions")
async def list_versions(call: Call) -> dict[str, Any]:
    newest_first = reversed(call.region.images.get(_arn(call)).versions.values())
    return listed(call, enumerate(newest_first), _describe)


@operation(_SERVICE, "UpdateMicrovmImageVersion")
async def update_version(call: Call) -> dict[str, Any]:
    params = call.params
    return _describe(call.region.images.set_status(_arn(call), params["imageVersion"], params["status"]))


@operation(_SERVICE, "DeleteMicrovmImageVersion")
async def delete_version(call: Call) -> dict[str, Any]:
    version = call.region.images.delete_version(_arn(call), call.params["imageVersion"])
    return {"imageIdentifier": version.image_arn, "imageVersion": version.number, "state": version.state}


@operation(_SERVICE, "ListMicrovmImageBuilds")
async def list_builds(call: Call) -> dict[str, Any]:
    version = _version(call)
    return listed(
        call,
        enumerate(version.builds),
        lambda build: _describe_build(version, build),
        lambda build: _matches(call, build),
    )


@operation(_SERVICE, "GetMicrovmImageBuild")
async def get_build(call: Call) -> dict[str, Any]:
    version = _version(call)
    wanted = call.params["buildId"]
    build = next((one for one in version.builds if one.id == wanted), None)
    if build is None:
        raise not_found(
            f"MicroVMImageBuild not found for MicroVMImage: {version.image_arn}, "
            f"Version: {version.number}, BuildID: {wanted}"
        )
    return _describe_build(version, build) | {"snapshotBuild": build.snapshot_members()}


def _arn(call: Call) -> str:
    return checked_image_arn(call.region, call.params["imageIdentifier"], call.operation)


def _version(call: Call) -> VersionRecord:
    return call.region.images.version(_arn(call), call.params["imageVersion"])


def _describe(version: VersionRecord) -> dict[str, Any]:
    return {
        **version.spec,
        "imageArn": version.image_arn,
        "imageVersion": version.number,
        "state": version.state,
        "status": version.status,
        "createdAt": version.created_at,
        "updatedAt": version.updated_at,
        "stateReason": None,
        "tags": None,
        "versionStateTimeBucket": version.time_bucket(),
    }


def _describe_build(version: VersionRecord, build: BuildRecord) -> dict[str, Any]:
    return {
        "imageArn": version.image_arn,
        "imageVersion": version.number,
        "buildId": build.id,
        "buildState": build.state,
        "architecture": _ARCHITECTURE,
        "chipset": _CHIPSET,
        "chipsetGeneration": build.generation,
        "stateReason": build.reason,
        "terminationReasonCode": None,
        "createdAt": build.created_at,
    }


def _matches(call: Call, build: BuildRecord) -> bool:
    shown = {"architecture": _ARCHITECTURE, "chipset": _CHIPSET, "chipsetGeneration": build.generation}
    return all(call.params.get(member, value) == value for member, value in shown.items())
