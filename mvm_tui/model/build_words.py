"""Reads what people write of a build: hooks, variables, tags. Shared by options and dialogs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mvm_tui.model.durations import parse_duration
from mvm_tui.model.image_spec import HOOKS, Hook

_HOOK = re.compile(r"(?P<name>[a-z]+)=(?P<port>\d{1,5})(?::(?P<time>\w+))?")
_LARGEST_FILE = 1 << 20

Pairs = tuple[tuple[str, str], ...]


def parse_hook(text: str) -> Hook:
    """``run=9000:30s`` → a hook on that port with that time.

    Raises:
        ValueError: It is none; the message says how one is written.
    """
    match = _HOOK.fullmatch(text)
    if match is None or match["name"] not in HOOKS:
        raise ValueError(f"{text!r}: write NAME=PORT:TIME with one of {', '.join(HOOKS)}")
    seconds = parse_duration(match["time"]) if match["time"] else None
    return Hook(match["name"], int(match["port"]), seconds)


def parse_variables(texts: Iterable[str]) -> Pairs:
    """``NAME=VALUE`` each, or ``@FILE`` with one a line; of a name that comes again the last holds.

    Raises:
        ValueError: One is neither, or a file cannot be read. The text is not repeated: it may be a secret.
    """
    found: dict[str, str] = {}
    for text in texts:
        for line in _lines(text[1:]) if text.startswith("@") else (text,):
            name, equals, content = line.partition("=")
            if not equals or not name.strip():
                raise ValueError("write NAME=VALUE")
            found[name.strip()] = content
    return tuple(found.items())


def parse_tags(texts: Iterable[str]) -> Pairs:
    """``NAME=VALUE`` each.

    Raises:
        ValueError: One is not.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, content = text.partition("=")
        if not equals or not name:
            raise ValueError(f"{text!r}: write NAME=VALUE")
        found[name] = content
    return tuple(found.items())


def written_lines(text: str) -> Iterator[str]:
    """The lines of a field in which one thing stands on each, without empty ones."""
    return (line.strip() for line in text.splitlines() if line.strip())


def _lines(name: str) -> list[str]:
    """The lines of a file of variables, without comments and empty ones."""
    try:
        with Path(name).expanduser().open(encoding="utf-8") as file:
            text = file.read(_LARGEST_FILE + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None
    if len(text) > _LARGEST_FILE:
        raise ValueError(f"{name} has over a megabyte: it is no file of variables")
    lines = (line.strip() for line in text.splitlines())
    return [line.removeprefix("export ") for line in lines if line and not line.startswith("#")]
