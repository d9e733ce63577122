"""API rates: one token bucket per operation and region, as the service throttles.

Rates are real time; `--speed` does not change them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls per second in the long run, and how many may come at once."""

    per_second: float
    burst: float


def _steady(per_second: float) -> Rate:
    return Rate(per_second, per_second)


# AWS Lambda Developer Guide, MicroVM quotas (November 2026); the rate of RunMicrovm is the one that
# microvm-ctl found applied to a fresh account. Service Quotas reports the same figures.
_MICROVM_RATES = {
    "RunMicrovm": Rate(1, 5),
    "ResumeMicrovm": _steady(5),
    "SuspendMicrovm": _steady(2),
    "TerminateMicrovm": _steady(10),
    "GetMicrovm": _steady(100),
    "CreateMicrovmAuthToken": _steady(50),
    "CreateMicrovmShellAuthToken": _steady(5),
}

# Every other Lambda control call shares about 15 per second in an account and region (Lambda quotas).
_CONTROL = _steady(15)
_CONTROL_SERVICES = frozenset({"lambda-microvms", "lambda-core"})

# CloudWatch Logs quotas page: calls per second by region, and elsewhere.
_LOG_RATES: dict[str, tuple[dict[str, float], float]] = {
    "FilterLogEvents": ({"us-east-1": 25, "eu-central-1": 5}, 10),
    "GetLogEvents": ({"us-west-2": 10, "eu-west-1": 10, "eu-central-1": 10}, 25),
    "StartLiveTail": ({}, 5),
    "DescribeLogStreams": ({}, 25),
    "DescribeLogGroups": ({}, 10),
}


def rate_of(service: str, operation: str, region: str) -> tuple[str, Rate] | None:
    """The name of the bucket that a call draws from and its rate; None for an unlimited call."""
    if service in _CONTROL_SERVICES:
        if operation in _MICROVM_RATES:
            return operation, _MICROVM_RATES[operation]
        return "control", _CONTROL
    if service == "logs" and operation in _LOG_RATES:
        regional, elsewhere = _LOG_RATES[operation]
        return operation, _steady(regional.get(region, elsewhere))
    return None


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Rates:
    """The buckets of one run."""

    def __init__(self, monotonic: Callable[[], float], *, on: bool = True) -> None:
        self._monotonic = monotonic
        self._on = on
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, service: str, operation: str, region: str) -> float:
        """Draw one token: 0 if there was one, else the seconds until there is one again."""
        found = rate_of(service, operation, region) if self._on else None
        if found is None:
            return 0.0
        name, rate = found
        now = self._monotonic()
        bucket = self._buckets.setdefault((region, name), _Bucket(rate.burst, now))
        bucket.tokens = min(rate.burst, bucket.tokens + (now - bucket.filled_at) * rate.per_second)
        bucket.filled_at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / rate.per_second
