"""A local cloud in a process of its own, for tests of whatever talks to one."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from mvm_tui.local.launch import Facts, start

# The test run's own, whatever the test does with sys.stderr.
_STDERR = 2


@contextmanager
def cloud_process(
    seed: str = "empty", speed: float = 1.0, *, rates: bool = True, options: Sequence[str] = ()
) -> Iterator[Facts]:
    """Where a new local cloud is, while the block runs; what it logs goes to the test's stderr."""
    with start(seed=seed, speed=speed, rates=rates, options=options, stderr=_STDERR) as cloud:
        yield cloud.facts


def client(facts: Facts, service: str = "lambda-microvms", *, region: str = "", **config: Any) -> Any:
    """A boto3 client that signs with the run's key and does not retry unless `config` says so."""
    config.setdefault("retries", {"total_max_attempts": 1})
    # Or botocore would ask stream-127.0.0.1 for Live Tail.
    config.setdefault("inject_host_prefix", False)
    return boto3.client(
        service,
        endpoint_url=facts.endpoint,
        aws_access_key_id=facts.access_key,
        aws_secret_access_key=facts.secret_key,
        region_name=region or facts.region,
        config=Config(**config),
    )


def set_faults(facts: Facts, *faults: str) -> list[str]:
    """Switch these faults on and all others off; gives what the cloud then says is on."""
    return list(json.loads(tell(facts, "PUT", "faults", {"faults": faults}))["faults"])


def set_logs(facts: Facts, **settings: float | None) -> dict[str, Any]:
    """Change how logs behave: `delay`, `live_tail_sessions`, `live_tail_seconds`, `memory_mb`."""
    return dict(json.loads(tell(facts, "PUT", "logs", settings)))


def start_load(facts: Facts, **spec: Any) -> dict[str, Any]:
    """Begin a load of log events (members of `LoadSpec`, and `region`); gives its `id`, `streams`, …"""
    return dict(json.loads(tell(facts, "POST", "loads", spec)))


def load_status(facts: Facts, identity: str) -> dict[str, Any]:
    """How far a load is: `put`, `late`, `done`, …"""
    return dict(json.loads(tell(facts, "GET", f"loads/{identity}")))


def load_ids(facts: Facts, identity: str) -> list[tuple[str, int]]:
    """Event id and stream number of every event that a load put, in the order in which it put them."""
    pairs: list[tuple[str, int]] = []
    while True:
        lines = tell(facts, "GET", f"loads/{identity}/events?from={len(pairs)}").splitlines()
        if not lines:
            return pairs
        for line in lines:
            event_id, _, number = line.partition(" ")
            pairs.append((event_id, int(number)))


def tell(facts: Facts, method: str, path: str, document: object = None) -> str:
    """What the cloud answers to a request under `/_local/`."""
    key = b64encode(f"{facts.access_key}:{facts.secret_key}".encode()).decode()
    request = urllib.request.Request(
        f"{facts.endpoint}/_local/{path}",
        None if document is None else json.dumps(document).encode(),
        {"Authorization": f"Basic {key}"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())
