"""MicroVMs: run, get, list, suspend, resume, terminate."""

from __future__ import annotations

from typing import Any

from mvm_tui.local.operations.listing import next_token, size_of, start_of
from mvm_tui.local.operations.replay import replayed
from mvm_tui.local.state.arns import checked_image_arn
from mvm_tui.local.state.cloud import Cloud
from mvm_tui.local.state.microvms import IdleRule, Launch, MicrovmRecord
from mvm_tui.local.wire.operations import Call, operation

_SERVICE = "lambda-microvms"
DEFAULT_DURATION_SECONDS = 28_800


@operation(_SERVICE, "RunMicrovm")
@replayed("clientToken")
async def run_microvm(call: Call) -> dict[str, Any]:
    image_arn = checked_image_arn(call.region, call.params["imageIdentifier"], call.operation)
    launch = _launch(call)
    version = call.region.images.launchable(image_arn, call.params.get("imageVersion"))
    return describe_microvm(call.cloud, call.region.microvms.run(version, launch))


@operation(_SERVICE, "GetMicrovm")
async def get_microvm(call: Call) -> dict[str, Any]:
    return describe_microvm(call.cloud, _microvm(call))


@operation(_SERVICE, "ListMicrovms")
async def list_microvms(call: Call) -> dict[str, Any]:
    wanted = call.params.get("imageIdentifier")
    if wanted is not None:
        call.region.images.get(checked_image_arn(call.region, wanted, call.operation))
    version = call.params.get("imageVersion")
    page, following = call.region.microvms.page(start_of(call), size_of(call))
    items = [
        _list_item(vm)
        for vm in page
        if wanted in (None, vm.version.image_arn) and version in (None, vm.version.number)
    ]
    return {"items": items, "nextToken": next_token(call, following)}


@operation(_SERVICE, "SuspendMicrovm")
async def suspend_microvm(call: Call) -> dict[str, Any]:
    vm = _microvm(call)
    vm.lifecycle.suspend(vm)
    return {}


@operation(_SERVICE, "ResumeMicrovm")
async def resume_microvm(call: Call) -> dict[str, Any]:
    vm = _microvm(call)
    vm.lifecycle.resume(vm)
    return {}


@operation(_SERVICE, "TerminateMicrovm")
async def terminate_microvm(call: Call) -> dict[str, Any]:
    vm = _microvm(call)
    vm.lifecycle.terminate(vm)
    return {}


def describe_microvm(cloud: Cloud, vm: MicrovmRecord) -> dict[str, Any]:
    """The members of RunMicrovm and GetMicrovm, unset ones null."""
    launch = vm.launch
    return {
        "microvmId": vm.id,
        "state": vm.state,
        "endpoint": cloud.endpoint(vm.uuid, vm.region_name),
        "imageArn": vm.version.image_arn,
        "imageVersion": vm.version.number,
        "executionRoleArn": launch.role,
        "idlePolicy": launch.idle.members() if launch.idle else None,
        "maximumDurationInSeconds": launch.max_duration,
        "startedAt": vm.started_at,
        "terminatedAt": vm.terminated_at,
        "stateReason": vm.state_reason,
        "terminationReasonCode": None,
        "ingressNetworkConnectors": list(launch.ingress),
        "egressNetworkConnectors": list(launch.egress),
    }


def _list_item(vm: MicrovmRecord) -> dict[str, Any]:
    return {
        "microvmId": vm.id,
        "state": vm.state,
        "imageArn": vm.version.image_arn,
        "imageVersion": vm.version.number,
        "startedAt": vm.started_at,
    }


def _microvm(call: Call) -> MicrovmRecord:
    return call.region.microvms.get(call.params["microvmIdentifier"])


def _launch(call: Call) -> Launch:
    params = call.params
    policy = params.get("idlePolicy")
    logging = params.get("logging") or {}
    named = logging.get("cloudWatch") or {}
    idle = None
    if policy is not None:
        idle = IdleRule(
            policy["maxIdleDurationSeconds"], policy["suspendedDurationSeconds"], policy["autoResumeEnabled"]
        )
    return Launch(
        ingress=call.region.connectors.ingress(params.get("ingressNetworkConnectors")),
        egress=call.region.connectors.egress(params.get("egressNetworkConnectors")),
        max_duration=params.get("maximumDurationInSeconds", DEFAULT_DURATION_SECONDS),
        idle=idle,
        role=params.get("executionRoleArn"),
        payload=params.get("runHookPayload", ""),
        log_group=named.get("logGroup"),
        log_stream=named.get("logStream"),
        logs_off="disabled" in logging,
    )
