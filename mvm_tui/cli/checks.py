"""What `doctor` can tell without a call: versions, files, terminal, where it would connect."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import mvm_tui
from mvm_tui.cli.session import Session
from mvm_tui.config.paths import private_folder

OK = "ok"
WARNING = "warning"
FAILED = "failed"

SMALLEST_TERMINAL = (80, 24)


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `exit_code` counts only where it failed."""

    group: str
    name: str
    status: str
    detail: str
    fix: str = ""
    exit_code: int = 1


def local_checks(session: Session) -> Iterator[Check]:
    """Everything that this machine alone decides."""
    yield Check("app", "mvm-tui", OK, f"{mvm_tui.__version__} on Python {platform.python_version()}")
    libraries = ", ".join(f"{name} {_version(name)}" for name in ("botocore", "textual"))
    yield Check("app", "libraries", OK, libraries)
    yield from _config_file(session)
    yield _state_folder(session)
    yield _terminal()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _config_file(session: Session) -> Iterator[Check]:
    from mvm_tui.cli.ui import known_words

    file = session.paths.config_file
    if not file.exists():
        yield Check("app", "config file", OK, f"{file} (none: every option has its default)")
        return
    complaints = session.read_config(known_words).complaints
    if not complaints:
        yield Check("app", "config file", OK, str(file))
    for complaint in complaints:
        detail = f"{complaint.path}:{complaint.line}: {complaint.message}"
        yield Check("app", "config file", WARNING, detail, complaint.suggestion)


def _state_folder(session: Session) -> Check:
    folder = session.paths.state_dir
    try:
        private_folder(folder)
    except OSError as error:
        return Check("app", "state folder", FAILED, f"{folder}: {error.strerror}", "Set XDG_STATE_HOME.")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check("app", "state folder", FAILED, f"{folder} cannot be written", "Set XDG_STATE_HOME.")
    return Check("app", "state folder", OK, str(folder))


def _terminal() -> Check:
    kind = os.environ.get("TERM", "")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Check("app", "terminal", OK, "none here: the UI needs one, the verbs do not")
    columns, lines = shutil.get_terminal_size()
    colours = "true colour" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "no COLORTERM"
    detail = f"{kind or 'no TERM'}, {columns}×{lines}, {colours}"
    if kind in ("", "dumb"):
        return Check("app", "terminal", WARNING, detail, "Set TERM, for example to xterm-256color.")
    if columns < SMALLEST_TERMINAL[0] or lines < SMALLEST_TERMINAL[1]:
        return Check("app", "terminal", WARNING, detail, "The UI is made for 80×24 and more.")
    return Check("app", "terminal", OK, detail)
