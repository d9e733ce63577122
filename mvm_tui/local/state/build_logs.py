"""What a build says of its Dockerfile: BuildKit's plain progress, uploaded when the build has ended.

The Dockerfile is read, not run: its steps are named, and take no time.
"""

from __future__ import annotations

import re

_STEPS = frozenset({"FROM", "RUN", "COPY", "ADD", "WORKDIR"})
_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_MOST_STEPS = 100
_MOST_CHARACTERS = 500

STOCK_DOCKERFILE = "FROM public.ecr.aws/lambda-microvms/al2023:1\nWORKDIR /app\nCOPY . /app\n"


def buildkit_lines(dockerfile: str) -> list[str]:
    """The lines of a build that went well, one step after another."""
    steps = _steps(dockerfile)
    lines = [
        "#1 [internal] load build definition from Dockerfile",
        f"#1 transferring dockerfile: {len(dockerfile.encode('utf-8', 'replace'))}B done",
        "#1 DONE 0.0s",
        "#2 [internal] load .dockerignore",
        "#2 DONE 0.0s",
        "#3 [internal] load build context",
        "#3 DONE 0.0s",
    ]
    for number, step in enumerate(steps, 1):
        lines += [f"#{number + 3} [{number}/{len(steps)}] {step}", f"#{number + 3} DONE 0.0s"]
    last = len(steps) + 4
    return [*lines, f"#{last} exporting to image", f"#{last} exporting layers done", f"#{last} DONE 0.0s"]


def _steps(dockerfile: str) -> list[str]:
    """The instructions that BuildKit shows as steps, each on one line."""
    text = _CONTINUED.sub(" ", dockerfile)
    lines = (" ".join(line.split()) for line in text.splitlines())
    steps = (line[:_MOST_CHARACTERS] for line in lines if line.partition(" ")[0].upper() in _STEPS)
    return list(steps)[:_MOST_STEPS]
