"""`run`: launch a MicroVM."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mvm_tui.cli.asking import yes_option
from mvm_tui.cli.durations import Duration
from mvm_tui.cli.image_naming import image_and_version
from mvm_tui.cli.launch_budget import ask_budget
from mvm_tui.cli.naming import checked_name
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import emit_object, progress, say
from mvm_tui.cli.records import facts, microvm_record
from mvm_tui.cli.session import Session
from mvm_tui.config.secrets import KNOWN
from mvm_tui.fleet.actions import BY_ID
from mvm_tui.model.connectors import connector_name, managed_arn
from mvm_tui.model.errors import Gone, Unexpected
from mvm_tui.model.idle import MAX_DURATION_SECONDS, IdlePolicy
from mvm_tui.model.launch import PAYLOAD_LIMIT, LaunchRequest, Logging
from mvm_tui.model.microvm import ENDED, RUNNING, Microvm
from mvm_tui.model.text import clean

_WAIT_SECONDS = 120
_OPTION_OF_FIELD = {
    "image": "IMAGE",
    "idle_policy": "--idle",
    "maximum_seconds": "--max",
    "execution_role": "--role",
    "log_group": "--log-group",
    "log_stream": "--log-stream",
    "payload": "--payload",
}


def _read_payload(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """``TEXT``, ``@FILE`` or ``@-`` for stdin. Kept out of everything that is written to disk."""
    if value.startswith("@"):
        value = _file_text(value[1:])
    KNOWN.add(value)
    return value


def _file_text(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.read()
        with Path(name).expanduser().open(encoding="utf-8") as file:
            # One character more than fits is enough to see that it is too much.
            return file.read(PAYLOAD_LIMIT + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None


@verb(
    "run",
    help="Launch a MicroVM. Its image is given by name or ARN; without a version, the latest active one "
    "is taken. Asks before it passes budget_per_day of the config file.",
    examples="""
    mvm-tui run hello-web --name web-1 --idle 15m --suspended-for 2h
    mvm-tui run hello-web:2.0 --max 1h --role arn:aws:iam::123456789012:role/vm --wait
    mvm-tui run worker --no-shell --payload @job.json -o json
    """,
)
@click.argument("image", metavar="IMAGE[:VERSION]")
@click.option("--name", default="", callback=checked_name, help="A name of your own for it.")
@click.option(
    "--shell/--no-shell", default=True, help="Whether shells can be opened: yes; cannot be changed later."
)
@click.option("--idle", type=Duration(), metavar="TIME", help="Suspend after this time without traffic.")
@click.option(
    "--suspended-for", type=Duration(), metavar="TIME", help="Terminate after this time suspended: 8h."
)
@click.option("--auto-resume/--no-auto-resume", default=None, help="Whether traffic resumes it: yes.")
@click.option("--max", "maximum", type=Duration(), metavar="TIME", help="Terminate after this time: 8h.")
@click.option("--role", default="", metavar="ARN", help="Execution role; without one there are no logs.")
@click.option("--log-group", default="", metavar="NAME", help="CloudWatch log group.")
@click.option("--log-stream", default="", metavar="NAME", help="CloudWatch log stream in that group.")
@click.option("--no-logs", is_flag=True, help="Write no logs.")
@click.option(
    "--egress", default="", metavar="NAME|ARN", help="Connector it reaches out by: INTERNET_EGRESS."
)
@click.option("--payload", default="", callback=_read_payload, metavar="TEXT|@FILE", help="For its run hook.")
@click.option("--wait", is_flag=True, help="Wait until it runs.")
@click.option("--timeout", type=Duration(), default=_WAIT_SECONDS, metavar="TIME", help="Wait no longer: 2m.")
@yes_option
def run_verb(
    session: Session, image: str, name: str, wait: bool, timeout: int, yes: bool, **options: Any
) -> None:
    session.refuse_read_only(BY_ID["microvm.launch"])
    policy, logging = _idle_policy(options), _logging(options)
    arn, version = image_and_version(session, image)
    request = LaunchRequest(
        image_arn=arn,
        version=version,
        shell=options["shell"],
        egress_arn=_find_connector(session, options["egress"]),
        idle_policy=policy,
        maximum_seconds=options["maximum"],
        execution_role=options["role"],
        logging=logging,
        payload=options["payload"],
    )
    for field, reason in request.problems().items():
        raise click.UsageError(f"{_OPTION_OF_FIELD[field]}: {reason}.")
    if not request.execution_role and not logging.disabled:
        say("Without --role the MicroVM writes no logs.")
    ask_budget(session, request, yes)
    vm = session.fleet.launch(request, name).vm
    if wait:
        vm = _settled(session, vm, timeout)
    _show(session, vm)


def _idle_policy(options: dict[str, Any]) -> IdlePolicy | None:
    idle, kept, resume = options["idle"], options["suspended_for"], options["auto_resume"]
    if idle is None:
        if kept is not None or resume is not None:
            raise click.UsageError("--suspended-for and --auto-resume need --idle.")
        return None
    return IdlePolicy(idle, MAX_DURATION_SECONDS if kept is None else kept, resume is not False)


def _logging(options: dict[str, Any]) -> Logging:
    group, stream = options["log_group"], options["log_stream"]
    if options["no_logs"] and (group or stream):
        raise click.UsageError("--no-logs excludes --log-group and --log-stream.")
    return Logging(options["no_logs"], group, stream)


def _find_connector(session: Session, wanted: str) -> str:
    """The ARN of an egress connector: a managed one by its name, an own one by name or id, or any ARN."""
    if not wanted or wanted.startswith("arn:"):
        return wanted
    if wanted.isupper():
        return managed_arn(wanted, session.connection.region, session.connection.partition)
    from mvm_tui.aws.connectors import connectors

    for page in connectors(session.connection):
        for connector in page:
            if wanted in (connector.name, connector.id, connector_name(connector.arn)):
                return connector.arn
    raise Gone(f"There is no connector {clean(wanted)!r}.", "The account has none of that name or id here.")


def _settled(session: Session, vm: Microvm, timeout: int) -> Microvm:
    progress(f"{vm.id} starts")
    try:
        settled = session.fleet.settle(vm.id, timeout)
    except KeyboardInterrupt:
        say(f"{vm.id} was launched and goes on.")
        raise
    progress("")
    if settled.state != RUNNING:
        _show(session, settled)
        reason = settled.details.state_reason if settled.details else None
        if settled.state in ENDED:
            raise Unexpected("The MicroVM has ended.", clean(reason or "The service gives no reason."))
        raise StillStarting(f"The MicroVM does not run after {timeout} s.", f"It is {clean(settled.state)}.")
    return settled


class StillStarting(Unexpected):
    """The wait ran out; the launch goes on."""

    temporary = True
    exit_code = 4


def _show(session: Session, vm: Microvm) -> None:
    from mvm_tui.cli.reading import complete, remembered

    row = complete(session, remembered(session, [vm])[0])
    emit_object(session.form, microvm_record(row), facts(row, session.clock.now()))
