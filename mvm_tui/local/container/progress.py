"""The log of a build, in the plain form of BuildKit's progress."""

from __future__ import annotations

# Instructions that BuildKit shows as steps; the others only set something.
STEPS = frozenset({"FROM", "RUN", "COPY", "ADD", "WORKDIR"})
MOST_CHARACTERS = 500
_FIRST_STEP = 4


class Progress:
    """Adds lines to a log, step after step. Nothing here takes any time worth telling."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self._number = 1
        self._done = 0

    def open(self, dockerfile: str, left_out: int = 0) -> None:
        """What comes before the first step; `left_out` are the files that ``.dockerignore`` took."""
        self.lines += [
            "#1 [internal] load build definition from Dockerfile",
            f"#1 transferring dockerfile: {len(dockerfile.encode('utf-8', 'replace'))}B done",
            "#1 DONE 0.0s",
            "#2 [internal] load .dockerignore",
            *([f"#2 {left_out} files left out"] if left_out else ()),
            "#2 DONE 0.0s",
            "#3 [internal] load build context",
            "#3 DONE 0.0s",
        ]
        self._number = _FIRST_STEP - 1

    def step(self, text: str, steps: int) -> None:
        """The next of so many steps begins."""
        self._done += 1
        self._number += 1
        self.tell(f"[{self._done}/{steps}] {' '.join(text.split())[:MOST_CHARACTERS]}")

    def tell(self, text: str) -> None:
        """A line of the step under way."""
        self.lines.append(f"#{self._number} {text}")

    def done(self) -> None:
        self.tell("DONE 0.0s")

    def export(self) -> None:
        """All steps went well."""
        self._number += 1
        self.tell("exporting to image")
        self.tell("exporting layers done")
        self.done()

    def fail(self, reason: str) -> None:
        """The step under way failed, and the build with it."""
        self.tell(f"ERROR: {reason}")
        self.lines.append(f"ERROR: failed to solve: {reason}")
