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
    key = b64encode(f"{facts.access_key}:{facts.secret_key}".encode()).decode()
    request = urllib.request.Request(
        f"{facts.endpoint}/_local/faults",
        json.dumps({"faults": faults}).encode(),
        {"Authorization": f"Basic {key}"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return list(json.load(answer)["faults"])
