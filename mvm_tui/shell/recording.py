"""Records a shell's output as asciicast v2.

The format (asciinema's, version 2): a header as one JSON object on the first line, then one JSON list per
event: seconds since the start, ``"o"`` for output or ``"r"`` for a resize, and the text. What is typed is not
recorded; what the guest prints of it is.
"""

from __future__ import annotations

import codecs
import json
import os
from contextlib import suppress
from pathlib import Path

from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Unexpected
from mvm_tui.model.text import clean


class Recording:
    """One file, readable by its user only. It is never written over one that exists.

    Raises:
        Unexpected: It exists or cannot be made; from `output` and `resized`, it cannot be written.
    """

    def __init__(self, path: Path, cols: int, rows: int, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            self._file = os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8")
        except FileExistsError:
            fix = "Choose another name, or move the file away."
            raise Unexpected(
                "The recording was not started.", f"{clean(path)} exists already.", fix
            ) from None
        except OSError as error:
            why = f"{clean(path)}: {error.strerror}."
            raise Unexpected("The recording was not started.", why, "Choose another place.") from None
        self._began = clock.monotonic()
        stamp = int(clock.now().timestamp())
        header = {"version": 2, "width": cols, "height": rows, "timestamp": stamp, "env": {"TERM": "xterm"}}
        self._write(header)

    def output(self, data: bytes) -> None:
        """What the guest printed; a character may be split over calls."""
        text = self._decode(data)
        if text:
            self._event("o", text)

    def resized(self, cols: int, rows: int) -> None:
        """The window has this size now."""
        self._event("r", f"{cols}x{rows}")

    def close(self) -> None:
        """Write out what is buffered; what cannot be written is lost."""
        with suppress(OSError):
            self._file.close()

    def _event(self, kind: str, text: str) -> None:
        self._write([round(self._clock.monotonic() - self._began, 6), kind, text])

    def _write(self, line: object) -> None:
        try:
            self._file.write(json.dumps(line) + "\n")
        except OSError as error:
            self.close()
            fix = f"What was recorded until then is in {clean(self.path)}."
            raise Unexpected("The recording ended.", error.strerror or "", fix) from None
