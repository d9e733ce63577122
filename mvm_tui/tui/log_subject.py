"""Whose lines are read: some MicroVMs, an image, the builds of an image version, or the whole fleet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What the lines are of."""

    MICROVMS = "microvms"
    IMAGE = "image"
    BUILD = "build"
    FLEET = "fleet"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is followed.

    Attributes:
        ids: The MicroVMs, for `Kind.MICROVMS`.
        image: The image's name, for `Kind.IMAGE` and `Kind.BUILD`.
        image_arn: Its ARN, for `Kind.BUILD`.
        version: The image version, for `Kind.BUILD`.
    """

    kind: Kind
    ids: tuple[str, ...] = ()
    image: str = ""
    image_arn: str = ""
    version: str = ""

    @property
    def merged(self) -> bool:
        """Whether lines of several streams may come together."""
        return self.kind is not Kind.MICROVMS or len(self.ids) > 1


@dataclass(frozen=True, slots=True)
class Span:
    """How far back reading begins: so many of the newest lines, or so many seconds; None is everything."""

    word: str
    seconds: int | None = None
    newest: int = 0


# The lines that are read at once where nothing else was asked for: one call brings them.
NEWEST = Span("newest lines", newest=500)
SPANS = (
    NEWEST,
    Span("1m", 60),
    Span("5m", 300),
    Span("15m", 900),
    Span("1h", 3_600),
    Span("6h", 21_600),
    Span("1d", 86_400),
    Span("7d", 604_800),
    Span("all"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A subject and how far back it is read."""

    subject: Subject
    span: Span = NEWEST
