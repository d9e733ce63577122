"""`cost`: what the fleet, one MicroVM or one image costs; `cost estimate`: what something would cost."""

from __future__ import annotations

from typing import Any

import click

from mvm_tui.cli.cost_estimate import estimate_verb
from mvm_tui.cli.cost_fleet import show_verb
from mvm_tui.cli.options import Verbs


class _OfTheGroup(click.Context):
    """Of a command without a word of its own: its usage and hints name the group."""

    @property
    def command_path(self) -> str:
        return self.parent.command_path if self.parent else super().command_path


class _Costs(Verbs):
    """A group whose first word may also be a MicroVM or an image."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return "cost", show_verb, args
        return super().resolve_command(context, args)

    def collect_usage_pieces(self, context: click.Context) -> list[str]:
        return ["[OPTIONS]", "[VM | IMAGE[:VERSION] | estimate …]"]


@click.group(
    "cost",
    cls=_Costs,
    invoke_without_command=True,
    help="What the fleet costs now and has cost so far; with a MicroVM or an image, what that does. What was "
    "not seen is assumed and shown as a range. Rates: the Price List's of the last day, else a table in the "
    "program.",
    examples="""
    mvm-tui cost
    mvm-tui cost web-1
    mvm-tui cost hello-web:2.0 -o json
    mvm-tui cost estimate --memory 2048 --running 30m --suspended 8h --suspends 1 --resumes 1
    """,
)
@click.pass_context
def cost_verb(context: click.Context) -> Any:
    if context.invoked_subcommand is None:
        with show_verb.make_context("cost", [], parent=context) as inner:
            return show_verb.invoke(inner)
    return None


show_verb.context_class = _OfTheGroup
cost_verb.add_command(estimate_verb)
