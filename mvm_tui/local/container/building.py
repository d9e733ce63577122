"""A Dockerfile carried out in folders: what an image holds and runs, and what is told on the way.

No image is pulled: this machine stands in for every base. RUN is carried out only where the builder is
given a way to; COPY from an image that is no stage of the file copies nothing. Both are told in the log,
which has the plain form of BuildKit's.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from mvm_tui.local.container.app import BuiltApp, place, relocate, relocated_environment
from mvm_tui.local.container.copying import Copying
from mvm_tui.local.container.errors import NO_DOCKERFILE, BuildError, broken
from mvm_tui.local.container.limits import Budget
from mvm_tui.local.container.patterns import Ignored
from mvm_tui.local.container.progress import MOST_CHARACTERS, STEPS, Progress
from mvm_tui.local.container.stage import Stage
from mvm_tui.local.container.words import expand, words
from mvm_tui.model.dockerfile import Dockerfile, DockerfileError, Instruction, parse_dockerfile

NOT_RUN = "not run: the local cloud carries out RUN only when it was started with --run-steps"
NOT_PULLED = "not pulled: this machine stands in for it"
# What a Dockerfile's own paths lead to; other trouble with files is this machine's.
_OF_PATHS = frozenset(
    {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EINVAL}
)
_COPY_FLAGS = frozenset({"from", "chmod", "chown", "link"})


@dataclass(frozen=True, slots=True)
class Step:
    """A command to carry out on this machine: what, with which variables, where."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    folder: Path


# Carries out a step; gives its exit code after having told its output line by line.
RunStep = Callable[[Step, Callable[[str], None]], Awaitable[int]]


