"""What a stock build says of its Dockerfile, uploaded when the build has ended.

Nothing is built: the steps are named, and take no time.
"""

from __future__ import annotations

import re

from mvm_tui.local.container.progress import STEPS, Progress

_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_MOST_STEPS = 100

STOCK_DOCKERFILE = "FROM public.ecr.aws/lambda/microvms:al2023-minimal\nWORKDIR /app\nCOPY . /app\n"


def buildkit_lines(dockerfile: str) -> list[str]:
    """The lines of a build that went well, one step after another."""
    steps = _steps(dockerfile)
    progress = Progress([])
    progress.open(dockerfile)
    for step in steps:
        progress.step(step, len(steps))
        progress.done()
    progress.export()
    return progress.lines


def _steps(dockerfile: str) -> list[str]:
    """The instructions that BuildKit shows as steps, each on one line."""
    text = _CONTINUED.sub(" ", dockerfile)
    lines = (" ".join(line.split()) for line in text.splitlines())
    steps = (line for line in lines if line.partition(" ")[0].upper() in STEPS)
    return list(steps)[:_MOST_STEPS]
