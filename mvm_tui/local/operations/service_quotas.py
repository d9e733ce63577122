"""Service Quotas: the MicroVM quotas of serviceCode ``lambda``, published and as applied to the account.

Codes: microvm-ctl and m80 (rates), KubeMicroVM (bursts). Published values: Lambda Developer Guide, MicroVM
limits. Applied values: those of a fresh account as microvm-ctl and m80 measured them (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mvm_tui.local.operations.cursors import BadCursor, page_at
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Call, operation

_SERVICE = "lambda"
_MEMORY = "L-CD1C0CC4"
_BUILDS = "L-72E0D058"
_PAGE = 100
# Regions where the published memory and build quotas are higher.
_BIG_REGIONS = frozenset({"us-east-1", "us-east-2", "us-west-2", "ap-northeast-1"})
_BIG_VALUES = {_MEMORY: 1024.0, _BUILDS: 10.0}


@dataclass(frozen=True, slots=True)
class _Quota:
    """A published quota; `fresh` is what a new account gets where that differs."""

    code: str
    name: str
    value: float
    fresh: float | None = None


# The memory quota counts GB; rates and bursts count calls per second.
_QUOTAS = (
    _Quota(_MEMORY, "Maximum allocated MicroVM memory (GB)", 400.0),
    _Quota(_BUILDS, "Concurrent MicroVM image builds", 5.0),
    _Quota("L-535CA9B6", "Rate of RunMicrovm API requests", 5.0, fresh=1.0),
    _Quota("L-91B95582", "Burst of RunMicrovm API requests", 5.0),
    _Quota("L-118C44B3", "Rate of ResumeMicrovm API requests", 5.0),
    _Quota("L-25EEC0A4", "Burst of ResumeMicrovm API requests", 5.0),
    _Quota("L-90045317", "Rate of SuspendMicrovm API requests", 2.0),
    _Quota("L-139F9A48", "Burst of SuspendMicrovm API requests", 2.0),
    _Quota("L-74787B8A", "Rate of TerminateMicrovm API requests", 10.0),
    _Quota("L-2CCA0501", "Burst of TerminateMicrovm API requests", 10.0),
    _Quota("L-C9C2110E", "Burst of GetMicrovm API requests", 100.0),
    _Quota("L-D65D9F16", "Burst of CreateMicrovmAuthToken API requests", 50.0),
    _Quota("L-9A5E43A5", "Burst of CreateMicrovmShellAuthToken API requests", 5.0),
)


@operation("service-quotas", "GetServiceQuota")
async def get_service_quota(call: Call) -> dict[str, Any]:
    return {"Quota": _describe_applied(call, _find(call))}


@operation("service-quotas", "GetAWSDefaultServiceQuota")
async def get_aws_default_service_quota(call: Call) -> dict[str, Any]:
    return {"Quota": _describe_default(call, _find(call))}


@operation("service-quotas", "ListServiceQuotas")
async def list_service_quotas(call: Call) -> dict[str, Any]:
    return _list(call, _describe_applied)


@operation("service-quotas", "ListAWSDefaultServiceQuotas")
async def list_aws_default_service_quotas(call: Call) -> dict[str, Any]:
    return _list(call, _describe_default)


def _list(call: Call, describe: Callable[[Call, _Quota], dict[str, Any]]) -> dict[str, Any]:
    _check_service(call)
    wanted = call.params.get("QuotaCode")
    quotas = [quota for quota in _QUOTAS if wanted in (None, quota.code)]
    try:
        page, cursor = page_at(quotas, call.params.get("NextToken"), call.params.get("MaxResults", _PAGE))
    except BadCursor:
        raise _error("InvalidPaginationTokenException", "Invalid pagination token.") from None
    answer: dict[str, Any] = {"Quotas": [describe(call, quota) for quota in page]}
    return answer if cursor is None else answer | {"NextToken": cursor}


def _find(call: Call) -> _Quota:
    _check_service(call)
    for quota in _QUOTAS:
        if quota.code == call.params["QuotaCode"]:
            return quota
    raise _error("NoSuchResourceException", "The request failed because the specified quota does not exist.")


def _check_service(call: Call) -> None:
    if call.params["ServiceCode"] != _SERVICE:
        raise _error(
            "NoSuchResourceException", "The request failed because the specified service does not exist."
        )


def _describe_default(call: Call, quota: _Quota) -> dict[str, Any]:
    # Published quotas belong to no account: the account part of their ARN is empty.
    return _describe(call, quota, _published(call, quota), account="")


def _describe_applied(call: Call, quota: _Quota) -> dict[str, Any]:
    if quota.code == _MEMORY:
        applied = call.region.quotas.memory_mib / 1024
    else:
        applied = _published(call, quota) if quota.fresh is None else quota.fresh
    described = _describe(call, quota, applied, account=call.region.account)
    return described | {"QuotaAppliedAtLevel": "ACCOUNT"}


def _published(call: Call, quota: _Quota) -> float:
    return _BIG_VALUES.get(quota.code, quota.value) if call.region.name in _BIG_REGIONS else quota.value


def _describe(call: Call, quota: _Quota, value: float, *, account: str) -> dict[str, Any]:
    return {
        "ServiceCode": _SERVICE,
        "ServiceName": "AWS Lambda",
        "QuotaArn": f"arn:aws:servicequotas:{call.region.name}:{account}:{_SERVICE}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


def _error(code: str, message: str) -> ServiceError:
    return ServiceError(code, 400, message, message_member="Message")
