"""What Service Quotas says is applied to this account in this region. Every call may raise Problem.

Codes: measured by the authors of microvm-ctl and m80 (service code `lambda`, November 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.aws.session import Connection
from mvm_tui.aws.wire import listing, text
from mvm_tui.model.errors import Gone
from mvm_tui.model.size import MIB_PER_GB

_SERVICE = "lambda"
_MEMORY = "L-CD1C0CC4"
_RATES = {
    "RunMicrovm": "L-535CA9B6",
    "ResumeMicrovm": "L-118C44B3",
    "SuspendMicrovm": "L-90045317",
    "TerminateMicrovm": "L-74787B8A",
}


def memory_limit(connection: Connection) -> int | None:
    """The applied quota of allocated MicroVM memory in MiB; None if the account has no such quota."""
    gigabytes = _applied(connection, _MEMORY)
    return None if gigabytes is None else round(gigabytes * MIB_PER_GB)


def call_rate(connection: Connection, operation: str) -> float | None:
    """The applied rate of an operation in calls per second; None if there is no quota for it."""
    code = _RATES.get(operation)
    return _applied(connection, code) if code else None


def _applied(connection: Connection, code: str) -> float | None:
    try:
        with explained("GetServiceQuota"):
            answer = connection.client("service-quotas").get_service_quota(
                ServiceCode=_SERVICE, QuotaCode=code
            )
    except Gone:
        return None
    value = (answer.get("Quota") or {}).get("Value")
    return float(value) if isinstance(value, int | float) else None


def applied_values(connection: Connection) -> dict[str, float]:
    """Quota code → what is applied to this account; what Service Quotas does not list is absent."""
    client = connection.client("service-quotas")
    return _values("ListServiceQuotas", lambda more: client.list_service_quotas(ServiceCode=_SERVICE, **more))


def default_values(connection: Connection) -> dict[str, float]:
    """Quota code → what every account has."""
    client = connection.client("service-quotas")
    return _values(
        "ListAWSDefaultServiceQuotas",
        lambda more: client.list_aws_default_service_quotas(ServiceCode=_SERVICE, **more),
    )


def _values(operation: str, call: Callable[[dict[str, Any]], Mapping[str, Any]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for page in listing(operation, call, "Quotas", ask="NextToken", answer="NextToken"):
        for quota in page:
            value = quota.get("Value")
            if isinstance(value, int | float) and value >= 0:
                found[text(quota, "QuotaCode")] = float(value)
    return found
