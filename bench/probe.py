"""What a bench needs inside the application's own process: where the cloud is, memory, delays as JSON."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from bench.heartbeat import Heartbeat
from mvm_tui.aws.session import Target


def target() -> Target:
    """The local cloud that the bench started, from the environment."""
    return Target(
        region=os.environ["AWS_REGION"],
        endpoint_url=os.environ["MVM_PROBE_ENDPOINT"],
        access_key=os.environ["AWS_ACCESS_KEY_ID"],
        secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    )


def resident_mb(process: int | str = "self") -> float:
    """Resident memory of a process, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def delays(beat: Heartbeat) -> dict[str, float]:
    """The delays since the last call, by their names, in milliseconds."""
    return dataclasses.asdict(beat.take())
