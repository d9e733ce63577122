"""From what the user wrote to where it logs: a MicroVM, an image, a version, a build."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from mvm_tui.aws import images, microvms
from mvm_tui.aws.logs import LogReader
from mvm_tui.cli.choosing import one_row
from mvm_tui.cli.image_naming import image_and_version
from mvm_tui.cli.output import say
from mvm_tui.cli.reading import listed_rows
from mvm_tui.cli.session import Session
from mvm_tui.logs.builds import build_log
from mvm_tui.logs.find import Finder, Missing
from mvm_tui.logs.places import Place, image_place, where
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.image import ImageVersion
from mvm_tui.model.launch import Logging
from mvm_tui.model.log_event import vm_of_stream
from mvm_tui.model.microvm import Microvm, image_name
from mvm_tui.model.text import clean

LATEST = "latest"
# How much of an image's log is shown unless asked for more: a group may hold years of many MicroVMs.
IMAGE_LAST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is read.

    Attributes:
        what: Its name, for sentences.
        last: How much of it is read unless the user says since when; None is all of it.
        several: Whether lines should tell their source.
    """

    what: str
    last: timedelta | None = None
    several: bool = False


class LogPlaces:
    """Finds places for one run of the verb."""

    def __init__(self, session: Session, reader: LogReader) -> None:
        self._session = session
        self._reader = reader
        self._overrides = session.settings.logs.places()
        known = where(self._overrides, self._remembered)
        self.finder = Finder(reader, session.clock, known)
        self._vm: Microvm | None = None
        self._image = self._version = ""
        self._build: ImageVersion | None = None

    def choose(self, word: str, build: str) -> Subject:
        """What a word names: a MicroVM, else an image; with `build` always an image. Raises Gone, Refusal."""
        if build:
            return self._choose_build(word, build)
        try:
            row = one_row(self._session, word)
        except Gone as gone:
            return self._choose_image(word, gone)
        self._vm = row.vm if row.vm.details else microvms.get(self._session.connection, row.id)
        return Subject(f"MicroVM {row.name or row.vm.short_id}")

    def find(self) -> list[Place] | Missing:
        """Where the chosen one logs, or why nowhere. Raises Problem."""
        if self._vm is not None:
            found: Place | Missing = self.finder.microvm(self._vm)
        elif self._build is not None:
            own = {row.id for row in listed_rows(self._session) if row.vm.image_arn == self._build.image_arn}
            built = build_log(self.finder, self._reader, self._build, own)
            found = built if isinstance(built, Missing) else built.place
        else:
            found = image_place(self._overrides, self._image) or self.finder.image(self._image)
        if isinstance(found, Missing):
            return found
        return [replace(found, version=self._version)]

    def _choose_image(self, word: str, gone: Gone) -> Subject:
        try:
            arn, version = image_and_version(self._session, word)
        except Gone as problem:
            what = f"There is no MicroVM and no image {clean(word)!r}."
            raise Gone(what, gone.why, _of_the_forgotten(word) or problem.fix) from None
        self._image, self._version = image_name(arn), version
        return Subject(f"image {self._image}", IMAGE_LAST, several=True)

    def _choose_build(self, word: str, build: str) -> Subject:
        arn, written = image_and_version(self._session, word)
        connection = self._session.connection
        number = written if build == LATEST and written else build
        if number == LATEST:
            made = [one for page in images.versions(connection, arn) for one in page]
            if not made:
                raise Gone(f"The image {clean(word)!r} has no version.", "None was built.")
            number = max(made, key=_age_of).version
        self._build = images.version(connection, arn, number)
        return Subject(f"build of {image_name(arn)}:{number}", several=True)

    def _remembered(self, vm: Microvm) -> Logging | None:
        session = self._session
        if not session.paths.ledger_file.exists():
            return None
        try:
            return session.ledger.logging(session.connection.scope_of(vm.image_arn), vm.id)
        except Problem as problem:
            say(str(problem))
            return None


def _of_the_forgotten(word: str) -> str:
    """How lines are had of a MicroVM that the service does not list any more; empty where it was none."""
    if not vm_of_stream(word):
        return ""
    return f"What an ended one wrote is kept: mvm-tui logs IMAGE --since all --filter vm:{clean(word)}"


def _age_of(version: ImageVersion) -> float:
    return version.created_at.timestamp() if version.created_at else 0.0
