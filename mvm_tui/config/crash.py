"""What is left of a crash: a file with the stack, without local variables, and one line for the user."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import mvm_tui
from mvm_tui.config.paths import private_folder
from mvm_tui.config.secrets import KNOWN, Secrets
from mvm_tui.model.text import clean, clean_block

KEPT = 10
_OURS = "mvm_tui."
_PLAIN = (OSError, ImportError, AttributeError, NameError, RecursionError)


def stack(error: BaseException) -> list[str]:
    """The stack as lines of file, line and function, cause by cause, the last call last.

    Neither local variables nor source lines are in it, and of exceptions that are likely to quote data
    only the type is.
    """
    lines: list[str] = []
    for link in _chain(error):
        lines += [
            f"{_place(frame.filename)}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(link.__traceback__)
        ]
        lines.append(describe(link))
    return lines


def describe(error: BaseException) -> str:
    """The exception's type, with its message where that cannot quote a request or an answer."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    told = kind.__module__.startswith(_OURS) or (kind.__module__ == "builtins" and isinstance(error, _PLAIN))
    message = clean(error, 400) if told else ""
    return f"{name}: {message}" if message else name


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return reversed(seen)


def _place(filename: str) -> str:
    """The path from the package on: where the app is installed is of no use to a reader."""
    parts = Path(filename).parts
    for anchor in ("site-packages", "mvm_tui"):
        if anchor in parts:
            at = len(parts) - 1 - parts[::-1].index(anchor)
            return str(Path(*parts[at + (anchor == "site-packages") :]))
    return filename


def write_crash(error: BaseException, folder: Path, *, secrets: Secrets = KNOWN) -> Path | None:
    """Write the crash file into `folder`, else into the system's temporary one; None if neither works."""
    text = secrets.mask(_report(error))
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    for place in (folder, Path(tempfile.gettempdir())):
        try:
            path = private_folder(place) / name
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        _remove_old(place)
        return path
    return None


def _report(error: BaseException) -> str:
    head = [
        f"mvm-tui {mvm_tui.__version__} crashed at {datetime.now(UTC).isoformat(timespec='seconds')}",
        f"Python {platform.python_version()} on {platform.system()} {platform.release()}",
        "",
    ]
    return clean_block("\n".join([*head, *stack(error), ""]))


def _remove_old(folder: Path) -> None:
    for path in sorted(folder.glob("crash-*.txt"))[:-KEPT]:
        path.unlink(missing_ok=True)


def crash_line(error: BaseException, file: Path | None) -> str:
    """The one line a user reads."""
    where = f"Details are in {file}" if file else "No file could be written for the details"
    return f"mvm-tui crashed ({KNOWN.mask(describe(error))}). {where}"
