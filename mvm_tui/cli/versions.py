"""`versions`: the versions of an image, and how each is configured."""

from __future__ import annotations

from typing import Any

import click

from mvm_tui.cli.image_naming import image_and_version
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import emit_list, emit_object
from mvm_tui.cli.records import UNKNOWN, timestamp
from mvm_tui.cli.session import Session
from mvm_tui.model.image import ImageVersion, version_key
from mvm_tui.model.sensitive import MASK
from mvm_tui.model.size import memory_label

_HEADINGS = ("VERSION", "STATE", "STATUS", "SIZE", "BASE", "CREATED", "REASON")


@verb(
    "versions",
    help="List the versions of an image, newest first; with :VERSION show how one is configured. Values of "
    "environment variables are shown as dots.",
    examples="""
    mvm-tui versions hello-web
    mvm-tui versions hello-web:2.0 -o json
    """,
)
@click.argument("image", metavar="IMAGE[:VERSION]")
def versions_verb(session: Session, image: str) -> None:
    from mvm_tui.aws.images import version, versions

    arn, number = image_and_version(session, image)
    if number:
        one = version(session.connection, arn, number)
        emit_object(session.form, configuration_record(one), _facts(one))
        return
    found = [one for page in versions(session.connection, arn) for one in page]
    found.sort(key=lambda one: version_key(one.version), reverse=True)
    emit_list(session.form, map(configuration_record, found), _HEADINGS, map(_cells, found))


def configuration_record(version: ImageVersion) -> dict[str, Any]:
    """The members of one version in ``-o json``; unknown is None, values of variables are masked."""
    logging = version.logging
    return {
        "image": version.image_arn,
        "version": version.version,
        "state": version.state,
        "status": version.status or None,
        "state_reason": version.state_reason,
        "memory_mib": version.memory_mib,
        "description": version.description or None,
        "base": version.base_arn or None,
        "base_version": version.base_version or None,
        "role": version.build_role or None,
        "artifact": version.artifact or None,
        "architectures": list(version.architectures),
        "hook_port": version.hook_port,
        "hooks": {hook.name: hook.seconds for hook in version.hooks},
        "environment": {name: MASK for name, _ in version.environment},
        "egress": list(version.egress),
        "capabilities": list(version.capabilities),
        "tags": dict(version.tags),
        "log_group": (logging.group or None) if logging else None,
        "logs_disabled": logging.disabled if logging else False,
        "created_at": timestamp(version.created_at),
        "updated_at": timestamp(version.updated_at),
    }


def _cells(version: ImageVersion) -> tuple[str, ...]:
    base = version.base_arn.rpartition(":")[2]
    return (
        version.version,
        version.state.lower(),
        version.status.lower() or UNKNOWN,
        UNKNOWN if version.memory_mib is None else memory_label(version.memory_mib),
        f"{base} {version.base_version}".strip() or UNKNOWN,
        timestamp(version.created_at) or UNKNOWN,
        version.state_reason or "",
    )


def _facts(version: ImageVersion) -> list[tuple[str, str]]:
    return [
        (name, _word(value))
        for name, value in configuration_record(version).items()
        if value not in (None, [], {}, False)
    ]


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(name if item in (None, "") else f"{name}={item}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
