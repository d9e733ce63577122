"""The one place that writes: data to stdout, talk to stderr.

Text from outside is cleaned for tables and talk; in JSON it stands as JSON escapes, so that neither can
steer a terminal.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TextIO

from mvm_tui.config.secrets import KNOWN
from mvm_tui.model.errors import Unexpected
from mvm_tui.model.text import clean, clean_block

TABLE = "table"
JSON = "json"
NDJSON = "ndjson"
FORMATS = (TABLE, JSON, NDJSON)

Record = Mapping[str, Any]


class ReaderGone(Exception):
    """Whoever read our stdout has closed it: there is nothing left to do."""


def emit_list(
    form: str, records: Iterable[Record], headings: Sequence[str], cells: Iterable[Sequence[str]]
) -> None:
    """Records as a JSON list, as one JSON object per line, or their cells as a table."""
    if form == JSON:
        lines = ",\n".join(map(_json_line, records))
        write(f"[\n{lines}\n]\n" if lines else "[]\n")
    elif form == NDJSON:
        write("".join(f"{_json_line(record)}\n" for record in records))
    else:
        write(_table(headings, cells))


def emit_object(form: str, record: Record, facts: Iterable[tuple[str, str]]) -> None:
    """One record as a JSON object, or its facts as ``name  value`` lines."""
    if form == TABLE:
        write(_table((), facts))
    else:
        write(_without_delete(json.dumps(record, indent=2 if form == JSON else None)) + "\n")


def emit_line(form: str, record: Record, cells: Sequence[str]) -> None:
    """One record of a list that grows while the verb works; not for `JSON`, whose list comes at the end."""
    if form == NDJSON:
        write(_json_line(record) + "\n")
    elif form == TABLE:
        write("  ".join(clean(cell) for cell in cells if cell) + "\n")


def _json_line(record: Record) -> str:
    """The record on one line, in ASCII: whatever else there is stands escaped.

    msgspec is several times as fast as the standard library, but leaves what is not ASCII as it is.
    """
    import msgspec

    line = msgspec.json.encode(record)
    text = line.decode() if line.isascii() else json.dumps(record, separators=(",", ":"))
    return _without_delete(text)


def _without_delete(text: str) -> str:
    """JSON with DEL escaped: the one control character that JSON lets stand. It is only ever in strings."""
    return text.replace("\x7f", "\\u007f")


def write(text: str) -> None:
    """Write text of ours to stdout.

    Raises:
        ReaderGone: The other end of the pipe is closed.
        Unexpected: It cannot be written, such as to a full disk.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _to_nowhere(sys.stdout)
        raise ReaderGone from None
    except OSError as error:
        _to_nowhere(sys.stdout)
        raise Unexpected("The output could not be written.", error.strerror or "") from None


def write_bytes(data: bytes) -> None:
    """Write bytes of a guest's to stdout as they are, which is for pipes and files only.

    Raises:
        ReaderGone: The other end of the pipe is closed.
        Unexpected: They cannot be written, such as to a full disk.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _to_nowhere(sys.stdout)
        raise ReaderGone from None
    except OSError as error:
        _to_nowhere(sys.stdout)
        raise Unexpected("The output could not be written.", error.strerror or "") from None


def finish() -> None:
    """Write out what is buffered; where nothing takes it any more, drop it, which is no failure."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _to_nowhere(stream)


def _to_nowhere(stream: TextIO) -> None:
    """Python at its end writes again what a failed stream still holds, and exits with 120 if it cannot."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(text: str) -> None:
    """Talk to the user, without secrets; where stderr is closed, to nobody."""
    try:
        sys.stderr.write(f"{clean_block(KNOWN.mask(text))}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def say_from_handler(text: str) -> None:
    """Talk from a signal handler: past Python's buffers, for it may have come while they are written."""
    with suppress(OSError, ValueError):
        wipe = "\r\x1b[K" if talks_to_terminal() else ""
        os.write(sys.stderr.fileno(), f"{wipe}{text}\n".encode())


def talks_to_terminal() -> bool:
    """Whether a line on stderr can replace itself."""
    return sys.stderr.isatty()


def progress(text: str) -> None:
    """A line that replaces itself, on a terminal only; empty text wipes it."""
    if talks_to_terminal():
        sys.stderr.write(f"\r\x1b[K{clean(text)}")
        sys.stderr.flush()


def set_up_streams() -> None:
    """Whatever the locale, a character that it lacks must not end a listing; nor must a closed stream."""
    sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY))
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _table(headings: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    rows = [[clean(cell) for cell in row] for row in cells]
    if headings:
        rows.insert(0, list(headings))
    if not rows:
        return ""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
    return "  ".join(padded).rstrip() + "\n"


def _width(text: str) -> int:
    """Cells that a terminal needs: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
