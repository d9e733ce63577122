"""What keeps the fleet from being read: what happened, why, and what to do."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from mvm_tui.model.errors import Problem
from mvm_tui.model.text import clean


class Banner(Static):
    """Stays above the table until the cause is gone."""

    DEFAULT_CSS = """
    Banner {
        height: auto; max-height: 6; padding: 0 1;
        background: $panel; border-left: outer $error;
    }
    """

    def __init__(self, problem: Problem, key: str) -> None:
        super().__init__(_content(problem, key), markup=False)
        self._key = key
        self._shown = problem

    def show(self, problem: Problem) -> None:
        if problem is not self._shown:
            self._shown = problem
            self.update(_content(problem, self._key))


def _content(problem: Problem, key: str) -> Content:
    lines = [Content.styled(clean(problem.what, 300), "bold $text-error")]
    if problem.why:
        lines.append(Content(clean(problem.why, 400)))
    fix = Content(clean(problem.fix, 300))
    if key:
        again = "tries again now" if problem.temporary else "tries again with a new sign-in"
        fix = Content.assemble(fix, (f"  {key}", "bold $accent"), f" {again}")
    lines.append(fix)
    return Content("\n").join(lines)
