"""What was read of images: kept while it is looked at, read again when it may have changed.

Belongs to the UI's own thread; calls are made in others, two at a time for what is not under the cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mvm_tui.model.errors import Problem
from mvm_tui.model.image import IMAGE_BUSY, Image, ImageBuild, ImageVersion

if TYPE_CHECKING:
    from mvm_tui.model.bases import Base
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.seams import ImagesLike

Answer = TypeVar("Answer")

# Seconds after which what is on screen is read again: while the service works on it, and at rest.
BUSY_SECONDS = 2.0
_REST_SECONDS = 30.0
_BASES_SECONDS = 900.0
_AT_ONCE = 2


@dataclass(slots=True)
class Kept(Generic[Answer]):
    """One answer.

    Attributes:
        value: The latest; None until there was one.
        problem: Why the last reading failed; None if it did not.
        at: When it was last read on the monotonic clock; None if it is to be read.
        asking: Whether it is being read.
    """

    value: Answer | None = None
    problem: Problem | None = None
    at: float | None = None
    asking: bool = False


class Shelf:
    """Images, versions, builds, tags and base images as far as they were read.

    Attributes:
        revision: Grows with everything that is read, and with forgetting it.
    """

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        """`changed` is called when something was read."""
        self._desk = desk
        self._changed = changed
        self.revision = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything: it is of another account."""
        self.revision += 1
        self._images: Kept[Sequence[Image]] = Kept()
        self._bases: Kept[Sequence[Base]] = Kept()
        self._versions: dict[str, Kept[Sequence[ImageVersion]]] = {}
        self._builds: dict[tuple[str, str], Kept[Sequence[ImageBuild]]] = {}
        self._tags: dict[str, Kept[Mapping[str, str]]] = {}
        self._last_lines: dict[tuple[str, str], Kept[Sequence[str]]] = {}

    # What is known

    @property
    def images(self) -> Sequence[Image] | None:
        return self._images.value

    @property
    def images_problem(self) -> Problem | None:
        return self._images.problem

    def image(self, arn: str) -> Image | None:
        return next((image for image in self.images or () if image.arn == arn), None)

    def versions(self, arn: str) -> Kept[Sequence[ImageVersion]]:
        return self._versions.setdefault(arn, Kept())

    def version(self, arn: str, number: str) -> ImageVersion | None:
        return next((one for one in self.versions(arn).value or () if one.version == number), None)

    def builds(self, arn: str, number: str) -> Kept[Sequence[ImageBuild]]:
        return self._builds.setdefault((arn, number), Kept())

    def tags(self, arn: str) -> Kept[Mapping[str, str]]:
        return self._tags.setdefault(arn, Kept())

    def last_lines(self, arn: str, number: str) -> Kept[Sequence[str]]:
        """Of the log of a build that is over."""
        return self._last_lines.setdefault((arn, number), Kept())

    @property
    def bases(self) -> Kept[Sequence[Base]]:
        return self._bases

    def read_count(self) -> int:
        """Of how many images the versions were read."""
        return sum(kept.value is not None for kept in self._versions.values())

    # What is wanted

    def want_images(self) -> None:
        busy = any(image.state in IMAGE_BUSY for image in self.images or ())
        self._want(self._images, lambda images: images.images(), BUSY_SECONDS if busy else _REST_SECONDS)

    def want_versions(self, arn: str) -> None:
        """Read an image's versions: those under the cursor, or that one is in."""
        image, kept = self.image(arn), self.versions(arn)
        busy = (image is not None and image.state in IMAGE_BUSY) or any(
            one.building for one in kept.value or ()
        )
        seconds = BUSY_SECONDS if busy else _REST_SECONDS
        self._want(kept, lambda images: images.versions(arn), seconds)

    def want_all_versions(self, arns: Iterable[str]) -> None:
        """Read the versions of these images one after the other, the first ones first; each once."""
        under_way = sum(kept.asking for kept in self._versions.values())
        for arn in arns:
            if under_way >= _AT_ONCE:
                return
            kept = self.versions(arn)
            if kept.at is None and not kept.asking:
                under_way += 1
                self._want_once(kept, arn)

    def _want_once(self, kept: Kept[Sequence[ImageVersion]], arn: str) -> None:
        self._want(kept, lambda images: images.versions(arn), _REST_SECONDS)

    def want_builds(self, arn: str, number: str) -> None:
        version = self.version(arn, number)
        building = version is None or version.building
        kept = self.builds(arn, number)
        # A build that is over does not change, but what was read while it ran may lack its end.
        over = kept.value is not None and all(one.state not in _UNDER_WAY for one in kept.value)
        if not (over and not building):
            self._want(kept, lambda images: images.builds(arn, number), BUSY_SECONDS)

    def want_tags(self, arn: str) -> None:
        self._want(self.tags(arn), lambda images: images.tags(arn), _REST_SECONDS)

    def want_last_lines(self, arn: str, number: str) -> None:
        """Read the end of the log of a build that failed; it does not change any more."""
        kept, account = self.last_lines(arn, number), self._desk.accounts.account
        if kept.at is None and account is not None:
            builder = account.builder
            self._ask(kept, lambda: builder().last_lines(arn, number))

    def want_bases(self) -> None:
        self._want(self._bases, lambda images: images.bases(), _BASES_SECONDS)

    def stale(self, arn: str = "") -> None:
        """Read again what is kept of an image, or of all: something was changed."""
        self._images.at = None
        if not arn:
            self._bases.at = None
        parts: Iterable[tuple[str, Kept[Any]]] = [
            *self._versions.items(),
            *self._tags.items(),
            *((key[0], kept) for key, kept in self._builds.items()),
        ]
        for owner, kept in parts:
            if arn in ("", owner):
                kept.at = None

    def _want(self, kept: Kept[Answer], call: Callable[[ImagesLike], Answer], seconds: float) -> None:
        account, now = self._desk.accounts.account, self._desk.options.clock.monotonic()
        fresh = kept.at is not None and now - kept.at < seconds
        if account is not None and not fresh:
            images = account.images
            self._ask(kept, lambda: call(images()))

    def _ask(self, kept: Kept[Answer], call: Callable[[], Answer]) -> None:
        if kept.asking:
            return
        kept.asking = True

        def deliver(answer: Answer | Problem) -> None:
            self.revision += 1
            kept.asking = False
            kept.at = self._desk.options.clock.monotonic()
            if isinstance(answer, Problem):
                kept.problem = answer
            else:
                kept.value, kept.problem = answer, None
            self._changed()

        self._desk.ask(call, deliver)


_UNDER_WAY = frozenset({"PENDING", "IN_PROGRESS"})
