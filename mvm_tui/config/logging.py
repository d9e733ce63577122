"""The log file: one JSON object per line, rotating, our own loggers only.

Foreign loggers are never written, not even with ``--debug``: botocore logs request bodies, websockets
logs headers, and both carry secrets.
"""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from mvm_tui.config.crash import stack
from mvm_tui.config.paths import private_folder
from mvm_tui.config.secrets import KNOWN, Secrets
from mvm_tui.model.text import clean_block

ROOT = "mvm_tui"
MEGABYTE = 1_000_000
LARGEST = 2 * MEGABYTE
KEPT_FILES = 3
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object per record; `extra` members are added as they are."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean_block(record.getMessage()),
            "process": record.process,
            "thread": record.threadName,
        }
        entry |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            entry["stack"] = stack(record.exc_info[1])
        return self._secrets.mask(json.dumps(entry, default=str, ensure_ascii=False))


class _PrivateFile(RotatingFileHandler):
    """Readable by its user only, and silent when the disk is full: a log must not break the app."""

    def _open(self) -> io.TextIOWrapper:
        private_folder(Path(self.baseFilename).parent)
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - named so by logging
        self.close()


def start_logging(file: Path, *, debug: bool = False, secrets: Secrets = KNOWN) -> logging.Handler:
    """Write our loggers to `file`, from INFO, with `debug` from DEBUG. Made with the first record."""
    handler = _PrivateFile(file, maxBytes=LARGEST, backupCount=KEPT_FILES, delay=True, encoding="utf-8")
    handler.setFormatter(JsonLines(secrets))
    logger = logging.getLogger(ROOT)
    for old in logger.handlers[:]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    logger.propagate = False
    threading.excepthook = _log_thread_death
    return handler


def _log_thread_death(args: threading.ExceptHookArgs) -> None:
    """An exception that ends a thread goes to the log: on stderr it would paint over the screen."""
    if args.exc_value is None or args.exc_type is SystemExit:
        return
    name = args.thread.name if args.thread else "a thread"
    info: tuple[type[BaseException], BaseException, TracebackType | None]
    info = (args.exc_type, args.exc_value, args.exc_traceback)
    logging.getLogger(ROOT).error("thread %s ended by an exception", name, exc_info=info)
