"""Proves that our command line follows a log group of `ministack` while a script writes to it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from tools.interop_support import check, say

GROUP = "/aws/lambda-microvms/web"
STREAMS = ("2026/11/25[1]mvm-0001", "2026/11/25[1]mvm-0002")
BATCHES, LINES = 40, 25
_SECONDS = 120.0
OURS = str(Path(sys.executable).with_name("mvm-tui"))


def prove_logs(settings: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Every line that is written to two streams is printed, once, while they are written to."""
    logs: Any = boto3.client(
        "logs",
        region_name=settings["AWS_REGION"],
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
    )
    logs.create_log_group(logGroupName=GROUP)
    for stream in STREAMS:
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    process = subprocess.Popen(
        [OURS, "logs", "web", "--follow", "-o", "ndjson"],
        env=dict(environment),
        stdout=subprocess.PIPE,
        text=True,
    )
    writer = threading.Thread(target=_write, args=(logs,))
    guard = threading.Timer(_SECONDS, process.kill)
    guard.start()
    writer.start()
    try:
        found = _read(process, BATCHES * LINES)
    finally:
        guard.cancel()
        process.kill()
        process.wait()
        writer.join()
    wanted = {_message(batch, line) for batch in range(BATCHES) for line in range(LINES)}
    check(len(found) == len(set(found)), f"{len(found) - len(set(found))} lines came twice")
    check(set(found) == wanted, f"{len(wanted - set(found))} of {len(wanted)} lines are missing")
    say(f"ok   mvm-tui logs --follow printed all {len(found):,} lines of ministack, each once")


def _write(logs: Any) -> None:
    for batch in range(BATCHES):
        now = round(time.time() * 1_000)
        events = [{"timestamp": now, "message": _message(batch, line)} for line in range(LINES)]
        logs.put_log_events(logGroupName=GROUP, logStreamName=STREAMS[batch % 2], logEvents=events)
        time.sleep(0.1)


def _message(batch: int, line: int) -> str:
    return f"batch {batch} line {line}"


def _read(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    found: list[str] = []
    for text in process.stdout:
        found.append(json.loads(text)["message"])
        if len(found) >= count:
            break
    return found
