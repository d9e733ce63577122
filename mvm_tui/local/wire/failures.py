"""Errors that every operation can end with, in each service's own type and status."""

from __future__ import annotations

import math

from mvm_tui.local.wire.errors import ServiceError

# Operations of lambda-microvms that keep the classic Lambda types: the tag operations.
_CLASSIC = frozenset({"TagResource", "UntagResource", "ListTags"})

_INTERNAL = {
    "lambda-microvms": ("InternalServerException", 500),
    "lambda-core": ("ServiceException", 500),
    "logs": ("ServiceUnavailableException", 503),
    "sts": ("InternalFailure", 500),
    "service-quotas": ("ServiceException", 500),
    "pricing": ("InternalErrorException", 500),
    "s3": ("InternalError", 500),
}


def throttled(service: str, operation: str, retry_after: float) -> ServiceError:
    """The call came too fast. `retry_after`, in seconds, is sent as whole seconds where it is sent."""
    message = "Rate exceeded"
    headers = {"Retry-After": str(max(1, math.ceil(retry_after)))}
    if service == "lambda-core" or operation in _CLASSIC:
        members = (
            {"Type": "User"}
            if operation in _CLASSIC
            else {"Type": "User", "Reason": "CallerRateLimitExceeded"}
        )
        return ServiceError("TooManyRequestsException", 429, message, members, headers=headers)
    if service == "lambda-microvms":
        members_of_quota = {"serviceCode": None, "quotaCode": None}
        return ServiceError("ThrottlingException", 429, message, members_of_quota, headers=headers)
    if service == "s3":
        return ServiceError("SlowDown", 503, "Please reduce your request rate.")
    return ServiceError("Throttling" if service == "sts" else "ThrottlingException", 400, message)


def internal(service: str) -> ServiceError:
    """The service failed on its own side."""
    code, status = _INTERNAL[service]
    return ServiceError(code, status, "The service encountered an internal error.")


def unknown_operation(protocol: str, asked: str) -> ServiceError:
    """Nothing is known under the path, target or action that was asked for."""
    if protocol == "query":
        return ServiceError("InvalidAction", 400, f"Could not find operation {asked}")
    if protocol == "rest-xml":
        text = "The specified method is not allowed against this resource."
        return ServiceError("MethodNotAllowed", 405, text)
    return ServiceError("UnknownOperationException", 404, None)


def not_written(operation: str) -> ServiceError:
    """The service has the operation, this local cloud does not."""
    return ServiceError("NotImplementedException", 501, f"The local cloud does not implement {operation}.")
