"""One stage of a Dockerfile: the folder that stands for its ``/``, and what its instructions have set."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

from mvm_tui.local.container.app import BuiltApp
from mvm_tui.local.container.errors import broken
from mvm_tui.local.container.words import expand, words
from mvm_tui.local.guest_environment import GUEST_PATH
from mvm_tui.model.dockerfile import Instruction

DEFAULT_PORT = 8080
_PORT = re.compile(r"(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?(?:/(?P<protocol>tcp|udp))?", re.I)
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(slots=True)
class Stage:
    """What a stage has so far. `arguments` are build arguments, which the command does not see."""

    root: Path
    name: str = ""
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": GUEST_PATH})
    arguments: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    ports: list[int] = field(default_factory=list)
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    entrypoint: tuple[str, ...] = ()
    entrypoint_is_shell: bool = False
    command: tuple[str, ...] = ()

    @property
    def variables(self) -> dict[str, str]:
        return {**self.arguments, **self.environment}

    def inherit(self, base: Stage) -> None:
        """Start with what another stage has set; its files are copied by whoever calls this."""
        self.environment = dict(base.environment)
        self.workdir = base.workdir
        self.ports = list(base.ports)
        self.shell = base.shell
        self.entrypoint, self.entrypoint_is_shell = base.entrypoint, base.entrypoint_is_shell
        self.command = base.command

    def set_environment(self, instruction: Instruction, escape: str) -> None:
        """``ENV NAME=value …``, and the old ``ENV NAME value``."""
        before = self.variables
        first = instruction.text.split(None, 1)
        if "=" not in first[0]:
            if len(first) < 2:
                raise broken(f"line {instruction.line}: ENV needs a name and a value")
            self._set(instruction, first[0], expand(first[1], before))
            return
        for word in words(instruction.text, before, escape=escape):
            name, equals, value = word.partition("=")
            if not equals:
                raise broken(f"line {instruction.line}: {word!r} is no NAME=value")
            self._set(instruction, name, value)

    def set_arguments(self, instruction: Instruction, given: dict[str, str], escape: str) -> None:
        """``ARG NAME[=default] …``; `given` are the values declared before the first stage."""
        for word in words(instruction.text, self.variables, escape=escape):
            name, equals, value = word.partition("=")
            self.arguments[name] = value if equals else given.get(name, "")

    def set_workdir(self, instruction: Instruction) -> str:
        """Change the folder that commands start in; gives it."""
        path = expand(instruction.text, self.variables)
        self.workdir = posixpath.normpath(posixpath.join("/", self.workdir, path))
        return self.workdir

    def expose(self, instruction: Instruction, escape: str) -> None:
        for word in words(instruction.text, self.variables, escape=escape):
            found = _PORT.fullmatch(word)
            port = int(found["first"]) if found else 0
            if found is None or not 0 < port < 1 << 16:
                raise broken(f"line {instruction.line}: {word!r} is no port")
            if (found["protocol"] or "tcp").lower() == "tcp":
                self.ports.append(port)

    def set_shell(self, instruction: Instruction) -> None:
        if not instruction.exec_form:
            raise broken(f"line {instruction.line}: SHELL needs a JSON array of strings")
        self.shell = tuple(instruction.exec_form)

    def set_command(self, instruction: Instruction) -> None:
        self.command = self.command_of(instruction)

    def set_entrypoint(self, instruction: Instruction) -> None:
        """A command that was set before it counts no more, as an entry point's arguments follow it."""
        self.entrypoint = self.command_of(instruction)
        self.entrypoint_is_shell = instruction.exec_form is None

    def command_of(self, instruction: Instruction) -> tuple[str, ...]:
        """The words that an instruction runs; a shell's where it is no JSON array."""
        words_given = instruction.exec_form
        return (*self.shell, instruction.text) if words_given is None else tuple(words_given)

    def app(self, size: int) -> BuiltApp:
        """What runs in MicroVMs of this stage. Raises BuildError where it names no command."""
        argv = self.entrypoint if self.entrypoint_is_shell else (*self.entrypoint, *self.command)
        if not argv:
            raise broken("neither CMD nor ENTRYPOINT: what the base image would run is not known here")
        return BuiltApp(self.root, argv, self.environment, self.workdir, self._main_port(), size)

    def _main_port(self) -> int | None:
        """The port that gets traffic where a request names none, if it is exposed, else the first that is."""
        return DEFAULT_PORT if DEFAULT_PORT in self.ports else next(iter(self.ports), None)

    def _set(self, instruction: Instruction, name: str, value: str) -> None:
        if not _NAME.fullmatch(name):
            raise broken(f"line {instruction.line}: {name!r} is no name of a variable")
        self.environment[name] = value
