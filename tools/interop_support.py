"""What the interop scripts share: commands with a deadline, waiting, telling the outcome."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

COMMAND_SECONDS = 120.0
DEADLINE = 60.0

Answer = TypeVar("Answer")


class Failed(Exception):
    """A client did not do what it should; the text says what it printed."""


def clean_environment(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """An environment that holds nothing of the user's: no profile, no key, no home."""
    return {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", "COLUMNS": "220", **settings}


def run(arguments: list[str], environment: Mapping[str, str], *, status: int = 0) -> str:
    """Run a command and give its output. Raises Failed when it ends otherwise than expected."""
    done = subprocess.run(
        arguments, env=dict(environment), capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )
    shown = " ".join([Path(arguments[0]).name, *arguments[1:]])
    if done.returncode != status:
        raise Failed(f"$ {shown}\nended with {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    say(f"ok   {shown[:150]}")
    return done.stdout


def interrupt_after(arguments: list[str], environment: Mapping[str, str], wanted: str) -> str:
    """Run a command that goes on, interrupt it as ctrl-c does once it printed `wanted`, and give its output.

    Raises Failed when that does not come within a minute, or when it ends otherwise than with 0.
    """
    shown = " ".join([Path(arguments[0]).name, *arguments[1:]])
    process = subprocess.Popen(
        arguments, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    watchdog = threading.Timer(DEADLINE, process.kill)
    watchdog.start()
    output = ""
    try:
        for line in process.stdout:
            output += line
            if wanted in output:
                process.send_signal(signal.SIGINT)
                break
        output += process.stdout.read()
        process.wait()
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
    if process.returncode != 0 or wanted not in output:
        raise Failed(f"$ {shown}\nended with {process.returncode}\n{output}")
    say(f"ok   {shown[:150]}")
    return output


def wait_for(what: str, ask: Callable[[], Answer], accept: Callable[[Answer], object] = bool) -> Answer:
    """The first acceptable answer. Raises Failed when none comes within a minute."""
    end = time.monotonic() + DEADLINE
    while True:
        answer = ask()
        if accept(answer):
            return answer
        if time.monotonic() > end:
            raise Failed(f"{what} did not come; last: {answer!r}")
        time.sleep(0.5)


def check(holds: object, what: str) -> None:
    """Raises Failed with `what` when a condition does not hold."""
    if not holds:
        raise Failed(what)


def say(text: str) -> None:
    print(text, flush=True)


def report(work: Callable[[], None]) -> int:
    """Do the work and give the exit status, a failure as its text."""
    try:
        work()
    except Failed as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        return 1
    return 0
