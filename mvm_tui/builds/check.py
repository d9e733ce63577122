"""Looks a folder over before it is built: what would fail after minutes is said at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mvm_tui.builds.folder import DOCKERFILE, Contents
from mvm_tui.model.dockerfile import Dockerfile, DockerfileError, Instruction, parse_dockerfile
from mvm_tui.model.text import clean

# Nothing is published of how large an artifact may be: what the local cloud unpacks, and what fits onto the
# smallest disk (8 GB) with room to spare.
LARGEST_BYTES = 1 << 30
MOST_FILES = 20_000
_LARGE_BYTES = 250 << 20
# Files that hold secrets more often than not.
_SECRETS = frozenset({".env", ".netrc", ".npmrc", ".pypirc", "id_rsa", "id_ed25519", "credentials"})
_SHOWN = 3
_LOCAL_ADDRESSES = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a folder. A `fatal` one would fail the build."""

    fatal: bool
    what: str
    fix: str = ""

    @property
    def text(self) -> str:
        return f"{self.what} {self.fix}".strip()


def check(contents: Contents, hook_port: int | None = None) -> list[Finding]:
    """What is wrong or odd with a folder, the worst first. `hook_port` is that of the hooks, if any."""
    findings = [*_dockerfile_findings(contents, hook_port), *_content_findings(contents)]
    return sorted(findings, key=lambda finding: not finding.fatal)


def exposed_ports(dockerfile: Dockerfile) -> list[int]:
    """The ports that the last stage exposes; what is a variable is left out."""
    return [
        int(number)
        for instruction in _last_stage(dockerfile)
        if instruction.kind == "EXPOSE"
        for word in instruction.text.split()
        if (number := word.partition("/")[0]).isascii() and number.isdigit()
    ]


def _last_stage(dockerfile: Dockerfile) -> Sequence[Instruction]:
    starts = [at for at, one in enumerate(dockerfile.instructions) if one.kind == "FROM"]
    return dockerfile.instructions[starts[-1] :]


def _dockerfile_findings(contents: Contents, hook_port: int | None) -> Iterator[Finding]:
    entry = contents.entry(DOCKERFILE)
    if entry is None:
        yield Finding(True, "There is no Dockerfile at the root of the folder.", _where_it_is(contents))
        return
    try:
        dockerfile = parse_dockerfile(entry.path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        yield Finding(True, "The Dockerfile is no UTF-8 text.")
        return
    except (DockerfileError, OSError) as error:
        yield Finding(True, f"The Dockerfile cannot be built: {clean(error)}.")
        return
    yield from _command_findings(dockerfile)
    yield from _port_findings(dockerfile, hook_port)


def _where_it_is(contents: Contents) -> str:
    near = [entry.name for entry in contents.entries if entry.name.rpartition("/")[2] == DOCKERFILE]
    if near:
        return f"There is {clean(near[0])}: build that folder."
    return "Name the folder that it is in; a zip holds the folder's contents, not the folder."


def _command_findings(dockerfile: Dockerfile) -> Iterator[Finding]:
    stage = _last_stage(dockerfile)
    commands = [one for one in stage if one.kind in ("CMD", "ENTRYPOINT")]
    if not commands:
        yield Finding(
            False, "The Dockerfile has neither CMD nor ENTRYPOINT.", "The base image has to start the app."
        )
    if any(address in one.text for one in commands for address in _LOCAL_ADDRESSES):
        yield Finding(
            False,
            "The app seems to listen on localhost only.",
            "Have it listen on 0.0.0.0: the hooks and the proxy do not reach it otherwise.",
        )


def _port_findings(dockerfile: Dockerfile, hook_port: int | None) -> Iterator[Finding]:
    ports = exposed_ports(dockerfile)
    exposes = any(one.kind == "EXPOSE" for one in _last_stage(dockerfile))
    if not exposes:
        yield Finding(
            False,
            "The Dockerfile exposes no port.",
            "EXPOSE the one that the app listens on: an image build needs an app that listens.",
        )
    elif hook_port is not None and ports and hook_port not in ports:
        listed = ", ".join(map(str, ports))
        yield Finding(
            False,
            f"The hooks go to port {hook_port}, but the Dockerfile exposes {listed}.",
            "A hook port that nothing listens on fails the build without a word in its log.",
        )


def _content_findings(contents: Contents) -> Iterator[Finding]:
    for name, why in contents.unusable[:_SHOWN]:
        yield Finding(
            True, f"{clean(name)} cannot be zipped: {why}.", "Remove it or name it in .dockerignore."
        )
    if (more := len(contents.unusable) - _SHOWN) > 0:
        yield Finding(True, f"So is it with {more} more.")
    if len(contents.entries) > MOST_FILES:
        yield Finding(
            True,
            f"There are {len(contents.entries):,} files, over {MOST_FILES:,}.",
            "Name in .dockerignore what the build does not need.",
        )
    if contents.bytes > LARGEST_BYTES:
        yield Finding(
            True,
            f"It is {_megabytes(contents.bytes)}, over 1 GB.",
            "Name in .dockerignore what is not needed.",
        )
    elif contents.bytes > _LARGE_BYTES:
        yield Finding(
            False, f"It is {_megabytes(contents.bytes)} large.", "A .dockerignore makes the upload shorter."
        )
    yield from _secret_findings(contents)


def _secret_findings(contents: Contents) -> Iterator[Finding]:
    names = [entry.name for entry in contents.entries]
    if found := [name for name in names if name.rpartition("/")[2] in _SECRETS]:
        listed = ", ".join(clean(name) for name in found[:_SHOWN])
        yield Finding(False, f"It holds what is often secret: {listed}.", "Name it in .dockerignore.")
    if any(name == ".git/HEAD" for name in names):
        yield Finding(False, "It holds .git, with all its history.", "Name .git in .dockerignore.")


def _megabytes(count: int) -> str:
    return f"{count / (1 << 20):,.0f} MB"
