"""The wheel alone is enough: installed in an empty environment it opens the demo, themes and all."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.pty_session import PtySession

ROOT = Path(__file__).resolve().parent.parent


def build_wheel(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_demo_opens_from_the_wheel(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"mvm_tui/themes/{path.name}" for path in (ROOT / "themes").glob("*.toml")} <= set(names)

    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=120)
    install = [
        str(environment / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "-c", str(ROOT / "constraints.txt"), str(wheel),
    ]  # fmt: skip
    subprocess.run(install, check=True, timeout=300, capture_output=True, cwd=tmp_path)

    home = tmp_path / "home"
    home.mkdir()
    command = [str(environment / "bin/mvm-tui"), "demo"]
    path = {"PATH": f"{environment / 'bin'}:{os.environ['PATH']}"}
    with PtySession(command, home=home, extra=path) as screen:
        screen.wait_for("DEMO", 60)
        screen.wait_for("web-1", 60)
        screen.wait_for("running", 60)
        screen.send("q")
        assert screen.wait_exit() == 0
