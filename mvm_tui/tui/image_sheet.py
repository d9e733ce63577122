"""The fact sheet beside the table of images: of an image, or of a version with its builds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from mvm_tui.model.image import FAILED, Image, ImageVersion
from mvm_tui.tui.image_shelf import Shelf
from mvm_tui.tui.image_words import build_facts, diagnosis_facts, image_facts, version_facts
from mvm_tui.tui.words import Fact

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk

_GAP: Fact = ("", Content(""))


class Sheet:
    """Puts together what is said of what is chosen."""

    def __init__(self, desk: Desk, shelf: Shelf) -> None:
        self._desk = desk
        self._shelf = shelf

    def want(self, image: Image | None, version: ImageVersion | None) -> None:
        """Read what the sheet of these lacks."""
        if image is not None and version is not None:
            self._shelf.want_builds(image.arn, version.version)
            if version.state == FAILED:
                self._shelf.want_last_lines(image.arn, version.version)

    def image(self, image: Image, running: Sequence[str]) -> list[Fact]:
        """The sheet of an image; `running` are the names of its MicroVMs."""
        return image_facts(image, self._shelf.tags(image.arn).value, running, self._desk.now)

    def version(self, version: ImageVersion, *, open_values: bool, whole: bool) -> list[Fact]:
        """The sheet of a version; `whole` tells its builds first."""
        from mvm_tui.builds.diagnose import diagnose

        kept = self._shelf.builds(version.image_arn, version.version)
        bases = self._shelf.bases.value or ()
        facts = version_facts(version, bases, self._desk.now, open_values=open_values)
        if version.environment and not open_values:
            key = self._desk.keys.label("image.values")
            facts.append(("", Content.styled(f"{key} shows the values of variables.", "$text-muted")))
        above: list[Fact] = []
        if version.state == FAILED:
            log = self._shelf.last_lines(version.image_arn, version.version).value or ()
            above = [*diagnosis_facts(diagnose(version, kept.value or (), log)), _GAP]
        builds = [*build_facts(kept.value), _GAP]
        return [*above, *builds, *facts] if whole else [*above, *facts, _GAP, *build_facts(kept.value)]
