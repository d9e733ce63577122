"""A queue worker that talks a lot: plain, coloured and JSON lines, and now and then a trace of many lines.

``SEED`` (default ``worker``) decides every word, ``INTERVAL`` (default 1) the seconds between two jobs.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from itertools import count

STARTUP_JOBS = 8
QUEUES = ("thumbnails", "invoices", "search-index", "mail")
GREEN, YELLOW, RED, DIM, PLAIN = "\x1b[32m", "\x1b[33m", "\x1b[1;31m", "\x1b[2m", "\x1b[0m"


def jobs(seed: str) -> Iterator[list[str]]:
    """The lines of one job after another; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a sample's chatter
    for number in count(1):
        queue = chance.choice(QUEUES)
        took = chance.randrange(4, 900)
        yield _job(chance.random(), queue, number, took)


def _job(fate: float, queue: str, number: int, took: int) -> list[str]:
    if fate < 0.45:
        return [f"{GREEN}INFO{PLAIN}  {queue} job {number} done {DIM}in {took} ms{PLAIN}"]
    if fate < 0.80:
        return [json.dumps({"level": "info", "queue": queue, "job": number, "ms": took, "ok": True})]
    if fate < 0.90:
        return [f"{YELLOW}WARN{PLAIN}  {queue} job {number} slow: {took * 10} ms, retrying"]
    if fate < 0.95:
        return [json.dumps({"level": "error", "queue": queue, "job": number, "error": "upstream 503"})]
    return _trace(queue, number, took)


def _trace(queue: str, number: int, took: int) -> list[str]:
    return [
        f"{RED}ERROR{PLAIN} {queue} job {number} failed after {took} ms",
        "Traceback (most recent call last):",
        '  File "/app/worker.py", line 118, in run',
        "    result = handler(job.payload)",
        f'  File "/app/handlers/{queue.replace("-", "_")}.py", line 41, in handle',
        "    raise TimeoutError(f'no answer from {host} within {limit} s')",
        "TimeoutError: no answer from cache-2 within 5 s",
    ]


def main() -> None:
    interval = float(os.environ.get("INTERVAL", "1"))
    sys.stdout.write("worker up, 4 queues\n")
    for number, lines in enumerate(jobs(os.environ.get("SEED", "worker"))):
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        if number >= STARTUP_JOBS:
            time.sleep(interval)


if __name__ == "__main__":
    main()
