"""What the MicroVMs of the pictures have logged: the minutes before the clock that stands still."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from mvm_tui.local.demo_names import BATCH, WEB, microvm_id
from mvm_tui.local.state.cloud import Region

_BOOT = "fc43a414-a653-45c0-8564-8c004f9cd400"
_TRACE = (
    "ERROR invoices job 38 failed after 487 ms",
    "Traceback (most recent call last):",
    '  File "/app/worker.py", line 118, in run',
    "    result = handler(job.payload)",
    '  File "/app/handlers/invoices.py", line 41, in handle',
    "    raise TimeoutError(f'no answer from {host} within {limit} s')",
    "TimeoutError: no answer from cache-2 within 5 s",
)


def plant_logs(region: Region, now: datetime) -> None:
    """Let two of the demo's MicroVMs have written lines, readable at once."""
    for name, image, version, lines in (
        (WEB, "hello-web", "2.0", _web(now)),
        (BATCH, "worker", "3.0", _batch(now)),
    ):
        vm = microvm_id(name)
        stream = f"{now:%Y/%m/%d}[{version}]{vm}"
        group = f"/aws/lambda-microvms/{image}"
        region.logs.preload(group, stream, [(round(when.timestamp() * 1e3), text) for when, text in lines])


def _web(now: datetime) -> Iterator[tuple[datetime, str]]:
    chance = random.Random(4)
    when = now - timedelta(minutes=9)
    yield when, "hello-web listens on 8080"
    yield when, f'run hook: {{"bootId": "{_BOOT}", "runHookPayload": "…"}} on Graviton4'
    while (when := when + timedelta(milliseconds=chance.randrange(900, 9_000))) < now:
        path = chance.choice(("/", "/items", "/items/17", "/cart", "/rand", "/health"))
        took, status = chance.randrange(1, 240), chance.choice((200, 200, 200, 200, 304, 404, 500))
        level = "error" if status == 500 else "warn" if took > 200 else "info"
        members = {"level": level, "msg": f"GET {path}", "status": status, "ms": took, "id": f"{took:06x}"}
        yield when, json.dumps(members)


def _batch(now: datetime) -> Iterator[tuple[datetime, str]]:
    chance = random.Random(9)
    when = now - timedelta(minutes=9)
    yield when, "worker up, 4 queues"
    number = 12
    while (when := when + timedelta(milliseconds=chance.randrange(2_000, 16_000))) < now:
        number += 1
        if number == 38:
            yield from ((when, text) for text in _TRACE)
            continue
        queue = chance.choice(("invoices", "thumbnails", "mail"))
        took = chance.randrange(20, 900)
        level = "\x1b[33mWARN\x1b[0m" if took > 800 else "INFO"
        yield when, f"{level} {queue} job {number} done in {took} ms"
