"""What Service Quotas says is applied to this account in this region. Every call may raise Problem.

Codes: measured by the authors of microvm-ctl and m80 (service code `lambda`, November 2026).
"""

from __future__ import annotations

from mvm_tui.aws.errors import explained
from mvm_tui.aws.session import Connection
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
