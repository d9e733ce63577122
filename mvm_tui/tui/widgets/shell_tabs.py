"""The open shells in one line, to be clicked; not there while there is only one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from mvm_tui.model.text import clean
from mvm_tui.tui.widgets.shell_words import tab_mark

if TYPE_CHECKING:
    from mvm_tui.tui.open_shell import OpenShell
    from mvm_tui.tui.shells import Shells

_NAME_LIMIT = 24
_TITLE_LIMIT = 20


class ShellTabs(Widget):
    """One tab for each shell: a sign, the name, and the title that the guest gave."""

    DEFAULT_CSS = """
    ShellTabs { height: 1; background: $background; display: none; }
    """

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, shell: OpenShell) -> None:
            super().__init__()
            self.shell = shell

    def __init__(self) -> None:
        super().__init__()
        self._labels: list[tuple[OpenShell, Content]] = []

    def show(self, shells: Shells, titles: bool) -> None:
        """Draw again if what is said differs; `titles` says whether guests name their tabs."""
        labels = [(shell, _label(shell, shells, titles)) for shell in shells.all]
        if not _alike(labels, self._labels):
            self._labels = labels
            self.display = len(labels) > 1
            self.refresh()

    def _placed(self) -> list[tuple[OpenShell, Content, int]]:
        """The tabs that fit, each with its first cell: those around the current one."""
        width = self.size.width
        start = 0
        current = next((at for at, (_, label) in enumerate(self._labels) if _is_front(label)), 0)
        while (
            start < current
            and sum(label.cell_length for _, label in self._labels[start : current + 1]) > width - 1
        ):
            start += 1
        placed, at = [], 1
        for shell, label in self._labels[start:]:
            placed.append((shell, label, at))
            at += label.cell_length
        return placed

    def render(self) -> Content:
        return Content.assemble(" ", *(label for _, label, _ in self._placed()))

    def on_click(self, event: events.Click) -> None:
        for shell, label, at in self._placed():
            if at <= event.x < at + label.cell_length:
                self.post_message(self.Chosen(shell))


_FRONT = "on $panel"


def _alike(labels: Sequence[tuple[OpenShell, Content]], others: Sequence[tuple[OpenShell, Content]]) -> bool:
    """Whether they look the same: contents are equal whatever their styles, and the tab in front has one."""
    pairs = zip(labels, others, strict=False)
    return len(labels) == len(others) and all(
        shell is other and label.is_same(was) for (shell, label), (other, was) in pairs
    )


def _label(shell: OpenShell, shells: Shells, titles: bool) -> Content:
    name, front = clean(shell.name, _NAME_LIMIT), shell is shells.current
    elsewhere = shells.elsewhere(shell)
    own = f" {clean(shell.title, _TITLE_LIMIT)}" if titles and shell.title else ""
    sign = Content.styled(" ⇉", "bold $warning") if shell in shells.together else Content("")
    label = Content.assemble(
        sign,
        " ",
        tab_mark(shell),
        " ",
        (f"{shell.number} {name}", "bold $foreground" if front else "$text-muted"),
        (f" in {elsewhere}" if elsewhere else "", "$warning"),
        (own, "$text-muted"),
        " ",
    )
    return label.stylize(_FRONT) if front else label


def _is_front(label: Content) -> bool:
    return any(span.style == _FRONT for span in label.spans)
