"""What a build leaves: a folder that stands for the container's ``/``, and what is run in copies of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# An absolute path inside a command or a variable, up to what usually ends one.
_PATH = re.compile(r"""(?<![\w.~/-])/[^\s:;,'"`=&|<>()]+""")


@dataclass(frozen=True, slots=True)
class BuiltApp:
    """An image as built here. Paths in `argv`, `environment` and `workdir` are the container's own.

    `port` is the port that the app listens on where it was exposed; it finds another one in ``PORT``.
    """

    root: Path
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    port: int | None = None
    bytes: int = 0

    def argv_in(self, copy: Path) -> tuple[str, ...]:
        """The command for a copy of the folder."""
        return tuple(relocate(word, self.root, copy) for word in self.argv)

    def environment_in(self, copy: Path, given: Mapping[str, str]) -> dict[str, str]:
        """The image's variables for a copy of the folder, and those `given` to the version, which win."""
        return relocated_environment({**self.environment, **given}, self.root, copy)

    def workdir_in(self, copy: Path) -> Path:
        """Where the command starts."""
        return place(copy, self.workdir)


def place(root: Path, path: str) -> Path:
    """A path of the container as a path of this machine, below `root`."""
    return root.joinpath(*(part for part in path.split("/") if part not in ("", ".", "..")))


def relocate(text: str, root: Path, copy: Path) -> str:
    """The text with each absolute path that the image holds pointed into a copy of it.

    Others, such as ``/usr/bin/env``, are this machine's.
    """

    def point(found: re.Match[str]) -> str:
        path = found[0]
        return str(place(copy, path)) if place(root, path).exists() else path

    return _PATH.sub(point, text)


def relocated_environment(environment: Mapping[str, str], root: Path, copy: Path) -> dict[str, str]:
    """Variables for a copy; in ``PATH`` the image's folders come before this machine's of the same name."""
    found = {name: relocate(value, root, copy) for name, value in environment.items() if name != "PATH"}
    if "PATH" in environment:
        found["PATH"] = ":".join(_search_path(environment["PATH"], root, copy))
    return found


def _search_path(value: str, root: Path, copy: Path) -> list[str]:
    folders = []
    for folder in value.split(":"):
        if folder.startswith("/") and place(root, folder).is_dir():
            folders.append(str(place(copy, folder)))
        folders.append(folder)
    return folders
