"""Zipping half a gigabyte: against the zip program at the same level, and in how much memory."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from contextlib import chdir
from pathlib import Path

from bench.figures import Figure, interleaved

MEGABYTE = 1 << 20
FILES, EACH = 100, 5 * MEGABYTE
_PROGRAM = """
import resource, sys
from pathlib import Path
from mvm_tui.builds.archive import archived
from mvm_tui.builds.folder import read_folder
with archived(read_folder(Path(sys.argv[1]))):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def run() -> list[Figure]:
    """Wall time of 500 MB beside that of ``zip -1``, and the most memory it took."""
    program = shutil.which("zip")
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder) / "app")
        ours = [sys.executable, "-c", _PROGRAM, f"{folder}/app"]
        peak = subprocess.run(ours, capture_output=True, text=True, check=True).stdout
        memory = Figure("most memory while zipping 500 MB", int(peak) / 1024, "MB", 64)
        if program is None:
            return [memory]
        theirs = ["sh", "-c", f"{program} -1 -q -r - . > /dev/null"]
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
        with chdir(Path(folder) / "app"):
            times = interleaved({"ours": ours, "zip": theirs}, 3, environment)
    ratio = times["ours"] / times["zip"]
    return [Figure("zipping 500 MB, times zip -1", ratio, "×", 2.0, f"{times['ours']:.1f} s"), memory]


def _fill(folder: Path) -> None:
    """Half random bytes, half text, as artifacts have both; the same every time."""
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    noise = random.Random(7).randbytes(EACH)
    words = b"all work and no play makes a dull log line, number %d\n"
    for number in range(FILES):
        text = words % number * (EACH // len(words))
        (folder / f"{number:03}.bin").write_bytes(noise if number % 2 else text)
