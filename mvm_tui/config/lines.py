"""Where in a TOML file something stands, and how to read on after what is no TOML.

``tomllib`` gives neither, so the file is cut into statements: a statement is the shortest run of lines
that parses by itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[str, ...]
# A longer value is not looked for: it keeps a file that is no TOML at all from taking long.
LONGEST_STATEMENT = 60


@dataclass(frozen=True, slots=True)
class Statement:
    """A run of lines. `content` is what it parses to; None if it is no TOML. `line` counts from 1."""

    line: int
    text: str
    content: dict[str, Any] | None

    @property
    def is_header(self) -> bool:
        return self.text.lstrip().startswith("[")


def statements(text: str) -> Iterator[Statement]:
    """The file's statements in order; a line that begins none comes alone, without content."""
    lines = text.splitlines()
    start = 0
    while start < len(lines):
        count, content = _shortest(lines, start)
        yield Statement(start + 1, "\n".join(lines[start : start + count]), content)
        start += count


def _shortest(lines: list[str], start: int) -> tuple[int, dict[str, Any] | None]:
    for count in range(1, min(LONGEST_STATEMENT, len(lines) - start) + 1):
        content = _parse(lines[start : start + count])
        if content is not None:
            return count, content
    return 1, None


def locate(text: str) -> dict[KeyPath, int]:
    """Key path → the line that defines it, for every key and section of a file that parses."""
    found: dict[KeyPath, int] = {}
    section: KeyPath = ()
    for statement in statements(text):
        if statement.content is None:
            continue
        if statement.is_header:
            section = _deepest(statement.content)
            found.setdefault(section, statement.line)
        else:
            _note(found, section, statement.content, statement.line)
    return found


def _deepest(content: Any) -> KeyPath:
    """The path a header names: its tables hold nothing but each other."""
    path: list[str] = []
    while isinstance(content, dict) and content:
        ((key, content),) = content.items()
        path.append(key)
    return tuple(path)


def _note(found: dict[KeyPath, int], at: KeyPath, content: dict[str, Any], line: int) -> None:
    for key, value in content.items():
        found.setdefault((*at, key), line)
        if isinstance(value, dict):
            _note(found, (*at, key), value, line)


def salvage(text: str) -> tuple[dict[str, Any], list[int]]:
    """What can be read of a file that does not parse, and the lines that were left out.

    What follows a section header that was left out goes with it up to the next header: it must not land
    in another section.
    """
    kept: list[str] = []
    bad: list[int] = []
    content: dict[str, Any] = {}
    skipping = False
    for statement in statements(text):
        if skipping and not statement.is_header:
            continue
        parsed = _parse([*kept, statement.text])
        skipping = parsed is None and statement.is_header
        if parsed is not None:
            content = parsed
            kept.append(statement.text)
        else:
            bad.append(statement.line)
    return content, bad


def _parse(texts: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads("\n".join(texts))
    except tomllib.TOMLDecodeError:
        return None
