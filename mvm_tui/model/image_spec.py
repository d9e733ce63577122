"""What a build asks for: the specification of an image version, checked before the service is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mvm_tui.model.launch import Logging
from mvm_tui.model.size import DEFAULT_MEMORY_MIB, SIZES

# Patterns and lengths of the service's own model (botocore, lambda-microvms 2025-09-09).
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@/-]+")
_TAG = re.compile(r"[\w\s.:/=+@-]*")
MOST_VARIABLES = 100
LONGEST_VARIABLE = 256
LONGEST_VALUE = 4_096
LONGEST_TAG = 128
LONGEST_TAG_VALUE = 256

# Lifecycle hooks by kind, with the longest time each may take in seconds.
RUNTIME_HOOKS = {"run": 60, "resume": 60, "suspend": 60, "terminate": 60}
BUILD_HOOKS = {"ready": 3_600, "validate": 3_600}
HOOKS = RUNTIME_HOOKS | BUILD_HOOKS


@dataclass(frozen=True, slots=True)
class Hook:
    """One lifecycle hook that is switched on. `seconds` None leaves the time to the service."""

    name: str
    port: int
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """An image version to be built, in our words. Empty texts and None leave a member to the service.

    Attributes:
        artifact: ``s3://bucket/key`` of the zip; empty as long as it is not uploaded.
        environment: Names and values of variables; the values may be secret.
        capabilities: Operating system capabilities beyond the usual; ``ALL`` is the one known.
    """

    name: str
    base_arn: str
    role: str
    artifact: str = ""
    base_version: str = ""
    description: str = ""
    memory_mib: int = DEFAULT_MEMORY_MIB
    hooks: tuple[Hook, ...] = ()
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    tags: tuple[tuple[str, str], ...] = ()
    egress_arn: str = ""
    logging: Logging = field(default_factory=Logging)
    capabilities: tuple[str, ...] = ()

    @property
    def hook_port(self) -> int | None:
        """The port of the hooks; None without any."""
        return self.hooks[0].port if self.hooks else None

    def problems(self) -> dict[str, str]:
        """Field → what is wrong with it, for every field that would be refused."""
        return dict(self._problems())

    def _problems(self) -> Iterator[tuple[str, str]]:
        if not _NAME.fullmatch(self.name):
            yield "name", "1 to 64 letters, digits, - and _"
        if self.role and not _ROLE.fullmatch(self.role):
            yield "role", "a role's ARN, such as arn:aws:iam::123456789012:role/build"
        if self.memory_mib not in {size.memory_mib for size in SIZES}:
            yield "memory", f"one of {', '.join(str(size.memory_mib) for size in SIZES)}"
        yield from _hook_problems(self.hooks)
        yield from _variable_problems(self.environment)
        yield from tag_problems(self.tags)
        yield from (("logging", reason) for reason in self.logging.problems().values())

    def parameters(self, *, new: bool) -> dict[str, Any]:
        """Members of `CreateMicrovmImage`; without `new`, of `UpdateMicrovmImage` but for its identifier."""
        members: dict[str, Any] = {
            "baseImageArn": self.base_arn,
            "baseImageVersion": self.base_version,
            "buildRoleArn": self.role,
            "codeArtifact": {"uri": self.artifact},
            "description": self.description,
            "resources": [{"minimumMemoryInMiB": self.memory_mib}],
            "hooks": _hook_members(self.hooks),
            "environmentVariables": dict(self.environment),
            "egressNetworkConnectors": [self.egress_arn] if self.egress_arn else [],
            "logging": self.logging.members(),
            "additionalOsCapabilities": list(self.capabilities),
        }
        if new:
            members |= {"name": self.name, "tags": dict(self.tags)}
        return {name: value for name, value in members.items() if value}


def _hook_problems(hooks: tuple[Hook, ...]) -> Iterator[tuple[str, str]]:
    names = [hook.name for hook in hooks]
    if unknown := next((name for name in names if name not in HOOKS), ""):
        yield "hooks", f"{unknown} is no hook: there are {', '.join(HOOKS)}"
        return
    if len(set(names)) < len(names):
        yield "hooks", "each hook once"
    if len({hook.port for hook in hooks}) > 1:
        yield "hooks", "all hooks have one port"
    for hook in hooks:
        if not 0 < hook.port < 1 << 16:
            yield "hooks", "a port from 1 to 65535"
        if hook.seconds is not None and not 1 <= hook.seconds <= HOOKS[hook.name]:
            yield "hooks", f"{hook.name} may take 1 to {HOOKS[hook.name]} s"
    if set(names) & set(RUNTIME_HOOKS) and "ready" not in names:
        # AWS's agent skill: hooks of a running MicroVM need that of the build.
        yield "hooks", f"{', '.join(sorted(set(names) & set(RUNTIME_HOOKS)))} need ready too"


def _variable_problems(environment: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    if len(environment) > MOST_VARIABLES:
        yield "environment", f"at most {MOST_VARIABLES} variables"
    for name, value in environment:
        if not 0 < len(name) <= LONGEST_VARIABLE or any(character.isspace() for character in name):
            yield "environment", f"names without spaces, at most {LONGEST_VARIABLE} characters"
        if name == "AWS_REGION":
            yield "environment", "AWS_REGION is the service's own"
        if len(value) > LONGEST_VALUE:
            yield "environment", f"the value of {name} has over {LONGEST_VALUE:,} characters"


def tag_problems(tags: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(``tags``, what is wrong) for every tag that would be refused."""
    for name, value in tags:
        if not 0 < len(name) <= LONGEST_TAG or len(value) > LONGEST_TAG_VALUE:
            yield "tags", f"names to {LONGEST_TAG} and values to {LONGEST_TAG_VALUE} characters"
        elif not _TAG.fullmatch(name) or not _TAG.fullmatch(value):
            yield "tags", "letters, digits, spaces and _ . : / = + - @"


def _hook_members(hooks: tuple[Hook, ...]) -> dict[str, Any]:
    if not hooks:
        return {}
    parts: dict[str, dict[str, Any]] = {"microvmHooks": {}, "microvmImageHooks": {}}
    for hook in hooks:
        part = parts["microvmHooks" if hook.name in RUNTIME_HOOKS else "microvmImageHooks"]
        part[hook.name] = "ENABLED"
        if hook.seconds is not None:
            part[f"{hook.name}TimeoutInSeconds"] = hook.seconds
    return {"port": hooks[0].port} | {name: part for name, part in parts.items() if part}
