"""`build`: from a folder with a Dockerfile to an image version."""

from __future__ import annotations

import signal
from typing import Any

import click

from mvm_tui.cli import exits
from mvm_tui.cli.asking import yes_option
from mvm_tui.cli.build_options import environment, hooks, tags
from mvm_tui.cli.build_watch import watch
from mvm_tui.cli.ending import ending_by_signal
from mvm_tui.cli.exits import Refusal
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import progress, say, write
from mvm_tui.cli.session import Session
from mvm_tui.config.schema import BuildPlace
from mvm_tui.config.secrets import KNOWN
from mvm_tui.fleet.catalogue.images import BUILD
from mvm_tui.model.image_spec import ImageSpec
from mvm_tui.model.launch import Logging
from mvm_tui.model.size import DEFAULT_MEMORY_MIB
from mvm_tui.model.text import clean

_SHOWN_FILES = 200
_OPTION_OF_FIELD = {
    "name": "--name",
    "role": "--role",
    "memory": "--memory",
    "hooks": "--hook",
    "environment": "--env",
    "tags": "--tag",
    "logging": "--log-group",
}


@verb(
    "build",
    short_help="Build an image, or a new version of it, from a folder with a Dockerfile.",
    help="Build an image, or a new version of it, from a folder with a Dockerfile: checks the folder, zips "
    "it without what .dockerignore names, uploads it, and follows the build. ctrl-c leaves a build that was "
    "begun running.",
    examples="""
    mvm-tui build . --name hello-web
    mvm-tui build app --name api --memory 4096 --hook ready=9000:2m --hook run=9000:5s --env LEVEL=info
    mvm-tui build . --name api --list   what would be zipped; nothing is built
    mvm-tui build . --name api --detach -o json
    """,
)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False))
@click.option("--name", required=True, help="The image's name. One that exists gets a new version.")
@click.option("--memory", type=int, metavar="MIB", help=f"Baseline: build.memory, or {DEFAULT_MEMORY_MIB}.")
@click.option("--base", metavar="ARN|NAME", help="Managed base image: build.base, or the newest.")
@click.option("--base-version", default="", metavar="V", help="Its version; the service chooses one.")
@click.option("--role", metavar="ARN", help="Build role: build.role of the config.")
@click.option("--bucket", metavar="NAME", help="Bucket: build.bucket, or mvm-tui-ACCOUNT-REGION.")
@click.option(
    "--hook",
    "hooks",
    multiple=True,
    callback=hooks,
    metavar="NAME=PORT[:TIME]",
    help="Switch a lifecycle hook on: ready, validate, run, resume, suspend, terminate; repeatable.",
)
@click.option(
    "--env",
    "variables",
    multiple=True,
    callback=environment,
    metavar="NAME=VALUE|@FILE",
    help="Environment variable, or a file with one a line; repeatable.",
)
@click.option("--tag", "tags", multiple=True, callback=tags, metavar="NAME=VALUE", help="Tag; repeatable.")
@click.option("--description", default="", metavar="TEXT", help="Description of the version.")
@click.option("--egress", default="", metavar="ARN", help="Connector that the build reaches out by.")
@click.option("--log-group", default="", metavar="NAME", help="CloudWatch log group of the build.")
@click.option("--no-logs", is_flag=True, help="Write no logs of the build.")
@click.option("--capabilities", type=click.Choice(["ALL"]), help="Operating system capabilities.")
@click.option("--wait/--detach", default=True, help="Whether to follow the build to its end: yes.")
@click.option("--list", "only_list", is_flag=True, help="List what would be zipped; build nothing.")
@yes_option
def build_verb(session: Session, folder: str, **options: Any) -> None:
    from mvm_tui.builds.build import Plan, begin, find_image
    from mvm_tui.builds.place import completed
    from mvm_tui.cli.build_place import bucket_for

    contents, findings = _looked_over(folder, options)
    if options["only_list"]:
        _list(contents)
        return
    session.refuse_read_only(BUILD)
    place = session.settings.build.in_region(session.connection.region)
    spec = completed(session.connection, _spec(options, place))
    image = find_image(session.connection, spec.name)
    if image is not None and spec.tags:
        raise Refusal(f"{spec.name} exists: a version has no tags of its own. Leave --tag out.")
    bucket = bucket_for(session, options["bucket"] or place.bucket, yes=options["yes"])
    plan = Plan(spec, contents, bucket, image, tuple(findings))
    what = f"a new version of {spec.name}" if image is not None else f"the image {spec.name}"
    say(f"Building {what} from {len(contents.entries):,} files, {contents.bytes:,} bytes.")
    try:
        # The zip, which may be large and hold what is secret, is to go with the process.
        with ending_by_signal(signal.SIGTERM, signal.SIGHUP):
            begun = begin(session.connection, plan, session.clock, _report)
    finally:
        progress("")
    code = watch(session, begun, wait=options["wait"])
    click.get_current_context().exit(code)


def _looked_over(folder: str, options: dict[str, Any]) -> tuple[Any, list[Any]]:
    """What is in the folder, and what is to be said of it; what would fail the build ends here."""
    from pathlib import Path

    from mvm_tui.builds.check import check
    from mvm_tui.builds.folder import read_folder

    contents = read_folder(Path(folder))
    chosen = options["hooks"]
    findings = check(contents, chosen[0].port if chosen else None)
    for finding in findings:
        say(finding.text)
    if any(finding.fatal for finding in findings) and not options["only_list"]:
        say("Nothing was built.")
        click.get_current_context().exit(exits.FAILED)
    return contents, findings


def _list(contents: Any) -> None:
    """What the zip would hold: size and name of each file."""
    write("".join(f"{entry.size:>12,}  {clean(entry.name)}\n" for entry in contents.entries))
    say(f"{len(contents.entries):,} files, {contents.bytes:,} bytes; {contents.ignored:,} left out.")


def _spec(options: dict[str, Any], place: BuildPlace) -> ImageSpec:
    """What is to be built: as the options say, else as the config does; the rest is found out later."""
    if options["no_logs"] and options["log_group"]:
        raise click.UsageError("--no-logs excludes --log-group.")
    for _, value in options["variables"]:
        KNOWN.add(value)
    spec = ImageSpec(
        name=options["name"],
        base_arn=options["base"] or place.base or "",
        role=options["role"] or place.role or "",
        base_version=options["base_version"] or place.base_version or "",
        description=options["description"],
        memory_mib=options["memory"] or place.memory or DEFAULT_MEMORY_MIB,
        hooks=options["hooks"],
        environment=options["variables"],
        tags=options["tags"],
        egress_arn=options["egress"],
        logging=Logging(options["no_logs"], options["log_group"]),
        capabilities=(options["capabilities"],) if options["capabilities"] else (),
    )
    for field, reason in spec.problems().items():
        raise click.UsageError(f"{_OPTION_OF_FIELD[field]}: {reason}.")
    return spec


def _report(report: Any) -> None:
    """A bar on a terminal; nothing where lines cannot replace themselves."""
    if not report.total:
        progress(f"{report.step.value}…")
        return
    share = min(report.done / report.total, 1.0)
    bar = "▰" * round(share * 20) + "▱" * (20 - round(share * 20))
    progress(f"{report.step.value} {bar} {share:4.0%} of {report.total / (1 << 20):,.1f} MB")
