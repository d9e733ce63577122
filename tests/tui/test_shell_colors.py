"""The colours of a shell can be read, on light themes too."""

from __future__ import annotations

from itertools import product

import pytest

from mvm_tui.terminal.colours import Colours
from mvm_tui.terminal.styles import DEFAULT_COLOUR, DIM, INVERSE, RGB, Style
from mvm_tui.tui.shell_colors import ON_DARK, ON_LIGHT, contrast, readable, shell_theme
from mvm_tui.tui.theme import DARK, LIGHT, load_themes
from mvm_tui.tui.widgets.shell_paint import ShellPainter

THEMES, _ = load_themes()


def painter(name: str) -> ShellPainter:
    palette = THEMES[name]
    theme = palette.theme
    colours = Colours(shell_theme(theme.foreground or "", theme.background or "", palette.ansi))
    return ShellPainter(colours, dark=theme.dark)


def drawn(made: ShellPainter, style: Style) -> tuple[int, int]:
    """Text and ground as they are drawn."""
    rich = made.style(style)
    assert rich.color is not None
    assert rich.bgcolor is not None
    text, ground = rich.color.get_truecolor(), rich.bgcolor.get_truecolor()
    return (
        text.red << 16 | text.green << 8 | text.blue,
        ground.red << 16 | ground.green << 8 | ground.blue,
    )


@pytest.mark.parametrize("name", sorted(THEMES))
def test_the_sixteen_colours_can_be_read_on_each_other_and_on_the_ground(name: str) -> None:
    made = painter(name)
    minimum = ON_DARK if THEMES[name].theme.dark else ON_LIGHT
    sixteen = [DEFAULT_COLOUR, *range(16)]
    for text, ground in product(sixteen, sixteen):
        assert contrast(*drawn(made, Style(text, ground))) >= minimum, (text, ground)
        assert contrast(*drawn(made, Style(text, ground, INVERSE))) >= minimum, (text, ground)


def test_on_a_light_theme_every_colour_on_the_plain_ground_can_be_read() -> None:
    made = painter(LIGHT)
    assert not THEMES[LIGHT].theme.dark
    for text in range(256):
        assert contrast(*drawn(made, Style(text))) >= ON_LIGHT
    for grey in range(256):
        assert contrast(*drawn(made, Style(RGB | grey * 0x010101))) >= ON_LIGHT


def test_what_a_program_chose_whole_is_left_alone() -> None:
    made = painter(LIGHT)
    assert drawn(made, Style(RGB | 0x303030, RGB | 0x333333)) == (0x303030, 0x333333)
    assert drawn(made, Style(240, 236)) == drawn(painter(DARK), Style(240, 236))


def test_what_can_be_read_is_not_moved_and_what_cannot_only_as_far_as_need_be() -> None:
    assert readable(0x000000, 0xFFFFFF, 4.5) == 0x000000
    moved = readable(0xD5D8D3, 0xFAFAF7, 4.5)
    assert 4.5 <= contrast(moved, 0xFAFAF7) < 6
    assert readable(0x777777, 0x777777, 21) in (0x000000, 0xFFFFFF)


def test_dim_is_between_text_and_ground() -> None:
    made = painter(DARK)
    bright, ground = drawn(made, Style())
    dim, same = drawn(made, Style(flags=DIM))
    assert same == ground
    assert contrast(ground, ground) < contrast(dim, ground) < contrast(bright, ground)
