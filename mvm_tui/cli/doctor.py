"""`doctor`: what is configured, what answers, what is missing, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from mvm_tui.cli import exits
from mvm_tui.cli.checks import FAILED, WARNING, Check
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import TABLE, emit_list, say, write
from mvm_tui.cli.session import Session
from mvm_tui.model.text import clean

_MARKS = {FAILED: "✗", WARNING: "!"}


@verb(
    "doctor",
    help="Check what is configured and what answers. Changes nothing, shows no secret. The exit code is that "
    "of the worst finding.",
    examples="""
    mvm-tui doctor
    mvm-tui doctor --profile prod --region eu-west-1 -o json
    """,
)
def doctor_verb(session: Session) -> None:
    from mvm_tui.cli.build_checks import build_checks
    from mvm_tui.cli.checks import local_checks
    from mvm_tui.cli.probes import service_checks

    checks = [*local_checks(session), *service_checks(session)]
    if not any(check.name == "sign-in" for check in checks):
        checks += build_checks(session)
    if session.form == TABLE:
        write(_report(checks))
    else:
        emit_list(session.form, map(_record, checks), (), ())
    failed = [check for check in checks if check.status == FAILED]
    if session.form == TABLE:
        say(f"{len(failed)} of {len(checks)} checks failed." if failed else "All is well.")
    click.get_current_context().exit(exits.worst(check.exit_code for check in failed))


def _record(check: Check) -> dict[str, Any]:
    return {
        "group": check.group,
        "name": check.name,
        "status": check.status,
        "detail": check.detail,
        "fix": check.fix or None,
    }


def _report(checks: Sequence[Check]) -> str:
    lines: list[str] = []
    group = ""
    width = max(len(check.name) for check in checks)
    for check in checks:
        if check.group != group:
            group = check.group
            lines += ["", group] if lines else [group]
        lines.append(f"  {_MARKS.get(check.status, '✓')} {check.name:<{width}}  {clean(check.detail)}")
        if check.fix:
            lines.append(f"    {'':<{width}}  → {clean(check.fix)}")
    return "\n".join(lines) + "\n"
