"""Reading a log in the user's own pager."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from mvm_tui.model.errors import Unexpected
from mvm_tui.model.text import clean

_USUAL = ("less", "more")


def pager_command(environment: Mapping[str, str]) -> list[str]:
    """The command of ``$PAGER``, else of a pager that is there.

    Raises:
        Unexpected: There is none.
    """
    try:
        words = shlex.split(environment.get("PAGER", ""))
    except ValueError as error:
        why = f"$PAGER cannot be read: {error}."
        raise Unexpected("There is no pager.", why, "Set PAGER anew.") from None
    if words and shutil.which(words[0]):
        return words
    for name in _USUAL:
        if shutil.which(name):
            return [name]
    named = f"$PAGER names {clean(words[0], 60)}, which is not there." if words else "$PAGER is not set."
    raise Unexpected("There is no pager.", named, "Install less, or set PAGER.")


def page(lines: Iterable[str], command: list[str]) -> None:
    """Show harmless lines in a pager and wait for its end. The file is only yours, and gone afterwards.

    Raises:
        Unexpected: The file cannot be written or the pager not be started.
    """
    try:
        # Its mode is 0600: mkstemp says so.
        number, name = tempfile.mkstemp(prefix="mvm-tui-", suffix=".log")
        try:
            with os.fdopen(number, "w", encoding="utf-8", errors="replace") as file:
                file.writelines(lines)
            subprocess.run([*command, name], check=False)  # noqa: S603 - the user's own command
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unexpected("The pager could not be opened.", why, "Set PAGER to one that works.") from None
