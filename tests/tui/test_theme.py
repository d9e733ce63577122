"""Themes: ours are readable, and a bad file is named and left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.color import Color

from mvm_tui.tui.theme import (
    ANSI_NAMES,
    COLORS,
    DARK,
    LIGHT,
    STATES,
    Palette,
    first_palette,
    load_themes,
    parse_theme,
    terminal_theme,
)
from tests.tui.driving import filled, said
from tests.tui.fakes import FakeAccounts, make_app

OURS = [DARK, LIGHT]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours by WCAG 2.1."""
    darker, lighter = sorted(_luminance(Color.parse(color)) for color in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _backgrounds(palette: Palette) -> list[str]:
    theme = palette.theme
    return [theme.background or "", theme.surface or "", theme.panel or ""]


@pytest.mark.parametrize("name", OURS)
def test_text_is_readable(name: str) -> None:
    palette = first_palette(name)
    theme = palette.theme
    texts = [theme.foreground, theme.variables["text-muted"], theme.accent, theme.warning, theme.error]
    for background in _backgrounds(palette):
        for text in texts:
            assert contrast(text or "", background) >= 4.5, (text, background)
    cursor = theme.variables["block-cursor-background"]
    assert contrast(theme.variables["block-cursor-foreground"], cursor) >= 4.5
    assert contrast(theme.background or "", theme.accent or "") >= 4.5


@pytest.mark.parametrize("name", OURS)
def test_states_are_told_apart_from_what_is_behind(name: str) -> None:
    palette = first_palette(name)
    behind = [*_backgrounds(palette), palette.theme.variables["block-cursor-background"]]
    for state in STATES:
        for background in behind:
            assert contrast(palette.theme.variables[f"state-{state}"], background) >= 3, (state, background)


@pytest.mark.parametrize("name", OURS)
def test_the_terminal_gets_its_sixteen_colours(name: str) -> None:
    palette = first_palette(name)
    colors = terminal_theme(palette)
    assert len(set(palette.ansi)) >= 14
    assert colors.ansi_colors[1] == tuple(Color.parse(palette.ansi[1]).rgb)
    assert colors.ansi_colors[15] == tuple(Color.parse(palette.ansi[15]).rgb)


def theme_text(name: str = "mine", **changed: str) -> str:
    """A whole theme file with some of its lines changed; an empty one is left out."""
    tables = {"colors": COLORS, "states": STATES, "ansi": ANSI_NAMES}
    lines = [f'name = "{name}"', "dark = true"]
    for table, keys in tables.items():
        lines.append(f"[{table}]")
        values = {key: changed.get(key, '"#808080"') for key in keys}
        lines += [f"{key} = {value}" for key, value in values.items() if value]
    return "\n".join(lines)


def test_what_is_wrong_is_named() -> None:
    assert parse_theme(theme_text()).name == "mine"
    with pytest.raises(ValueError, match=r"colors\.accent"):
        parse_theme(theme_text(accent='"blue"'))
    with pytest.raises(ValueError, match=r"states\.running"):
        parse_theme(theme_text(running=""))
    with pytest.raises(ValueError, match="name is missing"):
        parse_theme(theme_text(name=""))
    with pytest.raises(ValueError, match=r"\[colors\] is missing"):
        parse_theme('name = "x"')


@given(st.text())
def test_any_other_text_is_a_complaint(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_theme(text)


async def test_the_users_theme_is_there_and_a_bad_one_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "mine.toml").write_text(theme_text())
    (folder / "bad.toml").write_text("name = 3")
    themes, complaints = load_themes(folder)
    assert set(themes) == {DARK, LIGHT, "mine"}
    assert complaints == ["The theme bad.toml is left out: name is missing."]
    app = make_app(FakeAccounts(), tmp_path, theme="mine", themes_dir=folder)
    async with filled(app):
        assert app.theme == "mine"
        assert complaints[0] in said(app.desk)


async def test_themes_switch_live(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        assert app.theme == DARK
        await pilot.press("colon", *"theme mvm-light", "enter")
        assert app.theme == LIGHT
        assert app.screen.styles.background == Color.parse("#fafaf7")
        await pilot.press("colon", *"theme nord", "enter")
        assert app.theme == "nord"
        await pilot.press("colon", *"theme nothing", "enter")
        assert said(app.desk)[0] == "There is no theme 'nothing'."
        assert app.theme == "nord"
