"""A Dockerfile as a list of instructions (Dockerfile reference, docs.docker.com/reference/dockerfile)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mvm_tui.local.container.errors import broken

MAX_CHARACTERS = 1 << 20
# These only tell something to whoever runs a container elsewhere; here they change nothing.
WITHOUT_EFFECT = frozenset({"HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME"})
WITH_EFFECT = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "RUN", "SHELL", "WORKDIR"}
)
KINDS = WITH_EFFECT | WITHOUT_EFFECT
_TAKES_FLAGS = frozenset({"ADD", "COPY", "FROM", "HEALTHCHECK", "RUN"})
_TAKES_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
_DIRECTIVE = re.compile(r"#\s*(?P<name>[a-z]+)\s*=\s*(?P<value>\S+)\s*")
_FLAG = re.compile(r"--(?P<name>[a-z][a-z-]*)(?:=(?P<value>\S*))?\s*")
_HEREDOC = re.compile(r"""<<(?P<tabs>-?)(?P<quote>["']?)(?P<name>\w+)(?P=quote)""")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction. `text` is what follows its name and flags; `documents` are its here-documents."""

    kind: str
    text: str
    line: int
    flags: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def exec_form(self) -> list[str] | None:
        """The words of a JSON array of strings, `None` for anything else, which is then for a shell."""
        if not self.text.startswith("["):
            return None
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return found if all(isinstance(word, str) for word in found) else None

    def __str__(self) -> str:
        flags = "".join(f"--{name}={value} " for name, value in self.flags.items())
        return f"{self.kind} {flags}{self.text}".strip()


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """All instructions in their order; `escape` is the character that continues a line."""

    instructions: tuple[Instruction, ...]
    escape: str


def parse_dockerfile(text: str) -> Dockerfile:
    """Read a Dockerfile.

    Raises:
        BuildError: CONTAINER_BUILD_FAILED, with the line, for an unknown or empty instruction, and for a
            file that does not start with FROM or names no base.
    """
    if len(text) > MAX_CHARACTERS:
        raise broken(f"the Dockerfile has more than {MAX_CHARACTERS:,} characters")
    lines = text.removeprefix("\ufeff").splitlines()
    escape = _escape(lines)
    instructions = tuple(_instructions(lines, escape))
    first = next((one for one in instructions if one.kind != "ARG"), None)
    if first is None:
        raise broken("the Dockerfile is empty")
    if first.kind != "FROM":
        raise broken(f"line {first.line}: no build stage: FROM comes first, not {first.kind}")
    return Dockerfile(instructions, escape)


def _escape(lines: list[str]) -> str:
    """The escape character that a directive at the very top names, else the backslash."""
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.strip())
        if found is None:
            break
        if found["name"] == "escape" and found["value"] in ("\\", "`"):
            return found["value"]
    return "\\"


def _instructions(lines: list[str], escape: str) -> Iterator[Instruction]:
    at = 0
    while at < len(lines):
        start = at
        logical, at = _logical_line(lines, at, escape)
        if not logical:
            continue
        kind, _, rest = logical.partition(" ") if " " in logical else logical.partition("\t")
        kind, rest = kind.upper(), rest.strip()
        if kind not in KINDS:
            raise broken(f"line {start + 1}: unknown instruction: {kind[:40]}")
        flags, rest = _flags(rest) if kind in _TAKES_FLAGS else ({}, rest)
        if not rest:
            raise broken(f"line {start + 1}: {kind} needs at least one argument")
        documents: dict[str, str] = {}
        if kind in _TAKES_HEREDOCS:
            documents, at = _documents(rest, lines, at, start + 1)
        yield Instruction(kind, rest, start + 1, flags, documents)


def _logical_line(lines: list[str], at: int, escape: str) -> tuple[str, int]:
    """A line with those that continue it; comments and empty lines between them are left out."""
    pieces: list[str] = []
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if line.startswith("#") or not line:
            if pieces:
                continue
            return "", at
        if not line.endswith(escape):
            pieces.append(line)
            break
        pieces.append(line[:-1])
    return "".join(pieces).strip(), at


def _flags(text: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    while found := _FLAG.match(text):
        flags[found["name"]] = found["value"] or ""
        text = text[found.end() :]
    return flags, text


def _documents(text: str, lines: list[str], at: int, number: int) -> tuple[dict[str, str], int]:
    """The here-documents that a line announces, and the line after them."""
    documents: dict[str, str] = {}
    for found in _HEREDOC.finditer(text):
        body: list[str] = []
        while True:
            if at >= len(lines):
                raise broken(f"line {number}: the here-document {found['name']} does not end")
            line = lines[at].lstrip("\t") if found["tabs"] else lines[at]
            at += 1
            if line == found["name"]:
                break
            body.append(line + "\n")
        documents[found[0]] = "".join(body)
    return documents, at
