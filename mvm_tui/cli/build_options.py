"""Reads the options of `build` that hold several things in one."""

from __future__ import annotations

import click

from mvm_tui.model.build_words import Pairs, parse_hook, parse_tags, parse_variables
from mvm_tui.model.image_spec import Hook


def hooks(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[Hook, ...]:
    """``run=9000:30s`` → a hook on that port with that time."""
    try:
        return tuple(map(parse_hook, value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def environment(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> Pairs:
    """``NAME=VALUE``, or ``@FILE`` with one a line; of a name that comes again the last holds."""
    try:
        return parse_variables(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def tags(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> Pairs:
    """``NAME=VALUE`` each."""
    try:
        return parse_tags(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
