"""Stands for the app that starts a cloud: tells the cloud's process id and stays until it is killed."""

from __future__ import annotations

import signal
import sys

from mvm_tui.local import launch


def main() -> None:
    cloud = launch.start(seed="demo")
    sys.stdout.write(f"{cloud.process.pid}\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main()
