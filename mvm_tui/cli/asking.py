"""Questions: asked on a terminal only, and a script must say beforehand that it means it."""

from __future__ import annotations

import sys

import click

from mvm_tui.cli.exits import Refusal
from mvm_tui.cli.output import say
from mvm_tui.fleet.actions import Ask
from mvm_tui.model.errors import Cancelled

yes_option = click.option("-y", "--yes", is_flag=True, help="Answer yes where a question would be asked.")


def confirm(ask: Ask, yes: bool) -> None:
    """Return if the user agrees.

    Raises:
        Cancelled: They do not.
        Refusal: There is nobody to ask and no ``--yes``.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refusal(f"{ask.question} There is no terminal to ask on: repeat it with --yes.")
    wanted = ask.typed or "yes"
    hint = f"Type {ask.typed} to go on" if ask.typed else "Type yes to go on"
    say(ask.question)
    answer = click.prompt(hint, default="", show_default=False, err=True).strip()
    agreed = answer == wanted or (not ask.typed and answer.lower() in ("y", "yes"))
    if not agreed:
        raise Cancelled("Nothing was done.")
