"""What the log view calls the places that lines come from, and their colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mvm_tui.fleet.actions import display_name
from mvm_tui.model.log_event import LogEvent, LogSource
from mvm_tui.model.text import clean
from mvm_tui.tui.log_session import LogSession
from mvm_tui.tui.log_subject import Kind, Subject
from mvm_tui.tui.widgets.log_lines import Sources

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk


class SourceNames:
    """Names and colours of the sources of one log; the first to come gets the first colour."""

    def __init__(self, desk: Desk, session: LogSession) -> None:
        self._desk = desk
        self._session = session
        self._known: dict[LogSource, tuple[str, int]] = {}
        self._colors: dict[str, int] = {}

    @property
    def column(self) -> Sources:
        """The column of the view."""
        return Sources(lambda event: self._of(event)[0], lambda event: self._of(event)[1])

    def forget(self) -> None:
        """Another log follows."""
        self._known.clear()
        self._colors.clear()

    def rename(self) -> None:
        """Names may have changed; colours stay."""
        self._known.clear()

    def _of(self, event: LogEvent) -> tuple[str, int]:
        known = self._known.get(event.source)
        if known is None:
            color = self._colors.setdefault(event.vm or event.stream, len(self._colors))
            known = self._known[event.source] = (self._name(event), color)
        return known

    def _name(self, event: LogEvent) -> str:
        row = self._desk.fleet.row(event.vm) if self._desk.fleet and event.vm else None
        name = display_name(row) if row is not None else short_stream(event)
        role = self._session.roles.get(event.stream)
        return f"{role} {name}" if role else name


def short_stream(event: LogEvent) -> str:
    """What a stream that is of no known MicroVM is called: the end of its name, where they differ."""
    name = event.vm or event.stream.rpartition("]")[2] or event.stream
    return clean(name.removeprefix("microvm-"), 60)


def subject_words(desk: Desk, subject: Subject) -> str:
    """Whose logs they are; safe to show."""
    if subject.kind is Kind.FLEET:
        return "the whole fleet"
    if subject.kind is Kind.IMAGE:
        return clean(f"image {subject.image}", 60)
    if subject.kind is Kind.BUILD:
        return clean(f"builds of {subject.image} {subject.version}", 60)
    if len(subject.ids) > 1:
        return f"{len(subject.ids)} MicroVMs"
    row = desk.fleet.row(subject.ids[0]) if desk.fleet else None
    if row is None:
        return clean(subject.ids[0], 60)
    return f"{display_name(row)} · {clean(row.vm.image_label, 40)}"