@dataclass(slots=True)
class ContainerBuild:
    """One build.

    :param context: the folder that the archive was unpacked to.
    :param folder: gets a folder per stage; the one of the last stage is the app's.
    :param run_step: carries out RUN; `None` leaves it out.
    """

    context: Path
    folder: Path
    budget: Budget
    run_step: RunStep | None = None
    log: list[str] = field(default_factory=list)
    _stages: list[Stage] = field(default_factory=list, init=False)
    _given: dict[str, str] = field(default_factory=dict, init=False)
    _progress: Progress = field(init=False)
    _escape: str = field(default="\\", init=False)

    def __post_init__(self) -> None:
        self._progress = Progress(self.log)

    async def build(self) -> BuiltApp:
        """Carry out the context's Dockerfile.

        Raises:
            BuildError: the build fails; the reason is in the log as well.
        """
        try:
            dockerfile = await asyncio.to_thread(self._read)
            self._escape = dockerfile.escape
            await self._carry_out(dockerfile)
            app = self._stages[-1].app(self.budget.bytes)
        except BuildError as failure:
            self._progress.fail(str(failure))
            raise
        self._progress.export()
        return app

    def _read(self) -> Dockerfile:
        path = self.context / "Dockerfile"
        if not path.is_file():
            raise BuildError(NO_DOCKERFILE, "there is no Dockerfile at the root of the archive")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as problem:
            raise broken("the Dockerfile is no UTF-8 text") from problem
        ignore = self.context / ".dockerignore"
        ignored = Ignored(ignore.read_text(encoding="utf-8", errors="replace") if ignore.is_file() else "")
        self._progress.open(text, ignored.remove_from(self.context))
        try:
            return parse_dockerfile(text)
        except DockerfileError as problem:
            raise broken(str(problem)) from problem

    async def _carry_out(self, dockerfile: Dockerfile) -> None:
        steps = sum(1 for one in dockerfile.instructions if one.kind in STEPS)
        for instruction in dockerfile.instructions:
            if instruction.kind in STEPS:
                self._progress.step(str(instruction), steps)
            try:
                await self._tried(instruction)
            except BuildError as failure:
                text = str(failure)
                at = "" if text.startswith("line ") else f"line {instruction.line}: "
                raise BuildError(failure.code, at + text) from failure
            if instruction.kind in STEPS:
                self._progress.done()

    async def _tried(self, instruction: Instruction) -> None:
        """Obey; paths that no folder can hold are the Dockerfile's fault."""
        try:
            await self._obey(instruction)
        except OSError as problem:
            if problem.errno not in _OF_PATHS:
                raise
            raise broken(f"{instruction.kind}: {problem.strerror}") from problem
        except (ValueError, RecursionError) as problem:
            raise broken(f"{instruction.kind}: {problem}") from problem

    async def _obey(self, instruction: Instruction) -> None:
        if instruction.kind == "FROM":
            await asyncio.to_thread(self._begin_stage, instruction)
        elif not self._stages:
            self._declare(instruction)
        elif instruction.kind == "RUN":
            await self._run(instruction)
        elif instruction.kind in ("COPY", "ADD"):
            await asyncio.to_thread(self._copy, instruction)
        else:
            self._set(self._stages[-1], instruction)

    def _begin_stage(self, instruction: Instruction) -> None:
        given = words(instruction.text, self._given, escape=self._escape)
        named = len(given) == 3 and given[1].lower() == "as"
        if len(given) != 1 and not named:
            raise broken("FROM takes an image, and AS with a name")
        root = self.folder / f"stage-{len(self._stages)}"
        root.mkdir(parents=True)
        stage = Stage(root, given[2].lower() if named else "")
        base = self._stage_named(given[0])
        if base is not None:
            stage.inherit(base)
            Copying(base.root, root, "/", self.budget).copy(["/"], "/")
        elif given[0] != "scratch":
            self._tell(NOT_PULLED)
        self._stages.append(stage)

    def _declare(self, instruction: Instruction) -> None:
        """ARG before the first stage: for FROM, and for an ARG of the same name in a stage."""
        for word in words(instruction.text, self._given, escape=self._escape):
            name, _, value = word.partition("=")
            self._given[name] = value

    def _set(self, stage: Stage, instruction: Instruction) -> None:
        match instruction.kind:
            case "ENV":
                stage.set_environment(instruction, self._escape)
            case "ARG":
                stage.set_arguments(instruction, self._given, self._escape)
            case "WORKDIR":
                place(stage.root, stage.set_workdir(instruction)).mkdir(parents=True, exist_ok=True)
            case "EXPOSE":
                stage.expose(instruction, self._escape)
            case "SHELL":
                stage.set_shell(instruction)
            case "CMD":
                stage.set_command(instruction)
            case "ENTRYPOINT":
                stage.set_entrypoint(instruction)

    async def _run(self, instruction: Instruction) -> None:
        if self.run_step is None:
            self._tell(NOT_RUN)
            return
        stage = self._stages[-1]
        argv = _script(instruction, stage) if instruction.documents else stage.command_of(instruction)
        step = Step(
            tuple(relocate(word, stage.root, stage.root) for word in argv),
            relocated_environment(stage.variables, stage.root, stage.root),
            place(stage.root, stage.workdir),
        )
        code = await self.run_step(step, self._tell)
        if code:
            text = " ".join(instruction.text.split())
            raise broken(f"{text[:MOST_CHARACTERS]!r} did not complete: exit code {code}")

    def _copy(self, instruction: Instruction) -> None:
        stage = self._stages[-1]
        given = instruction.exec_form or words(instruction.text, stage.variables, escape=self._escape)
        if len(given) < 2:
            raise broken(f"{instruction.kind} needs a source and a destination")
        unknown = instruction.flags.keys() - _COPY_FLAGS
        if unknown:
            raise broken(f"--{min(unknown)} is not known here")
        *sources, destination = given
        context = self._context_of(instruction)
        if context is None:
            return
        before = self.budget.files
        copying = Copying(
            context, stage.root, stage.workdir, self.budget, _mode(instruction), instruction.kind == "ADD"
        )
        for source in [one for one in sources if one in instruction.documents]:
            copying.write(source.lstrip("<-").strip("\"'"), instruction.documents[source], destination)
        plain = [source for source in sources if source not in instruction.documents]
        remote = [source for source in plain if "://" in source or source.startswith("git@")]
        if remote:
            raise broken(f"{remote[0]!r} is not fetched: the local cloud adds only what the archive holds")
        if plain:
            copying.copy(plain, destination)
        count = self.budget.files - before
        self._tell(f"{count} file{'' if count == 1 else 's'}")

    def _context_of(self, instruction: Instruction) -> Path | None:
        """Where an instruction copies from; `None` for an image, which is not pulled."""
        source = instruction.flags.get("from")
        if source is None:
            return self.context
        stage = self._stage_named(expand(source, self._given))
        if stage is self._stages[-1]:
            raise broken(f"--from={source} names the stage that it stands in")
        if stage is None:
            self._tell(f"{source}: {NOT_PULLED}, so nothing is copied from it")
            return None
        return stage.root

    def _stage_named(self, name: str) -> Stage | None:
        for stage in self._stages:
            if stage.name and stage.name == name.lower():
                return stage
        if name.isdigit() and int(name) < len(self._stages):
            return self._stages[int(name)]
        return None

    def _tell(self, text: str) -> None:
        self._progress.tell(text)


def _script(instruction: Instruction, stage: Stage) -> tuple[str, ...]:
    """A RUN with here-documents: one alone is the script, others are the command's input."""
    if instruction.text in instruction.documents:
        return (*stage.shell, instruction.documents[instruction.text])
    # The shell reads them as they stood in the file; they end with what they are called.
    bodies = [body + mark.lstrip("<-").strip("\"'") for mark, body in instruction.documents.items()]
    return (*stage.shell, "\n".join([instruction.text, *bodies]))


def _mode(instruction: Instruction) -> int | None:
    text = instruction.flags.get("chmod")
    if text is None:
        return None
    try:
        return int(text, 8) & 0o777
    except ValueError:
        raise broken(f"--chmod={text}: only modes in octal are known here") from None
