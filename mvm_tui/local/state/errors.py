"""The service's answers to what it refuses, with the members each of them carries."""

from __future__ import annotations

from mvm_tui.local.wire.errors import ServiceError

_NO_RESOURCE: dict[str, object] = {"resourceId": None, "resourceType": None}
_NO_QUOTA: dict[str, object] = {**_NO_RESOURCE, "serviceCode": None, "quotaCode": None}

MEMORY_QUOTA = "The base maximum allocated memory limit has been reached for this account."


def not_found(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", 404, message, _NO_RESOURCE)


def invalid(message: str | None) -> ServiceError:
    return ServiceError("ValidationException", 400, message)


def conflict(message: str) -> ServiceError:
    return ServiceError("ConflictException", 409, message, _NO_RESOURCE)


def quota_exceeded(message: str) -> ServiceError:
    return ServiceError("ServiceQuotaExceededException", 402, message, _NO_QUOTA)


def connector_not_found(arn: str) -> ServiceError:
    """The lambda-core spelling: capital `Message`, and no other member."""
    return ServiceError(
        "ResourceNotFoundException",
        404,
        f"Network connector not found for: {arn}",
        message_member="Message",
    )
