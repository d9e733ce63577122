"""The way in: finds the verb, runs it, and turns what it raises into a sentence and an exit code."""

from __future__ import annotations

import gc
import sys
from typing import Any

import click

import mvm_tui
from mvm_tui.cli import exits
from mvm_tui.cli.options import Given, Verbs
from mvm_tui.cli.output import ReaderGone, finish, progress, say, set_up_streams
from mvm_tui.model.errors import Problem

# Verb → the module that holds it, as `<verb>_verb`.
_MODULES = {
    "ls": "listing",
    "get": "listing",
    "run": "launch",
    "suspend": "acting",
    "resume": "acting",
    "terminate": "acting",
    "name": "naming",
    "images": "images",
    "versions": "versions",
    "builds": "builds",
    "build": "build",
    "logs": "logs",
    "shell": "shell",
    "exec": "execute",
    "replay": "replaying",
    "call": "call",
    "forward": "forward",
    "probe": "probe",
    "token": "token",
    "cost": "cost",
    "quotas": "quotas",
    "local": "cloud",
    "demo": "cloud",
    "doctor": "doctor",
    "config": "settings",
    "keys": "settings",
}


@click.group(
    cls=Verbs,
    modules=_MODULES,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    examples="""
    mvm-tui                                 the UI
    mvm-tui demo                            the UI on a local cloud, without AWS
    mvm-tui ls --state RUNNING -o json
    mvm-tui --profile prod --read-only      the UI, unable to change anything
    """,
)
@click.version_option(mvm_tui.__version__, prog_name="mvm-tui", message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context) -> None:
    """AWS Lambda MicroVMs: browse, launch, suspend, resume and terminate.

    Without a verb the UI opens. A MicroVM is named by its id, the beginning of it if only one has it, or
    the name you gave it. Exit codes: 0 done, 1 failed, 2 usage, 3 sign-in or permission, 4 throttled or
    temporary, 130 interrupted.
    """
    if context.invoked_subcommand is None:
        from mvm_tui.cli.session import Session
        from mvm_tui.cli.ui import open_ui

        gc.enable()
        with Session(context.ensure_object(Given)) as session:
            context.exit(open_ui(session))


def run(arguments: list[str]) -> int:
    """Run one command line; its exit code."""
    set_up_streams()
    given = Given()
    try:
        code: Any = root.main(arguments, prog_name="mvm-tui", standalone_mode=False, obj=given)
        return code if isinstance(code, int) else exits.DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        progress("")
        say("Interrupted.")
        return exits.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ReaderGone:
        return exits.DONE
    except Problem as problem:
        return _tell(problem)
    except Exception as error:  # noqa: BLE001 - the last net: no traceback reaches a user
        return _crash(error, given)


def _tell(problem: Problem) -> int:
    """Say what happened, why, and what to do, each on its line."""
    import logging

    progress("")
    said = (problem.what, problem.why, problem.fix)
    say("\n".join(part for part in said if part))
    logging.getLogger(__name__).warning(
        "failed",
        extra={
            "kind": type(problem).__name__,
            "code": problem.code,
            "operation": problem.operation,
            "request_id": problem.request_id,
        },
    )
    return problem.exit_code


def _crash(error: Exception, given: Given) -> int:
    import os

    from mvm_tui.config.crash import crash_line, write_crash
    from mvm_tui.config.paths import find_paths

    progress("")
    folder = find_paths(os.environ, given.config).state_dir
    say(crash_line(error, write_crash(error, folder)))
    return exits.FAILED


def main() -> None:
    """The console script.

    Most verbs end before collecting garbage pays: at 10,000 MicroVMs it is a tenth of the time. What stays
    longer switches it on again.
    """
    gc.disable()
    try:
        sys.exit(run(sys.argv[1:]))
    finally:
        finish()
        gc.freeze()
