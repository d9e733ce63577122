"""Folders on this machine, for those who type where one is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from textual.suggester import Suggester

from mvm_tui.builds.check import Finding, check
from mvm_tui.builds.folder import DOCKERFILE, Contents, read_folder
from mvm_tui.model.errors import Invalid

_MOST = 5_000


class FolderSuggester(Suggester):
    """Completes what is typed to the first folder whose name begins so, in the order of names."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        # A folder on a slow disk must not hold the screen up.
        return await asyncio.to_thread(completed_folder, value)


def completed_folder(text: str) -> str | None:
    """`text` with the rest of a folder's name and a slash; None if no folder begins so."""
    head, slash, begun = text.rpartition("/")
    if not begun:
        return None
    where = Path(f"{head}{slash}" or ".").expanduser()
    try:
        with os.scandir(where) as found:
            names = sorted(
                entry.name
                for _, entry in zip(range(_MOST), found, strict=False)
                if entry.name.startswith(begun) and entry.is_dir()
            )
    except OSError:
        return None
    return f"{head}{slash}{names[0]}/" if names else None


def looked_over(text: str, hook_port: int | None) -> tuple[Contents | None, list[Finding]]:
    """What is in a folder, and what is to be said of it. Blocking.

    A folder without a Dockerfile is not gone through: what is half typed may be the root of a disk.
    """
    folder = Path(text).expanduser()
    try:
        if folder.is_dir() and not (folder / DOCKERFILE).exists():
            fix = "Name the folder that the Dockerfile is in."
            return None, [Finding(True, "There is no Dockerfile at the root of the folder.", fix)]
        contents = read_folder(folder)
    except Invalid as problem:
        return None, [Finding(True, problem.what, problem.fix)]
    except OSError as error:
        return None, [Finding(True, f"The folder cannot be read: {error.strerror}.")]
    return contents, check(contents, hook_port)
