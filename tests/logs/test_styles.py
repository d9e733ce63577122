"""Colours of lines: plain SGR becomes a style, nothing else of it is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.logs.styles import PLAIN, Piece, Style, pieces
from mvm_tui.model.text import clean_block


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("plain", [Piece("plain", PLAIN)]),
        ("\x1b[31mred\x1b[0m on", [Piece("red", Style(1)), Piece(" on", PLAIN)]),
        (
            "\x1b[1;4mx\x1b[22my",
            [Piece("x", Style(bold=True, underline=True)), Piece("y", Style(underline=True))],
        ),
        ("\x1b[38;5;200mx", [Piece("x", Style(200))]),
        ("\x1b[48;2;1;2;300mx", [Piece("x", Style(background="#0102ff"))]),
        ("\x1b[97;41mx\x1b[39my", [Piece("x", Style(15, 1)), Piece("y", Style(background=1))]),
        ("\x1b[mx", [Piece("x", PLAIN)]),
        ("\x9b32mx", [Piece("x", Style(2))]),
        ("\x1b[38mx", [Piece("x", PLAIN)]),
        ("\x1b[38:2::1:2:3mx", [Piece("x", Style("#010203"))]),
        ("\x1b[38:2:1:2:3;1mx", [Piece("x", Style("#010203", bold=True))]),
        ("\x1b[4:3;48:5:7mx", [Piece("x", Style(background=7, underline=True))]),
        ("\x1b[21mx\x1b[4:0my", [Piece("x", Style(underline=True)), Piece("y", PLAIN)]),
        ("\x1b[38;5mx", [Piece("x", PLAIN)]),
        ("\x1b[38;5;999mx", [Piece("x", PLAIN)]),
        ("\x1b[?25lx\x1b]0;t\x07y", [Piece("xy", PLAIN)]),
        ("\x1b[31", [Piece("31", PLAIN)]),
        ("\x1b[31m", []),
        ("", [Piece("", PLAIN)]),
    ],
)
def test_sequences(message: str, expected: list[Piece]) -> None:
    assert pieces(message) == expected


def test_styles_are_written_as_sequences() -> None:
    assert PLAIN.sgr() == ""
    assert Style(1, "#010203", bold=True, strike=True).sgr() == "\x1b[1;9;38;5;1;48;2;1;2;3m"


def test_length_is_bounded_whatever_the_number_of_colours() -> None:
    found = pieces("\x1b[31mab" * 10_000, limit=50)
    assert sum(len(piece.text) for piece in found) <= 50
    assert len(pieces("\x1b[31mab" * 10_000)) <= 1_001


def test_marks_do_not_pile_up_over_pieces() -> None:
    text = "".join(piece.text for piece in pieces("e" + ("\u0301" * 8 + "\x1b[31m") * 100))
    assert text == "e" + "\u0301" * 8


@given(st.text(st.sampled_from("\x1b[]0123456789;mKx\x07\x9b\x00é\u202e\u0301\n"), max_size=60))
def test_the_text_is_harmless(message: str) -> None:
    text = "".join(piece.text for piece in pieces(message))
    assert clean_block(text) == text
    assert "\x1b" not in text
