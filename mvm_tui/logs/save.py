"""Writes lines to a file: all or nothing, and never over another file unless told to."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from mvm_tui.logs.lines import LineForm, record
from mvm_tui.model.errors import Problem, Unexpected
from mvm_tui.model.log_event import LogEvent
from mvm_tui.model.text import clean

# What file systems without hard links answer: FAT, some of networks.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class Exists(Problem):
    """There is a file of that name already; whoever asked may say that it goes."""


def as_text(events: Iterable[LogEvent], form: LineForm, now: datetime) -> Iterator[str]:
    """The events as lines of text, for `save`."""
    return (f"{form.line(event, now)}\n" for event in events)


def as_ndjson(events: Iterable[LogEvent]) -> Iterator[str]:
    """The events as lines of JSON in ASCII, raw text as escapes, for `save`."""
    # DEL is the one control character that JSON lets stand.
    return (
        json.dumps(record(event), separators=(",", ":")).replace("\x7f", "\\u007f") + "\n" for event in events
    )


def save(path: Path, lines: Iterable[str], *, overwrite: bool = False) -> int:
    """Write lines; how many bytes they took. Until all are written, nothing is to be seen under the name.

    Only you may read the file. Blocking; may take long.

    Raises:
        Exists: The file exists, and `overwrite` was not given.
        Unexpected: It cannot be written; the message says why.
    """
    path = path.expanduser()
    if path.exists() and not overwrite:
        raise _exists(path)
    try:
        return _write(path, lines, overwrite)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unexpected(f"{clean(path)} could not be written.", why, "Choose another place.") from None


def _write(path: Path, lines: Iterable[str], overwrite: bool) -> int:
    # Beside its final place, so that giving it its name is one step.
    number, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(number)
            size = os.fstat(number).st_size
        if overwrite:
            part.replace(path)
        else:
            _name(part, path)
        return size
    finally:
        with suppress(OSError):
            part.unlink()


def _name(part: Path, path: Path) -> None:
    """Give a file its name. Raises FileExistsError where it is taken meanwhile, which renaming would not."""
    try:
        path.hardlink_to(part)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Here files have one name only: it is taken first, then replaced.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        part.replace(path)


def _exists(path: Path) -> Exists:
    return Exists(
        f"{clean(path)} exists.", "It is not overwritten without a word from you.", "Choose another."
    )
