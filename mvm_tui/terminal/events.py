"""What happened besides drawing, for the caller to act on; all text is the guest's and not sanitised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bell:
    """BEL."""


@dataclass(frozen=True, slots=True)
class TitleChanged:
    """The window's title (OSC 0 and 2, at most 1,024 characters)."""

    title: str


@dataclass(frozen=True, slots=True)
class IconNameChanged:
    """The icon's name (OSC 0 and 1, at most 1,024 characters)."""

    name: str


@dataclass(frozen=True, slots=True)
class ClipboardWrite:
    """The guest asks to set the clipboard (OSC 52). ``selection`` is as sent, ``c`` where nothing was."""

    selection: str
    data: bytes


@dataclass(frozen=True, slots=True)
class PromptMark:
    """Shell integration (OSC 133).

    ``kind`` is A (prompt begins), B (command line begins), C (output begins) or D (command ended, with its
    status where the shell tells it). ``line`` is the line's number, as in `Line`.
    """

    kind: str
    line: int
    status: int | None = None


@dataclass(frozen=True, slots=True)
class WorkingDirectory:
    """The shell's directory as a ``file:`` address (OSC 7)."""

    address: str


@dataclass(frozen=True, slots=True)
class Notification:
    """Text the guest wants shown to the user (OSC 9 and 777)."""

    text: str


@dataclass(frozen=True, slots=True)
class ScreenCleared:
    """The whole screen, or with ``history`` what scrolled off it too, was erased or reset."""

    history: bool


Event = (
    Bell
    | TitleChanged
    | IconNameChanged
    | ClipboardWrite
    | PromptMark
    | WorkingDirectory
    | Notification
    | ScreenCleared
)
