"""Runs the benches named on the command line, or all, and writes bench/RESULTS.md."""

from __future__ import annotations

import importlib
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, table

NAMES = (
    "startup",
    "listing",
    "local_cloud",
    "local_shell",
    "shell",
    "table",
    "loop_delay",
    "fleet_screen",
    "log_view",
    "terminal",
    "logs",
    "reach",
    "builds",
    "ledger_year",
    "cost",
    "cost_peers",
)
RESULTS = Path(__file__).with_name("RESULTS.md")
_MARK = "<!-- {} -->"


def main() -> int:
    """Exit status 1 when a figure asked for was not met."""
    chosen = sys.argv[1:] or list(NAMES)
    failed = False
    for name in chosen:
        figures: list[Figure] = importlib.import_module(f"bench.{name}").run()
        text = table(figures)
        print(f"\n{name}\n{text}", flush=True)
        _write(name, text)
        failed = failed or not all(figure.met for figure in figures)
    return 1 if failed else 0


def _write(name: str, text: str) -> None:
    """Replace this bench's section in the results and leave the others."""
    document = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Results\n\n" + _ABOUT
    begin, end = _MARK.format(f"{name} begin"), _MARK.format(f"{name} end")
    stamp = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()}"
    section = f"{begin}\n## {name}\n\n{stamp}\n\n{text}\n{end}\n"
    head, found, rest = document.partition(begin)
    tail = rest.partition(end + "\n")[2] if found else ""
    RESULTS.write_text(head + ("" if found else "\n") + section + tail, encoding="utf-8")


_ABOUT = """Medians, measured side by side in one run on a shared two-core machine: trust the ratios
more than the seconds. `make bench` writes this file; the local cloud runs with `--rates off`.
"""

if __name__ == "__main__":
    sys.exit(main())
