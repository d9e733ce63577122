"""Themes are data: one TOML file each, ours in ``themes/``, the user's in the config folder.

A file has ``name``, ``dark`` and the tables ``[colors]``, ``[states]`` and ``[ansi]``, every colour as
``#rrggbb``. State colours reach style sheets as ``$state-running`` and so on.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.theme import Theme

if TYPE_CHECKING:
    from rich.terminal_theme import TerminalTheme

DARK = "mvm-dark"
LIGHT = "mvm-light"

COLORS = [
    "background",
    "surface",
    "panel",
    "foreground",
    "muted",
    "accent",
    "success",
    "warning",
    "error",
    "cursor",
    "cursor-text",
    "cursor-blurred",
    "border",
]
STATES = ["running", "suspended", "starting", "ending", "ended", "unknown"]
ANSI = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
ANSI_NAMES = (*ANSI, *(f"bright-{name}" for name in ANSI))

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme file: its Textual theme and the 16 ANSI colours in their usual order."""

    theme: Theme
    ansi: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.theme.name


def parse_theme(text: str) -> Palette:
    """Read one theme file.

    Raises:
        ValueError: It is no TOML, or a colour is missing or malformed; the message names it.
    """
    document = tomllib.loads(text)
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError("name is missing")
    colors = _colors(document, "colors", COLORS)
    states = _colors(document, "states", STATES)
    ansi = _colors(document, "ansi", ANSI_NAMES)
    theme = _textual_theme(name, bool(document.get("dark", True)), colors, states)
    return Palette(theme, tuple(ansi[key] for key in ANSI_NAMES))


def first_palette(name: str) -> Palette:
    """One of our themes, read by itself so that the first frame need not wait for all; else the dark one."""
    folder = _our_folder()
    for file in (folder / f"{name}.toml", folder / f"{DARK}.toml"):
        if file.is_file():
            return parse_theme(file.read_text("utf-8"))
    raise FileNotFoundError("the package lacks its themes")


def is_hex(color: str) -> bool:
    """Whether it is ``#rrggbb``."""
    return _HEX.fullmatch(color) is not None


def state_defaults(theme: Theme) -> dict[str, str]:
    """State colours for a theme that has none: Textual's own ones do not know of our states."""
    colors = {
        "running": theme.success,
        "suspended": theme.accent,
        "starting": theme.secondary,
        "ending": theme.warning,
        "ended": theme.foreground,
        "unknown": theme.error,
    }
    return {f"state-{state}": color or theme.primary for state, color in colors.items()}


def terminal_theme(palette: Palette) -> TerminalTheme:
    """The 16 ANSI colours for text that uses them, on the theme's own background."""
    from rich.terminal_theme import TerminalTheme

    background, foreground = palette.theme.background or "", palette.theme.foreground or ""
    colors = [_rgb(color) for color in palette.ansi]
    return TerminalTheme(_rgb(background), _rgb(foreground), colors[:8], colors[8:])


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def theme_names(user_folder: Path | None = None) -> list[str]:
    """All that can be chosen: ours, the user's, and Textual's own."""
    from textual.theme import BUILTIN_THEMES

    ours, _ = load_themes(user_folder)
    return [*ours, *(name for name in BUILTIN_THEMES if name not in ours)]


def load_themes(user_folder: Path | None = None) -> tuple[dict[str, Palette], list[str]]:
    """All themes by name, the user's over ours, and a sentence for every file that cannot be used."""
    found: dict[str, Palette] = {}
    complaints: list[str] = []
    for file in _files(user_folder):
        try:
            palette = parse_theme(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            complaints.append(f"The theme {file.name} is left out: {error}.")
        else:
            found[palette.name] = palette
    return found, complaints


def _our_folder() -> Path:
    """Inside the wheel, else beside the package in the checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "themes"
    return packaged if packaged.is_dir() else package.parent / "themes"


def _files(user_folder: Path | None) -> Iterator[Path]:
    folders = [_our_folder()]
    if user_folder is not None and user_folder.is_dir():
        folders.append(user_folder)
    for folder in folders:
        yield from sorted(folder.glob("*.toml"))


def _colors(document: Mapping[str, Any], table: str, wanted: tuple[str, ...] | list[str]) -> dict[str, str]:
    given = document.get(table)
    if not isinstance(given, dict):
        raise ValueError(f"[{table}] is missing")
    for key in wanted:
        value = given.get(key)
        if not isinstance(value, str) or not _HEX.fullmatch(value):
            raise ValueError(f"{table}.{key} must be a colour such as #6cb0f5")
    return {key: given[key] for key in wanted}


def _textual_theme(name: str, dark: bool, colors: Mapping[str, str], states: Mapping[str, str]) -> Theme:
    variables = {f"state-{key}": value for key, value in states.items()}
    variables |= {
        "text": colors["foreground"],
        "text-muted": colors["muted"],
        "text-disabled": colors["muted"],
        "foreground-muted": colors["muted"],
        "block-cursor-background": colors["cursor"],
        "block-cursor-foreground": colors["cursor-text"],
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": colors["cursor-blurred"],
        "block-cursor-blurred-foreground": colors["foreground"],
        "border": colors["accent"],
        "border-blurred": colors["border"],
        "input-selection-background": colors["cursor"],
        "input-cursor-background": colors["foreground"],
        "input-cursor-foreground": colors["background"],
        "scrollbar": colors["border"],
        "scrollbar-hover": colors["muted"],
        "scrollbar-active": colors["accent"],
        "scrollbar-background": colors["background"],
        "scrollbar-background-hover": colors["background"],
        "scrollbar-background-active": colors["background"],
        "scrollbar-corner-color": colors["background"],
    }
    return Theme(
        name=name,
        primary=colors["accent"],
        secondary=colors["muted"],
        accent=colors["accent"],
        warning=colors["warning"],
        error=colors["error"],
        success=colors["success"],
        foreground=colors["foreground"],
        background=colors["background"],
        surface=colors["surface"],
        panel=colors["panel"],
        dark=dark,
        variables=variables,
    )
