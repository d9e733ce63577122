"""Reads the options of `build` that hold several things in one."""

from __future__ import annotations

import re
from pathlib import Path

import click

from mvm_tui.model.durations import parse_duration
from mvm_tui.model.image_spec import HOOKS, Hook

_HOOK = re.compile(r"(?P<name>[a-z]+)=(?P<port>\d{1,5})(?::(?P<time>\w+))?")
_LARGEST_FILE = 1 << 20


def hooks(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[Hook, ...]:
    """``run=9000:30s`` → a hook on that port with that time."""
    return tuple(map(_hook, value))


def _hook(text: str) -> Hook:
    match = _HOOK.fullmatch(text)
    if match is None or match["name"] not in HOOKS:
        raise click.BadParameter(f"{text!r}: write NAME=PORT:TIME with one of {', '.join(HOOKS)}")
    try:
        seconds = parse_duration(match["time"]) if match["time"] else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return Hook(match["name"], int(match["port"]), seconds)


def environment(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """``NAME=VALUE``, or ``@FILE`` with one a line; of a name that comes again the last holds."""
    found: dict[str, str] = {}
    for text in value:
        for line in _lines(text[1:]) if text.startswith("@") else (text,):
            name, equals, content = line.partition("=")
            if not equals or not name.strip():
                # The line is not repeated: it may be a secret.
                raise click.BadParameter("write NAME=VALUE")
            found[name.strip()] = content
    return tuple(found.items())


def tags(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """``NAME=VALUE`` each."""
    found: dict[str, str] = {}
    for text in value:
        name, equals, content = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r}: write NAME=VALUE")
        found[name] = content
    return tuple(found.items())


def _lines(name: str) -> list[str]:
    """The lines of a file of variables, without comments and empty ones."""
    try:
        with Path(name).expanduser().open(encoding="utf-8") as file:
            text = file.read(_LARGEST_FILE)
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None
    lines = (line.strip() for line in text.splitlines())
    return [line.removeprefix("export ") for line in lines if line and not line.startswith("#")]
