"""What is typed into the launch dialog, turned into a request or into reasons why it is none."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mvm_tui.model.connectors import ALL_INGRESS, HTTP_INGRESS, connector_name
from mvm_tui.model.durations import parse_duration, plain_duration
from mvm_tui.model.idle import MAX_DURATION_SECONDS, IdlePolicy, describe_lifetime
from mvm_tui.model.launch import LaunchRequest, Logging
from mvm_tui.model.microvm import Microvm

LOG_DEFAULT, LOG_OWN, LOG_OFF = "default", "own", "off"


@dataclass(frozen=True, slots=True)
class LaunchForm:
    """The dialog's fields as they stand, durations as text."""

    image_arn: str = ""
    version: str = ""
    name: str = ""
    http: bool = True
    shell: bool = True
    egress_arn: str = ""
    idle: bool = True
    idle_after: str = "15m"
    suspended_for: str = "2h"
    auto_resume: bool = True
    maximum: str = "8h"
    role: str = ""
    logging: str = LOG_DEFAULT
    log_group: str = ""
    log_stream: str = ""
    payload: str = ""

    @classmethod
    def like(cls, vm: Microvm) -> LaunchForm:
        """What a MicroVM was launched with, as far as the service tells, and with a shell.

        VPC connectors, logging and the payload of the run hook are not among it.
        """
        details, form = vm.details, cls()
        if details is None:
            return form
        names = {connector_name(arn) for arn in details.ingress}
        policy, maximum = details.idle_policy, details.maximum_duration
        form = replace(
            form,
            http=bool(names & {HTTP_INGRESS, ALL_INGRESS}),
            idle=policy is not None,
            maximum=plain_duration(maximum) if maximum else form.maximum,
            role=details.execution_role or "",
        )
        if policy is None:
            return form
        return replace(
            form,
            idle_after=plain_duration(policy.max_idle_seconds),
            suspended_for=plain_duration(policy.suspended_seconds),
            auto_resume=policy.auto_resume,
        )

    def read(self) -> tuple[LaunchRequest, dict[str, str]]:
        """The request, and field → why it would be refused; the request holds only if there is none.

        Fields are those of `LaunchRequest.problems`, and ``idle_after`` and ``suspended_for``.
        """
        problems: dict[str, str] = {}
        policy = self._policy(problems)
        request = LaunchRequest(
            image_arn=self.image_arn,
            version=self.version,
            http=self.http,
            shell=self.shell,
            egress_arn=self.egress_arn,
            idle_policy=policy,
            maximum_seconds=self._maximum(problems),
            execution_role=self.role.strip(),
            logging=self._logging(),
            payload=self.payload,
        )
        return request, request.problems() | problems

    def summary(self) -> str:
        """What will happen to the MicroVM, in plain words; empty while the durations are none."""
        problems: dict[str, str] = {}
        policy, maximum = self._policy(problems), self._maximum(problems)
        return "" if problems else describe_lifetime(policy, maximum or MAX_DURATION_SECONDS)

    def warnings(self) -> dict[str, str]:
        """Field → what is allowed but may not be wanted."""
        found = {}
        if not self.role.strip() and self.logging != LOG_OFF:
            found["execution_role"] = "Without a role the MicroVM writes no logs."
        if not self.http and not self.shell:
            found["ingress"] = "Nothing can reach it: no HTTP, no shell."
        elif not self.shell:
            found["ingress"] = "No shell: it cannot be added later."
        elif not self.http:
            found["ingress"] = "No HTTP: it cannot be added later."
        return found

    def _policy(self, problems: dict[str, str]) -> IdlePolicy | None:
        if not self.idle:
            return None
        after = _seconds(self.idle_after, "idle_after", problems)
        kept = _seconds(self.suspended_for, "suspended_for", problems)
        return None if after is None or kept is None else IdlePolicy(after, kept, self.auto_resume)

    def _maximum(self, problems: dict[str, str]) -> int | None:
        return _seconds(self.maximum, "maximum_seconds", problems) if self.maximum.strip() else None

    def _logging(self) -> Logging:
        if self.logging == LOG_OWN:
            return Logging(group=self.log_group.strip(), stream=self.log_stream.strip())
        return Logging(disabled=self.logging == LOG_OFF)


def _seconds(text: str, field: str, problems: dict[str, str]) -> int | None:
    try:
        return parse_duration(text)
    except ValueError as error:
        problems[field] = str(error)
        return None
