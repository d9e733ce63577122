"""How an image version is configured, as a list of settings, and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mvm_tui.model.connectors import connector_name
from mvm_tui.model.image import ImageVersion
from mvm_tui.model.microvm import image_name
from mvm_tui.model.size import memory_label


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that was chosen when a version was built. `secret` values are shown only when asked for."""

    name: str
    value: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that two versions have otherwise; None where one has none of that name."""

    name: str
    before: str | None
    after: str | None
    secret: bool = False


def settings(version: ImageVersion) -> list[Setting]:
    """All that is set, in the order in which it is read; what is left to the service is not in it."""
    return [setting for setting in _settings(version) if setting.value]


def differences(before: ImageVersion, after: ImageVersion) -> list[Difference]:
    """The settings in which two versions differ, in the order of the later one."""
    old = {one.name: one for one in settings(before)}
    new = {one.name: one for one in settings(after)}
    found = []
    for name in dict.fromkeys((*new, *old)):
        left, right = old.get(name), new.get(name)
        values = left.value if left else None, right.value if right else None
        if values[0] != values[1]:
            secret = any(one is not None and one.secret for one in (left, right))
            found.append(Difference(name, *values, secret))
    return found


def _settings(version: ImageVersion) -> Iterator[Setting]:
    yield Setting("description", version.description)
    yield Setting("base", image_name(version.base_arn) if version.base_arn else "")
    yield Setting("base version", version.base_version)
    yield Setting("memory", "" if version.memory_mib is None else memory_label(version.memory_mib))
    yield Setting("chips", ", ".join(version.architectures))
    yield Setting("role", version.build_role)
    yield Setting("artifact", version.artifact)
    yield Setting("hooks port", "" if version.hook_port is None else str(version.hook_port))
    for hook in version.hooks:
        time = "service's time" if hook.seconds is None else f"{hook.seconds} s"
        yield Setting(f"hook {hook.name}", time)
    yield Setting("egress", ", ".join(map(connector_name, version.egress)))
    yield Setting("rights", ", ".join(version.capabilities))
    yield Setting("logs", _logs(version))
    for name, value in version.environment:
        # An empty value is a value.
        yield Setting(f"env {name}", value or "(empty)", secret=True)
    for name, value in version.tags:
        yield Setting(f"tag {name}", value or "(empty)")


def _logs(version: ImageVersion) -> str:
    logging = version.logging
    if logging is None:
        return ""
    if logging.disabled:
        return "off"
    return " ".join(part for part in (logging.group, logging.stream) if part)
