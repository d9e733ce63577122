"""What a launch asks for, checked before the service is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mvm_tui.model.connectors import HTTP_INGRESS, INTERNET_EGRESS, NO_INGRESS, SHELL_INGRESS, managed_arn
from mvm_tui.model.durations import plain_duration
from mvm_tui.model.idle import MAX_DURATION_SECONDS, IdlePolicy
from mvm_tui.model.microvm import Microvm

PAYLOAD_LIMIT = 4_096
_ROLE = re.compile(r"arn:aws[a-zA-Z-]*:iam::\d{12}:role/\S+")
_LOG_GROUP = re.compile(r"[a-zA-Z0-9_\-/.#]{1,512}")
_LOG_STREAM = re.compile(r"[^:*]{1,512}")


@dataclass(frozen=True, slots=True)
class Logging:
    """Where a MicroVM logs; `disabled` excludes the others, all empty is the service's default group."""

    disabled: bool = False
    group: str = ""
    stream: str = ""

    def problems(self) -> dict[str, str]:
        """Field name → why the service would refuse it."""
        found: dict[str, str] = {}
        if self.group and not _LOG_GROUP.fullmatch(self.group):
            found["log_group"] = "letters, digits and _ - / . # only, at most 512"
        if self.stream and not _LOG_STREAM.fullmatch(self.stream):
            found["log_stream"] = "at most 512 characters, without : and *"
        if self.stream and not self.group:
            found["log_group"] = "a stream needs its group"
        return found

    def members(self) -> dict[str, Any] | None:
        """What a request says of it; None leaves it to the service."""
        if self.disabled:
            return {"disabled": {}}
        members = {"logGroup": self.group, "logStream": self.stream}
        given = {name: value for name, value in members.items() if value}
        return {"cloudWatch": given} if given else None


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """A `RunMicrovm` in our words. `version` empty means the image's latest active one."""

    image_arn: str
    version: str = ""
    http: bool = True
    shell: bool = True
    egress_arn: str = ""
    idle_policy: IdlePolicy | None = None
    maximum_seconds: int | None = None
    execution_role: str = ""
    logging: Logging = Logging()
    payload: str = field(default="", repr=False)
    client_token: str = ""

    def problems(self) -> dict[str, str]:
        """Field name → why the service would refuse it. Empty when all is well."""
        found: dict[str, str] = {}
        if not self.image_arn:
            found["image"] = "choose an image"
        if self.idle_policy and (reason := self.idle_policy.problem()):
            found["idle_policy"] = reason
        if self.maximum_seconds is not None and not 1 <= self.maximum_seconds <= MAX_DURATION_SECONDS:
            found["maximum_seconds"] = f"between 1s and {plain_duration(MAX_DURATION_SECONDS)}"
        if self.execution_role and not _ROLE.fullmatch(self.execution_role):
            found["execution_role"] = "a role's ARN: arn:aws:iam::123456789012:role/NAME"
        found |= self.logging.problems()
        if (size := len(self.payload.encode())) > PAYLOAD_LIMIT:
            found["payload"] = f"{size:,} of at most {PAYLOAD_LIMIT:,} bytes"
        return found

    def parameters(self, region: str, partition: str = "aws") -> dict[str, Any]:
        """The members of `RunMicrovm` for this launch."""
        names = [name for name, wanted in ((HTTP_INGRESS, self.http), (SHELL_INGRESS, self.shell)) if wanted]
        wanted: dict[str, Any] = {
            "imageIdentifier": self.image_arn,
            "imageVersion": self.version,
            "ingressNetworkConnectors": [
                managed_arn(name, region, partition) for name in names or [NO_INGRESS]
            ],
            "egressNetworkConnectors": [self.egress_arn or managed_arn(INTERNET_EGRESS, region, partition)],
            "idlePolicy": _policy_members(self.idle_policy),
            "maximumDurationInSeconds": self.maximum_seconds,
            "executionRoleArn": self.execution_role,
            "logging": self.logging.members(),
            "runHookPayload": self.payload,
            "clientToken": self.client_token,
        }
        return {name: value for name, value in wanted.items() if value not in (None, "", {})}


def _policy_members(policy: IdlePolicy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    return {
        "maxIdleDurationSeconds": policy.max_idle_seconds,
        "suspendedDurationSeconds": policy.suspended_seconds,
        "autoResumeEnabled": policy.auto_resume,
    }


@dataclass(frozen=True, slots=True)
class Launched:
    """What came of a launch: the MicroVM, and the service's id of the request; empty if none was answered."""

    vm: Microvm
    request_id: str = ""
