"""`builds`: the builds of an image version, why they failed, and following one again."""

from __future__ import annotations

from typing import Any

import click

from mvm_tui.cli.build_watch import watch
from mvm_tui.cli.image_naming import image_and_version
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import TABLE, emit_list, say
from mvm_tui.cli.records import UNKNOWN, timestamp
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Gone
from mvm_tui.model.image import FAILED, ImageBuild, version_key
from mvm_tui.model.text import clean

_HEADINGS = ("BUILD", "CHIP", "STATE", "MEMORY SNAPSHOT", "DISK SNAPSHOT", "INSTALLED", "REASON")


@verb(
    "builds",
    short_help="List the builds of an image version, and say why a failed one failed.",
    help="List the builds of an image version, one for each generation of chips, and say why a failed one "
    "failed; without :VERSION, those of the newest. With --follow, follow a build to its end.",
    examples="""
    mvm-tui builds hello-web
    mvm-tui builds hello-web:3.0 --follow
    """,
)
@click.argument("image", metavar="IMAGE[:VERSION]")
@click.option("--follow", is_flag=True, help="Follow the build to its end.")
def builds_verb(session: Session, image: str, follow: bool) -> None:
    from mvm_tui.aws.image_builds import builds
    from mvm_tui.aws.image_changes import Begun
    from mvm_tui.aws.images import version
    from mvm_tui.builds.diagnose import diagnose

    arn, number = image_and_version(session, image)
    number = number or _newest(session, arn)
    # Of one that does not exist nothing would ever be seen.
    one = version(session.connection, arn, number)
    if follow:
        click.get_current_context().exit(watch(session, Begun(arn, number), wait=True))
    found = builds(session.connection, arn, number)
    emit_list(session.form, map(build_record, found), _HEADINGS, map(_cells, found))
    if one.state == FAILED and session.form == TABLE:
        say(diagnose(one, found).text)


def _newest(session: Session, arn: str) -> str:
    from mvm_tui.aws.images import versions

    numbers = [one.version for page in versions(session.connection, arn) for one in page]
    if not numbers:
        raise Gone(f"{clean(arn)} has no versions.", fix="Build one: mvm-tui build.")
    return max(numbers, key=version_key)


def build_record(build: ImageBuild) -> dict[str, Any]:
    """The members of one build in ``-o json``; sizes in bytes, unknown is None."""
    sizes = build.snapshot
    return {
        "image": build.image_arn,
        "version": build.version,
        "id": build.id,
        "state": build.state,
        "architecture": build.architecture or None,
        "chipset": build.chipset or None,
        "generation": build.generation or None,
        "state_reason": build.state_reason,
        "memory_snapshot_bytes": sizes.memory if sizes else None,
        "disk_snapshot_bytes": sizes.disk if sizes else None,
        "code_install_bytes": sizes.code_install if sizes else None,
        "created_at": timestamp(build.created_at),
    }


def _cells(build: ImageBuild) -> tuple[str, ...]:
    sizes = build.snapshot
    figures = (sizes.memory, sizes.disk, sizes.code_install) if sizes else (None, None, None)
    return (
        build.id,
        build.label,
        build.state.lower().replace("_", " "),
        *(UNKNOWN if figure is None else f"{figure / (1 << 20):,.0f} MiB" for figure in figures),
        build.state_reason or "",
    )
