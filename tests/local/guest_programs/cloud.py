"""Stands for the cloud's process: starts one guest, tells its supervisor, and stays.

``cloud.py ROOT COMMAND…``; it does nothing about signals, as a process that is killed cannot.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from mvm_tui.local.processes import Guest, GuestSpec


async def run() -> None:
    root, *command = sys.argv[1:]
    spec = GuestSpec("microvm-1", tuple(command), {}, None, Path(root) / "vm")
    guest = await Guest.start(spec, on_line=lambda _: None, on_exit=lambda _: None)
    sys.stdout.write(f"{guest.supervisor_pid}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run())
