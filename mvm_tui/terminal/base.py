"""The edge to pyte: its Screen and ByteStream as the classes we extend, and its tables.

To the type checker they are what is written down here, the part of their interface that we lean on: pyte's
own annotations bind the methods we override to its dictionary of cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import pyte
from pyte import charsets as _charsets
from pyte import modes as _modes

VT100_GRAPHICS: str = _charsets.VT100_MAP
# pyte keeps private modes in the same set as the others, shifted.
PRIVATE_SHIFT = 5
LNM: int = _modes.LNM
IRM: int = _modes.IRM
DECTCEM: int = _modes.DECTCEM
DECSCNM: int = _modes.DECSCNM
DECOM: int = _modes.DECOM
DECAWM: int = _modes.DECAWM


class CursorLike(Protocol):
    """pyte's cursor: ``x`` from 0, equal to the number of columns while a wrap is pending; ``y`` from 0."""

    x: int
    y: int
    hidden: bool


def new_cursor() -> CursorLike:
    """A visible cursor at the top left."""
    cursor: CursorLike = pyte.screens.Cursor(0, 0)
    return cursor


def margins_of(top: int, bottom: int) -> tuple[int, int]:
    """Scroll margins in pyte's form, rows from 0, both included."""
    margins: tuple[int, int] = pyte.screens.Margins(top, bottom)
    return margins


if TYPE_CHECKING:

    class BaseScreen:
        """The part of ``pyte.Screen`` that is inherited unchanged or read by what is."""

        columns: int
        lines: int
        mode: set[int]
        margins: tuple[int, int] | None
        cursor: CursorLike
        charset: int
        title: str
        icon_name: str
        tabstops: set[int]

        def carriage_return(self) -> None: ...
        def backspace(self) -> None: ...
        def cursor_back(self, count: int | None = None) -> None: ...
        def cursor_forward(self, count: int | None = None) -> None: ...
        def cursor_up1(self, count: int | None = None) -> None: ...
        def cursor_down1(self, count: int | None = None) -> None: ...
        def cursor_to_column(self, column: int | None = None) -> None: ...
        def ensure_hbounds(self) -> None: ...
        def ensure_vbounds(self, use_margins: bool | None = None) -> None: ...
        def set_tab_stop(self) -> None: ...

    class BaseStream:
        """The part of ``pyte.ByteStream`` that is used."""

        basic: ClassVar[dict[str, str]]
        escape: ClassVar[dict[str, str]]
        sharp: ClassVar[dict[str, str]]
        csi: ClassVar[dict[str, str]]
        listener: Any

        def __init__(self, screen: object, strict: bool = True) -> None: ...
        def detach(self, screen: object) -> None: ...

else:
    BaseScreen = pyte.Screen
    BaseStream = pyte.ByteStream
