"""What the operations of CloudWatch Logs share: names, ARNs and refusals."""

from __future__ import annotations

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Call

_MARK = ":log-group:"


def group_name(identifier: str) -> str:
    """The name in a group's ARN (`arn:…:log-group:<name>` with or without ``:*``), or the name itself."""
    return identifier.removesuffix(":*").rpartition(_MARK)[2]


def group_arn(call: Call, name: str) -> str:
    """The ARN of a group of the caller's, as listings give it beside the one that ends in ``:*``."""
    return f"arn:aws:logs:{call.region.name}:{call.region.account}{_MARK}{name}"


def exists(message: str) -> ServiceError:
    return ServiceError("ResourceAlreadyExistsException", 400, message)


def not_found(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", 400, message)


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", 400, message)
