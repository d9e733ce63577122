"""Choosing whose logs to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mvm_tui.fleet.actions import display_name
from mvm_tui.model.errors import Problem
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.choose import ChooseDialog
from mvm_tui.tui.log_subject import Kind, Subject
from mvm_tui.tui.selection import find_rows

if TYPE_CHECKING:
    from mvm_tui.model.fleet_row import FleetRow
    from mvm_tui.tui.desk import Desk

_FLEET = "all MicroVMs"
_IMAGE = "image "
_BUILD = "builds of "


class Choices:
    """What can be chosen, by the words that are shown for it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._subjects: dict[str, Subject] = {_FLEET: Subject(Kind.FLEET)}
        for row in self._rows():
            label = f"{display_name(row)}  {clean(row.vm.image_label, 40)}  {clean(row.state_word, 20)}"
            self._subjects[label] = Subject(Kind.MICROVMS, (row.id,))

    def offer(self, chosen: Callable[[Subject], None]) -> None:
        """Open a chooser; images come once they are read."""
        desk, fleet = self._desk, self._desk.fleet
        if fleet is None:
            return

        def answered(word: str | None) -> None:
            if not word:
                return
            try:
                chosen(self._subjects.get(word) or self.named(word))
            except ValueError as error:
                desk.say(clean(error), "warning")

        dialog = ChooseDialog("Logs of", self._current())
        desk.app.push_screen(dialog, answered)
        dialog.show(list(self._subjects))
        desk.ask(fleet.images, lambda answer: self._add_images(dialog, answer))

    def _current(self) -> str:
        """The words for what is read now; empty if it is none of these."""
        from mvm_tui.tui.on_logs import logs_screen

        reading = logs_screen(self._desk).session.reading
        wanted = reading.subject if reading else None
        return next((word for word, subject in self._subjects.items() if subject == wanted), "")

    def named(self, text: str) -> Subject:
        """What is meant by ``all``, ``image NAME``, or names and ids of MicroVMs. Raises ValueError."""
        if text in ("all", "fleet", _FLEET):
            return Subject(Kind.FLEET)
        if text.startswith(_IMAGE):
            return Subject(Kind.IMAGE, image=text.removeprefix(_IMAGE).strip())
        rows = find_rows({row.id: row for row in self._rows()}, text.split())
        return Subject(Kind.MICROVMS, tuple(row.id for row in rows))

    def _rows(self) -> list[FleetRow]:
        fleet = self._desk.fleet
        rows = list(fleet.rows().values()) if fleet else []
        return sorted(rows, key=lambda row: (row.vm.ended, row.name or row.id))

    def _add_images(self, dialog: ChooseDialog, answer: Sequence[Image] | Problem) -> None:
        if isinstance(answer, Problem):
            self._desk.report(answer, "Images")
            return
        for image in answer:
            name = clean(image.name, 60)
            self._subjects[f"{_IMAGE}{name}"] = Subject(Kind.IMAGE, image=image.name)
            version = image.latest_failed_version or image.latest_active_version or ""
            if version:
                self._subjects[f"{_BUILD}{name} {clean(version, 20)}"] = Subject(
                    Kind.BUILD, image=image.name, image_arn=image.arn, version=version
                )
        if dialog.on_screen:
            dialog.show(list(self._subjects))


def open_build(desk: Desk, argument: str, chosen: Callable[[Subject], None]) -> None:
    """The builds of ``NAME [VERSION]``, its newest version if none is named."""
    words = argument.split()
    fleet = desk.fleet
    if not words or fleet is None:
        desk.say("Name the image: build-logs NAME [VERSION].", "warning")
        return
    name, wanted = words[0], words[1] if len(words) > 1 else ""

    def find() -> tuple[Image, ImageVersion] | None:
        image = next((image for image in fleet.images() if image.name == name), None)
        versions = fleet.versions(image.arn) if image else ()
        fitting = [version for version in versions if wanted in ("", version.version)]
        return (image, fitting[0]) if image and fitting else None

    def deliver(answer: tuple[Image, ImageVersion] | Problem | None) -> None:
        if isinstance(answer, Problem):
            desk.report(answer, "Build logs")
        elif answer is None:
            desk.say(f"There is no image {clean(name, 60)} {clean(wanted, 20)}".rstrip() + ".", "warning")
        else:
            image, version = answer
            chosen(Subject(Kind.BUILD, image=image.name, image_arn=image.arn, version=version.version))

    desk.ask(find, deliver)
