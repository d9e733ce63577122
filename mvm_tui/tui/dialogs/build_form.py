"""What is entered into the build dialog, turned into a specification or into reasons why it is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from mvm_tui.model.build_words import Pairs, parse_hook, parse_tags, written_lines
from mvm_tui.model.image import HookSetting, ImageVersion
from mvm_tui.model.image_spec import ImageSpec
from mvm_tui.model.launch import Logging
from mvm_tui.model.microvm import image_name
from mvm_tui.model.size import DEFAULT_MEMORY_MIB
from mvm_tui.tui.dialogs.launch_form import LOG_DEFAULT, LOG_OFF, LOG_OWN

Read = TypeVar("Read")
ALL_CAPABILITIES = "ALL"


@dataclass(frozen=True, slots=True)
class BuildForm:
    """The dialog's fields as they stand; hooks and tags as text, one a line.

    Attributes:
        base: ARN or name of a managed base image; empty takes the newest.
    """

    folder: str = ""
    name: str = ""
    memory_mib: int = DEFAULT_MEMORY_MIB
    base: str = ""
    base_version: str = ""
    role: str = ""
    bucket: str = ""
    description: str = ""
    hooks: str = ""
    variables: Pairs = field(default=(), repr=False)
    tags: str = ""
    egress_arn: str = ""
    logging: str = LOG_DEFAULT
    log_group: str = ""
    all_capabilities: bool = False

    def read(self) -> tuple[ImageSpec, dict[str, str]]:
        """The specification, and field → why it would be refused; it holds only if there is none.

        Fields are those of `ImageSpec.problems`.
        """
        problems: dict[str, str] = {}
        spec = ImageSpec(
            name=self.name.strip(),
            base_arn=self.base.strip(),
            role=self.role.strip(),
            base_version=self.base_version.strip(),
            description=self.description.strip(),
            memory_mib=self.memory_mib,
            hooks=_parsed("hooks", lambda: tuple(map(parse_hook, written_lines(self.hooks))), (), problems),
            environment=self.variables,
            tags=_parsed("tags", lambda: parse_tags(written_lines(self.tags)), (), problems),
            egress_arn=self.egress_arn,
            logging=self._logging(),
            capabilities=(ALL_CAPABILITIES,) if self.all_capabilities else (),
        )
        if self.logging == LOG_OWN and not self.log_group.strip():
            problems["logging"] = "name the group"
        return spec, spec.problems() | problems

    def _logging(self) -> Logging:
        if self.logging == LOG_OWN:
            return Logging(group=self.log_group.strip())
        return Logging(disabled=self.logging == LOG_OFF)


def form_of(version: ImageVersion, given: BuildForm) -> BuildForm:
    """A form filled as the version was built, for the next one. What the version lacks stays as `given`.

    The version of the base image is left to the service: a new build is to have the newest.
    """
    logging = version.logging
    kind = LOG_DEFAULT
    if logging is not None:
        kind = LOG_OFF if logging.disabled else LOG_OWN if logging.group else LOG_DEFAULT
    return BuildForm(
        folder=given.folder,
        name=image_name(version.image_arn),
        memory_mib=version.memory_mib or given.memory_mib,
        base=version.base_arn or given.base,
        role=version.build_role or given.role,
        bucket=_bucket(version.artifact) or given.bucket,
        description=version.description,
        hooks="\n".join(_hook_text(hook, version.hook_port) for hook in version.hooks),
        variables=version.environment,
        # The connectors that AWS manages need not be named.
        egress_arn=next((arn for arn in version.egress if ":aws:" not in arn), ""),
        logging=kind,
        log_group=logging.group if logging is not None else "",
        all_capabilities=ALL_CAPABILITIES in version.capabilities,
    )


def changed_variables(held: Mapping[str, str], name: str, value: str) -> dict[str, str]:
    """The variables after one was entered: ``-NAME`` takes it away, anything else sets it."""
    found = dict(held)
    if name.startswith("-"):
        found.pop(name.removeprefix("-").strip(), None)
    else:
        found[name] = value
    return found


def _hook_text(hook: HookSetting, port: int | None) -> str:
    time = "" if hook.seconds is None else f":{hook.seconds}s"
    return f"{hook.name}={port or 0}{time}"


def _bucket(artifact: str) -> str:
    scheme, _, rest = artifact.partition("://")
    return rest.partition("/")[0] if scheme == "s3" else ""


def _parsed(name: str, parse: Callable[[], Read], otherwise: Read, problems: dict[str, str]) -> Read:
    try:
        return parse()
    except ValueError as error:
        problems[name] = str(error)
        return otherwise
