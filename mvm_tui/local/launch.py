"""Starts a local cloud as a process of its own and ends it again.

The cloud ends when the pipe to its standard input closes, so it ends with the process that started
it, however that ends. Needs nothing but the standard library: the screen and the command line
import it before anything heavy is loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Self

_START_SECONDS = 30.0
_END_SECONDS = 10.0


class LaunchError(Exception):
    """The local cloud did not start; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Where a local cloud is and how to sign for it. The text form does not show the secret."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str
    account: str

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def environment(self) -> dict[str, str]:
        """The variables that point AWS clients at the cloud, and at nothing else of the user's."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            # StartLiveTail would go to stream-127.0.0.1 otherwise.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }


class LocalCloud:
    """A running local cloud. `close` ends it; used as a context manager it ends with the block."""

    def __init__(self, process: subprocess.Popen[bytes], facts: Facts) -> None:
        self.process = process
        self.facts = facts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the cloud and wait for it: by closing its pipe, and by force if it does not listen."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number is not None:
                self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_END_SECONDS)
                return


def start(
    *,
    seed: str = "demo",
    speed: float = 1.0,
    rates: bool = True,
    options: Sequence[str] = (),
    stderr: int | IO[bytes] | None = subprocess.DEVNULL,
) -> LocalCloud:
    """Start a local cloud on a free port and wait until it serves.

    `options` are further options of ``mvm-tui local``; `stderr` is where its own log goes.

    Raises:
        LaunchError: it ended before it served, or took longer than 30 s.
    """
    arguments = ["--seed", seed, "--speed", f"{speed:g}", "--rates", "on" if rates else "off", *options]
    process = subprocess.Popen(  # noqa: S603 - our own module, by the interpreter that runs us
        [sys.executable, "-P", "-m", "mvm_tui.local", "--print", "json", "--end-with-stdin", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=_clean_environment(),
        start_new_session=True,
    )
    try:
        return LocalCloud(process, _read_facts(process))
    except BaseException:
        process.kill()
        LocalCloud(process, Facts("", "", "", "", "")).close()
        raise


def _clean_environment() -> dict[str, str]:
    """Ours without anything that belongs to the user's AWS accounts."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _read_facts(process: subprocess.Popen[bytes]) -> Facts:
    try:
        document = json.loads(_read_line(process))
        if "error" in document:
            raise LaunchError(f"The local cloud did not start: {document['error']}")
        return Facts(**document)
    except (ValueError, TypeError) as problem:
        raise LaunchError("The local cloud did not start: it ended before it served.") from problem


def _read_line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    deadline = time.monotonic() + _START_SECONDS
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not readable:
            raise LaunchError(f"The local cloud did not start within {_START_SECONDS:g} s.")
        piece = os.read(process.stdout.fileno(), 65536)
        if not piece:
            break
        line += piece
    return line
